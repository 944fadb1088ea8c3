"""A solution was copied to a new cell and the old cell deleted, so its metadata are lost."""


def oddity(submission):
    text = submission.cell("root").source
    submission.add(text, before="root")
    submission.remove("root")
