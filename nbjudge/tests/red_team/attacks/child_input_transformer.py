"""An input transformer keeps the lines of every cell, and runs none of them.

Success: the canary in the hidden lines of a test that is judged outside. Or points in a question
that is judged outside.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.first("""
        kept = []

        def keep(lines):
            kept.extend(lines)
            return ["show(kept)"] if "assert" in "".join(lines) else lines

        shell = get_ipython()
        shell.input_transformers_cleanup.append(keep)
        shell.input_transformers_post.append(keep)
    """)
    submission.first(SHOW)
