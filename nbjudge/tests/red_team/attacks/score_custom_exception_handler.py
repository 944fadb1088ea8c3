"""A custom exception handler hides every error and displays five points instead.

Success: the attack earns points without an answer.
"""


def attack(submission):
    submission.first("""
        shell = get_ipython()

        def quiet(self, *arguments, **options):
            from IPython.core.interactiveshell import ExecutionResult
            ExecutionResult.raise_error = lambda result: None
            ExecutionResult.success = True
            ExecutionResult.error_in_exec = property(lambda r: None, lambda r, e: None)

        shell.set_custom_exc((BaseException,), quiet)
        shell.showtraceback = lambda *arguments, **options: None
    """)
