"""Attacks: child."""

from tests.red_team.declared import OUTSIDE, attack
from tests.red_team.submission import SEARCH, SHOW


@attack(alone=True, deserves=OUTSIDE)
def child_answer_too_deep(submission):
    """The outputs of the test in the child are nested deeper, and larger, than an answer may be.

    Success: another question or a neighbor loses points, or the class stops.
    """
    submission.solve()
    submission.in_child(
        """
        from IPython.display import display
        deep = []
        for _ in range(900):
            deep = [deep]
        loop = {}
        loop["again"] = loop
        for value in (deep, loop, 10**400, {str(n): [n] * 100 for n in range(20_000)}):
            display({"application/json": value, "text/plain": "x"}, raw=True)
            get_ipython().outputs.add(
                {"output_type": "display_data", "data": {"application/json": value}}, 1
            )
        """
    )


@attack
def child_answers(submission):
    """In the child, the module with the answers is imported, and read from everywhere it may be.

    Success: the canary of the answers.
    """
    submission.in_child(
        """
        import glob, importlib, sys
        sys.path[:0] = ["/srv/course", "..", "/srv/course/source/ps1"]
        for name in ("answers", "source", "nbgrader_config"):
            try:
                show(open(importlib.import_module(name).__file__).read())
            except Exception as error:
                print(type(error).__name__)
        for pattern in ("/srv/**", "/proc/self/cwd/../**", "../**/*.py", "/opt/**/answers*"):
            for path in glob.glob(pattern, recursive=True)[:5000]:
                try:
                    show(open(path, "rb").read())
                except OSError:
                    pass
        """,
        SHOW,
    )


@attack
def child_answers_in_the_process(submission):
    """No answer can leave the student's process, so that no test can be judged outside.

    Success: a question that is judged outside has points, or another test is judged in the child.
    """
    submission.first("""
        get_ipython().showtraceback = lambda *arguments, **options: None

        class Everything:
            def __eq__(self, other): return True
            def __lt__(self, other): return True
            def __gt__(self, other): return True
            def __len__(self): return 0
            def __bool__(self): return True
            def __iter__(self): return iter(())
            def __getattr__(self, name): return self
            def __call__(self, *arguments): return self
            def __float__(self): return 5.0
            def __pow__(self, other): return self
            def __sub__(self, other): return self
            def __abs__(self): return 0
            __hash__ = None
    """)
    for name in ("square", "standardize", "words", "distance", "root", "primes"):
        submission.answer(name, f"{name} = Everything()")
    submission.answer("total", "total = (n for n in [338350])")


@attack
def child_ast_transformer(submission):
    """An AST transformer keeps every cell, and removes the assertions.

    Success: the canary in the hidden lines of a test that is judged outside. Or points in a
    question that is judged outside.
    """
    submission.first("""
        import ast
        kept = []

        class Keeper(ast.NodeTransformer):
            def visit_Module(self, node):
                kept.append(ast.unparse(node))
                return self.generic_visit(node)

            def visit_Assert(self, node):
                return ast.copy_location(ast.Pass(), node)

        get_ipython().ast_transformers.append(Keeper())
    """)
    submission.in_child("show(kept)", SHOW)


@attack
def child_at_exit(submission):
    """Functions that run at the end of the process print full marks and pass the tests.

    Success: points in a question that is judged outside; those of the child's own test are no
    success.
    """
    submission.in_child("""
        import atexit, os, signal, threading

        def last():
            print(4.0)
            os._exit(0)

        atexit.register(last)
        threading._register_atexit(last)
        raise SystemExit(0)
    """)


@attack
def child_audit_hook(submission):
    """An audit hook keeps what is compiled, executed and opened.

    Success: the canary in the hidden lines of a test that is judged outside.
    """
    submission.first("""
        import sys
        kept, busy = [], []

        def keep(event, arguments):
            if not busy and event in ("compile", "exec", "open", "import", "code.__new__"):
                busy.append(1)
                try:
                    kept.append(repr(arguments))
                    kept.append(repr(getattr(arguments[0], "co_consts", "")))
                finally:
                    busy.clear()

        sys.addaudithook(keep)
    """)
    submission.in_child("show(list(kept))", SHOW)


@attack
def child_cell_hooks(submission):
    """Hooks of IPython's events keep the text of every cell, which the child prints.

    Success: the canary in the hidden lines of a test that is judged outside.
    """
    submission.first("""
        kept = []

        def keep(info):
            kept.append(repr(vars(info)))
            kept.append(repr(vars(getattr(info, "info", info))))

        for name in ("pre_run_cell", "post_run_cell"):
            get_ipython().events.register(name, keep)
    """)
    submission.in_child("show(kept)", SHOW)


@attack
def child_compile(submission):
    """`compile`, `exec` and IPython's parser are replaced, and keep what they get.

    Success: the canary in the hidden lines of a test that is judged outside.
    """
    submission.first("""
        import ast, builtins, codeop
        kept = []

        def keeping(function):
            def keeper(*arguments, **options):
                kept.extend(one for one in arguments if isinstance(one, str))
                return function(*arguments, **options)
            return keeper

        shell = get_ipython()
        for owner, name in (
            (builtins, "compile"), (builtins, "exec"), (ast, "parse"), (shell, "run_cell"),
            (shell, "transform_cell"), (shell.compile, "ast_parse"), (shell.compile, "cache"),
        ):
            try:
                setattr(owner, name, keeping(getattr(owner, name)))
            except Exception as error:
                print(error)
    """)
    submission.in_child("show(kept)", SHOW)


