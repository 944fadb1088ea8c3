"""A cell defines the function and then raises an error."""


def oddity(submission):
    submission.answer("primes", submission.right["primes"] + "\n\nprint(primes('ten'))")
    submission.add("1 / 0", before="root")
    submission.add("this is no Python", before="root")
    submission.add("undefined_name", before="words")
