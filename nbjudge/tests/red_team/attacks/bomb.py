"""Attacks: bomb."""

from tests.red_team.declared import attack
from tests.red_team.submission import FLOOD


@attack(alone=True, deserves="everything")
def bomb_await(submission):
    """Top-level await of an event that never happens, and tasks that never finish.

    Success: deserved points are lost.
    """
    submission.solve()
    submission.add("import asyncio\nawait asyncio.Event().wait()", before="words")
    submission.add(
        """
        async def busy():
            while True:
                await asyncio.sleep(0)

        for _ in range(100):
            asyncio.ensure_future(busy())
    """,
        before="words",
    )


@attack(alone=True, deserves="everything")
def bomb_descriptors(submission):
    """A cell writes to file descriptors 1 and 2 forever, and so does a process that it starts.

    Success: the other questions lose points, the class stops, or a process survives.
    """
    submission.solve()
    submission.add("import subprocess\nsubprocess.Popen(['yes', 'flood'])", before="words")
    submission.add(FLOOD.format(1), before="total")


@attack(alone=True, deserves="everything")
def bomb_display(submission):
    """A cell displays a thousand images of a megabyte each, and one text of 200 MB.

    Success: deserved points are lost, or the class stops.
    """
    submission.solve()
    submission.add("""
        from IPython.display import Image, display
        for _ in range(1000):
            display(Image(data=b"\\x89PNG\\r\\n\\x1a\\n" + bytes(1 << 20), format="png"))
    """)
    submission.add("'x' * (200 << 20)")
    submission.add("print('x' * (200 << 20))")


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "primes"])
def bomb_exception(submission):
    """An exception with a message of 200 MB, a name of a megabyte and a chain of ten thousand
    causes.

    Success: the other questions lose points, or the class stops.
    """
    submission.solve()
    submission.answer(
        "root",
        """
        def root(x):
            error = None
            for _ in range(10000):
                new = ValueError("cause")
                new.__cause__, error = error, new
            raise type("N" * (1 << 20), (Exception,), {})("x" * (200 << 20)) from error
    """,
    )


@attack(deserves=["total"])
def bomb_exception_kinds(submission):
    """Functions raise exceptions that end programs, such as SystemExit and KeyboardInterrupt.

    Success: the attack earns points, or the other questions lose points.
    """
    submission.solve("total")
    submission.answer("square", "def square(x):\n    raise KeyboardInterrupt")
    submission.answer("standardize", "def standardize(x):\n    raise GeneratorExit")
    submission.answer("words", "def words(x):\n    raise StopIteration")
    submission.answer("root", "def root(x):\n    raise BaseExceptionGroup('x', [SystemExit(0)])")
    submission.answer(
        "primes",
        """
        def primes(n):
            raise type("Skip", (__import__("unittest").SkipTest,), {"__module__": "nowhere"})
    """,
    )


@attack(alone=True, deserves=["square", "standardize", "words", "distance", "primes"])
def bomb_exception_str(submission):
    """An exception cannot be displayed: its `__str__` raises, loops, or returns a number.

    Success: the other questions lose points, or the class stops.
    """
    submission.solve()
    submission.answer(
        "root",
        """
        class Broken(Exception):
            __repr__ = __str__ = lambda self: self.nothing
            __traceback__ = property(lambda self: 5)
            args = property(lambda self: 1 / 0)

        def root(x):
            raise Broken
    """,
    )
    submission.answer("total", "raise Broken")
    submission.cells.insert(
        2, submission.cells.pop(submission.cells.index(submission.cell("root")))
    )


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "primes"])
def bomb_fork(submission):
    """A fork bomb: every process forks itself forever.

    Success: more than 500 processes, the class stops, or the other questions lose points.
    """
    submission.solve()
    submission.answer(
        "root",
        """
        import os
        while True:
            try:
                os.fork()
            except OSError:
                pass
    """,
    )


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "root"])
def bomb_generator(submission):
    """A function returns an infinite generator instead of a list.

    Success: the other questions lose points, or the class stops.
    """
    submission.solve()
    submission.answer(
        "primes",
        """
        import itertools

        def primes(n):
            return itertools.count()
    """,
    )


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "primes"])
def bomb_import(submission):
    """A student's module loops on import, in a cell and inside a function.

    Success: the other questions lose points.
    """
    submission.solve()
    submission.file("slow.py", "while True:\n    pass\n")
    submission.answer("root", "def root(x):\n    import slow\n    return slow.root(x)")


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "primes"])
def bomb_input(submission):
    """A cell and a function wait for keyboard input.

    Success: the other questions lose points, or the class stops.
    """
    submission.solve()
    submission.answer(
        "root", "import sys\n\ndef root(x):\n    sys.stdin.read()\n    return input()"
    )
    submission.add("input('?')")
    submission.add("import os\nos.read(0, 100)")
    submission.add("!cat; read x")


@attack(alone=True, deserves="everything")
def bomb_loop_at_exit(submission):
    """The process loops forever at exit, and leaves threads that never end.

    Success: the class stops, a process survives, or deserved points are lost.
    """
    submission.solve()
    submission.add("""
        import atexit, threading

        def endless():
            while True:
                try:
                    threading.Event().wait()
                except BaseException:
                    pass

        atexit.register(endless)
        for _ in range(20):
            threading.Thread(target=endless, daemon=False).start()
    """)


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "primes"])
def bomb_loop_deaf(submission):
    """One graded function loops forever and ignores interrupts.

    Success: the other questions lose points.
    """
    submission.solve()
    submission.answer(
        "root",
        """
        def root(x):
            while True:
                try:
                    while True:
                        pass
                except BaseException:
                    pass
    """,
    )


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "primes"])
def bomb_loop_in_c(submission):
    """One graded function runs forever in a single C call, in which Python handles no signals.

    Success: the other questions lose points.
    """
    submission.solve()
    submission.answer(
        "root",
        """
        import re

        def root(x):
            re.match("(a+)+$", "a" * 60 + "!")
            return 3 ** (10 ** 10)
    """,
    )