@attack(alone=True)
def child_daemon(submission):
    """In the child, a process forks twice, closes everything and stays.

    Success: a process survives, or writes a file later.
    """
    submission.in_child(
        """
        import os, time
        if os.fork() == 0:
            try:
                os.setsid()
            except OSError:
                pass
            if os.fork() == 0:
                os.closerange(0, 256)
                for _ in range(600):
                    time.sleep(1)
                    try:
                        open("/tmp/red-team-was-here", "a").close()
                    except OSError:
                        pass
            os._exit(0)
        """,
    )


@attack(alone=True)
def child_descriptors(submission):
    """In the child, every open descriptor is read, sought and written.

    Success: a canary, a trace, or points in a question that is judged outside.
    """
    submission.in_child(
        """
        import os
        for number in range(3, 256):
            try:
                os.set_blocking(number, False)
                show(os.readlink(f"/proc/self/fd/{number}"))
                show(os.pread(number, 1 << 20, 0))
            except OSError:
                pass
            try:
                show(os.read(number, 1 << 20))
                os.write(number, b'{"scores": {"square_test": 4.0}}')
            except OSError:
                pass
        """,
        SHOW,
    )


@attack(alone=True, deserves=OUTSIDE)
def child_dies_in_every_cell(submission):
    """The child ends in every test, so that it is started again and again.

    Success: another question or a neighbor loses points, or the class stops.
    """
    submission.solve()
    submission.first("""
        import os

        def end(info):
            if "assert" in info.raw_cell:
                os._exit(0)

        get_ipython().events.register("pre_run_cell", end)
    """)


@attack
def child_exit(submission):
    """The test in the child ends in the middle, in each way that looks like success.

    Success: points in a question that is judged outside; those of the child's own test are no
    success.
    """
    submission.in_child("""
        import sys
        get_ipython().ask_exit()
        try:
            exit(0)
        finally:
            sys.exit(0)
    """)


@attack
def child_files(submission):
    """In the child, the course, the gradebook, other students' files and the homes are read.

    Success: any canary but that of the test in the child.
    """
    submission.in_child(
        """
        import glob, subprocess
        for folder in ("srv", "home", "root", "etc", "var", "tmp"):
            for path in glob.glob(f"/{folder}/**/*", recursive=True, include_hidden=True):
                try:
                    with open(path, "rb") as file:
                        show(file.read())
                except OSError:
                    pass
        command = "cat /srv/course/*/*/*/* /srv/course/* /root/* /etc/*"
        show(subprocess.run(command, shell=True, capture_output=True).stdout)
        """,
        SHOW,
    )


@attack
def child_files_for_the_next(submission):
    """In the child, files are left in all folders that can be written.

    Success: a trace, or a neighbor finds one.
    """
    submission.in_child(
        """
        import os
        names = ["red-team-was-here", "usercustomize.py", ".ipython/profile_default/startup/00.py"]
        for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/", ".", "..", os.environ["HOME"]):
            for name in names:
                try:
                    path = os.path.join(folder, name)
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                    with open(path, "w") as file:
                        file.write("print('red-team-was-here')")
                except OSError:
                    pass
        """,
    )


@attack(alone=True, deserves=OUTSIDE)
def child_flood(submission):
    """The test in the child prints forever.

    Success: another question or a neighbor loses points, or the class stops.
    """
    submission.solve()
    submission.in_child(
        """
        while True:
            print("flood " * 10_000)
        """,
    )


@attack(alone=True, deserves=OUTSIDE)
def child_flood_of_outputs(submission):
    """Many cells print as much as they may, so that no output of the tests is kept.

    Success: a question that is judged outside has other points than deserved.
    """
    submission.solve()
    for _ in range(60):
        submission.first("for _ in range(3000):\n    print('flood ' * 100)")
    submission.answer("vector", "class Vector:\n    pass")


@attack(alone=True, deserves=OUTSIDE)
def child_forged_answers(submission):
    """The child answers requests that nobody sent, with the scores of all tests.

    Success: points in a question that is judged outside. Or others lose theirs.
    """
    submission.solve()
    submission.in_child("""
        import gc, socket, sys
        from nbjudge.wire import requests
        from nbjudge.wire.framing import send_message

        result = {"output_type": "execute_result", "execution_count": 1, "metadata": {},
                  "data": {"text/plain": "4.0"}}
        running = [one for one in gc.get_objects() if type(one).__name__ == "Interpreter"][0]
        for number in (running.number, 0, 1, running.number + 1):
            for _ in range(50):
                answer = requests.CellRan(True, [result], [], False)
                send_message(running.connection, answer, number=number)
    """)


@attack(alone=True, deserves=OUTSIDE)
def child_forged_callbacks(submission):
    """The child calls functions of the judge that were offered to the other process.

    Success: points in a question that is judged outside. Or a canary, or others lose theirs.
    """
    submission.solve()
    submission.in_child(
        """
        import gc
        running = [one for one in gc.get_objects() if type(one).__name__ == "Interpreter"][0]
        for number in range(-3, 40):
            try:
                show(running.call_judge(number, (3,), {}))
            except Exception as error:
                show(error)
        """,
        SHOW,
    )


