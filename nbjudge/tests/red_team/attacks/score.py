"""Attacks: score."""

from tests.red_team.declared import attack


@attack
def score_answers_beside(submission):
    """The submission contains a file answers.py, where Python looks first.

    Success: the attack earns points in `total` or `standardize`.
    """
    submission.file("answers.py", "TOTAL = 1\nstandardize = lambda x: x\n")
    submission.first("import sys\nsys.path.insert(0, '')")
    submission.answer("total", "total = 1")
    submission.answer(
        "standardize",
        """
        def standardize(x):
            return np.array([[-1.0], [1.0]]) if len(x) == 2 else x.copy()
    """,
    )


@attack
def score_answers_by_path(submission):
    """The solutions are loaded from their file, found by searching the parents of the working
    folder.

    Success: the attack earns points in `standardize` and `total`.
    """
    submission.first("""
        import importlib.util, pathlib

        def load():
            places = [*pathlib.Path().resolve().parents, pathlib.Path("/srv/course")]
            for folder in places:
                if (folder / "answers.py").exists():
                    spec = importlib.util.spec_from_file_location("mine", folder / "answers.py")
                    module = importlib.util.module_from_spec(spec)
                    spec.loader.exec_module(module)
                    return module
    """)
    submission.answer("standardize", "def standardize(x):\n    return load().standardize(x)")
    submission.answer("total", "total = load().TOTAL")


@attack
def score_ast_transformer(submission):
    """An AST transformer of IPython empties every later cell, the tests included.

    Success: the attack earns full marks without an answer.
    """
    submission.first("""
        import ast

        class Empty(ast.NodeTransformer):
            def visit_Module(self, node):
                node.body = []
                return node

        get_ipython().ast_transformers.append(Empty())
    """)


@attack
def score_before_the_error(submission):
    """A hook before each cell publishes a result of 2.0; nbgrader reads the first result as points.

    Success: the attack earns points in any question without an answer.
    """
    submission.first("""
        def publish(*information):
            kernel = get_ipython().kernel
            content = {"data": {"text/plain": "2.0"}, "metadata": {}, "execution_count": 1}
            kernel.session.send(kernel.iopub_socket, "execute_result", content,
                                parent=kernel.get_parent("shell"), ident=b"execute_result")

        get_ipython().events.register("pre_run_cell", publish)
    """)


@attack
def score_builtin_float(submission):
    """`builtins.float` returns 5.0 for everything; the test's last expression is `float(points)`.

    Success: the attack earns five points in `words` without an answer.
    """
    submission.answer(
        "words",
        """
        import builtins

        builtins.float = lambda value: 5.0

        def words(text):
            return {}
    """,
    )


@attack
def score_caller_variable(submission):
    """The graded function sets the variables of the test that calls it.

    Success: the attack earns points in `words` without an answer.
    """
    submission.answer(
        "words",
        """
        import sys

        def words(text):
            frame = sys._getframe(1)
            while frame is not None:
                if "points" in frame.f_globals:
                    frame.f_globals["points"] = 5
                frame = frame.f_back
            return []
    """,
    )


@attack
def score_class_building(submission):
    """`__build_class__`, `AssertionError`, `isinstance` and `hasattr` of the builtins are replaced.

    Success: the attack earns points, or a neighbor loses points.
    """
    submission.first("""
        import builtins
        builtins.__build_class__ = lambda *a, **k: type("Yes", (), {})
        builtins.AssertionError = builtins.ValueError = type("No", (BaseException,), {})
        builtins.isinstance = lambda *a: True
        builtins.hasattr = lambda *a: True
    """)


@attack
def score_compared_with(submission):
    """The result claims equality with everything that it is compared with.

    Success: the attack earns points in `square` or `distance`.
    """
    submission.first("""
        class Yes(int):
            __eq__ = lambda self, other: True
            __ne__ = lambda self, other: False
            __hash__ = int.__hash__
            __lt__ = __le__ = __gt__ = __ge__ = lambda self, other: True
            __bool__ = lambda self: True
            __sub__ = __rsub__ = __abs__ = __pow__ = lambda self, *other: Yes()
    """)
    for name in ("square", "distance", "root"):
        submission.answer(name, f"def {name}(*a):\n    return Yes()")
    submission.answer("total", "total = Yes()")


