"""Functions count their calls, keep a list, and change global variables."""


def oddity(submission):
    submission.answer(
        "square",
        """
        calls = 0
        seen = []

        def square(x):
            global calls, last
            calls += 1
            last = x
            seen.append(x)
            return x * x
    """,
    )
    submission.add("print(calls, seen[:3])", after="square_test")
