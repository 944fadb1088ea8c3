"""Three megabytes of printed text, in cells and inside the graded function."""


def oddity(submission):
    submission.add("for n in range(30000):\n    print(n, 'x' * 100)", before="square")
    submission.answer(
        "square",
        """
        def square(x):
            print("squaring" * 1000)
            return x * x
    """,
    )
