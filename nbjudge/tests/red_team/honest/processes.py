"""A pool of processes does the work."""


def oddity(submission):
    submission.answer(
        "total",
        """
        import multiprocessing

        def one(n):
            return n * n

        with multiprocessing.get_context("fork").Pool(2) as pool:
            total = sum(pool.map(one, range(1, 101)))
    """,
    )
