"""print with sep, end, file and flush, to stdout, stderr and a file."""


def oddity(submission):
    submission.answer(
        "square",
        """
        import io, sys

        def square(x):
            print("a", "b", sep="-", end="!\\n", flush=True)
            print("to stderr", file=sys.stderr)
            print("to a buffer", file=io.StringIO())
            sys.stdout.write("written\\n")
            sys.__stderr__.write("below\\n")
            return x * x
    """,
    )
