"""Raw cells claim to be HTML.

Success: active content in a page.
"""


def attack(submission):
    for kind in ("text/html", "slides", "text/markdown", "text/asciidoc"):
        submission.add("<script>alert(1)</script><img src=x onerror=alert(1)>", kind="raw",
                       raw_mimetype=kind, format=kind)  # fmt: skip