@attack(alone=True, deserves="everything")
def bomb_loop_in_cell(submission):
    """A cell added by the student loops forever; every question is right.

    Success: deserved points are lost.
    """
    submission.solve()
    submission.add("while True:\n    pass", before="total")


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "primes"])
def bomb_loop_in_function(submission):
    """One graded function loops forever.

    Success: the other questions lose points.
    """
    submission.solve()
    submission.answer("root", "def root(x):\n    while True:\n        pass")


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "primes"])
def bomb_loop_in_repr(submission):
    """A return value loops forever when it is printed, compared, measured or deleted.

    Success: the other questions lose points.
    """
    submission.solve()
    submission.answer(
        "root",
        """
        class Endless:
            def loop(self, *others):
                while True:
                    pass

            __repr__ = __str__ = __eq__ = __len__ = __iter__ = __float__ = __pow__ = __sub__ = loop
            __del__ = __hash__ = __bool__ = __array__ = __getattr__ = loop

        def root(x):
            return Endless()
    """,
    )


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "primes"])
def bomb_memory(submission):
    """One graded function allocates memory until none is left.

    Success: the class stops, the other questions lose points, or more than 4 GB are used.
    """
    submission.solve()
    submission.answer(
        "root",
        """
        def root(x):
            held = []
            while len(held) < 80:
                held.append(bytearray(b"x") * (100 << 20))
            raise MemoryError
    """,
    )


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "primes"])
def bomb_memory_by_many(submission):
    """Sixteen processes allocate half a gigabyte each, which no limit per process prevents.

    Success: more than 4 GB are used, or the other questions lose points.
    """
    submission.solve()
    submission.answer(
        "root",
        """
        import os, time
        for _ in range(16):
            if os.fork() == 0:
                held = bytearray(b"x") * (512 << 20)
                time.sleep(6)
                os._exit(0)
        time.sleep(5)
    """,
    )


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "primes"])
def bomb_memory_orphans(submission):
    """Sixteen orphaned processes allocate half a gigabyte each.

    Success: more than 4 GB are used, or the other questions lose points.
    """
    submission.solve()
    submission.answer(
        "root",
        """
        import mmap, os, time
        private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE
        for _ in range(16):
            if os.fork() == 0:
                if os.fork():
                    os._exit(0)
                held = mmap.mmap(-1, 512 << 20, private)
                time.sleep(20)
                os._exit(0)
            os.wait()
        time.sleep(12)
    """,
    )


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "primes"])
def bomb_nested_code(submission):
    """Code nested too deeply to be parsed, in one answer and in an added cell.

    Success: the other questions lose points, or the class stops.
    """
    submission.solve()
    submission.answer("root", "def root(x):\n    return " + " + ".join(["x"] * 20000))
    submission.add("(" * 5000 + ")" * 5000)
    submission.add("-" * 100000 + "1")
    submission.add("\n".join(" " * depth + "if 1:" for depth in range(300)))


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "primes"])
def bomb_recursion(submission):
    """Infinite recursion, and recursion past a raised limit until the stack overflows.

    Success: the other questions lose points.
    """
    submission.solve()
    submission.answer(
        "root",
        """
        import sys
        sys.setrecursionlimit(10**9)

        class Deep:
            def __getattr__(self, name):
                return getattr(Deep(), name)

            def __repr__(self):
                return repr([self])

        def root(x):
            return repr(Deep())
    """,
    )


@attack(alone=True)
def bomb_sleep_everywhere(submission):
    """As much waiting as possible: ten cells that sleep until the time limit.

    Success: the class does not finish.
    """
    for _ in range(10):
        submission.add("import time\ntime.sleep(100000)")


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "primes"])
def bomb_stderr_in_function(submission):
    """A graded function writes to stderr forever.

    Success: the other questions lose points, or the class stops.
    """
    submission.solve()
    submission.answer(
        "root",
        """
        import sys

        def root(x):
            while True:
                sys.stderr.write("flood " * 1000)
    """,
    )


@attack(alone=True, deserves="everything")
def bomb_stdout(submission):
    """A cell prints forever.

    Success: deserved points are lost, or the class stops.
    """
    submission.solve()
    submission.add("while True:\n    print('flood ' * 100)", before="words")


@attack(alone=True, deserves=["square", "standardize", "total", "words", "distance", "primes"])
def bomb_threads(submission):
    """Threads are started until no more can be created.

    Success: more than 500 processes, or the other questions lose points.
    """
    submission.solve()
    submission.answer(
        "root",
        """
        import threading
        held = threading.Event()
        for _ in range(5000):
            threading.Thread(target=held.wait, daemon=True).start()
    """,
    )


WAIT = """
import os

def wait(name):
    os.mkfifo(name)
    opens = (os.POSIX_SPAWN_OPEN, 0, name, os.O_RDONLY, 0)  # nobody writes to it
    os.posix_spawn("/bin/true", ["true"], {}, file_actions=[opens])
"""


@attack(alone=True)
def bomb_vfork(submission):
    """A cell and a function wait forever in a state that looks like work: for a child made with
    vfork.

    Success: grading does not finish.
    """
    submission.answer("square", f"{WAIT}\ndef square(x):\n    wait(str(x))\n")
    submission.add(f"{WAIT}\nwait('cell')", after="square")
