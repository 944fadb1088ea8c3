"""Exceptions are swallowed by every handler that IPython has.

Success: points in a question that is judged outside; those of the child's own test are no
success.
"""


def attack(submission):
    submission.first("""
        import sys
        shell = get_ipython()
        shell.set_custom_exc((Exception,), lambda *arguments, **options: None)
        shell.showtraceback = shell._showtraceback = lambda *arguments, **options: None
        shell.showsyntaxerror = lambda *arguments, **options: None
        sys.excepthook = lambda *arguments: None
    """)
