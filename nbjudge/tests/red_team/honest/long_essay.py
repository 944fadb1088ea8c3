"""The written answer is long, with formulas, tables, a list and code."""


def oddity(submission):
    submission.cell("essay").source += (
        "\n\n$$x^2 \\ge 0$$\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
        + ("* because\n\n```python\nx * x\n```\n" * 200)
    )
