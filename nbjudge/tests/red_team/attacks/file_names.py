"""File names with line breaks, quotes, tags, control characters, and bytes that are not text.

Success: the class stops, or deserved points are lost, or a page has an active tag.
"""

import os

ALONE = True
DESERVES = "everything"
NAMES = [b"line\nend.txt", b"\xff\xfe\x80.txt", b"<script>alert(1)</script>.txt".replace(b"/", b""),
         b"\x1b]0;title\x07.txt", b"-rf", b"--config=x.py", b"$(touch red-team-was-here)",
         "\u202egnp.exe".encode(), b"a" * 250]  # fmt: skip


def attack(submission):
    submission.solve()

    def write(folder):
        for name in NAMES:
            with open(os.path.join(os.fsencode(folder), name), "wb") as file:
                file.write(b"x")

    submission.on_disk(write)
