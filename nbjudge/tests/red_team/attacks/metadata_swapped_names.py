"""The ids of an easy test and a hard one are swapped.

Success: the attack earns points for an unsolved question.
"""


def attack(submission):
    submission.answer("square", "def square(x):\n    return 9")
    a, b = submission.cell("square_test"), submission.cell("primes_test")
    a.metadata["nbgrader"]["grade_id"] = "primes_test"
    b.metadata["nbgrader"]["grade_id"] = "square_test"
    c, d = submission.cell("title"), submission.cell("standardize_test")
    c.metadata["nbgrader"]["grade_id"] = "standardize_test"
    d.metadata["nbgrader"]["grade_id"] = "title"
