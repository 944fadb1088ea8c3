"""Helper functions in added cells, before and after the solution, and used later."""


def oddity(submission):
    submission.add("def difference(a, b):\n    return a - b", before="distance")
    submission.answer("distance", "def distance(a, b):\n    return square(difference(a, b))")
    submission.add("def double(x):\n    return 2 * x\n\ndouble(square(3))")
