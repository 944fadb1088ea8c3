"""The test in the child shows pictures that are pages, drawings and broken files.

Success: active content in a page, or a forged report.
"""


def attack(submission):
    submission.in_child("""
        import base64
        from IPython.display import display
        page = base64.b64encode(b"<svg onload=alert(1)><script>alert(1)</script></svg>").decode()
        broken = base64.b64encode(b"\\x89PNG" + b"x" * 100).decode()
        for kind in ("image/png", "image/jpeg", "image/gif", "image/svg+xml", "application/pdf",
                     'image/png" onerror="alert(1)'):
            for data in (page, broken, "x' onerror='alert(1)", "<script>alert(1)</script>"):
                display({kind: data, "text/plain": "a picture"}, raw=True,
                        metadata={kind: {"width": '1" onload="alert(1)', "height": "1"}})
    """)
