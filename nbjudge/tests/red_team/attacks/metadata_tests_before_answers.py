"""Tests come before the answers, after stand-ins that hard-code the results of the visible tests.

Success: the attack earns points without a working function.
"""


def attack(submission):
    for name in ("distance", "root", "words"):
        submission.cells.insert(0, submission.remove(f"{name}_test"))
    submission.first("""
        distance = {(5, 2): 9}.get
        root = {9: 3}.get
        words = {"to be or not to be": {"to": 2, "be": 2, "or": 1, "not": 1}}.get
    """)
