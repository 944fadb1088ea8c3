"""What a released notebook carries: the checks of its own exercises, as one line of text.

It is base 85 of zlib's compression, the same bytes wherever it unpacks to the same: another zlib
compresses otherwise, so a line that is there and holds the same stays.
"""

import ast
import base64
import functools
import io
import json
import re
import tokenize
import zlib
from dataclasses import replace
from pathlib import Path

import public_tests
from exercises.stored import dump_case_set
from public_tests.notebook import PACKAGE, version_of
from public_tests.storage import SUFFIX, load_case_set

__all__ = ["LINE", "payload", "unpacked"]

LINE = re.compile(r'^_checks = "([^"\n]*)"$', re.MULTILINE)  # in the setup cell
LEFT_OUT = ("lessons", "notebook")  # for lessons; and the text in front of all others
MEMORY = 5  # of zlib's levels: more, smaller blocks fit what is packed here best


def payload(names: list[str], root: Path, earlier: str = "") -> str:
    """The text for a notebook with these exercises, and pass or fail of those that they call.

    earlier: the text that the notebook has, which stays where it holds the same
    """
    content = _content(names, root)
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


def _content(names, root):
    """The program that the setup cell runs, a zero byte, and what the program unpacks."""
    folder = root / PACKAGE
    files = {name: (folder / "cases" / f"{name}{SUFFIX}").read_bytes() for name in names}
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
    program = f"{program}install(carried)\n\0".encode()
    code = b"".join(modules.values())
    return b"".join([program, line, b"\n", code, b"\n".join([*lines, b"".join(numbers)])])


def _without_mistakes(data):
    case_set = load_case_set(data)
    cases = tuple(replace(case, mistaken={}) for case in case_set.cases)
    return dump_case_set(replace(case_set, mistakes=(), cases=cases))


@functools.cache
def _code(folder):
    """The modules' texts by their names, the program's text, and the version of all."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
    modules = {
        f"{PACKAGE}.{name}".removesuffix(".__init__"): shortened(text, name == "__init__").encode()
        for name, text in sorted(texts.items())
        if name not in LEFT_OUT
    }
    return modules, shortened(texts["notebook"]), version_of(public_tests)


def shortened(text: str, public: bool = False) -> str:
    """A module's text without comments, docstrings, functions' annotations and empty lines.

    It is indented by single spaces.

    public: keep what only readers and `import *` need, `__all__` and the docstrings of functions
        without an underscore
    """
    lines, dropped, inside = text.splitlines(), set(), set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            number, column = token.start
            lines[number - 1] = lines[number - 1][:column].rstrip()
    for number, start, end in sorted(_annotations(ast.parse(text)), reverse=True):
        line = lines[number - 1]
        lines[number - 1] = line[:start].removesuffix(" -> ") + line[end:]
    for node in ast.walk(ast.parse(text)):
        if not public and _is_list_of_names(node):
            dropped.update(range(node.lineno, node.end_lineno + 1))
        elif _is_docstring(node, public):
            first = node.body[0]
            dropped.update(range(first.lineno, first.end_lineno + 1))
        elif isinstance(node, ast.JoinedStr) or isinstance(getattr(node, "value", None), str):
            inside.update(range(node.lineno + 1, node.end_lineno + 1))
    kept = []
    for number, line in enumerate(lines, start=1):
        if number in inside and number not in dropped:
            kept.append(line)
        elif line.strip() and number not in dropped:
            indent = len(line) - len(line.lstrip())
            kept.append(" " * (indent // 4) + line.lstrip())
    return "\n".join(kept) + "\n"


def _annotations(tree):
    """Where the annotations of functions stand: (number of the line, start, end).

    Positions count bytes; the code holds ASCII alone where there are any.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.returns:
            yield node.returns.lineno, node.returns.col_offset, node.returns.end_col_offset
        elif isinstance(node, ast.arg) and node.annotation:
            start = node.col_offset + len(node.arg)
            yield node.lineno, start, node.annotation.end_col_offset


def _is_list_of_names(node):
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    return isinstance(node, ast.Assign | ast.AugAssign) and "__all__" in (
        getattr(target, "id", "") for target in targets
    )


def _is_docstring(node, public):
    """Whether a definition begins with a docstring that is left out, and has more in it."""
    if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) or len(node.body) < 2:
        return False
    if public and isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
        return False
    return ast.get_docstring(node) is not None
