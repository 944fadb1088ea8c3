"""Generate six submissions of an assignment from the instructor's notebook."""

import ast
import copy
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from benchmarks._mutants import COMPARISONS, OPERATORS

__all__ = ["SUBMISSIONS", "changed", "is_code_solution", "is_test", "solved", "submissions"]

Notebook = dict[str, Any]

MARKS = ("BEGIN SOLUTION", "END SOLUTION")
NOT_PYTHON = re.compile(r"^(\s*)[%!?].*$", re.MULTILINE)
RAISED = "raise RuntimeError('not finished')"

# The submissions by student name, and the content of each.
SUBMISSIONS = {
    "complete": "the instructor's solution",
    "stub": "the notebook as released",
    "odd": "solutions in the first, third, ... solution cell, the others as released",
    "even": "solutions in the second, fourth, ... solution cell",
    "changed": "the solution, one operator, comparison or constant of every cell changed",
    "raises": "the solution, its last solution cell ends by raising an exception",
}


def submissions(source: Notebook, released: Notebook) -> dict[str, Notebook]:
    """Return the six submissions of a notebook by name.

    Parameters
    ----------
    source
        Instructor's notebook.
    released
        Notebook released to students, with the same cell ids.
    """
    answers = {_id(cell): cell["source"] for cell in source["cells"] if _role(cell, "solution")}
    code = [_id(cell) for cell in released["cells"] if is_code_solution(cell)]
    odd, even = set(code[::2]), set(code[1::2])

    def with_answers(answer: Callable[[str, str], str]) -> Notebook:
        notebook = copy.deepcopy(released)
        for cell in notebook["cells"]:
            if _role(cell, "solution") and _id(cell) in answers:
                cell["source"] = answer(_id(cell), cell["source"])
        return notebook

    def without(cells: set[str]) -> Notebook:
        return with_answers(lambda key, text: text if key in cells else solved(answers[key]))

    def altered(key: str, _: str) -> str:
        text = answers[key]
        return solved(changed(text, key) if key in code else text)

    def raising(key: str, _: str) -> str:
        text = solved(answers[key])
        return f"{text.rstrip()}\n{RAISED}\n" if code[-1:] == [key] else text

    return {
        "complete": without(set()),
        "stub": copy.deepcopy(released),
        "odd": without(even),
        "even": without(odd),
        "changed": with_answers(altered),
        "raises": with_answers(raising),
    }


def is_test(cell: Mapping[str, Any]) -> bool:
    """True if a cell is a test: a graded code cell that is not an answer."""
    graded = _role(cell, "grade") and not _role(cell, "solution") and not _role(cell, "task")
    return graded and cell["cell_type"] == "code"


def is_code_solution(cell: Mapping[str, Any]) -> bool:
    """True if a cell is an answer written in code."""
    return cell["cell_type"] == "code" and _role(cell, "solution")


def solved(text: str) -> str:
    """Return a solution cell without its solution markers."""
    return "\n".join(line for line in text.split("\n") if not any(mark in line for mark in MARKS))


def changed(text: str, key: str) -> str:
    """Return a solution cell with one operator, comparison or constant changed.

    Only code between the solution markers is changed. Strings are changed only if there is nothing
    else to change; a cell without candidates, or that is not Python, is returned unchanged.

    Parameters
    ----------
    key
        String that selects one of the possible changes.
    """
    lines = text.split("\n")
    plain = NOT_PYTHON.sub(lambda match: match[1] + "pass", text)
    try:
        tree = ast.parse(plain)
    except SyntaxError:
        return text
    inside = _solution_lines(lines)
    found = [
        (rank, node, new)
        for rank, node, new in _changes(tree)
        if node.lineno in inside and node.end_lineno in inside
    ]
    if not found:
        return text
    best = [item for item in found if item[0] == min(rank for rank, *_ in found)]
    _, node, new = best[zlib.crc32(key.encode()) % len(best)]
    return _replaced(lines, node, new)


def _changes(tree: ast.AST) -> Iterator[tuple[int, ast.expr, str]]:
    """Yield the rank, the expression and its new code for each possible change."""
    unchanged = set()  # docstrings, and the parts of an f-string, which have no separate position
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            unchanged |= set(ast.walk(node))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            unchanged.add(node.value)
        if node in unchanged:
            continue
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            operator = OPERATORS[type(node.op)][0]()
            yield 0, node, f"({ast.unparse(ast.BinOp(node.left, operator, node.right))})"
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
            operators = [COMPARISONS[type(node.ops[0])][0](), *node.ops[1:]]
            yield 0, node, f"({ast.unparse(ast.Compare(node.left, operators, node.comparators))})"
        elif isinstance(node, ast.Constant):
            value = node.value
            if isinstance(value, bool):
                yield 0, node, repr(not value)
            elif isinstance(value, (int, float)):
                yield 0, node, repr(value + 1)
            elif isinstance(value, str):
                yield 1, node, repr(value + "x")


def _replaced(lines: list[str], node: ast.expr, new: str) -> str:
    """Return the text with one expression replaced; column offsets count bytes."""
    first, last = lines[node.lineno - 1].encode(), lines[node.end_lineno - 1].encode()
    line = first[: node.col_offset] + new.encode() + last[node.end_col_offset :]
    return "\n".join([*lines[: node.lineno - 1], line.decode(), *lines[node.end_lineno :]])


def _solution_lines(lines: list[str]) -> set[int]:
    """Return the line numbers between the solution markers, or all line numbers without markers."""
    if not any(MARKS[0] in line for line in lines):
        return set(range(1, len(lines) + 1))
    inside, numbers = False, set()
    for number, line in enumerate(lines, 1):
        if MARKS[0] in line:
            inside = True
        elif MARKS[1] in line:
            inside = False
        elif inside:
            numbers.add(number)
    return numbers


def _own(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    own = cell["metadata"].get("nbgrader")
    return own if isinstance(own, dict) else {}


def _role(cell: Mapping[str, Any], role: str) -> bool:
    return bool(_own(cell).get(role))


def _id(cell: Mapping[str, Any]) -> str:
    return str(_own(cell).get("grade_id"))
