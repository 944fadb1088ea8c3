"""The reduction of a notebook, and refused functions: the key depends on nothing else."""

import json
from dataclasses import replace

import pytest

from nbjudge.plugins.questions.reduction import reduce
from tests.support.engines import cells_of, notebook_bytes, spec

SETUP = "import os\nimport numpy as np\nSIZE = 3\nSEEN = []\ndef helper(x): return x\n#"
SPEC = spec(
    (SETUP + "x" * 100_000, "locked", "setup"),
    ("def double(x):\n    return 2 * x", "solution", "double"),
    ("from answers import grade\nassert double(2) == 4", "test", "double_test", 2),
)


def reduced(code, own=""):
    """Reduce a notebook; return its student's cells and the refusal."""
    cells = cells_of(SPEC, double=code)
    mine = {"cell_type": "code", "metadata": {}, "source": own}
    result = reduce(notebook_bytes([mine, *cells]), SPEC)
    sources = [cell["source"] for cell in json.loads(result.notebook)["cells"]]
    return sources[0], sources[2], result.refusal


def body(line):
    return f"def double(x):\n    {line}\n    return 2 * x"


def test_only_needed_functions_imports_and_constants_are_left():
    own = (
        "%matplotlib inline\nimport numpy.linalg as la; print('x')\nN, = 1,\n"
        "K = (1, 'two')\nopened = open('f')\ndef used(x):  # comment\n    return x\n"
        "def unused():\n    exec('1')\n@used\ndef g(): pass\nclass C: pass\nfrom os import *\n"
        "x = !ls\nfor i in range(3):\n    print(i)\nimport numpy\nsum = 3\nnp = 4"
    )
    code = "%%time\n" + body("y = used(K[0]) + la.norm(x)") + "\nprint(double(3))"
    first, second, refusal = reduced(code, own)
    assert refusal == ""
    expected = {2: "import numpy.linalg as la", 4: "K = (1, 'two')", 17: "import numpy"}
    expected |= {6: "def used(x):  # comment", 7: "    return x", 1: "#"}
    lines = first.split("\n")
    assert {n: line for n, line in enumerate(lines, 1) if line} == expected
    assert len(lines) == len(own.split("\n"))
    assert second.split("\n")[1:4] == body("y = used(K[0]) + la.norm(x)").split("\n")


@pytest.mark.parametrize("code", ["def double(x:\n", "%%bash\n" + body("pass"), "x" * 99, "\0"])
def test_a_cell_that_is_no_python_is_blank(code):
    _, source, refusal = reduced(code)
    assert {*source} <= {"\n", "#"} and refusal.startswith("nothing is written")


def test_a_cell_as_it_was_released_counts_as_not_written():
    code = "def double(x):\n    raise NotImplementedError\n    return result"
    cells = [replace(c, source=code) if c.solution else c for c in SPEC.cells]
    content = notebook_bytes(cells_of(SPEC, double=code))
    refusal = reduce(content, replace(SPEC, cells=tuple(cells))).refusal
    assert refusal.startswith("nothing is written")


HOSTILE = {  # the reason, by a line of the function
    "x.__class__": "uses __class__ (line 2)",
    "globals()['np'] = x": "uses globals",
    "np._core": "uses _core",
    "match double:\n        case object(__globals__=g): g['np'] = x": "uses __globals__ (line 3)",
    "y = (x for x in x).gi_code": "uses gi_code",
    "y = '{0.gi_code}'.format(x)": "uses format",
    "y = ('{0._' + '_globals__}').format(double)": "uses format",
    "def g(__exit__): pass": "uses __exit__",
    "class C: pass": "declares a global variable or a class",
    "y = type('C', (), {'_' + '_del__': x})": "uses type",
    "y = functools.singledispatch(x)": "uses singledispatch",  # evaluates annotations
    "np.polynomial.polynomial.polyx[0] += 1": "uses polynomial",
    "from numpy.lib import format": "uses format",
    "y = np.empty(7)": "uses empty",  # has what an earlier call left there
    "y = np.ndarray(1, 'O', np.ones(1))": "calls ndarray",
    "import torch": "imports torch",
    "from numpy import random as r": "uses random",
    "from numpy.random import rand": "uses random",
    "np.sys.settrace(None)": "uses sys",
    "r.rand()": "uses r, which other code could change",
    "np.zeros = np.ones": "assigns to the attribute zeros",
    "m = np\n    del m.zeros": "assigns to the attribute zeros (line 3)",
    "global SIZE": "declares a global",
    "SEEN.append(1)": "uses SEEN, which",
    "os.environ": "uses os",
    "k = '{0.__globals__}'": "contains the text __globals__",
    "def __getattr__(): pass": "uses __getattr__",
    "y = 'a\u202eb'": "has characters that cannot be printed (line 2)",
    "y = 1" + " + 1" * 99: "or a line of over",
    "\n".join(["y = 1"] + ["    y = 2"] * 200): "has more than 150 lines",
}


REFUSED = {body(line): reason for line, reason in HOSTILE.items()} | {
    "calls = []\n" + body("calls.append(x)"): "uses calls, which",
    "import time\n" + body("time.time()"): "uses time",
    "@print\n" + body("pass"): "has a decorator, or a computed default or annotation (line 2)",
    "def double(x, seen=[]):\n    return 2 * x": "a computed default or annotation",
    "def double(x: print('hi')):\n    return 2 * x": "a computed default or annotation",
    "def print(x): return 2\n" + body("print(x)"): "print has the name",
    "def helper(x): return 2\n" + body("helper(x)"): "helper has the name",
    "def grade(x): return 2\n" + body("grade(x)"): "grade has the name",
    "x" * 100_001: "a cell has 100,001 characters",
}


@pytest.mark.parametrize("code", REFUSED)
def test_code_that_reaches_further_is_refused(code):
    assert REFUSED[code] in reduced(code, "from numpy import random as r")[2]


def test_what_honest_solutions_use_is_not_refused():
    code = '''def double(x: np.ndarray, axis=-1, dims=(1, 2)) -> "np.ndarray":
    """Return __twice__ x."""
    import math
    input, load = np.pad(x, 1), [math.sqrt(i) for i in range(3)]
    def twice(array): return np.lib.stride_tricks.sliding_window_view(array, 2)
    assert isinstance(x, np.ndarray), 'not {:.3} {}'.format(x, 1)
    return 2 * helper(x) + SIZE + N + np.select([x], [x]) + np.linalg.norm(twice(input))'''
    first, second, refusal = reduced(code, "import numpy as np\nN = 2")
    assert (refusal, second) == ("", code) and first == "#\nN = 2"
