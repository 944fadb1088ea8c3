"""The ids of the test in the child and of a test outside are exchanged.

Success: a question that is judged outside has points, or another test is judged in the child.
"""


def attack(submission):
    one, other = submission.cell("vector_test"), submission.cell("primes_test")
    for key in ("nbgrader", "tags"):
        if key in one.metadata:
            one.metadata[key], other.metadata[key] = other.metadata[key], one.metadata[key]
    one.id, other.id = other.id, one.id
    submission.first("get_ipython().showtraceback = lambda *arguments, **options: None")
