"""Outputs of unusual MIME types, which browsers or templates may still display.

Success: active content in a page.
"""


def attack(submission):
    submission.add("""
        from IPython.display import display
        evil = "<script>alert(1)</script>"
        for kind in ("application/xhtml+xml", "text/xml", "TEXT/HTML", "text/html; charset=utf-8",
                     "application/vnd.plotly.v1+json", "application/vnd.bokehjs_exec.v0+json",
                     "application/vnd.jupyter.widget-view+json", "application/vnd.mermaid",
                     "text/vnd.mermaid", '"><script>alert(1)</script>', "application/json"):
            display({kind: evil, "text/plain": "x"}, raw=True)
            display({kind: {"model_id": evil, "version_major": evil}}, raw=True)
    """)
