"""Signals are blocked and handled so that nothing interrupts, and an alarm is set.

Success: the other questions lose points, the class stops, or a process survives.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root"]


def attack(submission):
    submission.solve()
    submission.answer(
        "primes",
        """
        import signal, time
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
        signal.setitimer(signal.ITIMER_REAL, 1, 1)

        def primes(n):
            while True:
                try:
                    time.sleep(1000)
                except BaseException:
                    pass
    """,
    )
