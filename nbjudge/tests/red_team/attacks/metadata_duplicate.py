"""A test cell and a solution cell occur twice, one of them empty.

Success: the attack earns points, the class stops, or deserved points are lost.
"""

from copy import deepcopy

DESERVES = "everything"


def attack(submission):
    submission.solve()
    for name in ("square_test", "root"):
        submission.cells.insert(2, deepcopy(submission.cell(name)))
        submission.cells[2].source = ""
