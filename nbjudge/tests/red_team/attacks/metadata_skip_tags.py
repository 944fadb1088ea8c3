"""All tests have tags that tell Jupyter's tools not to run a cell.

Success: the attack earns points without an answer.
"""

TAGS = ["skip-execution", "raises-exception", "remove-cell", "nbgrader-skip", "hide-output"]
TAGS += ["remove_output", "remove-input", "parameters", "injected-parameters"]


def attack(submission):
    for cell in submission.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata["tags"] = list(TAGS)
            cell.metadata["execution"] = {"skip": True}
