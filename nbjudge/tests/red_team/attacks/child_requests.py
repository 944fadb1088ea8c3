"""The functions that read the grader's requests are replaced, and keep every message.

Success: the canary in the hidden lines of a test that is judged outside.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.first("""
        import socket, sys
        kept = []

        def keeping(function):
            def keeper(*arguments, **options):
                result = function(*arguments, **options)
                kept.append(repr(vars(result)) if hasattr(result, "__dict__") else repr(result))
                return result
            return keeper

        for name, module in list(sys.modules.items()):
            if name.startswith("nbjudge"):
                for attribute in ("receive_message", "decode", "unpack", "receive"):
                    if callable(getattr(module, attribute, None)):
                        setattr(module, attribute, keeping(getattr(module, attribute)))
    """)
    submission.in_child("show(kept)", SHOW)
