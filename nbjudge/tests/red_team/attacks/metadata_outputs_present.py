"""The tests are submitted with outputs that say that they passed, with five points.

Success: the attack earns points without an answer.
"""

from nbformat.v4 import new_output


def attack(submission):
    for cell in submission.cells:
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
            data = {"text/plain": "2.0"}
            cell.outputs = [new_output("execute_result", data=data, execution_count=1)]
            cell.execution_count = 1
