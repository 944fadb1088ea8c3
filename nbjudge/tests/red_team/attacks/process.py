"""Attacks: process."""

from tests.red_team.declared import attack
from tests.red_team.submission import SHOW


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "root"])
def process_closed_descriptors(submission):
    """A cell closes every file descriptor of its process.

    Success: the other questions lose points, or the class stops.
    """
    submission.solve()
    submission.answer("primes", "import os\nos.closerange(0, 4096)")


@attack(alone=True)
def process_daemon(submission):
    """A process forks twice, starts a new session and stays.

    Success: a process survives, or a file that the process writes later.
    """
    submission.first("""
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for fd in range(256):
                    try:
                        os.close(fd)
                    except OSError:
                        pass
                for _ in range(600):
                    time.sleep(1)
                    try:
                        open("/tmp/red-team-was-here", "a").close()
                    except OSError:
                        pass
            os._exit(0)
    """)


@attack(alone=True, deserves="everything")
def process_end_in_cell(submission):
    """A cell between two questions exits its process with status 0.

    Success: deserved points are lost.
    """
    submission.solve()
    submission.add("import os\nos._exit(0)", before="words")


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "primes"])
def process_end_in_function(submission):
    """A graded function exits its process; all other questions are right.

    Success: the other questions lose points.
    """
    submission.solve()
    submission.answer("root", "import os\n\ndef root(x):\n    os._exit(3)")


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "root"])
def process_forged_in_function(submission):
    """A graded function writes forged answers to every descriptor, then goes silent.

    Success: the attack earns points in `primes`, or the other questions lose points.
    """
    submission.solve()
    submission.answer(
        "primes",
        """
        import json, os, struct, threading

        def primes(n):
            text = json.dumps({"value": [2, 3, 5, 7], "ok": True}).encode()
            for fd in range(3, 1024):
                try:
                    os.set_blocking(fd, False)
                    for head in (struct.pack("<I", 2**31 - 1), struct.pack(">Q", 2**63 - 1)):
                        os.write(fd, head + text)
                except OSError:
                    pass
            threading.Event().wait()
    """,
    )


@attack(alone=True)
def process_judge_encodes_points(submission):
    """The functions that encode replies are patched to return 5.0, 9 or the expected list.

    Success: the attack earns points without an answer.
    """
    submission.first("""
        import gc, types
        frames = []
        import sys
        frame = sys._getframe()
        while frame is not None:
            frames.append((frame.f_code.co_filename, frame.f_code.co_name, sorted(frame.f_locals)))
            for name, value in list(frame.f_locals.items()):
                if hasattr(value, "fileno") and name != "sys":
                    try:
                        value.close
                        frame.f_locals["verdict"] = True
                    except Exception:
                        pass
            for name in ("encode", "pack", "send", "reply", "dump", "to_plain", "_encode"):
                if isinstance(frame.f_globals.get(name), types.FunctionType):
                    original = frame.f_globals[name]
                    frame.f_globals[name] = lambda value, *rest, f=original: f(9, *rest)
            frame = frame.f_back
        print(len(frames))
    """)
    submission.answer("square", "def square(x):\n    return 0")


@attack(alone=True, deserves="everything")
def process_kill_itself(submission):
    """A cell between two questions kills its process.

    Success: deserved points are lost.
    """
    submission.solve()
    submission.add("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", before="total")


