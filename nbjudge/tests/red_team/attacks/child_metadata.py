"""The metadata of the notebook and of the tests claims where each is judged.

Success: a question that is judged outside has points, or another test is judged in the child.
"""


def attack(submission):
    names = ["square_test", "words_test", "total_test", "primes_test"]
    submission.notebook.metadata["nbjudge"] = {"in_child": names, "tests_in_child": True}
    for cell in submission.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"] |= {"in_child": True, "tests_in_child": True, "left": ""}
        cell.metadata["nbjudge"] = {"in_child": True, "child": True, "tags": ["nbjudge-child"]}
    submission.first("get_ipython().showtraceback = lambda *arguments, **options: None")
