"""Unusual but honest submissions, which must lose no points."""

import json
from copy import deepcopy

from tests.red_team.declared import oddity


@oddity
def array_layouts(submission):
    """A function returns an array in Fortran order, a view, or an array with negative strides."""
    submission.answer(
        "standardize",
        """
        def standardize(x):
            y = np.asfortranarray((x - x.mean(axis=0)) / x.std(axis=0))
            padded = np.zeros((2 * len(y), y.shape[1] + 1))
            padded[::2, :-1] = y
            view = padded[::2, :-1]
            return view[::-1][::-1].T.T
    """,
    )


@oddity
def change_folder(submission):
    """os.chdir, a changed environment and a changed locale."""
    submission.add(
        """
        import locale, os, sys
        os.makedirs("sub", exist_ok=True)
        os.chdir("sub")
        os.environ["MY_SETTING"] = "1"
        locale.setlocale(locale.LC_ALL, "C")
        sys.path.append(".")
    """,
        before="square",
    )


@oddity
def class_as_function(submission):
    """The solutions are a callable object, a closure, a lambda and a partial function."""
    submission.answer(
        "square",
        """
        from dataclasses import dataclass

        @dataclass
        class Power:
            exponent: int

            def __call__(self, x):
                return x**self.exponent

        square = Power(2)
    """,
    )
    submission.answer("distance", "distance = lambda a, b: square(a - b)")
    submission.answer(
        "words",
        """
        import collections, functools

        def count(kind, text):
            return kind(collections.Counter(text.split()))

        words = functools.partial(count, dict)
    """,
    )
    submission.answer(
        "root",
        """
        def make(power):
            def inner(x):
                if x < 0:
                    raise ValueError("x is below zero")
                return x**power
            return inner

        root = make(0.5)
    """,
    )


@oddity
def colab(submission):
    """A notebook as saved by Colab: no ids, minor version 0, its own metadata and outputs."""
    submission.notebook.metadata = {
        "colab": {"provenance": [], "name": "ps1.ipynb", "collapsed_sections": ["a"]},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
        "accelerator": "GPU",
    }

    def save(data):
        notebook = json.loads(data)
        notebook["nbformat_minor"] = 0
        for number, cell in enumerate(notebook["cells"]):
            cell.pop("id", None)
            cell["metadata"] |= {"id": f"a_B-{number}", "colab": {"base_uri": "https://localhost"}}
            if cell["cell_type"] == "code":
                cell["execution_count"] = number
                cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["x\n"]}]
        return json.dumps(notebook, indent=2, ensure_ascii=False).encode()

    submission.change(save)


@oddity
def data_files(submission):
    """Files are read and written in the working folder, including one that came with the
    assignment.
    """
    submission.file("mine.csv", "a,b\n1,2\n")
    submission.add("""
        import csv, json, pathlib
        print(list(csv.reader(open("mine.csv"))), open("data.csv").read())
        pathlib.Path("out").mkdir(exist_ok=True)
        json.dump({"a": 1}, open("out/result.json", "w"))
        np.save("array.npy", np.arange(5))
        print(np.load("array.npy"), json.load(open("out/result.json")))
        pathlib.Path("/tmp/scratch.txt").write_text("x")
    """)


@oddity
def decorators(submission):
    """Decorated functions: a cache, a timer, vectorize, staticmethod-like wrappers."""
    submission.answer(
        "square",
        """
        import functools, time

        def timed(function):
            @functools.wraps(function)
            def inner(*arguments, **options):
                began = time.perf_counter()
                try:
                    return function(*arguments, **options)
                finally:
                    print(time.perf_counter() - began >= 0)
            return inner

        @timed
        @functools.lru_cache(maxsize=None)
        def square(x):
            return x * x
    """,
    )
    submission.answer("distance", "distance = np.vectorize(lambda a, b: (a - b) ** 2)")
    submission.answer(
        "primes",
        """
        @functools.cache
        def is_prime(n):
            return all(n % d for d in range(2, n))

        def primes(n):
            return list(filter(is_prime, range(2, n)))
    """,
    )


@oddity
def empty_cells(submission):
    """Empty cells, cells with only comments, and fifty cells that were never run."""
    for text in ["", "   \n", "# only a comment", "'''only text'''", ";", "pass;"] * 8:
        submission.add(text)
        submission.first(text)


