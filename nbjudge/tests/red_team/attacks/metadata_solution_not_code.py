"""Right solutions in cells converted into Markdown and raw cells, which are not run.

Success: the class stops, or deserved points of other questions are lost.
"""

DESERVES = ["square", "distance", "primes", "root"]


def attack(submission):
    submission.solve("square", "distance", "primes", "root")
    for name, kind in (("words", "markdown"), ("total", "raw")):
        cell = submission.cell(name)
        cell.cell_type = kind
        del cell["outputs"], cell["execution_count"]
