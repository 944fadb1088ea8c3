"""The array returned is in Fortran's order, a view, or one with steps backwards."""


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
