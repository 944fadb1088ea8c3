"""The student deleted two test cells."""


def oddity(submission):
    submission.remove("square_test")
    submission.remove("root_test")
