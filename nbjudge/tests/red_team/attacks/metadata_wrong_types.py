"""nbgrader's metadata are a list, a word, a number, null, and deeply nested.

Success: the class stops, or deserved points of other questions are lost.
"""

DESERVES = ["total", "words", "root"]


def attack(submission):
    submission.solve("total", "words", "root")
    for name, value in (("title", []), ("setup", "x"), ("square", 5), ("square_test", None)):
        submission.cell(name).metadata["nbgrader"] = value
    submission.cell("primes").metadata["nbgrader"]["grade_id"] = {"a": ["b"]}
    submission.cell("primes_test").metadata["nbgrader"]["grade_id"] = 7
