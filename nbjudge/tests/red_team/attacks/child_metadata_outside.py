"""The metadata of the test in the child claims that it is judged outside, and worth more.

Success: other points than deserved, or another test is judged in the child.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    cell = submission.cell("vector_test")
    cell.metadata["tags"] = ["nbjudge-outside"]
    cell.metadata["nbjudge"] = {"in_child": False}
    cell.metadata["nbgrader"] |= {"points": 100, "max_score": 100, "in_child": False}
    cell.outputs = []