@oddity
def errors_after(submission):
    """A cell defines the function and then raises an error."""
    submission.answer("primes", submission.right["primes"] + "\n\nprint(primes('ten'))")
    submission.add("1 / 0", before="root")
    submission.add("this is no Python", before="root")
    submission.add("undefined_name", before="words")


@oddity
def exit_at_end(submission):
    """The notebook ends with sys.exit(), exit() and quit()."""
    submission.add("import sys\nsys.exit()")
    submission.add("exit()")
    submission.add("quit()")


@oddity
def exit_in_the_middle(submission):
    """A cell in the middle exits with sys.exit(0)."""
    submission.add("import sys\nif total:\n    sys.exit(0)\nprint('never')", after="total")


@oddity
def extra_functions(submission):
    """Helper functions in added cells, before and after the solution, and used later."""
    submission.add("def difference(a, b):\n    return a - b", before="distance")
    submission.answer("distance", "def distance(a, b):\n    return square(difference(a, b))")
    submission.add("def double(x):\n    return 2 * x\n\ndouble(square(3))")


@oddity
def figures(submission):
    """Ten figures, one with another style, and a call of show without a figure."""
    submission.add("""
        import matplotlib.pyplot as plt
        plt.show()
        plt.style.use("ggplot")
        for n in range(10):
            plt.figure()
            plt.plot(np.arange(10) ** n)
        plt.show()
    """)
    submission.first("%matplotlib inline")


@oddity
def global_state(submission):
    """Functions count their calls, keep a list, and change global variables."""
    submission.answer(
        "square",
        """
        calls = 0
        seen = []

        def square(x):
            global calls, last
            calls += 1
            last = x
            seen.append(x)
            return x * x
    """,
    )
    submission.add("print(calls, seen[:3])", after="square_test")


@oddity
def helper_module(submission):
    """A module written by the student is next to the notebook and is imported."""
    submission.file("my_helpers.py", "def times(a, b):\n    return a * b\n")
    submission.file("package/__init__.py", "from .inner import ONE\n")
    submission.file("package/inner.py", "ONE = 1\n")
    submission.answer(
        "square",
        """
        from my_helpers import times
        from package import ONE

        def square(x):
            return times(x, x) * ONE
    """,
    )


@oddity
def import_deleted(submission):
    """The locked cells with the title and the import are deleted; the student imports NumPy
    instead.
    """
    submission.remove("setup")
    submission.remove("title")
    submission.first("import numpy as np")


@oddity
def input(submission):
    """input() is called, with its failure handled: nobody answers during grading."""
    submission.add("""
        try:
            name = input("Your name? ")
        except Exception as error:
            name = "nobody"
        print(name)
    """)


@oddity
def jupyterlite(submission):
    """A notebook as saved by JupyterLite, with a Pyodide kernel."""
    submission.notebook.metadata = {
        "kernelspec": {"name": "python", "display_name": "Python (Pyodide)", "language": "python"},
        "language_info": {
            "name": "python",
            "version": "3.12",
            "codemirror_mode": {"name": "python"},
        },
    }
    for cell in submission.cells:
        cell.metadata |= {"trusted": True, "jupyter": {"source_hidden": False}}


@oddity
def logging(submission):
    """Log messages to stderr at every level, also inside the graded function."""
    submission.answer(
        "root",
        """
        import logging

        logging.basicConfig(level=logging.DEBUG)
        log = logging.getLogger(__name__)

        def root(x):
            log.debug("root of %s", x)
            if x < 0:
                log.error("below zero")
                raise ValueError("x is below zero")
            return x**0.5
    """,
    )


@oddity
def long_essay(submission):
    """The written answer is long, with formulas, tables, a list and code."""
    submission.cell("essay").source += (
        "\n\n$$x^2 \\ge 0$$\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
        + ("* because\n\n```python\nx * x\n```\n" * 200)
    )


@oddity
def long_lines(submission):
    """A very long line, tabs for indentation, Windows line endings and a form feed."""
    long = ", ".join(["0"] * 50000)
    text = f"def square(x):\r\n\tif True:\r\n\t\treturn x * x + sum([{long}])\r\n"
    submission.cell("square").source = text
    submission.cell("distance").source = "\x0cdef distance(a, b):\r\n\treturn square(a - b)\r\n"


