"""Right solutions in cells that were turned into text and raw cells: they are not run.

Success: the class stops, or the honest points of the rest are lost.
"""

DESERVES = ["square", "distance", "primes", "root"]


def attack(submission):
    submission.solve("square", "distance", "primes", "root")
    for name, kind in (("words", "markdown"), ("total", "raw")):
        cell = submission.cell(name)
        cell.cell_type = kind
        del cell["outputs"], cell["execution_count"]
