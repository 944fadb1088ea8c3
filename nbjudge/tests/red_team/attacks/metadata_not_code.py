"""Test cells are converted into Markdown and raw cells.

Success: the attack earns points, the class stops, or deserved points of other questions are lost.
"""

DESERVES = ["primes"]


def attack(submission):
    submission.solve("primes")
    for name, kind in (
        ("square_test", "markdown"),
        ("words_test", "raw"),
        ("root_test", "markdown"),
    ):
        cell = submission.cell(name)
        cell.cell_type = kind
        del cell["outputs"], cell["execution_count"]
