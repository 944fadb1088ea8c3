"""An essay, and a cell that belongs to it, have scripts, frames, forms and links with scripts.

Success: active content in a page.
"""

EVIL = """<script>alert(1)</script> <img src=x onerror=alert(1)> <iframe src="//a"></iframe>
[x](javascript:alert(1)) ![x](https://example.org/x.png) <form action="//a"><input></form>

<style>* { display: none }</style> <a href="javascript:alert(1)" onclick=alert(1)>x</a>
$<script>alert(1)</script>$ $\\href{javascript:alert(1)}{x}$"""


def attack(submission):
    submission.answer("essay", EVIL)
    submission.add(EVIL, after="essay", kind="markdown")