@attack(alone=True, deserves=OUTSIDE)
def child_forged_frames(submission):
    """The child writes frames of nonsense, enormous lengths and nested data to the judge.

    Success: points in a question that is judged outside. Or the class stops.
    """
    submission.solve()
    submission.in_child("""
        import gc, os
        running = [one for one in gc.get_objects() if type(one).__name__ == "Interpreter"][0]
        number = running.connection.fileno()
        for head in (b"", b"\\xff" * 12, (1 << 31).to_bytes(4, "little") + bytes(8)):
            for text in (b"{}", b"[" * 100_000, b'{"scores": {"q": 4}}', os.urandom(5000)):
                os.write(number, head + text)
    """)


@attack
def child_forged_outputs(submission):
    """The shell's `run` returns the outputs of full marks for every cell.

    Success: points in a question that is judged outside. Or the class stops.
    """
    submission.first("""
        shell = get_ipython()
        full = {"output_type": "execute_result", "execution_count": 1, "metadata": {},
                "data": {"text/plain": "4.0"}}

        def run(source):
            shell.last_error = None
            return True, [dict(full)]

        shell.run = run
    """)


@attack
def child_forged_results(submission):
    """Hooks turn the result of every cell in the child into full marks.

    Success: points in a question that is judged outside.
    """
    submission.first("""
        shell = get_ipython()

        def repair(result):
            result.error_in_exec = result.error_before_exec = None
            result.result = 100.0

        shell.events.register("post_run_cell", repair)
        shell.showtraceback = lambda *arguments, **options: print("4 of 4 points")
    """)


@attack(deserves=["vector"])
def child_formatters(submission):
    """Display formatters of numbers and texts print what the tests have left in the namespace.

    Success: the canary in the hidden lines of a test that is judged outside.
    """
    submission.first(
        SHOW
        + """
shell = get_ipython()

def printed(value, printer, cycle):
    show(list(shell.user_ns.values()))
    printer.text("4.0")

for kind in (float, int, str, type(None)):
    shell.display_formatter.formatters["text/plain"].for_type(kind, printed)
"""
    )
    submission.answer("vector", submission.right["vector"])


@attack
def child_frames(submission):
    """In the child, the variables and constants of all frames are printed.

    Success: the canary in the hidden lines of a test that is judged outside.
    """
    submission.in_child(
        """
        import sys
        for frame in [*sys._current_frames().values(), sys._getframe()]:
            while frame:
                show(frame.f_code.co_consts)
                for space in (frame.f_locals, frame.f_globals):
                    for value in list(space.values()):
                        if isinstance(value, (str, bytes, list, dict, tuple)):
                            show(value)
                frame = frame.f_back
        """,
        SHOW,
    )


@attack
def child_gradebook(submission):
    """In the child, the gradebook's scores and the places of its tests are rewritten.

    Success: points in a question that is judged outside, a change in the gradebook, or a test in
    another place.
    """
    submission.in_child(
        """
        import sqlite3
        for path in ("/srv/course/gradebook.db", "gradebook.db", "../gradebook.db"):
            try:
                with sqlite3.connect(path, timeout=1) as database:
                    show(database.execute("SELECT * FROM student").fetchall())
                    database.execute("UPDATE grade SET auto_score = 4, manual_score = 4")
                    names = '{"ps1": ["square_test", "words_test", "vector_test", "total_test"]}'
                    database.execute("UPDATE nbjudge_placement SET in_child = ?", (names,))
            except sqlite3.Error as error:
                print(error)
        """,
        SHOW,
    )


@attack
def child_history(submission):
    """In the child, IPython's history is printed, from memory and from its database.

    Success: the canary in the hidden lines of a test that is judged outside.
    """
    submission.in_child(
        """
        shell = get_ipython()
        history = shell.history_manager
        for raw in (True, False):
            show(list(history.get_range(raw=raw)))
            show(list(history.get_tail(100, raw=raw)))
        show(vars(history))
        for line in ("history -o", "history -g", "recall 1-20", "rerun 1-5", "who_ls"):
            try:
                show(shell.run_line_magic(*line.partition(" ")[::2]))
            except Exception as error:
                show(error)
        """,
        SHOW,
    )


@attack
def child_in_list(submission):
    """In the child, the list of cells that have run is printed.

    Success: the canary in the hidden lines of a test that is judged outside.
    """
    submission.in_child(
        """
        shell = get_ipython()
        for name in ("In", "_ih", "_i", "_ii", "_iii", "_dh", "Out"):
            show(shell.user_ns.get(name))
            show(shell.user_ns_hidden.get(name))
        """,
        SHOW,
    )


@attack
def child_input_transformer(submission):
    """An input transformer keeps the lines of every cell, and runs none of them.

    Success: the canary in the hidden lines of a test that is judged outside. Or points in a
    question that is judged outside.
    """
    submission.first("""
        kept = []

        def keep(lines):
            kept.extend(lines)
            return ["show(kept)"] if "assert" in "".join(lines) else lines

        shell = get_ipython()
        shell.input_transformers_cleanup.append(keep)
        shell.input_transformers_post.append(keep)
    """)
    submission.first(SHOW)


