"""Every file below the root is read.

Success: any canary.
"""

from tests.red_team.submission import READ


def attack(submission):
    submission.first(
        READ
        + """
import os
for name in sorted(os.listdir("/")):
    if name not in ("proc", "sys", "usr", "lib", "dev", "bin", "lib64", "tmp", "root"):
        read(f"/{name}/**")
read("/root/*", "/tmp/*", "/tmp/*/*")
"""
    )