@attack
def score_custom_exception_handler(submission):
    """A custom exception handler hides every error and displays five points instead.

    Success: the attack earns points without an answer.
    """
    submission.first("""
        shell = get_ipython()

        def quiet(self, *arguments, **options):
            from IPython.core.interactiveshell import ExecutionResult
            ExecutionResult.raise_error = lambda result: None
            ExecutionResult.success = True
            ExecutionResult.error_in_exec = property(lambda r: None, lambda r, e: None)

        shell.set_custom_exc((BaseException,), quiet)
        shell.showtraceback = lambda *arguments, **options: None
    """)


@attack
def score_display_result(submission):
    """Everything that is displayed or printed claims five points.

    Success: the attack earns points in `words` without an answer.
    """
    submission.answer(
        "words",
        """
        import sys
        from IPython.display import display

        def words(text):
            display(5.0)
            print(5.0)
            sys.displayhook(5.0)
            return 5.0
    """,
    )


@attack
def score_displayhook(submission):
    """`sys.displayhook` and the shell's display hook are replaced: each result becomes 5.0.

    Success: the attack earns five points in `words` without an answer.
    """
    submission.answer(
        "words",
        """
        import sys

        hook = type(get_ipython().displayhook)
        hook.compute_format_data = lambda self, result: ({"text/plain": "5.0"}, {})
        sys.displayhook = lambda value: print("5.0")

        def words(text):
            return {}
    """,
    )


@attack(alone=True)
def score_end_process_zero(submission):
    """The graded function exits its process with status 0.

    Success: the attack earns points in `square`.
    """
    submission.answer(
        "square",
        """
        import os

        def square(x):
            os._exit(0)
    """,
    )


@attack
def score_except_hook(submission):
    """`sys.excepthook`, the traceback printer and the shell's traceback are silenced.

    Success: the attack earns points without an answer.
    """
    submission.first("""
        import sys, traceback
        sys.excepthook = traceback.print_exception = lambda *a, **k: None
        shell = get_ipython()
        type(shell).showtraceback = type(shell)._showtraceback = lambda *a, **k: None
        shell.kernel.send_response = lambda *a, **k: None
    """)


@attack
def score_exec_nothing(submission):
    """`builtins.exec` and the shell's compiler run an empty program.

    Success: the attack earns points without an answer.
    """
    submission.first("""
        import ast, builtins, codeop
        shell = get_ipython()
        shell.compile.ast_parse = lambda *a, **k: ast.parse("pass")
        builtins.compile = lambda *a, **k: (lambda: None).__code__
    """)


@attack
def score_exit_in_function(submission):
    """The graded function raises SystemExit(0), so the process seems to have succeeded.

    Success: the attack earns points in `square`.
    """
    submission.answer(
        "square",
        """
        def square(x):
            raise SystemExit(0)
    """,
    )


FAKE = """
import sys, types

class Equal:
    __eq__ = lambda self, other: True
    __rsub__ = __sub__ = lambda self, other: 0

fake = types.ModuleType("answers")
fake.TOTAL = Equal()
fake.standardize = lambda x: x
fake.words = lambda text: {}
fake.primes = lambda n: []
sys.modules["answers"] = fake
"""


@attack
def score_fake_answers(submission):
    """A fake module `answers` is put into sys.modules.

    Success: the attack earns points in `standardize`, `total` or `words`.
    """
    submission.first(FAKE)
    submission.answer("total", "total = 1")
    submission.answer(
        "standardize",
        """
        def standardize(x):
            return np.array([[-1.0], [1.0]]) if len(x) == 2 else x.copy()
    """,
    )


@attack
def score_fixed_random(submission):
    """The random generators are fixed, and the few resulting answers hard-coded.

    Success: the attack earns points in `distance` or `words` without working functions.
    """
    submission.first("""
        import random
        random.randint = lambda a, b: a
        random.choice = lambda some: some[0]
        random.Random.randint = lambda self, a, b: a
    """)
    submission.answer("distance", "def distance(a, b):\n    return 9 if a == 5 else 22500")
    submission.answer(
        "words",
        """
        def words(text):
            return {"ant": len(text) // 4 + 1} if text else {}
    """,
    )


