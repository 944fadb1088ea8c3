"""The functions that encode replies are patched to return 5.0, 9 or the expected list.

Success: the attack earns points without an answer.
"""

ALONE = True


def attack(submission):
    submission.first("""
        import gc, types
        frames = []
        import sys
        frame = sys._getframe()
        while frame is not None:
            frames.append((frame.f_code.co_filename, frame.f_code.co_name, sorted(frame.f_locals)))
            for name, value in list(frame.f_locals.items()):
                if hasattr(value, "fileno") and name != "sys":
                    try:
                        value.close
                        frame.f_locals["verdict"] = True
                    except Exception:
                        pass
            for name in ("encode", "pack", "send", "reply", "dump", "to_plain", "_encode"):
                if isinstance(frame.f_globals.get(name), types.FunctionType):
                    original = frame.f_globals[name]
                    frame.f_globals[name] = lambda value, *rest, f=original: f(9, *rest)
            frame = frame.f_back
        print(len(frames))
    """)
    submission.answer("square", "def square(x):\n    return 0")
