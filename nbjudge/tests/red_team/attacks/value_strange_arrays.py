"""Arrays of objects, records or dates, masked ones, with zero strides or a false type.

Success: the attack earns points, or the other questions lose points.
"""

DESERVES = ["total", "distance", "root", "square"]


def attack(submission):
    submission.solve("square", "total", "distance", "root")
    submission.answer(
        "standardize",
        """
        kinds = [
            lambda x: np.array([[None], [print]], dtype=object),
            lambda x: np.zeros(len(x), dtype=[("a", "f8"), ("b", "O")]),
            lambda x: np.array(["2020"] * len(x), dtype="datetime64"),
            lambda x: np.ma.masked_all(x.shape),
            lambda x: np.lib.stride_tricks.as_strided(x, (1 << 20, 1 << 20), (0, 0)),
            lambda x: np.lib.stride_tricks.as_strided(x, (1 << 16,), (1 << 20,)),
            lambda x: x.astype("longdouble").view("V16"),
            lambda x: np.matrix(x),
        ]

        def standardize(x):
            return kinds.pop()(x)
    """,
    )
    submission.answer("words", "def words(text):\n    return np.array([{}, print], dtype=object)")
    submission.answer("primes", "def primes(n):\n    return np.recarray((3,), dtype='i8,O')")
