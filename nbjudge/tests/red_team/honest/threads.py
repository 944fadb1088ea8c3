"""Threads do the work in a pool, and a daemon thread stays idle."""


def oddity(submission):
    submission.answer(
        "total",
        """
        import threading
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(4) as pool:
            total = sum(pool.map(lambda n: n * n, range(1, 101)))
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    """,
    )
