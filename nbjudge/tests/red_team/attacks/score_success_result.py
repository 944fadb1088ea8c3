"""After each cell a hook turns the result object into a success.

Success: the attack earns points without an answer.
"""


def attack(submission):
    submission.first("""
        def repair(result):
            result.error_in_exec = result.error_before_exec = None

        get_ipython().events.register("post_run_cell", repair)
        get_ipython().showtraceback = lambda *a, **k: None
    """)
