"""The exceptions of the test in the child have names, messages and tracebacks of HTML.

Success: active content in a page, or a forged report.
"""


def attack(submission):
    submission.in_child("""
        page = "<script>alert(1)</script><img src=x onerror=alert(1)>\\x1b]8;;javascript:a()\\x07a"
        kind = type(page, (Exception,), {"__str__": lambda self: page, "__module__": page})
        get_ipython().outputs.add(
            {"output_type": "error", "ename": page, "evalue": page, "traceback": [page] * 3}, 10
        )
        raise kind(page)
    """)
