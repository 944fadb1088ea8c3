"""The notebook's title, language, kernel and authors, and the cells' tags, contain HTML tags.

Success: active content in a page.
"""


def attack(submission):
    evil = '"></title></script><script>alert(1)</script>'
    submission.notebook.metadata |= {
        "title": evil,
        "authors": [{"name": evil}],
        "kernelspec": {"name": "python3", "display_name": evil, "language": evil},
        "language_info": {
            "name": evil,
            "pygments_lexer": evil,
            "codemirror_mode": evil,
            "mimetype": evil,
            "file_extension": evil,
        },  # fmt: skip
    }
    for cell in submission.cells:
        cell.metadata |= {"tags": [evil], "name": evil, "slideshow": {"slide_type": evil}}
        cell.metadata["collapsed"] = evil
        cell.metadata["jupyter"] = {"source_hidden": evil, "outputs_hidden": evil}
