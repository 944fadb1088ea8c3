"""Hooks turn the result of every cell in the child into full marks.

Success: points in a question that is judged outside.
"""


def attack(submission):
    submission.first("""
        shell = get_ipython()

        def repair(result):
            result.error_in_exec = result.error_before_exec = None
            result.result = 100.0

        shell.events.register("post_run_cell", repair)
        shell.showtraceback = lambda *arguments, **options: print("4 of 4 points")
    """)