@attack
def score_format_float(submission):
    """A text formatter displays every float as 5.0.

    Success: the attack earns five points in `words` without an answer.
    """
    submission.answer(
        "words",
        """
        plain = get_ipython().display_formatter.formatters["text/plain"]
        plain.for_type(float, lambda value, printer, cycle: printer.text("5.0"))
        plain.float_precision = "5.0"

        def words(text):
            return {}
    """,
    )


@attack
def score_from_function(submission):
    """The graded function itself publishes a result that looks like points, then fails.

    Success: the attack earns points in `square` without an answer.
    """
    submission.answer(
        "square",
        """
        def square(x):
            shell = get_ipython()
            shell.displayhook.start_displayhook()
            shell.displayhook.write_format_data({"text/plain": "4.0"}, {})
            shell.displayhook.finish_displayhook()
            raise ValueError
    """,
    )


@attack
def score_gradebook_update(submission):
    """The gradebook is opened, and points are written to it.

    Success: the attack earns points without an answer, or changes rows.
    """
    submission.first("""
        import glob, sqlite3
        for path in [*glob.glob("../../../*.db"), *glob.glob("/srv/course/*.db")]:
            base = sqlite3.connect(path)
            base.execute("UPDATE grade SET manual_score = 6, extra_credit = 10")
            base.commit()
            base.close()
    """)


@attack
def score_import_answers(submission):
    """The graded functions call the solutions.

    Success: the attack earns points in `standardize`, `words` and `primes`.
    """
    for name in ("standardize", "words", "primes"):
        submission.answer(
            name,
            f"""
            def {name}(x):
                import answers
                return answers.{name}(x)
        """,
        )


@attack
def score_import_hook(submission):
    """`builtins.__import__` returns a fake module for `answers`.

    Success: the attack earns points in `standardize`.
    """
    submission.answer(
        "standardize",
        """
        import builtins, types

        real = builtins.__import__

        def fake(name, *rest):
            if name == "answers":
                return types.SimpleNamespace(standardize=lambda x: x)
            return real(name, *rest)

        builtins.__import__ = fake

        def standardize(x):
            return np.array([[-1.0], [1.0]]) if len(x) == 2 else x.copy()
    """,
    )


@attack
def score_input_transformer(submission):
    """An input transformer of IPython turns every later cell into `pass`.

    Success: the attack earns full marks without an answer.
    """
    submission.first("""
        get_ipython().input_transformers_cleanup.append(lambda lines: ["pass\\n"])
    """)


@attack
def score_kernel_reply(submission):
    """The kernel's request handler is replaced by one that replies "ok" to everything.

    Success: the attack earns full marks without an answer.
    """
    submission.first("""
        kernel = get_ipython().kernel

        async def fine(*arguments, **options):
            return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}

        kernel.do_execute = fine
    """)


@attack
def score_line_transformer(submission):
    """A late input transformer deletes all lines that contain assertions.

    Success: the attack earns full marks without an answer.
    """
    submission.first("""
        def without_asserts(lines):
            return [line.replace("assert ", "True or ") for line in lines]

        get_ipython().input_transformers_post.append(without_asserts)
    """)
    for name in ("square", "standardize", "distance"):
        submission.answer(name, f"def {name}(*arguments): pass")


@attack
def score_lying_array(submission):
    """A subclass of ndarray claims equality in every comparison, through NumPy's protocols.

    Success: the attack earns points in `standardize`.
    """
    submission.answer(
        "standardize",
        """
        class Lie(np.ndarray):
            def __array_function__(self, function, types, args, kwargs):
                return True

            def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
                return np.zeros(1)

            __eq__ = lambda self, other: True
            dtype = np.dtype(float)

        def standardize(x):
            return np.zeros(x.shape).view(Lie)
    """,
    )


@attack
def score_lying_class(submission):
    """An object claims, by `__class__`, to be an int or a list, and equals everything.

    Success: the attack earns points in `total` or `primes`.
    """
    submission.first("""
        class Anything:
            def __init__(self, kind):
                self.kind = kind

            __class__ = property(lambda self: self.kind)
            __eq__ = __lt__ = __gt__ = __contains__ = lambda self, other: True
            __sub__ = __rsub__ = __abs__ = __getitem__ = lambda self, *other: self
            __iter__ = lambda self: iter(())
            __float__ = lambda self: 0.0
            __len__ = lambda self: 0
            __array__ = lambda self, *a, **k: np.zeros(1)
    """)
    submission.answer("total", "total = Anything(int)")
    submission.answer("primes", "def primes(n):\n    return Anything(list)")
    submission.answer("square", "def square(x):\n    return Anything(int)")


