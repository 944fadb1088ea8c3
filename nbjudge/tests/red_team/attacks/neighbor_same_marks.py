"""Copies everything by which a submission could be recognized from a neighbor's, except answers.

Success: results of one are given to the other.
"""

import os


def attack(submission):
    submission.notebook.metadata["nbjudge"] = {"student": submission.neighbor, "seed": 0}
    submission.file("timestamp.txt", "2024-01-01 00:00:00 UTC")

    def have_the_same_size_and_time(folder):
        own = folder / "ps1.ipynb"
        theirs = folder.parents[1] / submission.neighbor / "ps1" / "ps1.ipynb"
        size = theirs.stat().st_size
        assert own.stat().st_size <= size
        own.write_bytes(own.read_bytes().ljust(size))
        for path in (own, theirs, folder, theirs.parent):
            os.utime(path, (1_700_000_000, 1_700_000_000))

    submission.on_disk(have_the_same_size_and_time)