@oddity
def magics(submission):
    """Magics: %%time, %timeit, %%capture, %who, %precision and a shell alias."""
    submission.answer("total", "%%time\ntotal = sum(n * n for n in range(1, 101))")
    submission.add("%timeit -n 3 -r 2 sum(range(10))")
    submission.add("%%capture said\nprint('hidden')")
    submission.add("said.show()\n%who\n%precision 3\n%lsmagic")
    submission.answer("square", "%config InlineBackend.figure_format = 'retina'\n"
                      "def square(x):\n    return x * x")  # fmt: skip


@oddity
def much_print(submission):
    """Three megabytes of printed text, in cells and inside the graded function."""
    submission.add("for n in range(30000):\n    print(n, 'x' * 100)", before="square")
    submission.answer(
        "square",
        """
        def square(x):
            print("squaring" * 1000)
            return x * x
    """,
    )


@oddity
def numpy_scalars(submission):
    """Functions return NumPy scalars, 0-d arrays and Boolean arrays instead of Python numbers."""
    submission.answer("square", "def square(x):\n    return np.multiply(x, x)")
    submission.answer(
        "root",
        """
        def root(x):
            if x < 0:
                raise ValueError("x is below zero")
            return np.sqrt(np.array(float(x)))
    """,
    )
    submission.answer("total", "total = (np.arange(1, 101) ** 2).sum()")
    submission.answer(
        "primes",
        """
        def primes(n):
            return [k for k in np.arange(2, n) if (k % np.arange(2, k)).all()]
    """,
    )


@oddity
def numpy_warning(submission):
    """NumPy warns of a division by zero inside the graded function."""
    submission.answer(
        "standardize",
        """
        def standardize(x):
            np.array([1.0]) / np.array([0.0])
            np.log(np.array([-1.0]))
            return (x - x.mean(axis=0)) / x.std(axis=0)
    """,
    )


@oddity
def old_jupyter(submission):
    """A notebook as saved by Jupyter in 2015: nbformat 4.0, no ids, the kernel `Python [Root]`."""
    submission.notebook.metadata = {
        "kernelspec": {
            "display_name": "Python [Root]",
            "language": "python",
            "name": "Python [Root]",
        }
    }

    def save(data):
        notebook = json.loads(data)
        notebook["nbformat_minor"] = 0
        for cell in notebook["cells"]:
            cell.pop("id", None)
            cell["metadata"] |= {"collapsed": False}
        return json.dumps(notebook, indent=1).encode()

    submission.change(save)


@oddity
def own_assertions(submission):
    """Assertions written by the student, one of which fails after all definitions."""
    submission.add("assert square(4) == 16\nassert primes(3) == [2]")
    submission.add("assert square(4) == 17, 'my own mistake'", after="square")


@oddity
def own_exceptions(submission):
    """The exception is a subclass of the required one, raised from another."""
    submission.answer(
        "root",
        """
        class BelowZero(ValueError):
            \"\"\"x is below zero.\"\"\"

        def root(x):
            try:
                if x < 0:
                    raise KeyError(x)
            except KeyError as error:
                raise BelowZero(f"{x} is below zero") from error
            return x**0.5
    """,
    )


@oddity
def plain(submission):
    """The right solution without any oddity."""
    pass


@oddity
def print_options(submission):
    """print with sep, end, file and flush, to stdout, stderr and a file."""
    submission.answer(
        "square",
        """
        import io, sys

        def square(x):
            print("a", "b", sep="-", end="!\\n", flush=True)
            print("to stderr", file=sys.stderr)
            print("to a buffer", file=io.StringIO())
            sys.stdout.write("written\\n")
            sys.__stderr__.write("below\\n")
            return x * x
    """,
    )


@oddity
def processes(submission):
    """A pool of processes does the work."""
    submission.answer(
        "total",
        """
        import multiprocessing

        def one(n):
            return n * n

        with multiprocessing.get_context("fork").Pool(2) as pool:
            total = sum(pool.map(one, range(1, 101)))
    """,
    )


