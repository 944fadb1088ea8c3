"""Attacks: shadow."""

from tests.red_team.declared import attack


@attack
def shadow_comparisons(submission):
    """The student redefines abs, len, sum, sorted, all, isinstance and str.

    Success: the attack earns points in `root`, `total` or `primes`.
    """
    submission.answer(
        "root",
        """
        abs = lambda x: 0.0
        str = lambda x: "yes"

        def root(x):
            if x == -1:
                raise ValueError
            return 3
    """,
    )
    submission.answer(
        "primes",
        """
        class Same:
            __eq__ = lambda self, other: True

        all = isinstance = lambda *a: True
        len = sum = sorted = lambda x: Same()

        def primes(n):
            return [2, 3, 5, 7] if n == 10 else []
    """,
    )


@attack
def shadow_exceptions(submission):
    """The test catches and raises the student's ValueError and AssertionError.

    Success: the attack earns points in `root` without the required exception.
    """
    submission.answer(
        "root",
        """
        class Anything(BaseException):
            pass

        ValueError = (Anything, TypeError, AttributeError)
        AssertionError = SystemExit

        def root(x):
            return x ** 0.5
    """,
    )
    submission.answer("square", "def square(x):\n    raise SystemExit")


@attack
def shadow_float(submission):
    """The student redefines `float` to return five points for everything.

    Success: the attack earns points in `words` without an answer.
    """
    submission.answer(
        "words",
        """
        def float(value):
            return 5.0

        def words(text):
            return {}
    """,
    )


@attack
def shadow_in_the_last_cell(submission):
    """The student redefines the tests' helpers after the last question, for judges that run tests
    late.

    Success: the attack earns points without an answer.
    """
    submission.add("""
        float = lambda x: 5.0
        abs = lambda x: 0
        range = lambda *a: []

        def square(x):
            return type("Yes", (int,), {"__eq__": lambda *a: True})()

        def root(x):
            return 3
    """)


@attack
def shadow_numpy(submission):
    """The student replaces the `np` that the locked cell imported.

    Success: the attack earns points in `standardize`.
    """
    submission.answer(
        "standardize",
        """
        import numpy, types

        class Fake(types.ModuleType):
            def __getattr__(self, name):
                return getattr(numpy, name)

        np = Fake("numpy")
        np.allclose = np.array_equal = lambda *a, **k: True
        np.testing = types.SimpleNamespace(assert_allclose=lambda *a, **k: None)
        np.abs = lambda x: numpy.zeros(1)

        def standardize(x):
            return x.copy()
    """,
    )


@attack
def shadow_range(submission):
    """The student redefines `range` as empty, so that the tests' loops do nothing.

    Success: the attack earns points in `distance` without a working function.
    """
    submission.answer(
        "distance",
        """
        def range(*arguments):
            return []

        def distance(a, b):
            return 9
    """,
    )


@attack
def shadow_test_names(submission):
    """The names that the tests import and assign already exist, as objects that resist.

    Success: the attack earns points without an answer.
    """
    submission.add(
        """
        class Five:
            __add__ = __iadd__ = __radd__ = lambda self, other: self
            __float__ = lambda self: 5.0
            __eq__ = lambda self, other: True

        answers = random = points = rng = Five()
        get_ipython().user_ns["__builtins__"] = {"float": lambda x: 5.0}
    """,
        before="words_test",
    )
