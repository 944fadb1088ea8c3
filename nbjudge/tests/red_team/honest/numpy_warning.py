"""NumPy warns of a division by zero inside the graded function."""


def oddity(submission):
    submission.answer(
        "standardize",
        """
        def standardize(x):
            np.array([1.0]) / np.array([0.0])
            np.log(np.array([-1.0]))
            return (x - x.mean(axis=0)) / x.std(axis=0)
    """,
    )
