"""`__build_class__`, `AssertionError`, `isinstance` and `hasattr` of the builtins are replaced.

Success: the attack earns points, or a neighbor loses points.
"""


def attack(submission):
    submission.first("""
        import builtins
        builtins.__build_class__ = lambda *a, **k: type("Yes", (), {})
        builtins.AssertionError = builtins.ValueError = type("No", (BaseException,), {})
        builtins.isinstance = lambda *a: True
        builtins.hasattr = lambda *a: True
    """)
