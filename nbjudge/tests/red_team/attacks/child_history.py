"""In the child, IPython's history is printed, from memory and from its database.

Success: the canary in the hidden lines of a test that is judged outside.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.in_child(
        """
        shell = get_ipython()
        history = shell.history_manager
        for raw in (True, False):
            show(list(history.get_range(raw=raw)))
            show(list(history.get_tail(100, raw=raw)))
        show(vars(history))
        for line in ("history -o", "history -g", "recall 1-20", "rerun 1-5", "who_ls"):
            try:
                show(shell.run_line_magic(*line.partition(" ")[::2]))
            except Exception as error:
                show(error)
        """,
        SHOW,
    )
