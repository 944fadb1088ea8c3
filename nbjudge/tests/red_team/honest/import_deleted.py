"""The locked cells with the title and the import are deleted; the student imports NumPy instead."""


def oddity(submission):
    submission.remove("setup")
    submission.remove("title")
    submission.first("import numpy as np")