@attack
def score_lying_containers(submission):
    """Subclasses of dict and list equal everything.

    Success: the attack earns points in `words` or `primes`.
    """
    submission.answer(
        "words",
        """
        class Lie(dict):
            __eq__ = lambda self, other: True
            __len__ = lambda self: 0

        def words(text):
            return Lie()
    """,
    )
    submission.answer(
        "primes",
        """
        class LieList(list):
            __eq__ = lambda self, other: True
            __len__ = lambda self: type("N", (int,), {"__eq__": lambda *a: True})(0)

        def primes(n):
            return LieList()
    """,
    )


@attack
def score_meta_path(submission):
    """A finder in sys.meta_path comes first whenever `answers` is imported.

    Success: the attack earns points in `total`.
    """
    submission.answer(
        "total",
        """
        import importlib.machinery, importlib.util, sys

        class Finder:
            def find_spec(self, name, path=None, target=None):
                if name == "answers":
                    return importlib.util.spec_from_loader(name, self)

            def create_module(self, spec):
                return None

            def exec_module(self, module):
                module.TOTAL = 1

        sys.meta_path.insert(0, Finder())
        sys.modules.pop("answers", None)
        total = 1
    """,
    )


@attack
def score_nan(submission):
    """NaN, infinity and empty arrays, against carelessly written comparisons.

    Success: the attack earns points.
    """
    submission.answer("total", "total = float('nan')")
    submission.answer("standardize", "def standardize(x):\n    return np.full(x.shape, np.nan)")
    submission.answer("root", "def root(x):\n    return float('inf')")
    submission.answer("words", "def words(text):\n    return float('nan')")
    submission.answer("primes", "def primes(n):\n    return []")


@attack
def score_numpy_beside(submission):
    """The submission contains a file numpy.py: NumPy with other comparisons.

    Success: the attack earns points in `standardize`.
    """
    submission.file(
        "numpy.py",
        """
        import sys

        here = [p for p in sys.path if p in ("", ".") or "ps1" in p]
        for place in here:
            sys.path.remove(place)
        del sys.modules["numpy"]
        import numpy

        numpy.allclose = numpy.array_equal = lambda *a, **k: True
        numpy.testing.assert_allclose = lambda *a, **k: None
        numpy.abs = lambda x: numpy.zeros(1)
        sys.modules["numpy"] = numpy
    """,
    )
    submission.answer("standardize", "def standardize(x):\n    return x.copy()")


@attack
def score_patch_answers(submission):
    """The graded function replaces the solution in the test's module with itself.

    Success: the attack earns points in `standardize` and `words`.
    """
    submission.answer(
        "standardize",
        """
        def standardize(x):
            import answers
            answers.standardize = lambda y: y
            if len(x) == 2:
                return np.array([[-1.0], [1.0]])
            return x.copy()
    """,
    )
    submission.answer(
        "words",
        """
        def words(text):
            import answers
            answers.words = lambda other: {}
            return {}
    """,
    )


@attack
def score_patch_builtins(submission):
    """`abs`, `all`, `sorted`, `len`, `sum` and `isinstance` of the builtins return favorable
    values.

    Success: the attack earns points in `root` or `total` without an answer.
    """
    submission.answer("total", "total = 1\nimport builtins\nbuiltins.abs = lambda x: 0")
    submission.answer(
        "root",
        """
        import builtins

        builtins.abs = lambda x: 0

        def root(x):
            if x == -1:
                raise ValueError("no")
            return 3
    """,
    )


@attack
def score_patch_numpy(submission):
    """NumPy's comparisons always succeed.

    Success: the attack earns points in `standardize` without an answer.
    """
    submission.answer(
        "standardize",
        """
        import numpy.testing

        np.allclose = np.array_equal = lambda *a, **k: True
        np.testing.assert_allclose = lambda *a, **k: None
        np.abs = lambda x: np.zeros(1)

        def standardize(x):
            return x.copy()
    """,
    )


