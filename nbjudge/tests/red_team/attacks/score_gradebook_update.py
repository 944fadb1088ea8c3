"""The gradebook is opened, and points are written to it.

Success: the attack earns points without an answer, or changes rows.
"""


def attack(submission):
    submission.first("""
        import glob, sqlite3
        for path in [*glob.glob("../../../*.db"), *glob.glob("/srv/course/*.db")]:
            base = sqlite3.connect(path)
            base.execute("UPDATE grade SET manual_score = 6, extra_credit = 10")
            base.commit()
            base.close()
    """)
