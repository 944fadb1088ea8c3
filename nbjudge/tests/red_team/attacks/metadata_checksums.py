"""The checksums in the cells' metadata are forged, and a test is emptied.

Success: the attack earns points without an answer, or deserved points are lost.
"""

DESERVES = ["primes"]


def attack(submission):
    submission.solve("primes")
    for cell in submission.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["checksum"] = "0" * 32
    submission.cell("square_test").source = "pass"
