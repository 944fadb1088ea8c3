"""Student code that reports its surroundings."""

import os
from pathlib import Path

from nbjudge.sandbox.launch import PATH

SECRET = "nbjudge-test-secret-7d1f"


# For x86-64. AT is the address of 256 bytes; OUTSIDE and PARENT are process ids.
CALLS = {
    "mount": "165 AT AT AT 0 0",
    "umount2": "166 AT 0",
    "unshare users": "272 0x10000000",
    "unshare mounts": "272 0x20000",
    "setns": "308 0 0",
    "pivot_root": "155 AT AT",
    "chroot": "161 AT",
    "ptrace": "101 0 0 0 0",
    "process_vm_readv": "310 PARENT AT 1 AT 1 0",
    "bpf": "321 0 AT 64",
    "perf_event_open": "298 AT 0 -1 -1 0",
    "io_uring_setup": "425 8 AT",
    "userfaultfd": "323 0",
    "keyctl": "250 0 0",
    "add_key": "248 AT AT AT 0 0",
    "request_key": "249 AT AT 0 0",
    "init_module": "175 AT 0 AT",
    "kexec_load": "246 0 0 0 0",
    "open_by_handle_at": "304 0 AT 0",
    "clone new users": "56 0x10000011 0 0 0 0",
    "clone3": "435 AT 0",
    "reboot": "169 0 0 0 0",
    "sethostname": "170 AT 1",
    "settimeofday": "164 AT 0",
    "acct": "163 AT",
    "quotactl": "179 0 AT 0 AT",
    "syslog": "103 3 AT 10",
    "personality": "135 0x0040000",
    "setuid": "105 0",
    "fsopen": "430 AT 0",
    "open_tree": "428 -100 AT 0",
    "pidfd_getfd": "438 3 0 0",
    "landlock_create_ruleset": "444 0 0 1",
    "seccomp": "317 1 0 AT",
    "memfd_secret": "447 0",
    "memfd_create": "319 AT 0",
    "name_to_handle_at": "303 -100 AT AT AT 0",
    "prlimit of another": "302 OUTSIDE 7 0 AT",
    "modify_ldt": "154 0 AT 16",
}


