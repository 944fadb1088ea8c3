"""In the child, the tracebacks of the tests that failed before are taken apart.

Success: the canary in the hidden lines of a test that is judged outside.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.in_child(
        """
        import sys, traceback
        shell = get_ipython()
        for name in ("last_value", "last_exc"):
            error = getattr(sys, name, None)
            step = getattr(error, "__traceback__", None)
            while step:
                show(step.tb_frame.f_code.co_consts)
                show(step.tb_frame.f_locals)
                show(step.tb_frame.f_globals.get("In"))
                step = step.tb_next
        show(vars(shell.InteractiveTB))
        shell.run_line_magic("xmode", "Verbose")
        shell.run_line_magic("tb", "")
        """,
        SHOW,
    )