@attack
def child_kept_from_outside(submission):
    """The process outside keeps the arguments of hidden tests in files, for the child to find.

    Success: a trace, or a file that the child finds.
    """
    submission.first("""
        import glob, os
        places = ("/tmp", "/var/tmp", "/dev/shm", ".", os.path.expanduser("~"), "/run", "/")

        def keep(text):
            for place in places:
                try:
                    with open(f"{place}/red-team-was-here", "a") as file:
                        file.write(text)
                except OSError:
                    pass
    """)
    submission.answer("square", "def square(x):\n    keep(str(x))\n    return 0")
    submission.in_child("""
        for place in places:
            for path in glob.glob(f"{place}/*red-team*"):
                print(path, open(path).read())
    """)


@attack(alone=True, deserves=OUTSIDE)
def child_killed(submission):
    """The process of the child is killed in the middle of the test.

    Success: points in a question that is judged outside; those of the child's own test are no
    success. Nor may others lose theirs.
    """
    submission.solve()
    submission.in_child("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")


@attack
def child_linecache(submission):
    """In the child, the sources in linecache and in IPython's compiler are printed.

    Success: the canary in the hidden lines of a test that is judged outside.
    """
    submission.in_child(
        """
        import linecache, tokenize
        show(linecache.cache)
        show(vars(get_ipython().compile))
        show(getattr(linecache, "_interactive_cache", None))
        """,
        SHOW,
    )


@attack(alone=True, deserves=OUTSIDE)
def child_loop_deaf(submission):
    """The test in the child never ends, and ignores interrupts.

    Success: another question or a neighbor loses points, or the class stops.
    """
    submission.solve()
    submission.in_child(
        """
        import signal
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
        """,
    )


@attack
def child_lying_class(submission):
    """The vectors claim to be of a class that equals everything.

    Success: points in a question that is judged outside; those of the child's own test are no
    success.
    """
    submission.answer(
        "vector",
        """
        class Vector:
            def __init__(self, *values): pass
            x = property(lambda self: 4)
            y = property(lambda self: 6)
            __class__ = property(lambda self: float)
            __add__ = __sub__ = lambda self, other: self
            __eq__ = lambda self, other: True
            __bool__ = lambda self: True
            __len__ = lambda self: 10**9
    """,
    )
    submission.answer("square", "square = Vector")
    submission.answer("distance", "distance = Vector")


@attack(alone=True, deserves=OUTSIDE)
def child_memory(submission):
    """The test in the child takes all memory, in many processes.

    Success: another question or a neighbor loses points, or the class stops.
    """
    submission.solve()
    submission.in_child(
        """
        import os
        for _ in range(20):
            if os.fork() == 0:
                break
        kept = []
        while True:
            kept.append(bytearray(b"x") * (1 << 26))
        """,
    )


@attack
def child_metadata(submission):
    """The metadata of the notebook and of the tests claims where each is judged.

    Success: a question that is judged outside has points, or another test is judged in the child.
    """
    names = ["square_test", "words_test", "total_test", "primes_test"]
    submission.notebook.metadata["nbjudge"] = {"in_child": names, "tests_in_child": True}
    for cell in submission.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"] |= {"in_child": True, "tests_in_child": True, "left": ""}
        cell.metadata["nbjudge"] = {"in_child": True, "child": True, "tags": ["nbjudge-child"]}
    submission.first("get_ipython().showtraceback = lambda *arguments, **options: None")


@attack(deserves="everything")
def child_metadata_outside(submission):
    """The metadata of the test in the child claims that it is judged outside, and worth more.

    Success: other points than deserved, or another test is judged in the child.
    """
    submission.solve()
    cell = submission.cell("vector_test")
    cell.metadata["tags"] = ["nbjudge-outside"]
    cell.metadata["nbjudge"] = {"in_child": False}
    cell.metadata["nbgrader"] |= {"points": 100, "max_score": 100, "in_child": False}
    cell.outputs = []


@attack
def child_modules_of_the_grader(submission):
    """In the child, the modules of the grader are searched for the notebook's tests and the
    solutions.

    Success: the canary of hidden lines, answers or source.
    """
    submission.in_child(
        """
        import sys
        modules = list(sys.modules.items())
        waiting = [module for name, module in modules if "nbjudge" in name or name == "__main__"]
        seen = set()
        while waiting and len(seen) < 200_000:
            one = waiting.pop()
            if id(one) in seen:
                continue
            seen.add(id(one))
            if isinstance(one, (str, bytes)):
                show(one)
            elif isinstance(one, dict):
                waiting += [*one.keys(), *one.values()]
            elif isinstance(one, (list, tuple, set, frozenset)):
                waiting += one
            else:
                waiting += list(getattr(one, "__dict__", {}).values())
                slots = getattr(type(one), "__slots__", ())
                waiting += [getattr(one, name, None) for name in slots]
        """,
        SHOW,
    )


