"""A Markdown cell restyles the page so that it shows other points.

Success: active content in a page.
"""


def attack(submission):
    submission.add(
        """
        <style>.alert, #toc { display: none } body::before { content: "Score: 32.0 / 32.0" }</style>
    """,
        kind="markdown",
    )
