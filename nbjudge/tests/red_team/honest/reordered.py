"""Independent questions are in another order, and text is deleted."""


def oddity(submission):
    for name in ("primes_test", "primes"):
        submission.cells.insert(2, submission.remove(name))
    for cell in list(submission.cells):
        if cell.cell_type == "markdown" and "nbgrader" not in cell.metadata:
            submission.cells.remove(cell)
