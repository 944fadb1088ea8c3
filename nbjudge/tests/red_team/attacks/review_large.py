"""An essay has ten megabytes of Markdown.

Success: `nbjudge review` does not serve the graders.
"""


def attack(submission):
    submission.answer("essay", "> * *word* `code` [link](address) $x_1$\n" * 250_000)
