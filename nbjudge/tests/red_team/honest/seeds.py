"""Random seeds of NumPy and Python are set, in a cell and inside the function."""


def oddity(submission):
    submission.first("import random\nimport numpy as np\nnp.random.seed(0)\nrandom.seed(0)")
    submission.answer(
        "standardize",
        """
        def standardize(x):
            np.random.seed(1)
            noise = np.random.rand(*x.shape) * 0
            return (x - x.mean(axis=0)) / x.std(axis=0) + noise
    """,
    )