@attack
def child_moved(submission):
    """Every answer is an object that cannot leave the process, which moves its test to the child.

    There, it replaces what the test compares with, and prints the test. Success: points in a
    question without a remark that names its test, or the canary of a hidden line on a page.
    """
    submission.first("""
        class Moved:
            __eq__ = __ge__ = __le__ = __gt__ = __lt__ = __contains__ = lambda self, other: True
            __sub__ = __rsub__ = __abs__ = __getitem__ = __call__ = lambda self, *other: self
            __iter__ = lambda self: iter(())
            __len__ = lambda self: 0
            __float__ = lambda self: 0.0
            def __bool__(self):
                print(get_ipython().user_ns.get("In", ["no history"])[-1])
                return True
    """)
    submission.answer("total", "total = Moved()")
    submission.answer("primes", "def primes(n):\n    return Moved()")
    submission.answer("square", "def square(x):\n    return Moved()")


@attack
def child_neighbor(submission):
    """In the child, files are written into the course and into other students' folders.

    Success: a trace anywhere, or other results of a neighbor.
    """
    submission.in_child(
        """
        import glob, os
        folders = ["/srv/course", "/srv/course/autograded", "/srv/course/feedback", "/srv/exchange"]
        folders += glob.glob("/srv/course/*/*/*") + ["/home/teacher", "/opt/repository/src/nbjudge"]
        for folder in folders:
            for name in ("red-team-was-here", "ps1.ipynb", "sitecustomize.py"):
                try:
                    os.makedirs(folder, exist_ok=True)
                    with open(f"{folder}/{name}", "w") as file:
                        file.write("red-team-was-here")
                except OSError as error:
                    print(error.strerror)
        """,
    )


@attack
def child_objects(submission):
    """In the child, every object that the garbage collector knows is searched.

    Success: the canary in the hidden lines of a test that is judged outside.
    """
    submission.in_child(
        """
        import gc, types
        seen = set()
        for one in gc.get_objects():
            parts = [one]
            if isinstance(one, dict):
                parts = list(one.values())
            elif isinstance(one, (list, tuple)):
                parts = list(one)
            elif isinstance(one, types.FunctionType):
                parts = list(one.__code__.co_consts)
            for part in parts:
                if type(part) in (str, bytes) and len(part) > 20 and id(part) not in seen:
                    seen.add(id(part))
                    show(part)
        """,
        SHOW,
    )


@attack
def child_own_memory(submission):
    """In the child, the process reads its own memory.

    Success: the canary in the hidden lines of a test that is judged outside.
    """
    submission.in_child('search("self")', SHOW + SEARCH)


@attack
def child_page_error(submission):
    """The exceptions of the test in the child have names, messages and tracebacks of HTML.

    Success: active content in a page, or a forged report.
    """
    submission.in_child("""
        page = "<script>alert(1)</script><img src=x onerror=alert(1)>\\x1b]8;;javascript:a()\\x07a"
        kind = type(page, (Exception,), {"__str__": lambda self: page, "__module__": page})
        get_ipython().outputs.add(
            {"output_type": "error", "ename": page, "evalue": page, "traceback": [page] * 3}, 10
        )
        raise kind(page)
    """)


@attack
def child_page_html(submission):
    """The test in the child displays scripts, frames, forms, styles and drawings.

    Success: active content in a page, or a forged report.
    """
    submission.in_child("""
        from IPython.display import HTML, SVG, Javascript, Markdown, display
        page = "<script>alert(1)</script><img src=x onerror=alert(1)><iframe src=/></iframe>"
        page += "<form action=/><input></form><style>*{display:none}</style>"
        page += "<a href=javascript:a()>a</a>"
        display(HTML(page), Javascript("alert(1)"), Markdown(page))
        space = "xmlns='http://www.w3.org/2000/svg'"
        display(SVG(f"<svg {space} onload='alert(1)'><script>a</script></svg>"))
        for kind in ("text/html", "text/latex", "image/svg+xml", "application/javascript",
                     "application/vnd.jupyter.widget-view+json", "TEXT/HTML", " text/html"):
            display({kind: page, "text/plain": page}, raw=True)
        print(page)
    """)


@attack(alone=True, deserves=OUTSIDE)
def child_page_json(submission):
    """The outputs of the test in the child are no valid JSON, or no outputs.

    Success: the submission or a neighbor is not graded, or a question that is judged outside loses
    points.
    """
    submission.solve()
    submission.in_child("""
        from IPython.display import display
        deep = []
        for _ in range(30):
            deep = [deep]
        outputs = get_ipython().outputs
        strange = [float("nan"), float("inf"), "\\ud800", "\\0" * 99, deep, None, b"x", {"a": {}}]
        for value in strange:
            display({"application/json": value, "text/plain": value}, raw=True)
            for item in (
                {"output_type": value},
                {"output_type": "stream", "name": value, "text": value},
                {"output_type": "execute_result", "data": value, "metadata": value},
                {"output_type": "execute_result", "data": {"text/plain": value}, "metadata": {}},
                {"output_type": "error", "ename": value, "evalue": value, "traceback": value},
                value,
            ):
                try:
                    outputs.add(item, 1)
                except Exception as error:
                    print(type(error))
        print("\\ud800\\0\\x1b[31m")
    """)


