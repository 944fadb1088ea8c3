"""During a test, the kernel's current request, which contains the cell's text, is read.

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
