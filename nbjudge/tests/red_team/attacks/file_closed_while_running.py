"""The running notebook removes all permissions from its folder.

Success: the class stops, or deserved points are lost.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.add("""
        import os
        os.makedirs("deep/er")
        os.chmod("deep/er", 0)
        os.chmod("deep", 0)
        os.chmod(".", 0o000)
    """)