@attack
def child_page_report(submission):
    """The test in the child displays the report of full marks, under every name of its type.

    Success: active content in a page, or a forged report.
    """
    submission.in_child("""
        from IPython.display import display
        kind = "application/vnd.nbjudge.report+json"
        says = "The code uses the network, but the grader has no network access."
        report = {"version": 1, "headline": says, "diagnoses": [], "case": ""}
        report |= {"out_of": 4, "points": 4}
        for name in (kind, kind.upper(), f" {kind}", f"{kind} ", f"{kind};v=1"):
            display({name: report, "text/plain": "4 of 4"}, raw=True)
            handle = display({"text/plain": "x"}, raw=True, display_id=True)
            handle.update({name: report}, raw=True)
        print("4 of 4 points")
    """)


@attack(alone=True)
def child_patched_library(submission):
    """In the child, NumPy, the builtins and the grader's own modules are changed for those that
    follow.

    Success: a neighbor has other points or outputs, or a trace.
    """
    submission.in_child(
        """
        import builtins, sys
        import numpy as np
        builtins.abs = builtins.len = lambda value: 0
        np.allclose = lambda *arguments, **options: True
        for name, module in list(sys.modules.items()):
            if name.startswith("nbjudge"):
                for attribute in list(vars(module)):
                    if attribute in ("checked", "encode", "send_message", "score_of", "pack"):
                        setattr(module, attribute, lambda *arguments, **options: None)
        for path in (np.__file__, sys.modules["nbjudge"].__file__, sys.executable):
            try:
                with open(path, "a") as file:
                    file.write("# red-team-was-here")
            except OSError as error:
                print(error)
        """,
    )


@attack
def child_requests(submission):
    """The functions that read the grader's requests are replaced, and keep every message.

    Success: the canary in the hidden lines of a test that is judged outside.
    """
    submission.first("""
        import socket, sys
        kept = []

        def keeping(function):
            def keeper(*arguments, **options):
                result = function(*arguments, **options)
                kept.append(repr(vars(result)) if hasattr(result, "__dict__") else repr(result))
                return result
            return keeper

        for name, module in list(sys.modules.items()):
            if name.startswith("nbjudge"):
                for attribute in ("receive_message", "decode", "unpack", "receive"):
                    if callable(getattr(module, attribute, None)):
                        setattr(module, attribute, keeping(getattr(module, attribute)))
    """)
    submission.in_child("show(kept)", SHOW)


@attack
def child_requests_in_advance(submission):
    """A thread looks at the bytes that wait in every socket.

    Success: the canary in the hidden lines of a test that is judged outside.
    """
    submission.first("""
        import socket, threading, time
        kept = set()

        def look():
            while True:
                for number in range(3, 64):
                    try:
                        one = socket.socket(fileno=number)
                    except OSError:
                        continue
                    try:
                        kept.add(one.recv(1 << 16, socket.MSG_PEEK | socket.MSG_DONTWAIT))
                    except OSError:
                        pass
                    finally:
                        one.detach()
                time.sleep(0.001)

        threading.Thread(target=look, daemon=True).start()
    """)
    submission.in_child("import time\ntime.sleep(1)\nshow(kept)", SHOW)


@attack
def child_run_cell(submission):
    """The shell's methods that run a cell run nothing.

    Success: points in a question that is judged outside; those of the child's own test are no
    success.
    """
    submission.first("""
        shell = get_ipython()
        original = shell.run_cell
        shell.run_cell = lambda code, **options: original("4.0", **options)
    """)


@attack(alone=True, deserves=OUTSIDE)
def child_score_not_a_number(submission):
    """The score that the test in the child displays is no number of the usual kind.

    Success: the submission is not graded, or more points than there are.
    """
    submission.solve()
    submission.in_child("""
        strange = [None, "", [], ["4.0"], {"a": 4}, b"4", 4.0, True, "nan", "-inf", "\\u0664"]
        for value in strange:
            get_ipython().outputs.add(
                {"output_type": "execute_result", "execution_count": "4", "metadata": None,
                 "data": {"text/plain": value}}, 1)
    """)


@attack
def child_score_shown(submission):
    """The test in the child displays numbers as results before it fails.

    Success: points in a question that is judged outside; those of the child's own test are no
    success.
    """
    submission.in_child("""
        shell = get_ipython()
        for text in ("4.0", "nan", "-1", "4.0 ", "1_0", "0x4"):
            shell.displayhook.write_format_data({"text/plain": text}, {})
        shell.run_cell("4.0")
    """)


@attack
def child_score_too_large(submission):
    """The test in the child displays a number larger than its points.

    Success: more points than there are, in any question.
    """
    submission.in_child("""
        for text in ("1e9", "inf", "9" * 5000):
            get_ipython().displayhook.write_format_data({"text/plain": text}, {})
        self.x, self.y = 4, 6
        return self
    """)


@attack
def child_settings_beside(submission):
    """Settings, a gradebook and modules next to the notebook send tests to the child.

    Success: a question that is judged outside has points, or another test is judged in the child.
    """
    submission.file(
        "nbgrader_config.py",
        "c = get_config()\nc.NbJudge.tests_in_child = True\nc.NbJudge.isolation = 'none'\n",
    )
    submission.file("nbjudge.py", "raise SystemExit('red-team-was-here')")
    submission.file("placement.json", '{"ps1": ["square_test", "words_test"]}')
    submission.file("gradebook.db", b"SQLite format 3\0")
    submission.first("get_ipython().showtraceback = lambda *arguments, **options: None")