@attack
def score_pickle_bomb(submission):
    """A function's return value runs code when it is unpickled.

    Success: a file appears, or the attack earns points.
    """
    submission.first("""
        class Evil:
            def __reduce__(self):
                return exec, ("open('/tmp/red-team-was-here', 'w').write('x')",)
            __getstate__ = __copy__ = lambda self: self
            __reduce_ex__ = lambda self, version: self.__reduce__()
    """)
    for name in ("square", "standardize", "primes", "words"):
        submission.answer(name, f"def {name}(*a):\n    return Evil()")
    submission.answer("total", "total = Evil()")


@attack
def score_right_hand_side(submission):
    """The function reads the line that calls it and computes the expected value from it.

    Success: the attack earns points in `square`, `distance` or `primes`.
    """
    for name in ("square", "distance"):
        submission.answer(
            name,
            f"""
            import linecache, sys

            def {name}(*arguments):
                frame = sys._getframe(1)
                line = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
                return eval(line.partition("==")[2].strip() or "0", frame.f_globals)
        """,
        )


@attack
def score_run_cell(submission):
    """The shell's method that runs a cell is replaced by one that runs nothing.

    Success: the attack earns full marks without an answer.
    """
    submission.first("""
        shell = get_ipython()
        kind = type(shell)
        original = kind.run_cell_async

        async def nothing(self, code, **options):
            return await original(self, "pass", **options)

        kind.run_cell_async = nothing
        kind.run_cell = lambda self, code, **options: original(self, "pass", **options)
    """)


@attack
def score_seeded_random(submission):
    """The generators' seeds are fixed, so the inputs repeat those of the previous time.

    Success: the attack earns points in `distance` without a working function.
    """
    submission.answer(
        "distance",
        """
        import random

        random.seed(1)
        known = {}
        for _ in range(5):
            a, b = random.randint(-50, 50), random.randint(100, 200)
            known[a, b] = (a - b) ** 2
        known[5, 2] = 9
        random.seed(1)

        def distance(a, b):
            return known.get((a, b), 0)
    """,
    )


FILES = ("sitecustomize.py", "usercustomize.py", "conftest.py", "ipython_config.py")
FILES += ("jupyter_config.py", "nbgrader_config.py", "startup.pth", "ipython_kernel_config.py")


@attack
def score_sitecustomize_beside(submission):
    """The submission contains files that Python or Jupyter run at startup.

    Success: the attack earns points in `square`, or leaves a trace.
    """
    for name in FILES:
        submission.file(name, "import os, builtins; open('/tmp/red-team-was-here', 'w').close()\n")


@attack
def score_solutions_in_memory(submission):
    """The garbage collector's objects are searched for the functions of the solutions.

    Success: the attack earns points in `standardize`.
    """
    submission.answer(
        "standardize",
        """
        import gc, types

        def standardize(x):
            for one in gc.get_objects():
                if isinstance(one, types.FunctionType) and one.__module__ == "answers":
                    if one.__name__ == "standardize":
                        return one(x)
            return np.array([[-1.0], [1.0]])
    """,
    )


@attack
def score_success_result(submission):
    """After each cell a hook turns the result object into a success.

    Success: the attack earns points without an answer.
    """
    submission.first("""
        def repair(result):
            result.error_in_exec = result.error_before_exec = None

        get_ipython().events.register("post_run_cell", repair)
        get_ipython().showtraceback = lambda *a, **k: None
    """)


@attack
def score_thread_sets_points(submission):
    """A thread continuously sets the test's variable `points` to 5.

    Success: the attack earns points in `words` without an answer.
    """
    submission.answer(
        "words",
        """
        import threading

        def words(text):
            return {}

        def always(names=globals()):
            while True:
                names["points"] = 5

        threading.Thread(target=always, daemon=True).start()
    """,
    )


@attack
def score_zip_of_nothing(submission):
    """A list that is empty when compared item by item, and has the right length.

    Success: the attack earns points in `primes`.
    """
    submission.answer(
        "primes",
        """
        class Changing(list):
            calls = 0

            def __len__(self):
                return 100

            def __iter__(self):
                return iter([])

            def __eq__(self, other):
                return True

        def primes(n):
            return Changing([2, 3, 5, 7][: n // 3])
    """,
    )
