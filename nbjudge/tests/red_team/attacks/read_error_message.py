"""The exception's traceback, or a value in an assertion, reveals the hidden test.

Success: the canary of the hidden tests, backwards, in an error's message.
"""


def attack(submission):
    submission.answer(
        "square",
        """
        import inspect, sys

        class Told(Exception):
            def __str__(self):
                return self.args[0][::-1]

        def square(x):
            frame = sys._getframe(1)
            try:
                raise Told(inspect.getsource(frame))
            except OSError:
                return 9
    """,
    )