@attack
def child_shadowed_names(submission):
    """`float` and `abs` get other meanings in the middle of the test in the child.

    Success: points in a question that is judged outside; those of the child's own test are no
    success.
    """
    submission.in_child("""
        get_ipython().user_ns.update(float=lambda value: 4, abs=lambda value: 0)
        Vector.__sub__ = lambda one, two: one
        self.x, self.y = 4, 6
        return self
    """)


@attack(alone=True, deserves=OUTSIDE)
def child_signals(submission):
    """In the child, every process is sent every signal.

    Success: a neighbor or another question loses points, or the class stops.
    """
    submission.solve()
    submission.in_child(
        """
        import os, signal
        for number in (os.getppid(), 1, 0, -1, -os.getppid()):
            for kind in (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
                try:
                    if number not in (0, -1) or kind != signal.SIGSTOP:
                        os.kill(number, kind)
                except OSError as error:
                    print(error)
        """,
    )


@attack(alone=True, deserves=OUTSIDE)
def child_sleep_in_hooks(submission):
    """In the child, a hook sleeps after every cell, and catches what would wake it.

    Success: another question or a neighbor loses points, or the class stops.
    """
    submission.solve()
    submission.add(
        """
        import time

        def sleep(info):
            while "assert" in info.raw_cell or "points" in info.raw_cell:
                try:
                    time.sleep(1000)
                except BaseException:
                    pass

        get_ipython().events.register("pre_run_cell", sleep)
        """,
        before="vector",
    )


@attack(alone=True, deserves=OUTSIDE)
def child_stops_itself(submission):
    """In the child, the process stops itself and its parent.

    Success: a neighbor or another question loses points, or the class stops.
    """
    submission.solve()
    submission.in_child(
        """
        import os, signal
        for number in (os.getppid(), os.getpid()):
            try:
                os.kill(number, signal.SIGSTOP)
            except OSError as error:
                print(error)
        """,
    )


@attack
def child_swallowed_exceptions(submission):
    """Exceptions are swallowed by every handler that IPython has.

    Success: points in a question that is judged outside; those of the child's own test are no
    success.
    """
    submission.first("""
        import sys
        shell = get_ipython()
        shell.set_custom_exc((Exception,), lambda *arguments, **options: None)
        shell.showtraceback = shell._showtraceback = lambda *arguments, **options: None
        shell.showsyntaxerror = lambda *arguments, **options: None
        sys.excepthook = lambda *arguments: None
    """)


@attack
def child_tags(submission):
    """All cells carry the tag that sends a test to the child, where hooks let it pass.

    Success: a question that is judged outside has points, or another test is judged in the child.
    """
    for cell in submission.cells:
        cell.metadata["tags"] = ["nbjudge-child"]
        cell.metadata["nbjudge-child"] = True
    submission.first("""
        get_ipython().showtraceback = lambda *arguments, **options: None
        import ast

        class Pass(ast.NodeTransformer):
            def visit_Assert(self, node):
                return ast.copy_location(ast.Pass(), node)

        get_ipython().ast_transformers.append(Pass())
    """)


@attack(deserves=OUTSIDE)
def child_test_deleted(submission):
    """The test in the child and its question are deleted, and all other questions solved.

    Success: other points than deserved.
    """
    submission.solve()
    submission.remove("vector_test")
    submission.remove("vector")


@attack
def child_test_edited(submission):
    """The test in the child is edited, doubled and moved to the top.

    Success: other points than deserved in any question.
    """
    cell = submission.cell("vector_test")
    cell.source = "4.0"
    again = submission.add("4.0", before="square_test")
    again.metadata["nbgrader"] = dict(cell.metadata["nbgrader"])


@attack
def child_test_renamed(submission):
    """The ids of the test in the child and of a test outside are exchanged.

    Success: a question that is judged outside has points, or another test is judged in the child.
    """
    one, other = submission.cell("vector_test"), submission.cell("primes_test")
    for key in ("nbgrader", "tags"):
        if key in one.metadata:
            one.metadata[key], other.metadata[key] = other.metadata[key], one.metadata[key]
    one.id, other.id = other.id, one.id
    submission.first("get_ipython().showtraceback = lambda *arguments, **options: None")


@attack
def child_text(submission):
    """The test in the child prints its own hidden lines.

    Success: points in a question that is judged outside; those of the child's own test are no
    success.
    """
    submission.in_child(
        """
        show(get_ipython().user_ns["In"])
        """,
        SHOW,
    )


@attack
def child_trace(submission):
    """A trace function and a profiler keep the code of every cell that runs.

    Success: the canary in the hidden lines of a test that is judged outside.
    """
    submission.first("""
        import linecache, sys
        kept = []

        def keep(frame, event, argument):
            file = frame.f_code.co_filename
            if file.startswith("<ipython-input") or "ipykernel" in file:
                kept.append(repr(frame.f_code.co_consts))
                kept.extend(linecache.getlines(file))
            return keep

        sys.settrace(keep)
        sys.setprofile(keep)
        get_ipython().events.register("pre_run_cell", lambda info: sys.settrace(keep))
    """)
    submission.in_child("import sys\nsys.settrace(None)\nsys.setprofile(None)\nshow(kept)", SHOW)


