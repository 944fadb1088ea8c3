"""As much waiting as possible: ten cells that sleep until the time limit.

Success: the class does not finish.
"""

ALONE = True


def attack(submission):
    for _ in range(10):
        submission.add("import time\ntime.sleep(100000)")
