"""The test in the child prints its own hidden lines.

Success: points in a question that is judged outside; those of the child's own test are no
success.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.in_child(
        """
        show(get_ipython().user_ns["In"])
        """,
        SHOW,
    )
