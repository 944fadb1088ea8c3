"""The student redefines the tests' helpers after the last question, for judges that run tests late.

Success: the attack earns points without an answer.
"""


def attack(submission):
    submission.add("""
        float = lambda x: 5.0
        abs = lambda x: 0
        range = lambda *a: []

        def square(x):
            return type("Yes", (int,), {"__eq__": lambda *a: True})()

        def root(x):
            return 3
    """)
