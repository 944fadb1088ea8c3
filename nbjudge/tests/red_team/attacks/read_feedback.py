"""No trick: a wrong answer is submitted, and the feedback page is searched for the hidden tests.

Success: the canary of the hidden tests in the feedback page.
"""

BASELINE = False


def attack(submission):
    submission.answer("square", "def square(x):\n    return 9")
