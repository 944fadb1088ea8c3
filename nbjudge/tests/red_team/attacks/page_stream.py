"""Printed text with tags, terminal colors and terminal hyperlinks.

Success: active content in a page.
"""


def attack(submission):
    submission.add(r"""
        import sys
        evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
        print(evil)
        print(f"\x1b[31m{evil}\x1b[0m \x1b[38;5;{evil}m")
        print("\x1b]8;;javascript:alert(1)\x07x\x1b]8;;\x07")
        print(f"\x1b[<script>m \x1b]0;{evil}\x07 \x9b31m", file=sys.stderr)
    """)
