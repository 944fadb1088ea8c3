"""Static analysis of the names in a cell."""

import ast

import pytest

from nbjudge.notebook.static_names import (
    assigned_names,
    calls_seed,
    defined_names,
    imported_modules,
    imports,
    parse,
    parse_anew,
    read_names,
    value_is_of,
)
from tests.support.processor_time import finishes


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(x): y = x", {"f": "function"}),
        ("async def f(): pass", {"f": "function"}),
        ("@wraps(g)\ndef f(): pass", {"f": "function"}),
        ("class C:\n    a = 1\n    def m(self): pass", {"C": "class"}),
        ("x = 1", {"x": "variable"}),
        ("%%time\ndef f(x): return x", {"f": "function"}),
        ("\n%%capture out\nx = 1", {"x": "variable"}),
        ("%%timeit\nx = 1", {}),
        ("%time x = f(1)", {"x": "variable"}),
        ("%%bash\nx=1", {}),
        ("x = y = 1", {"x": "variable", "y": "variable"}),
        ("x, (y, *z) = t", {"x": "variable", "y": "variable", "z": "variable"}),
        ("x: int = 1", {"x": "variable"}),
        ("x += 1", {"x": "variable"}),
        ("print(x := 3)", {"x": "variable"}),
        ("f = lambda x: x", {"f": "variable"}),
        ("a.b = 1\na[0] = 2", {}),
        ("for i in r:\n    x = i", {"i": "variable", "x": "variable"}),
        ("while w:\n    x = 1\nelse:\n    y = 1", {"x": "variable", "y": "variable"}),
        ("if c:\n    def f(): pass\nelse:\n    f = None", {"f": "variable"}),
        (
            "try:\n    a = 1\nexcept E as e:\n    b = 1\nelse:\n    c = 1\nfinally:\n    d = 1",
            {"a": "variable", "b": "variable", "c": "variable", "d": "variable"},
        ),
        (
            "try:\n    import a\nexcept ImportError:\n    def f(x):\n        local = x",
            {"f": "function"},
        ),
        (
            "match p:\n    case 0: y = 1\n    case 1:\n        def f(x):\n            local = x",
            {"y": "variable", "f": "function"},
        ),
        ("squares = [i * i for i in r]", {"squares": "variable"}),
        ("print({k: v for k, v in t if (last := v)})", {"last": "variable"}),
        ("with open(p) as file:\n    x = 1", {"file": "variable", "x": "variable"}),
        ("if a:\n    with b:\n        class C: pass", {"C": "class"}),
        ("async def f():\n    async with a as b: pass", {"f": "function"}),
        ("def f():\n    def g(): pass\n    x = 1", {"f": "function"}),
        ("x = 1\ndef x(): pass", {"x": "function"}),
        ("import numpy as np", {}),
        ("", {}),
        ("# only a comment", {}),
    ],
)
def test_what_a_cell_defines(source, names):
    assert defined_names(parse(source)) == names


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import numpy as np, os.path", {"np", "os"}),
        ("from a.b import c as d, e", {"d", "e"}),
        ("try:\n    import a\nexcept ImportError:\n    import b as a", {"a"}),
        ("if x:\n    from a import b\ny = 1", {"b", "y"}),
        ("def f():\n    import inside", {"f"}),
    ],
)
def test_assigned_names_include_imports(source, names):
    assert assigned_names(parse(source)) == names


def test_a_match_statement_binds_what_it_captures():
    tree = parse(
        "match point:\n    case (x, 0) as pair:\n        y = 1\n"
        "    case [*items] | {'a': 1, **rest}:\n        z = 2"
    )
    assert set(defined_names(tree)) == {"x", "pair", "y", "items", "rest", "z"}


def test_imports_are_given_as_lines():
    source = (
        "import numpy as np\nx = 1\nif x:\n    from os import path as p, sep\n"
        "try:\n    import a\nexcept ImportError:\n    a = None\n"
        "def f():\n    import hidden\nfrom numpy import *"
    )
    assert imports(parse(source)) == [
        "import numpy as np",
        "from os import path as p, sep",
        "import a",
        "from numpy import *",
    ]