PROBE = """
import ctypes, errno, json, os, resource, socket, stat, sys
FOUND = {}
libc = ctypes.CDLL(None, use_errno=True)

def probe(function):
    try:
        FOUND[function.__name__] = function()
    except BaseException as error:
        FOUND[function.__name__] = f"{type(error).__name__}: {error}"

def call(number, *arguments):
    "A system call: 'done' or the error's name."
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments))
    return "done" if result >= 0 else errno.errorcode[ctypes.get_errno()]

def readable(path):
    try:
        if os.path.isdir(path):
            os.listdir(path)
        else:
            number = os.open(path, os.O_RDONLY)
            try:
                os.read(number, 1)
            finally:
                os.close(number)
        return True
    except OSError:
        return False

def writable(folder):
    try:
        name = os.path.join(folder, "nbjudge-probe")
        os.close(os.open(name, os.O_WRONLY | os.O_CREAT))
        os.remove(name)
        return True
    except OSError:
        return False

def connect(family, kind, address):
    try:
        with socket.socket(family, kind) as one:
            one.settimeout(1)
            one.connect(address)
            one.send(b"x")
            return "done"
    except OSError as error:
        return type(error).__name__

@probe
def users(): return [os.getresuid(), os.getresgid(), os.getgroups()]
@probe
def capabilities():
    head, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    if libc.capget(head, data) < 0:
        raise OSError("capget")
    bounds = [number for number in range(64) if libc.prctl(23, number, 0, 0, 0) == 1]
    ambient = [number for number in range(64) if libc.prctl(47, 1, number, 0, 0) == 1]
    return [*data, bounds, ambient]
@probe
def privileges(): return libc.prctl(39, 0, 0, 0, 0)
@probe
def filtered(): return libc.prctl(21, 0, 0, 0, 0)
@probe
def environment(): return dict(os.environ)
@probe
def path(): return list(sys.path)
@probe
def modules(): return sorted(name for name in sys.modules if name.startswith("nbjudge"))
@probe
def folder(): return [os.getcwd(), sorted(os.listdir("."))]
@probe
def home(): return os.path.expanduser("~")
@probe
def can_read(): return {name: readable(name) for name in ASKED}
@probe
def can_list_root(): return sorted(os.listdir("/"))
@probe
def can_write():
    names = "/ /etc /usr /home /root /var/tmp /dev /tmp /dev/shm . /proc".split()
    names += [os.path.dirname(os.__file__), PACKAGES, *PARENTS]
    return {name: writable(name) for name in names}
@probe
def read_only():
    names = ("/", "/usr", "/home", "/proc", PACKAGES, os.path.dirname(os.__file__), "/dev/null")
    return {name: bool(os.statvfs(name).f_flag & os.ST_RDONLY) for name in names}
@probe
def processes(): return sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
@probe
def process_number(): return [os.getpid(), os.getppid()]
@probe
def process_group(): return [os.getpgrp() == os.getpid(), os.getsid(0) == os.getpid()]
@probe
def others_memory():
    others = [p for p in os.listdir("/proc") if p.isdigit() and int(p) != os.getpid()]
    return [p for p in others if readable(f"/proc/{p}/environ") or readable(f"/proc/{p}/mem")]
@probe
def signals():
    try:
        os.kill(OUTSIDE, 0)
        return "done"
    except OSError as error:
        return type(error).__name__
@probe
def interfaces(): return [name for _, name in socket.if_nameindex()]
@probe
def network():
    targets = {"loopback": (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", PORT)),
               "loopback 6": (socket.AF_INET6, socket.SOCK_STREAM, ("::1", PORT)),
               "outside": (socket.AF_INET, socket.SOCK_STREAM, ("192.0.2.1", 80)),
               "datagram": (socket.AF_INET, socket.SOCK_DGRAM, ("192.0.2.1", 53)),
               "file": (socket.AF_UNIX, socket.SOCK_STREAM, UNIX),
               "abstract": (socket.AF_UNIX, socket.SOCK_STREAM, ABSTRACT)}
    return {name: connect(*target) for name, target in targets.items()}
@probe
def odd_sockets():
    found = {}
    for family in (16, 17, 3, 9, 30, 31, 38, 40, 44):
        for make, kind in (socket.socket, "RAW"), (socket.socketpair, "STREAM"):
            name = f"{make.__name__} {family}"
            try:
                made = make(family, getattr(socket, "SOCK_" + kind))
            except OSError as error:
                found[name] = errno.errorcode[error.errno]
            else:
                found[name] = "done"
                for one in made if isinstance(made, tuple) else [made]:
                    one.close()
    return found
@probe
def calls():
    one = ctypes.create_string_buffer(256)
    known = {"AT": ctypes.addressof(one), "OUTSIDE": OUTSIDE, "PARENT": os.getppid()}
    return {name: call(*(eval(part, known) for part in parts.split()))
            for name, parts in CALLS.items()}
@probe
def terminal():
    letter = ctypes.create_string_buffer(b"x")
    return [call(16, number, 0x5412, ctypes.addressof(letter)) for number in (0, 1, 2)]
@probe
def descriptors():
    found = {}
    for number in range(256):
        try:
            mode = os.fstat(number).st_mode
        except OSError:
            continue
        kind = "socket" if stat.S_ISSOCK(mode) else "device" if stat.S_ISCHR(mode) else "other"
        found[number] = kind
    return found
@probe
def limits():
    names = ("NPROC", "FSIZE", "NOFILE", "CORE", "AS")
    return {name: resource.getrlimit(getattr(resource, "RLIMIT_" + name)) for name in names}
@probe
def devices(): return sorted(os.listdir("/dev"))
@probe
def made_device():
    try:
        os.mknod("device", 0o600 | stat.S_IFBLK, os.makedev(254, 0))
        return "done"
    except OSError as error:
        return type(error).__name__
@probe
def attributes():
    import fcntl
    no_dump = (0x40).to_bytes(8, sys.byteorder)
    changes = {"mode": lambda place: os.chmod(place, 0o777),
               "times": lambda place: os.utime(place, (1, 1)),
               "owner": lambda place: os.chown(place, os.getuid(), -1),
               "attribute": lambda place: os.setxattr(place, "user.x", b"x"),
               "no attribute": lambda place: os.removexattr(place, "user.note"),
               "flags": lambda place: fcntl.ioctl(place, 0x40086602, no_dump)}
    open("own.txt", "w").close()
    os.chmod("own.txt", 0o600)
    places = {name: name for name in (course + "/gradebook.db", READABLE, "own.txt")}
    places |= {f"open {name}": os.open(name, os.O_RDONLY) for name in (READABLE, "own.txt")}
    found = {}
    for name, change in changes.items():
        for place, number in places.items():
            try:
                change(number)
                found[f"{name} of {place}"] = "done"
            except (OSError, TypeError) as error:
                found[f"{name} of {place}"] = type(error).__name__
    for number in places.values():
        if isinstance(number, int):
            os.close(number)
    return found
@probe
def priorities():
    # -20 is refused by the kernel, and would lower nobody's priority if it were not.
    found = {}
    for which in ("PRIO_PROCESS", "PRIO_PGRP", "PRIO_USER"):
        for value in (-20, os.getpriority(os.PRIO_PROCESS, 0)):
            if which == "PRIO_USER" and value != -20:
                continue
            try:
                os.setpriority(getattr(os, which), 0, value)
                found[f"{which} {'raised' if value == -20 else 'kept'}"] = "done"
            except OSError as error:
                found[f"{which} {'raised' if value == -20 else 'kept'}"] = (
                    errno.errorcode[error.errno])
    return found
@probe
def first_environment(): return open("/proc/self/environ", errors="replace").read()
@probe
def ordinary_files():
    "What the standard library does with files and descriptors of one's own."
    import asyncio, fcntl, selectors, shutil, sqlite3, tarfile, tempfile, termios, zipfile
    with tempfile.TemporaryDirectory() as folder, selectors.DefaultSelector() as selector:
        first = os.path.join(folder, "first")
        with open(first, "w") as file:
            file.write("hello")
            os.fchmod(file.fileno(), 0o640)
            os.fchown(file.fileno(), os.getuid(), os.getgid())
            os.utime(file.fileno())
            assert not file.isatty()
            try:
                termios.tcgetattr(file.fileno())
            except termios.error as error:
                assert error.args[0] == errno.ENOTTY, error
        for copy in (shutil.copy, shutil.copy2, shutil.copyfile, shutil.move):
            copy(first, first + copy.__name__)
        shutil.copytree(folder, "copied")
        for archive in ("zip", "gztar"):
            name = shutil.make_archive(archive, archive, folder)
            shutil.unpack_archive(name, "unpacked")
        shutil.rmtree("copied")
        with sqlite3.connect(os.path.join(folder, "base")) as base:
            base.execute("create table numbers (number integer)")
        with socket.socketpair()[0] as one:
            one.settimeout(1)
            os.set_blocking(one.fileno(), True)
            os.set_inheritable(one.fileno(), True)
            selector.register(one, selectors.EVENT_READ)
    async def add():
        await asyncio.sleep(0)
        tool = await asyncio.create_subprocess_exec("true")
        return await asyncio.to_thread(sum, [1, 2]) + await tool.wait()
    return [asyncio.run(add()), sorted(os.listdir("unpacked"))]
@probe
def datagrams():
    try:
        return [one.close() for one in socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)]
    except OSError as error:
        return type(error).__name__
@probe
def new_session():
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
        except OSError:
            os._exit(7)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
@probe
def host(): return [os.uname().nodename, open("/etc/passwd").read()]
@probe
def tools():
    import subprocess, sys
    command = ["/bin/sh", "-c", f"echo shell; {sys.executable} -c 'print(2)'"]
    return subprocess.run(command, capture_output=True, text=True).stdout
@probe
def imports():
    import matplotlib.pyplot, numpy, unittest, sqlite3, tempfile
    from concurrent.futures import ThreadPoolExecutor
    with tempfile.TemporaryFile() as file:
        file.write(b"x")
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(abs, [-1, -2]))
@probe
def processes_of_its_own():
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    with multiprocessing.Pool(2) as pool, ProcessPoolExecutor(1) as executor:
        assert executor.submit(abs, -3).result() == 3
        numbers, total = multiprocessing.Queue(), multiprocessing.Value("i", 0)
        pool.map(abs, [-1])
        def add():
            with total.get_lock():
                total.value += numbers.get()
        some = [multiprocessing.Process(target=add) for _ in range(3)]
        for one in some:
            one.start()
            numbers.put(2)
        for one in some:
            one.join()
        assert total.value == 6, total.value
        return pool.map(abs, [-1, -2])
"""