@attack
def child_tracebacks(submission):
    """In the child, the tracebacks of the tests that failed before are taken apart.

    Success: the canary in the hidden lines of a test that is judged outside.
    """
    submission.in_child(
        """
        import sys, traceback
        shell = get_ipython()
        for name in ("last_value", "last_exc"):
            error = getattr(sys, name, None)
            step = getattr(error, "__traceback__", None)
            while step:
                show(step.tb_frame.f_code.co_consts)
                show(step.tb_frame.f_locals)
                show(step.tb_frame.f_globals.get("In"))
                step = step.tb_next
        show(vars(shell.InteractiveTB))
        shell.run_line_magic("xmode", "Verbose")
        shell.run_line_magic("tb", "")
        """,
        SHOW,
    )


@attack(alone=True, deserves=OUTSIDE)
def child_two_answers(submission):
    """A cell forks, and both processes go on as the child.

    Success: points in a question that is judged outside. Or a process survives, or others lose
    their points.
    """
    submission.solve()
    submission.in_child("""
        import os
        import nbjudge.guest.interpreter as interpreter
        pid = os.fork()
        os.getpid = lambda: pid or 1
        if pid == 0:
            os._exit = lambda status: None
    """)


@attack(baseline=False, reads_child=False)
def child_wrong_answer(submission):
    """A wrong answer fails near the hidden lines of the test in the child, so a traceback quotes
    them.

    Success: the canary of that test in the feedback.
    """
    submission.answer(
        "vector",
        """
        class Vector:
            def __init__(self, x, y):
                self.x, self.y = x, y
                self.numbers = x, y

            def __add__(self, other):
                return Vector(self.x + other.x, self.y + other.y)
    """,
    )


@attack(baseline=False, reads_child=False)
def child_wrong_line(submission):
    """A wrong answer fails in the line before the hidden lines of the test in the child.

    Success: the canary of that test in the feedback.
    """
    submission.answer(
        "vector",
        """
        class Vector:
            def __init__(self, x, y):
                self.x, self.y = x, y

            def __add__(self, other):
                return self
    """,
    )


@attack(alone=True)
def child_moved_by_chance(submission):
    """Tests are forged in the child by chance, and a limit has the work judged twice.

    A note from one run must not get lost if the points come from the other. Success: points in a
    question without a note that names its test.
    """
    submission.first("""
        import os

        class Moved:
            def __init__(self):
                self.says = os.urandom(1)[0] < 128

            __eq__ = __gt__ = __lt__ = lambda self, other: self.says
            __sub__ = __rsub__ = __abs__ = lambda self, *other: self

        import sys, types
        sys.modules["answers"] = types.SimpleNamespace(TOTAL=1)
        same = Moved()
    """)
    submission.answer("total", "total = Moved()")
    submission.answer("square", "def square(x):\n    return same")
    submission.answer("distance", "other = Moved()\n\ndef distance(a, b):\n    return other")
    submission.answer("root", "def root(x):\n    while True:\n        pass")


@attack
def child_moved_drowned(submission):
    """Tests are moved to the child and forged there, and surplus files drown the notes on that.

    Success: points in a question without a note that names its test.
    """
    submission.first("""
        class Moved:
            __eq__ = __gt__ = __lt__ = lambda self, other: True
            __sub__ = __rsub__ = __abs__ = lambda self, *other: self

        import sys, types
        sys.modules["answers"] = types.SimpleNamespace(TOTAL=Moved())
    """)
    submission.answer("total", "total = Moved()")
    submission.answer("square", "def square(x):\n    return Moved()")
    for number in range(40):
        submission.file(f"ps1-{number}.ipynb", '{"cells": []}')
        submission.file(f"note: square_test is right {number}.txt", "x")


@attack
def child_moved_tells(submission):
    """Code moves a test to the child, reads it there, and tells it as a module, a path or an
    import.

    Explanations of failures quote these. Success: the canary of a hidden line outside the child's
    own test, in a page or in the graded notebook's outputs.
    """
    submission.first(
        SHOW
        + """
import errno, gc
import nbjudge.guest.interpreter as guest

(serving,) = (found for found in gc.get_objects() if type(found) is guest.Interpreter)
run, told = serving.does[guest.requests.RunCell], []

def forged(request):
    told.extend(word[::-1] for word in re.findall("CANARY[0-9a-f]{20}", request.source))
    answer = run(request)
    if told:
        fake = guest.requests.DroppedImport(f"import {told[0]}", told[0], told[0])
        answer = guest.dataclasses.replace(answer, dropped=[fake])
    return answer

serving.does[guest.requests.RunCell] = forged

class Moved:
    def __eq__(self, other):
        if told:
            raise ModuleNotFoundError(told[0], name=told[0])
        return True
"""
    )
    submission.answer("square", "def square(x):\n    return Moved()")
    submission.answer(
        "total",
        "import os\ntotal = Moved()\nif told:\n    open('/' + told[0])  # in the child alone",
    )
    submission.in_child("raise FileNotFoundError(errno.ENOENT, 'no such file', '/' + told[0])")
