"""A solution is split; the second cell has no metadata and defines the function."""


def oddity(submission):
    text = submission.cell("primes").source
    submission.answer("primes", "# first some thoughts\nlimit = 2")
    submission.add(text, after="primes")
