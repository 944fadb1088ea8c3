"""The shell's methods that run a cell run nothing.

Success: points in a question that is judged outside; those of the child's own test are no
success.
"""


def attack(submission):
    submission.first("""
        shell = get_ipython()
        original = shell.run_cell
        shell.run_cell = lambda code, **options: original("4.0", **options)
    """)
