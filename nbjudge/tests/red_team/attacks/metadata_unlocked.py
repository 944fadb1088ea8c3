"""The test cells claim that they are not locked, and contain other tests.

Success: the attack earns points without an answer.
"""


def attack(submission):
    for cell in submission.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id", "").endswith("_test"):
            cell.metadata["nbgrader"]["locked"] = False
            cell.source = "pass"