def test_every_imported_module_is_named_once():
    texts = [
        "import numpy, jinja2\nimport os.path as p",
        "from os.path import join, sep\nfrom . import here\nfrom .beside import x",
        "match a:\n    case 0:\n        import json, numpy",
    ]
    assert imported_modules(texts) == ["jinja2", "json", "numpy", "os.path"]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("f(x)", {"f", "x"}),
        ("y = x", {"x"}),
        ("def g():\n    return h(z)", {"h", "z"}),
        ("[a for a in b if c]", {"a", "b", "c"}),
        ("a.b.c[d]", {"a", "d"}),
        ("f'{v!r:>{w}}'", {"v", "w"}),
        ("@deco\ndef f(x=default): pass", {"deco", "default"}),
        ("assert f(1) == 2, m", {"f", "m"}),
        ("x = 1", set()),
        ("x += 1\ny: kind = 2", {"kind"}),
        ("%timeit -n 10 -r2 f(3)\nbest = %timeit -o g(h)", {"f", "g", "h"}),
        ("%time f(3)", {"f"}),
    ],
)
def test_what_a_cell_reads(source, names):
    assert read_names(parse(source)) - {"x"} == names - {"x"}
    if "x" in names:
        assert "x" in read_names(parse(source))


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\ndef f(): pass",
        "!ls -l\ndef f(): pass",
        "files = !ls\ndef f(): pass",
        "%time x = 1\ndef f(): pass",
        "f?\ndef f(): pass",
        "  def f(): pass",
        "def f(): pass\r\n",
        "await g()\ndef f(): pass",
        "\n\n\tdef f(): pass",
    ],
)
def test_magics_commands_and_indented_cells_are_understood(source):
    assert defined_names(parse(source))["f"] == "function"


def test_a_cell_magic_hides_its_cell():
    assert defined_names(parse("%%writefile a.py\ndef f(): pass")) == {}


@pytest.mark.parametrize(
    "source",
    [
        "def f(:",
        "x = ",
        "'''never closed",
        "\0",
        "a\0b",
        "(" * 500,
        "-" * 100_000 + "1",
        "x" + "[0]" * 50_000,
        "1" * 5000,
        "print 'two'",
        "\ud800 = 1",
        "f'{'",
        "%" * 100,
        "%%",
        "!",
        "?",
        "=!",
        "\\",
    ],
    ids=lambda source: repr(source[:12]),
)
def test_invalid_python_defines_nothing_and_raises_nothing(source):
    tree = parse(source)
    assert isinstance(tree, ast.Module)
    assert set(defined_names(tree)) <= {"x"}
    read_names(tree), imports(tree), assigned_names(tree), value_is_of(tree, {"x"})


@pytest.mark.parametrize(
    "source",
    [
        "f(2)",
        "x",
        "x.score",
        "x[0]",
        "f(1)(2).y['z']",
        "a = 1\nf(a)",
        "s = f(2)\ns",
        "s = f(2)\nt = s\nt.points",
        "a, b = f(2)\nb",
        "s = t = f(2)\nt",
        "if True:\n    s = f(2)\ns",
        "s: float = f(2)\ns",
        "(s := f(2))",
        "(s := f(2))\ns",
    ],
)
def test_a_students_value_is_recognized(source):
    assert value_is_of(parse(source), {"f", "x"})


@pytest.mark.parametrize(
    "source",
    [
        "",
        "1.5",
        "g(2)",
        "score",
        "score = 2\nif f(2) == 4:\n    score += 1\nscore",
        "f(2) == 4",
        "2 * (f(2) == 4)",
        "grade(f)",
        "grade(f).points",
        "s = f(2)\nlen(s)",
        "f(2)\npass",
        "f(2)\ns = 1",
        "sum(f(n) == n for n in range(3))",
    ],
)
def test_the_judges_own_value_is_not_mistaken_for_a_students(source):
    assert not value_is_of(parse(source), {"f", "x"})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("np.random.seed(1)", True),
        ("%matplotlib inline\nfor n in r:\n    random.seed(n)", True),
        ("def test():\n    set_seed (1)", True),
        ("print('np.random.seed(1)')  # seed(1)", False),
        ("seed = 1", False),
        ("seed(1)[0](2)", True),
        ("f(", False),
    ],
)
def test_calls_that_seed_random_numbers(source, expected):
    assert calls_seed(parse(source)) is expected


MANY = [
    "!a\n" * 3000,
    "?\n" * 3000,
    "x = !a\n" * 3000,
    "a?\n" * 3000,
    "%time x\n" * 3000,
    " " * 100_000 + "x",
    "(" * 100_000,
]


@pytest.mark.parametrize("source", MANY, ids=lambda text: text[:6])
def test_many_commands_are_rewritten_in_one_pass(source):
    text = f"def f():\n    return 1\n{source}\ny = 2\n"
    assert finishes(lambda: parse(text)), "IPython would tokenize the cell again for each"
    assert finishes(lambda: parse_anew(text))


def test_a_cell_magic_hides_its_cell_whatever_is_in_it():
    assert defined_names(parse("%%bash\nx=1\n" + "!a\n" * 3000)) == {}


def test_names_are_found_beside_many_commands():
    commands = "!a\n" * 200 + "if x:\n    %b\n" * 200 + "files = !ls\n" * 200 + "c?\n" * 200
    names = defined_names(parse(f"def f(): pass\n{commands}y = 2\n"))
    assert names == {"f": "function", "files": "variable", "y": "variable"}
