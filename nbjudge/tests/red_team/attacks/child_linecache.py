"""In the child, the sources in linecache and in IPython's compiler are printed.

Success: the canary in the hidden lines of a test that is judged outside.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.in_child(
        """
        import linecache, tokenize
        show(linecache.cache)
        show(vars(get_ipython().compile))
        show(getattr(linecache, "_interactive_cache", None))
        """,
        SHOW,
    )
