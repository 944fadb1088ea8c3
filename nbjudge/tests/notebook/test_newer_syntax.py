"""Newer Python syntax is recognized and is distinguished from ordinary syntax errors."""

import ast
import sys
import warnings

import pytest

from nbjudge.notebook.newer_syntax import newer_python

NEWER = {
    "quotes": ('d = {"a": 1}\nprint(f"{d["a"]}")', "3.12"),
    "quotes in a format": ('print(f"{1:>{d["a"]}}")', "3.12"),
    "backslash": ('print(f"{"\\n".join(x)}")', "3.12"),
    "comment": ('print(f"{1 # one\n}")', "3.12"),
    "lines": ('x = f"{\n1 +\n2}"', "3.12"),
    "all parts": (
        'f"{d["a"] == 2} {d["a"] != 2!r:4} {x= } {{a}} {(y := 3)} {d["a"] <= 3}"',
        "3.12",
    ),
    "named character": ('f"{d["a"]} \\N{BULLET}"', "3.12"),
    "joined": ("x = f'{d['a']}' 'b' f'{1}'", "3.12"),
    "triple quotes": ("def f():\n    return f'''{\nd['''a''']\n}'''", "3.12"),
    "function": ("def f[T](x: T) -> T:\n    return x", "3.12"),
    "class": ("class C[T, *U]:\n    pass", "3.12"),
    "alias": ("type X = list[int]", "3.12"),
    "alias with parameters": ("type X[T] = list[T]", "3.12"),
    "default": ("def f[T = int](x: T): pass", "3.13"),
    "template": ('x = 1\ny = t"{x}"', "3.14"),
    "exceptions": ("try:\n    pass\nexcept ValueError, np.AxisError:\n    pass", "3.14"),
}
ORDINARY = {
    "colon": "def f(x)\n    return x",
    "beside newer syntax": 'print(f"{d["a"]}")\ndef f(x)\n    return x',
    "parenthesis": "x = (1, 2\ny = 3",
    "bracket in a string": 'print(f"{x[")',
    "indentation": "def f(x):\nreturn x",
    "Python 2": 'print "a"',
    "Python 2, exception": "try:\n    pass\nexcept ValueError, error:\n    pass",
    "prefix": 'a = bf"{1}"',
    "prefix twice": 'a = ff"{1}"',
    "null character": "x = 1  # \0\ny = 2",
    "escape in newer syntax": 'print(f"{d["a"]} \\x1")',
    "operator": "x = = 2",
    "operator in a string": 'print(f"{x +}")',
    "nothing in braces": 'print(f"{}")',
    "conversion": 'print(f"{x!z}")',
    "two names in braces": 'print(f"{a b}")',
    "no end": 'x = "abc',
    "no end of braces": "f'{x'",
    "one brace": "f'x}'",
    "named character": 'f"{d["a"]} \\N{BULLET"',
    "no parameters": "def f[](x): pass",
    "right": "x = f'{1}'",
    "only a comment": "# x",
    "long": "x = (" + "1, " * 100_000,
}


@pytest.mark.parametrize(("source", "version"), NEWER.values(), ids=NEWER)
def test_newer_syntax(source, version):
    needs = tuple(map(int, version.split(".")))
    assert newer_python(source) == ("" if needs <= sys.version_info[:2] else version)
    if needs <= sys.version_info[:2]:  # this Python can check the example itself
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)


@pytest.mark.parametrize("source", ORDINARY.values(), ids=ORDINARY)
def test_ordinary_errors(source):
    assert newer_python(source) == ""
