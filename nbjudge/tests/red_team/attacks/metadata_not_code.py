"""Test cells are turned into text and into raw cells.

Success: points, the class stops, or the honest points of the rest are lost.
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
