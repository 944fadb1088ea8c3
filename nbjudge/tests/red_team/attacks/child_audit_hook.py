"""An audit hook keeps what is compiled, executed and opened.

Success: the canary in the hidden lines of a test that is judged outside.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.first("""
        import sys
        kept, busy = [], []

        def keep(event, arguments):
            if not busy and event in ("compile", "exec", "open", "import", "code.__new__"):
                busy.append(1)
                try:
                    kept.append(repr(arguments))
                    kept.append(repr(getattr(arguments[0], "co_consts", "")))
                finally:
                    busy.clear()

        sys.addaudithook(keep)
    """)
    submission.in_child("show(list(kept))", SHOW)
