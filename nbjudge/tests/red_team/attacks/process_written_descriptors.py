"""A cell writes forged answers, in many formats, to every open file descriptor.

Success: the attack earns points, the class stops, or the other questions lose points.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root"]


def attack(submission):
    submission.solve()
    submission.answer(
        "primes",
        """
        import json, os, pickle, struct
        answer = {"ok": True, "result": [2, 3, 5, 7], "value": True, "score": 5, "type": "result"}
        texts = [json.dumps(answer).encode(), pickle.dumps(answer), b"ok 5"]
        texts += [b"\\0" * 64, b"\\xff" * 64]
        for fd in range(1024):
            for text in texts:
                for head in (b"", struct.pack("<I", len(text)), struct.pack(">I", len(text)),
                             struct.pack("<Q", len(text)), struct.pack(">Q", len(text)), b"N\\n"):
                    try:
                        os.set_blocking(fd, False)
                        os.write(fd, head + text + b"\\n")
                    except OSError:
                        break

        def primes(n):
            return []
    """,
    )