@attack(alone=True, deserves="everything")
def process_kill_parent(submission):
    """A cell kills the parent process, and then every process that it can.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()
    submission.add("""
        import os, signal
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in (os.getppid(), -1):
                try:
                    if pid != 1:
                        os.kill(pid, number)
                except OSError as error:
                    print(error)
    """)


@attack(alone=True, deserves=["square", "standardize", "total", "words", "root", "primes"])
def process_limits(submission):
    """A cell lowers all resource limits of its process to almost nothing.

    Success: the other questions lose points.
    """
    submission.solve()
    submission.answer(
        "distance",
        """
        import resource
        for name in ("RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_AS", "RLIMIT_STACK"):
            resource.setrlimit(getattr(resource, name), (1, 1))
    """,
    )


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "root"])
def process_namespace_cleared(submission):
    """A cell clears sys.modules, the builtins and the shell's namespace.

    Success: the other questions lose points, or the class stops.
    """
    submission.solve()
    submission.answer(
        "primes",
        """
        import builtins, sys
        sys.stdout = sys.stderr = sys.stdin = None
        sys.modules.clear()
        vars(builtins).clear()
    """,
    )


@attack(alone=True)
def process_nohup(submission):
    """A shell command stays in the background and ignores signals.

    Success: a process survives.
    """
    submission.first("""
        import subprocess
        subprocess.Popen("trap '' HUP TERM INT; setsid sleep 900 & setsid sleep 900", shell=True,
                         start_new_session=True)
    """)
    submission.first("get_ipython().system_raw('nohup sleep 900 >/dev/null 2>&1 &')")


@attack(alone=True)
def process_patched_judge(submission):
    """Everything that talks to the judge is patched: its modules, sockets, pipes, struct, json.

    Success: the attack earns points, or the class stops.
    """
    submission.first("""
        import gc, io, json, os, socket, struct, sys, types

        def yes(*arguments, **options):
            return True

        for name, module in list(sys.modules.items()):
            if "nbjudge" in name or "judge" in name or "nbgrader" in name:
                print(name)
                for key, value in list(vars(module).items()):
                    if isinstance(value, types.FunctionType):
                        setattr(module, key, yes)
        for one in gc.get_objects():
            if isinstance(one, (socket.socket, io.BufferedWriter)):
                try:
                    one.sendall = one.send = one.write = yes
                except AttributeError:
                    pass
        json.dumps = lambda *a, **k: "true"
        struct.unpack = lambda *a: (0,)
        os.write = lambda fd, data: len(data)
    """)


@attack(alone=True, deserves=["square", "standardize", "total", "distance", "root", "primes"])
def process_segfault(submission):
    """A graded function reads from address zero.

    Success: the other questions lose points.
    """
    submission.solve()
    submission.answer("words", "import ctypes\n\ndef words(x):\n    ctypes.string_at(0)")


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "root"])
def process_signals(submission):
    """Signals are blocked and handled so that nothing interrupts, and an alarm is set.

    Success: the other questions lose points, the class stops, or a process survives.
    """
    submission.solve()
    submission.answer(
        "primes",
        """
        import signal, time
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
        signal.setitimer(signal.ITIMER_REAL, 1, 1)

        def primes(n):
            while True:
                try:
                    time.sleep(1000)
                except BaseException:
                    pass
    """,
    )


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "root"])
def process_stolen_requests(submission):
    """A thread reads from every descriptor and so steals requests from the judge.

    Success: the other questions lose points, or the attack finds a canary.
    """
    submission.solve()
    submission.answer(
        "primes",
        SHOW
        + """
import os, select, threading

def steal(fd):
    try:
        while True:
            show(os.read(fd, 1 << 16) or bytes(1 // 0))
    except Exception:
        pass

for fd in range(3, 256):
    threading.Thread(target=steal, args=(fd,), daemon=True).start()
""",
    )


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "primes"])
def process_stop_itself(submission):
    """The process stops itself in the middle of a cell.

    Success: the class stops, or the other questions lose points.
    """
    submission.solve()
    submission.answer("root", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)")


@attack(alone=True)
def process_stop_parent(submission):
    """The parent and all its siblings are stopped, not killed, so they hang.

    Success: the class stops.
    """
    submission.first("""
        import os, signal
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) not in (1, os.getpid()):
                try:
                    os.kill(int(name), signal.SIGSTOP)
                except OSError as error:
                    print(error)
    """)


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "root"])
def process_written_descriptors(submission):
    """A cell writes forged answers, in many formats, to every open file descriptor.

    Success: the attack earns points, the class stops, or the other questions lose points.
    """
    submission.solve()
    submission.answer(
        "primes",
        """
        import json, os, pickle, struct
        answer = {"ok": True, "result": [2, 3, 5, 7], "value": True, "score": 5, "type": "result"}
        texts = [json.dumps(answer).encode(), pickle.dumps(answer), b"ok 5"]
        texts += [b"\\0" * 64, b"\\xff" * 64]
        for fd in range(1024):
            for text in texts:
                for head in (b"", struct.pack("<I", len(text)), struct.pack(">I", len(text)),
                             struct.pack("<Q", len(text)), struct.pack(">Q", len(text)), b"N\\n"):
                    try:
                        os.set_blocking(fd, False)
                        os.write(fd, head + text + b"\\n")
                    except OSError:
                        break

        def primes(n):
            return []
    """,
    )
