"""A function returns an array in Fortran order, a view, or an array with negative strides."""


def oddity(submission):
    submission.answer(
        "standardize",
        """
        def standardize(x):
            y = np.asfortranarray((x - x.mean(axis=0)) / x.std(axis=0))
            padded = np.zeros((2 * len(y), y.shape[1] + 1))
            padded[::2, :-1] = y
            view = padded[::2, :-1]
            return view[::-1][::-1].T.T
    """,
    )
