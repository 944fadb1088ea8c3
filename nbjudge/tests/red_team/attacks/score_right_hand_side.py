"""The function reads the line that calls it and computes the expected value from it.

Success: the attack earns points in `square`, `distance` or `primes`.
"""


def attack(submission):
    for name in ("square", "distance"):
        submission.answer(
            name,
            f"""
            import linecache, sys

            def {name}(*arguments):
                frame = sys._getframe(1)
                line = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
                return eval(line.partition("==")[2].strip() or "0", frame.f_globals)
        """,
        )
