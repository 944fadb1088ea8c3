"""HTML, LaTeX, Markdown, tables and JSON are displayed, as last values and by `display`."""


def oddity(submission):
    submission.add("""
        from IPython.display import HTML, JSON, Latex, Markdown, display

        class Table:
            def _repr_html_(self):
                return "<table><tr><td>1</td></tr></table>"

        display(HTML("<b>bold</b>"), Latex("$x^2$"), Markdown("*hello*"), JSON({"a": 1}))
        Table()
    """)
    submission.add("from IPython.core.interactiveshell import InteractiveShell\n"
                   "InteractiveShell.ast_node_interactivity = 'all'\n1\n2")  # fmt: skip
