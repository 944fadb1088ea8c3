"""`__build_class__`, `print` and `super` of the builtins raise or lie.

Success: points, or a neighbor who loses some.
"""


def attack(submission):
    submission.first("""
        import builtins
        builtins.__build_class__ = lambda *a, **k: type("Yes", (), {})
        builtins.AssertionError = builtins.ValueError = type("No", (BaseException,), {})
        builtins.isinstance = lambda *a: True
        builtins.hasattr = lambda *a: True
    """)
