"""A cell displays Markdown and LaTeX that contain scripts.

Success: active content in a page.
"""


def attack(submission):
    submission.add("""
        from IPython.display import Latex, Markdown, display
        display(Markdown("<script>alert(1)</script> [x](javascript:alert(1))"))
        display(Latex(r"$\\\\href{javascript:alert(1)}{x}$ </script><script>alert(1)</script>"))
        display({"text/latex": "<img src=x onerror=alert(1)>"}, raw=True)
        display({"text/markdown": "<img src=x onerror=alert(1)>"}, raw=True)
    """)
