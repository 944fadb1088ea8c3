"""The state that a process inherits; each kind of child process runs the text of this module."""

import json
import os
import subprocess
import sys


def state():
    """Return the state of this process, by the names in SECURITY.md's table."""
    import atexit
    import ctypes
    import faulthandler
    import gc
    import locale
    import multiprocessing
    import resource
    import signal
    import stat
    import threading
    import time
    import warnings

    libc = ctypes.CDLL(None)

    def handler(number):
        action = signal.getsignal(number)
        return getattr(action, "name", None) or getattr(action, "__name__", str(action))

    def prctl(option):
        value = ctypes.c_int(0)
        libc.prctl(option, ctypes.byref(value), 0, 0, 0)
        return value.value

    def descriptor(number):
        try:
            found = os.fstat(number)
        except OSError:
            return None
        return [stat.S_IFMT(found.st_mode), os.get_inheritable(number)]

    def error_of(function, *arguments):
        try:
            function(*arguments)
        except OSError as error:
            return error.strerror
        return None

    def write_shared_memory():
        path = f"/dev/shm/nbjudge-test-{os.getpid()}"
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        os.unlink(path)

    def read(path):
        with open(path) as file:
            return file.read()

    mask = os.umask(0)
    os.umask(mask)
    numbers = sorted(map(int, signal.valid_signals()))
    every = [descriptor(number) for number in range(200)]  # 200 is this module's pipe
    names = {name for name in dir(resource) if name.startswith("RLIMIT_")} - {"RLIMIT_OFILE"}
    limits = {name: resource.getrlimit(getattr(resource, name)) for name in sorted(names)}
    flags = [name for name in dir(sys.flags) if isinstance(getattr(sys.flags, name), int)]
    return {
        "signal handlers": {number: handler(number) for number in numbers},
        "blocked signals": sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, ()))),
        "pending signals": sorted(map(int, signal.sigpending())),
        "wakeup descriptor": signal.set_wakeup_fd(-1),
        "faulthandler": faulthandler.is_enabled(),
        "timers": [signal.getitimer(kind) for kind in range(3)],
        "memory limit": limits.pop("RLIMIT_AS"),
        "process limit": limits.pop("RLIMIT_NPROC"),
        "file size limit": limits.pop("RLIMIT_FSIZE"),
        "open files limit": limits.pop("RLIMIT_NOFILE"),
        "core file limit": limits.pop("RLIMIT_CORE"),
        "other limits": limits,
        "umask": mask,
        "environment": dict(os.environ),
        "standard input": [every[0], sys.stdin.read() if sys.stdin else None],
        "standard output and error": every[1:3],
        "other descriptors": {n: every[n] for n in range(3, 200) if every[n]},
        "start method": multiprocessing.get_start_method(),
        "working folder": os.getcwd(),
        "sys.flags": {name: getattr(sys.flags, name) for name in flags},
        "sys.path": sys.path,
        "warning filters": [str(item) for item in warnings.filters],
        "atexit functions": atexit._ncallbacks(),
        "recursion limit": sys.getrecursionlimit(),
        "garbage collector": [gc.isenabled(), gc.get_threshold()],
        "trace functions": [sys.gettrace() is None, sys.getprofile() is None],
        "threads": threading.active_count(),
        "/dev/shm": error_of(write_shared_memory),
        "parent-death signal": prctl(2),
        "dumpable": libc.prctl(3, 0, 0, 0, 0),
        "subreaper": prctl(37),
        "no_new_privs": libc.prctl(39, 0, 0, 0, 0),
        "system call filter": libc.prctl(21, 0, 0, 0, 0),
        "timer slack": libc.prctl(30, 0, 0, 0, 0),
        "/proc": error_of(read, "/proc/self/oom_score_adj"),
        "user": [os.getuid(), os.getgid(), os.getgroups()],
        "priority": os.getpriority(os.PRIO_PROCESS, 0),
        "processors": sorted(os.sched_getaffinity(0)),
        "scheduler": os.sched_getscheduler(0),
        "process group": os.getpgid(0) == os.getpgid(os.getppid()),
        "session": os.getsid(0) == os.getsid(os.getppid()),
        "time zone": time.tzname,
        "locale": locale.setlocale(locale.LC_ALL),
        "encodings": [sys.getdefaultencoding(), sys.getfilesystemencoding()],
        "os.setsid": error_of(os.setsid),  # last, as it changes two others
    }


def forked():
    """Return the state of a fork of this process."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reading)
            os.dup2(writing, 200)  # the same number in every process
            os.close(writing)
            text = json.dumps(state())
            while text:
                text = text[os.write(200, text.encode()) :]
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading) as file:
        text = file.read()
    os.waitpid(pid, 0)
    return json.loads(text)


def started(source):
    """Return the state of a Python program that this process starts from the module's text."""
    program = f"{source}\nprint(json.dumps(state()))"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, close_fds=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
