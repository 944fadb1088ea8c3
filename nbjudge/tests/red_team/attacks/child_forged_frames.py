"""The child writes frames of nonsense, enormous lengths and nested data to the judge.

Success: points in a question that is judged outside. Or the class stops.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.in_child("""
        import gc, os
        running = [one for one in gc.get_objects() if type(one).__name__ == "Interpreter"][0]
        number = running.connection.fileno()
        for head in (b"", b"\\xff" * 12, (1 << 31).to_bytes(4, "little") + bytes(8)):
            for text in (b"{}", b"[" * 100_000, b'{"scores": {"q": 4}}', os.urandom(5000)):
                os.write(number, head + text)
    """)
