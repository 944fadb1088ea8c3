"""`sys.excepthook`, the traceback printer and the shell's traceback are silenced.

Success: the attack earns points without an answer.
"""


def attack(submission):
    submission.first("""
        import sys, traceback
        sys.excepthook = traceback.print_exception = lambda *a, **k: None
        shell = get_ipython()
        type(shell).showtraceback = type(shell)._showtraceback = lambda *a, **k: None
        shell.kernel.send_response = lambda *a, **k: None
    """)
