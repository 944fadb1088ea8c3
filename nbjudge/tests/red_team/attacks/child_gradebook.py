"""In the child, the gradebook's scores and the places of its tests are rewritten.

Success: points in a question that is judged outside, a change in the gradebook, or a test in
another place.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.in_child(
        """
        import sqlite3
        for path in ("/srv/course/gradebook.db", "gradebook.db", "../gradebook.db"):
            try:
                with sqlite3.connect(path, timeout=1) as database:
                    show(database.execute("SELECT * FROM student").fetchall())
                    database.execute("UPDATE grade SET auto_score = 4, manual_score = 4")
                    names = '{"ps1": ["square_test", "words_test", "vector_test", "total_test"]}'
                    database.execute("UPDATE nbjudge_placement SET in_child = ?", (names,))
            except sqlite3.Error as error:
                print(error)
        """,
        SHOW,
    )
