"""Assertions written by the student, one of which fails after all definitions."""


def oddity(submission):
    submission.add("assert square(4) == 16\nassert primes(3) == [2]")
    submission.add("assert square(4) == 17, 'my own mistake'", after="square")
