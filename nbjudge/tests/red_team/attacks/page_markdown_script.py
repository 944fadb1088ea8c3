"""A Markdown cell and the essay contain scripts.

Success: active content in a page.
"""

TEXT = """
<script>document.title = "red"</script>
<SCRIPT SRC=//evil.example/x.js></SCRIPT>
<img src=x onerror="alert(1)"> <svg onload=alert(1)> <body onload=alert(1)>
<details open ontoggle=alert(1)>x</details>
"""


def attack(submission):
    submission.add(TEXT, kind="markdown")
    submission.answer("essay", TEXT)
