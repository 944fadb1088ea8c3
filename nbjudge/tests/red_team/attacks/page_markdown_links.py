"""Markdown cells with links to script URLs.

Success: active content in a page.
"""

TEXT = """
[click](javascript:alert(1)) [click](JaVaScRiPt:alert(1))
[click](data:text/html,<script>alert(1)</script>)
[click](  javascript:alert(1)) <javascript:alert(1)> ![x](javascript:alert(1))
<a href="jav&#x09;ascript:alert(1)">x</a> <a href="&#106;avascript:alert(1)">x</a>
<a href=" vbscript:x">x</a> [ref]

[ref]: javascript:alert(1) "x"
"""


def attack(submission):
    submission.add(TEXT, kind="markdown")
    submission.answer("essay", TEXT)
