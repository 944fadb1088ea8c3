"""JSON nested a hundred thousand levels deep, as the notebook's metadata.

Success: the class stops.
"""

ALONE = True


def attack(submission):
    deep = b'{"x": ' + b"[" * 100000 + b"]" * 100000 + b", "
    submission.change(lambda data: data.replace(b'"metadata": {', b'"metadata": ' + deep, 1))
