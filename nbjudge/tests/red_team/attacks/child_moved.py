"""Every answer is an object that cannot leave the process, which moves its test to the child.

There, it replaces what the test compares with, and prints the test. Success: points in a question
without a remark that names its test, or the canary of a hidden line on a page.
"""


def attack(submission):
    submission.first("""
        class Moved:
            __eq__ = __ge__ = __le__ = __gt__ = __lt__ = __contains__ = lambda self, other: True
            __sub__ = __rsub__ = __abs__ = __getitem__ = __call__ = lambda self, *other: self
            __iter__ = lambda self: iter(())
            __len__ = lambda self: 0
            __float__ = lambda self: 0.0
            def __bool__(self):
                print(get_ipython().user_ns.get("In", ["no history"])[-1])
                return True
    """)
    submission.answer("total", "total = Moved()")
    submission.answer("primes", "def primes(n):\n    return Moved()")
    submission.answer("square", "def square(x):\n    return Moved()")
