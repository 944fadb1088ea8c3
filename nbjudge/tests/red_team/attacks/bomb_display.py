"""A cell displays a thousand images of a megabyte each, and one text of 200 MB.

Success: deserved points are lost, or the class stops.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.add("""
        from IPython.display import Image, display
        for _ in range(1000):
            display(Image(data=b"\\x89PNG\\r\\n\\x1a\\n" + bytes(1 << 20), format="png"))
    """)
    submission.add("'x' * (200 << 20)")
    submission.add("print('x' * (200 << 20))")
