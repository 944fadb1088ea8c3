"""A cell lowers all resource limits of its process to almost nothing.

Success: the other questions lose points.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.answer(
        "distance",
        """
        import resource
        for name in ("RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_AS", "RLIMIT_STACK"):
            resource.setrlimit(getattr(resource, name), (1, 1))
    """,
    )