def probe_source(outside):
    asked = [
        "/root",
        "/home",
        "/etc/shadow",
        "/var",
        "/srv",
        "/opt",
        "/mnt",
        "/boot",
        "/sys",
        "/run",
        "/old",
        "/tmp/submission/../../etc/shadow",
        "/proc/1/environ",
        "/proc/kcore",
        "/proc/self/environ",
        "/dev/mem",
        "/dev/kmsg",
        "/dev/vda",
        "/dev/sda",
        outside["course"],
        f"{outside['course']}/gradebook.db",
        outside["READABLE"],
        str(Path(__file__).parents[2] / "README.md"),
        PATH,
        f"/proc/{os.getpid()}/environ",
        f"/proc/{os.getpid()}/root",
        "/usr/bin",
        "/etc/passwd",
        os.path.dirname(os.__file__),
    ]
    packages = next(p for p in __import__("sys").path if p.endswith("-packages"))
    values = {
        "ASKED": asked,
        "PARENTS": [outside["course"], os.path.expanduser("~")],
        "PACKAGES": packages,
        "OUTSIDE": os.getpid(),
        "CALLS": CALLS,
        **{name: outside[name] for name in ("PORT", "UNIX", "ABSTRACT", "READABLE", "course")},
    }
    return "".join(f"{name} = {value!r}\n" for name, value in values.items()) + PROBE
