"""Warnings are turned into errors at the top of the notebook."""


def oddity(submission):
    submission.first("import warnings\nwarnings.simplefilter('error')")
