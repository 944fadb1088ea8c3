"""While a test runs, the kernel's current request is read: it holds the cell's text.

Success: the canary of the hidden tests.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.answer(
        "square",
        SHOW
        + """
def square(x):
    kernel = get_ipython().kernel
    show(kernel.get_parent("shell"))
    show(get_ipython().parent_header)
    return 9
""",
    )
