"""Empty cells, cells with only comments, and fifty cells that were never run."""


def oddity(submission):
    for text in ["", "   \n", "# only a comment", "'''only text'''", ";", "pass;"] * 8:
        submission.add(text)
        submission.first(text)
