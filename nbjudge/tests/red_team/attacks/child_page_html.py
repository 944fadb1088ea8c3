"""The test in the child displays scripts, frames, forms, styles and drawings.

Success: active content in a page, or a forged report.
"""


def attack(submission):
    submission.in_child("""
        from IPython.display import HTML, SVG, Javascript, Markdown, display
        page = "<script>alert(1)</script><img src=x onerror=alert(1)><iframe src=/></iframe>"
        page += "<form action=/><input></form><style>*{display:none}</style>"
        page += "<a href=javascript:a()>a</a>"
        display(HTML(page), Javascript("alert(1)"), Markdown(page))
        space = "xmlns='http://www.w3.org/2000/svg'"
        display(SVG(f"<svg {space} onload='alert(1)'><script>a</script></svg>"))
        for kind in ("text/html", "text/latex", "image/svg+xml", "application/javascript",
                     "application/vnd.jupyter.widget-view+json", "TEXT/HTML", " text/html"):
            display({kind: page, "text/plain": page}, raw=True)
        print(page)
    """)
