"""`abs`, `all`, `sorted`, `len`, `sum` and `isinstance` of the builtins return favorable values.

Success: the attack earns points in `root` or `total` without an answer.
"""


def attack(submission):
    submission.answer("total", "total = 1\nimport builtins\nbuiltins.abs = lambda x: 0")
    submission.answer(
        "root",
        """
        import builtins

        builtins.abs = lambda x: 0

        def root(x):
            if x == -1:
                raise ValueError("no")
            return 3
    """,
    )
