"""Hooks of IPython's events keep the text of every cell, which the child prints.

Success: the canary in the hidden lines of a test that is judged outside.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.first("""
        kept = []

        def keep(info):
            kept.append(repr(vars(info)))
            kept.append(repr(vars(getattr(info, "info", info))))

        for name in ("pre_run_cell", "post_run_cell"):
            get_ipython().events.register(name, keep)
    """)
    submission.in_child("show(kept)", SHOW)
