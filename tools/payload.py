"""What a released notebook carries: the checks of its own exercises, as one line of text.

It is base 85 of zlib's compression, the same bytes wherever it unpacks to the same: another zlib
compresses otherwise, so a line that is there and holds the same stays.
"""

import ast
import base64
import functools
import json
import re
import zlib
from dataclasses import replace
from pathlib import Path

import public_tests
from exercises import EXERCISES
from exercises.stored import dump_case_set
from public_tests.notebook import PACKAGE, version_of
from public_tests.storage import SUFFIX, load_case_set
from tools.minify import minified

__all__ = ["LINE", "payload", "unpacked"]

LINE = re.compile(r'^_checks = "([^"\n]*)"$', re.MULTILINE)  # in the setup cell
LEFT_OUT = ("lessons", "notebook", "report")  # of lessons, in front of all others, of graded cells
PUBLIC = ("__init__", "checks")  # whose docstrings students read
# In this order the modules compress best, which was found by trying; others come behind them.
ORDER = (
    *("errors", "capture", "display", "svg", "comparing", "wording", "__init__", "model"),
    *("storage", "picture", "checks", "calling", "returned", "explanation", "windows"),
    *("properties", "slips", "judging", "verdict", "kinds", "text", "diagnosis"),
)
MEMORY = 5  # of zlib's levels: more, smaller blocks fit what is packed here best


def payload(names: list[str], root: Path, earlier: str = "", solutions: bool = False) -> str:
    """The text for a notebook with these exercises, and pass or fail of those that they call.

    Parameters
    ----------
    earlier
        The text that the notebook has, which stays where it holds the same.
    solutions
        Whether it holds their solutions, for self-study.
    """
    content = _content(names, root, solutions)
    if unpacked(earlier) == content:
        return earlier
    compressor = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS, MEMORY)
    return base64.b85encode(compressor.compress(content) + compressor.flush()).decode()


def unpacked(text: str) -> bytes:
    """What a notebook's line holds; b"" for what is none."""
    try:
        return zlib.decompress(base64.b85decode(text))
    except (ValueError, zlib.error):
        return b""


def _content(names: list[str], root: Path, solutions: bool) -> bytes:
    """The program that the setup cell runs, a zero byte, and what the program unpacks."""
    folder = root / PACKAGE
    files = {name: (folder / "cases" / f"{name}{SUFFIX}").read_bytes() for name in names}
    if solutions:
        files = {name: _with_solution(name, data) for name, data in files.items()}
    helpers = {helper for data in files.values() for helper in load_case_set(data).helpers}
    for name in sorted(helpers - set(names)):
        files[name] = _without_mistakes((folder / "cases" / f"{name}{SUFFIX}").read_bytes())
    modules, program, version = _code(folder)
    # What resembles each other stands together: that saves a twentieth.
    lines = [data.partition(b"\n")[0] for data in files.values()]
    numbers = [data.partition(b"\n")[2] for data in files.values()]
    about = {
        "version": version,
        "modules": {name: len(text) for name, text in modules.items()},
        "cases": dict(zip(files, map(len, numbers), strict=True)),
    }
    line = json.dumps(about, separators=(",", ":")).encode()
    code = b"".join(modules.values())
    start = f"{program}install(carried)\n\0".encode()
    return b"".join([start, line, b"\n", code, b"\n".join([*lines, b"".join(numbers)])])


def _with_solution(name: str, data: bytes) -> bytes:
    """The file of an exercise with its solution, as students write it, but for the docstring."""
    line, newline, numbers = data.partition(b"\n")
    text = json.loads(line)
    source = EXERCISES[name].solution_text()
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    first, *_ = function.body
    lines = source.splitlines()
    kept = lines[: first.lineno - 1] + lines[first.end_lineno :]
    text["case_set"]["solution"] = "\n".join(kept)
    return json.dumps(text, separators=(",", ":")).encode() + newline + numbers


def _without_mistakes(data: bytes) -> bytes:
    case_set = load_case_set(data)
    cases = tuple(replace(case, mistaken={}) for case in case_set.cases)
    return dump_case_set(replace(case_set, mistakes=(), slips={}, depends=(), cases=cases))


@functools.cache
def _code(folder: Path) -> tuple[dict[str, bytes], str, str]:
    """The modules' texts by their names, the program's text, and the version of all."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
    modules = {
        f"{PACKAGE}.{name}".removesuffix(".__init__"): minified(text, name in PUBLIC).encode()
        for name, text in sorted(texts.items(), key=_place)
        if name not in LEFT_OUT
    }
    return modules, minified(texts["notebook"]), version_of(public_tests)


def _place(module: tuple[str, str]) -> tuple[int, str]:
    """Where a module stands among the others."""
    name, _ = module
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)
