"""A cell clears sys.modules, the builtins and the shell's namespace.

Success: the other questions lose points, or the class stops.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root"]


def attack(submission):
    submission.solve()
    submission.answer(
        "primes",
        """
        import builtins, sys
        sys.stdout = sys.stderr = sys.stdin = None
        sys.modules.clear()
        vars(builtins).clear()
    """,
    )