@oddity
def progress_bar(submission):
    """A progress bar on stderr that overwrites itself, like tqdm's."""
    submission.answer(
        "total",
        """
        import sys, time

        total = 0
        for n in range(1, 101):
            total += n * n
            sys.stderr.write(f"\\r{n}%|{'█' * (n // 10):10}| {n}/100")
            sys.stderr.flush()
            time.sleep(0.002)
    """,
    )


@oddity
def recursion(submission):
    """Recursive solutions with a raised limit, and a generator used inside."""
    submission.answer(
        "primes",
        """
        import sys
        sys.setrecursionlimit(5000)

        def sieve(numbers):
            if not numbers:
                return []
            first, *rest = numbers
            return [first] + sieve([n for n in rest if n % first])

        def primes(n):
            def count(k):
                while k < n:
                    yield k
                    k += 1
            return sieve(list(count(2)))
    """,
    )


@oddity
def reordered(submission):
    """Independent questions are in another order, and text is deleted."""
    for name in ("primes_test", "primes"):
        submission.cells.insert(2, submission.remove(name))
    for cell in list(submission.cells):
        if cell.cell_type == "markdown" and "nbgrader" not in cell.metadata:
            submission.cells.remove(cell)


@oddity
def rich_outputs(submission):
    """HTML, LaTeX, Markdown, tables and JSON are displayed, as last values and by `display`."""
    submission.add("""
        from IPython.display import HTML, JSON, Latex, Markdown, display

        class Table:
            def _repr_html_(self):
                return "<table><tr><td>1</td></tr></table>"

        display(HTML("<b>bold</b>"), Latex("$x^2$"), Markdown("*hello*"), JSON({"a": 1}))
        Table()
    """)
    submission.add("from IPython.core.interactiveshell import InteractiveShell\n"
                   "InteractiveShell.ast_node_interactivity = 'all'\n1\n2")  # fmt: skip


@oddity
def seeds(submission):
    """Random seeds of NumPy and Python are set, in a cell and inside the function."""
    submission.first("import random\nimport numpy as np\nnp.random.seed(0)\nrandom.seed(0)")
    submission.answer(
        "standardize",
        """
        def standardize(x):
            np.random.seed(1)
            noise = np.random.rand(*x.shape) * 0
            return (x - x.mean(axis=0)) / x.std(axis=0) + noise
    """,
    )


@oddity
def shadows_later(submission):
    """Names of builtins are used for variables: list, max, sum, input, id, type."""
    submission.add("""
        list1, max, min, id, type = [1], 3, 1, 5, "kind"
        sum = 0
        for i in list1:
            sum += i
    """)


@oddity
def shell(submission):
    """Shell commands: !echo, its output in a variable, %%bash, %cd, subprocess."""
    submission.add("""
        !echo hello
        names = !ls
        print(names)
        !pip --version
        import subprocess
        print(subprocess.run(["echo", "again"], capture_output=True, text=True).stdout)
    """)
    submission.add("%%bash\necho from bash\nls | head -3")
    submission.add("%cd ..\n%cd -\n%pwd")


@oddity
def slow_cell(submission):
    """A cell takes three seconds, and a graded function half a second."""
    submission.add("import time\ntime.sleep(3)")
    submission.answer(
        "root",
        """
        import time

        def root(x):
            time.sleep(0.1)
            if x < 0:
                raise ValueError("x is below zero")
            return x**0.5
    """,
    )


@oddity
def solution_twice(submission):
    """A solution cell occurs twice after copy and paste; the last one is right."""
    wrong = deepcopy(submission.cell("square"))
    wrong.source = "def square(x):\n    return x + x"
    wrong["id"] = "0123abcd"
    submission.cells.insert(submission.cells.index(submission.cell("square")), wrong)


@oddity
def solution_without_metadata(submission):
    """A solution was copied to a new cell and the old cell deleted, so its metadata are lost."""
    text = submission.cell("root").source
    submission.add(text, before="root")
    submission.remove("root")


@oddity
def split_solution(submission):
    """A solution is split; the second cell has no metadata and defines the function."""
    text = submission.cell("primes").source
    submission.answer("primes", "# first some thoughts\nlimit = 2")
    submission.add(text, after="primes")


