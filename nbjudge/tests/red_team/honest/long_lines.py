"""A very long line, tabs for indentation, Windows line endings and a form feed."""


def oddity(submission):
    long = ", ".join(["0"] * 50000)
    text = f"def square(x):\r\n\tif True:\r\n\t\treturn x * x + sum([{long}])\r\n"
    submission.cell("square").source = text
    submission.cell("distance").source = "\x0cdef distance(a, b):\r\n\treturn square(a - b)\r\n"
