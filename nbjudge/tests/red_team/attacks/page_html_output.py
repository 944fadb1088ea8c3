"""A cell displays HTML with scripts, handlers, frames and forms.

Success: active content in a page.
"""


def attack(submission):
    submission.add("""
        from IPython.display import HTML, display
        display(HTML("<script>alert(1)</script><img src=x onerror=alert(1)>"))
        display(HTML("<iframe src='https://evil.example'></iframe><form action='//evil'></form>"))
        display(HTML("<a href='javascript:alert(1)'>x</a><svg><script>alert(1)</script></svg>"))
        display(HTML("<svg/onload=alert(1)><style>body{display:none}</style>"))
        display(HTML("<scr<script>ipt>alert(1)</scr</script>ipt>", metadata={"isolated": True}))
    """)
    submission.add("%%html\n<script>alert(2)</script>")
