"""After the last question the student defines the tests' helpers again, for judges that wait.

Success: points without an answer.
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
