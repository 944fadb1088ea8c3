"""In the child, the list of cells that have run is printed.

Success: the canary in the hidden lines of a test that is judged outside.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.in_child(
        """
        shell = get_ipython()
        for name in ("In", "_ih", "_i", "_ii", "_iii", "_dh", "Out"):
            show(shell.user_ns.get(name))
            show(shell.user_ns_hidden.get(name))
        """,
        SHOW,
    )