@oddity
def star_import(submission):
    """`from numpy import *`, which hides sum, abs, round, all and min."""
    submission.answer(
        "standardize",
        """
        from numpy import *
        from math import *

        def standardize(x):
            return (x - mean(x, axis=0)) / std(x, axis=0)
    """,
    )
    # NumPy's `all` does not do what the usual solution means.
    submission.answer(
        "primes",
        """
        def primes(n):
            return [k for k in range(2, n) if not any([k % d == 0 for d in range(2, k)])]
    """,
    )


@oddity
def test_deleted(submission):
    """The student deleted two test cells."""
    submission.remove("square_test")
    submission.remove("root_test")


@oddity
def test_twice(submission):
    """A test cell was copied and pasted, to run it again below."""
    copy = deepcopy(submission.cell("square_test"))
    copy["id"] = "0123abcd"
    submission.cells.append(copy)


@oddity
def threads(submission):
    """Threads do the work in a pool, and a daemon thread stays idle."""
    submission.answer(
        "total",
        """
        import threading
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(4) as pool:
            total = sum(pool.map(lambda n: n * n, range(1, 101)))
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    """,
    )


@oddity
def timestamp(submission):
    """A file with the submission time, as written by nbgrader's own exchange."""
    submission.file("timestamp.txt", "2026-03-01 12:00:00.123456 UTC")


@oddity
def top_level_await(submission):
    """Top-level await in a cell."""
    submission.answer(
        "total",
        """
        import asyncio

        async def work():
            await asyncio.sleep(0.01)
            return sum(n * n for n in range(1, 101))

        total = await work()
    """,
    )


@oddity
def tuples(submission):
    """Ordered dictionaries, default dictionaries and named tuples inside the solution."""
    submission.answer(
        "words",
        """
        from collections import Counter, OrderedDict, defaultdict, namedtuple

        Pair = namedtuple("Pair", "word number")

        def words(text):
            counts = defaultdict(int)
            for word in text.split():
                counts[word] += 1
            return OrderedDict(Pair(w, n) for w, n in Counter(counts).items())
    """,
    )


@oddity
def type_hints(submission):
    """Type hints, postponed annotations, positional-only arguments and defaults."""
    submission.answer(
        "square",
        """
        from __future__ import annotations
        from typing import TypeVar

        T = TypeVar("T", int, float)

        def square(x: T, /, *, times: int = 1) -> NotThere | T:
            return x * x * times
    """,
    )
    submission.answer(
        "distance",
        """
        def distance(a: float, b: float = 0.0, *rest: int, **options: str) -> float:
            result: float = square(a - b)
            return result
    """,
    )


@oddity
def unicode(submission):
    """Names and text in other alphabets, emoji, combining characters and right-to-left marks."""
    submission.answer(
        "square",
        """
        größe_π = 1  # αβγ 你好 עברית 👩‍👩‍👧 é
        print("été \\u202e ☃ 𝕏", größe_π)

        def square(x):
            \"\"\"返回平方。\"\"\"
            πάντα = x * x
            return πάντα
    """,
    )
    submission.answer("essay", "因为负负得正 — كل مربع موجب. 🎉")


@oddity
def vscode(submission):
    """A notebook as saved by VS Code: language ids, other indentation, its own outputs."""
    submission.notebook.metadata = {
        "kernelspec": {"name": "python3", "display_name": ".venv (3.12.1)", "language": "python"},
        "language_info": {
            "name": "python",
            "version": "3.12.1",
            "pygments_lexer": "ipython3",
            "codemirror_mode": {"name": "ipython", "version": 3},
        },  # fmt: skip
        "vscode": {"interpreter": {"hash": "0" * 64}},
    }
    for cell in submission.cells:
        cell.metadata["vscode"] = {"languageId": "python"}

    def save(data):
        notebook = json.loads(data)
        notebook["nbformat_minor"] = 2
        for cell in notebook["cells"]:
            cell.pop("id", None)
        return json.dumps(notebook, indent=4).encode() + b"\r\n"

    submission.change(save)


@oddity
def warning(submission):
    """A warning on stderr in the graded function. Stock nbgrader deducts all points for it."""
    submission.answer(
        "square",
        """
        import warnings

        def square(x):
            warnings.warn("squares are slow")
            return x * x
    """,
    )


@oddity
def warnings_as_errors(submission):
    """Warnings are turned into errors at the top of the notebook."""
    submission.first("import warnings\nwarnings.simplefilter('error')")
