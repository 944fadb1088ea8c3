"""Lone surrogates, null bytes and control characters in code, text and metadata.

Success: the class stops, or deserved points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.add("print('HALF')")
    submission.add("HALF", kind="markdown")
    submission.change(lambda data: data.replace(b"HALF", b"\\ud800\\u0000\\u001b[2J\\udfff"))
