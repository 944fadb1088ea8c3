"""Thousands of shell commands beside a blank essay, for each of which IPython tokenizes the cell.

Success: `nbjudge review`, `nbjudge report` or `nbjudge export code` does not finish.
"""


def attack(submission):
    submission.answer("essay", "")
    submission.add("%%bash\n" + "!a\n" * 3000, after="essay")
    submission.add("if False:\n" + "    !a\n" * 3000, after="essay")
