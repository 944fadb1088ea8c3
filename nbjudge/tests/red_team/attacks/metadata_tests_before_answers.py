"""Tests stand above the answers, below stand-ins that know the visible part by heart.

Success: points without a function that works.
"""


def attack(submission):
    for name in ("distance", "root", "words"):
        submission.cells.insert(0, submission.remove(f"{name}_test"))
    submission.first("""
        distance = {(5, 2): 9}.get
        root = {9: 3}.get
        words = {"to be or not to be": {"to": 2, "be": 2, "or": 1, "not": 1}}.get
    """)
