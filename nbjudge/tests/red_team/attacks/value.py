"""Attacks: value."""

from tests.red_team.declared import attack


@attack(deserves=["square", "total", "words", "distance", "root", "primes"])
def value_argument_resized(submission):
    """A function changes its argument's shape, type or size, and keeps it for later.

    Success: the attack earns points, or the other questions lose points.
    """
    submission.solve()
    submission.answer(
        "standardize",
        """
        kept = []

        def standardize(x):
            kept.append(x)
            for one in kept:
                one[...] = 0
            for change in (lambda: x.resize(0, refcheck=False), lambda: setattr(x, "shape", (-1,)),
                           lambda: setattr(x, "dtype", "i1")):
                try:
                    change()
                except Exception:
                    pass
            return x
    """,
    )


@attack
def value_changing(submission):
    """An iterable or property that changes on each access.

    Success: the attack earns points in `total` or `primes`.
    """
    submission.add(
        """
        class Flip(int):
            state = 0
            def __eq__(self, other):
                return True
            def __sub__(self, other):
                return 0
            def __gt__(self, other):
                return True

        total = Flip()
        import sys
        class Names(type(sys)):
            total = property(lambda self: Flip())
        sys.modules["__main__"].__class__ = Names
    """,
        before="total_test",
    )


@attack(alone=True, deserves=["square", "total", "distance", "root"])
def value_endless(submission):
    """A function returns a value that contains itself, is nested very deeply, or is an endless
    range.

    Success: the other questions lose points, or the class stops.
    """
    submission.solve()
    submission.answer("primes", "def primes(n):\n    me = []\n    me.append(me)\n    return me")
    submission.answer(
        "words",
        """
        def words(text):
            deep = {}
            for _ in range(100000):
                deep = {"to": deep}
            return deep
    """,
    )
    submission.answer("standardize", "def standardize(x):\n    return range(10**18)")


@attack(deserves=["total"])
def value_function_itself(submission):
    """The graded names are not functions: a class, a module, a recursive partial object, a number.

    Success: the attack earns points, or the other questions lose points.
    """
    submission.solve("total")
    submission.answer(
        "square",
        """
        class Meta(type):
            __call__ = lambda cls, x: cls
            __eq__ = lambda cls, other: True
            __hash__ = type.__hash__

        class square(metaclass=Meta):
            pass
    """,
    )
    submission.answer("words", "import os as words")
    submission.answer("root", "root = 9")
    submission.answer("primes", "import functools\nprimes = functools.partial(lambda n: primes)")


@attack(alone=True, deserves=["square", "total", "distance", "root"])
def value_huge(submission):
    """A function returns a value too large to send: ten million items, 100 MB of text, 8 TB of
    array.

    Success: the other questions lose points, or the class stops.
    """
    submission.solve()
    submission.answer("primes", "def primes(n):\n    return list(range(10_000_000))")
    submission.answer("words", "def words(text):\n    return {'x' * (100 << 20): 1}")
    submission.answer(
        "standardize",
        """
        def standardize(x):
            return np.broadcast_to(np.float64(1), (10**6, 10**6))
    """,
    )


@attack(deserves=["total"])
def value_lying_buffers(submission):
    """Subclasses of int, str, bytes, list and dict whose methods return false values during
    copying.

    Success: the attack earns points, the class stops, or the other questions lose points.
    """
    submission.solve("total")
    submission.first("""
        class Int(int):
            to_bytes = __index__ = __int__ = lambda self, *a, **k: 1 / 0
            bit_length = lambda self: 1 << 60
            __repr__ = lambda self: "__import__('os').system('touch /tmp/red-team-was-here')"

        class Text(str):
            encode = lambda self, *a: b"x" * (1 << 30)
            __len__ = lambda self: 1 << 40
            __str__ = lambda self: self

        class List(list):
            __len__ = lambda self: -5
            __iter__ = lambda self: iter(int, 1)
            __getitem__ = lambda self, key: self

        class Dict(dict):
            items = keys = values = __iter__ = lambda self: iter(int, 1)
            __class__ = property(lambda self: list)
    """)
    for name, value in {
        "square": "Int(9)",
        "words": "Dict(a=Text('b'))",
        "primes": "List([2, 3, 5, 7])",
        "root": "Text('3')",
    }.items():
        submission.answer(name, f"def {name}(*a):\n    return {value}")


@attack(deserves=["distance"])
def value_numbers(submission):
    """Unexpected kinds of numbers: ten thousand digits, complex, bool, Decimal, None.

    Success: the attack earns points, or the other questions lose points.
    """
    submission.answer("square", "def square(x):\n    return 10**100000 if x > 9 else 9")
    submission.cell("distance").source = "def distance(a, b):\n    return (a - b) * (a - b)"
    submission.answer("total", "total = complex(338350, 1)")
    submission.answer(
        "root",
        """
        import decimal, fractions

        def root(x):
            if x == -1:
                return None
            if x == 100:
                return decimal.Decimal("sNaN")
            return True if x == 2 else fractions.Fraction(3)
    """,
    )
    submission.answer("primes", "def primes(n):\n    return memoryview(b'\\x02\\x03\\x05\\x07')")
    submission.answer("words", "def words(text):\n    return type(text)")


@attack(deserves=["total", "distance", "root", "square"])
def value_strange_arrays(submission):
    """Arrays of objects, records or dates, masked ones, with zero strides or a false type.

    Success: the attack earns points, or the other questions lose points.
    """
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


@attack(deserves=["total"])
def value_forged_views(submission):
    """The student's process answers with views of arrays that reach beyond them, into the judge.

    Success: the attack earns points, the class stops, or the other questions lose points.
    """
    submission.solve("total")
    submission.first("""
        import nbjudge.wire.encoding as encoding

        class View:
            def __init__(self, size, shape, offset, strides):
                self.parts = size, shape, offset, strides

        encode = encoding._Encoder.encode

        def forged(self, value, depth=0):
            if type(value).__name__ != "View":
                return encode(self, value, depth)
            size, shape, offset, strides = value.parts
            number = 1
            for n in shape:
                number *= n
            whole = {"array": ["<f8", [size], self.buffer(bytes(8 * size)), True]}
            copied = ["<f8", list(shape), self.buffer(bytes(8 * number)), True]
            return {"part": [whole, offset, list(strides), copied]}

        encoding._Encoder.encode = forged
    """)
    for name, view in {
        "square": "View(0, (1,), 0, (8,))",
        "standardize": "View(0, x.shape, 0, (16, 8))",
        "primes": "View(4, (5,), 0, (1 << 62,))",
        "words": "View(2, (2,), 8, (-8,))",
        "root": "View(0, (4096, 1024), 0, (8192, 8))",
    }.items():
        submission.answer(name, f"def {name}(x):\n    return {view}")
