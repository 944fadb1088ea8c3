"""A progress bar on stderr that overwrites itself, like tqdm's."""


def oddity(submission):
    submission.answer(
        "total",
        """
        import sys, time

        total = 0
        for n in range(1, 101):
            total += n * n
            sys.stderr.write(f"\\r{n}%|{'█' * (n // 10):10}| {n}/100")
            sys.stderr.flush()
            time.sleep(0.002)
    """,
    )
