"""A cell displays an SVG image with scripts and handlers.

Success: active content in a page.
"""


def attack(submission):
    submission.add("""
        from IPython.display import SVG, display
        display({"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'>"
                 "<script>alert(1)</script><foreignObject><iframe src='//x'/></foreignObject>"
                 "<a href='javascript:alert(1)'><text>x</text></a>"
                 "<animate onbegin='alert(1)' attributeName='x' dur='1s'/></svg>"}, raw=True)
    """)
    submission.add("%%svg\n<svg onload='alert(2)'></svg>")
