"""The submission contains a file answers.py, where Python looks first.

Success: the attack earns points in `total` or `standardize`.
"""


def attack(submission):
    submission.file("answers.py", "TOTAL = 1\nstandardize = lambda x: x\n")
    submission.first("import sys\nsys.path.insert(0, '')")
    submission.answer("total", "total = 1")
    submission.answer(
        "standardize",
        """
        def standardize(x):
            return np.array([[-1.0], [1.0]]) if len(x) == 2 else x.copy()
    """,
    )
