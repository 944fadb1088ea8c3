"""Run a function with a recorder in its code: which lines run, with which values and shapes.

The recorder is inserted into the source. It sees parts of expressions, such as slices, and works
wherever the function runs: in a notebook, in a browser, or in the sandbox of a grader.
"""

import ast
import copy
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..judging.beside import beside
from ..judging.model import Case

__all__ = ["Trace", "limited", "slices_of", "statements", "trace"]

SEEN = f"_seen_{secrets.token_hex(8)}_"  # the student's code can neither use it nor look for it
MOST_EVENTS = 20_000  # of a call
COUNT = ""  # name under which the passes of a line are recorded
BODIES = ("body", "orelse", "finalbody")
Loop = ast.For | ast.While

# Runs beside the student's function, whose notebook may have redefined builtins. The function is
# inside, and could read and change any variable whose name it knows. Texts and errors contain
# qualified names of functions, which must not tell that one is inside another.
AROUND = f"""
def traced(*{SEEN}given):
    from builtins import Exception, SystemExit, TimeoutError, bool, getattr, hasattr, int
    from builtins import isinstance, str, tuple, type
    {SEEN}events, {SEEN}state, {SEEN}raised = {{}}, [{MOST_EVENTS}, 0], ["", True]
    def {SEEN}(line, name, value=None):
        {SEEN}state[0] -= 1
        if {SEEN}state[0] < 0:
            raise TimeoutError("the loops do not end")
        {SEEN}state[1] = line if name == "" else {SEEN}state[1]
        shape, seen = getattr(value, "shape", None), None
        if isinstance(shape, tuple) and shape:
            seen = shape
        elif isinstance(value, int) or shape == () and value.dtype.kind in "iu":
            seen = None if isinstance(value, bool) else int(value)
        {SEEN}events.setdefault((line, name), []).append(seen)
        return value
    def {SEEN}plain(code):
        inner = [{SEEN}plain(c) if hasattr(c, "co_consts") else c for c in code.co_consts]
        name = code.co_qualname.partition(".<locals>.")[2]
        return code.replace(co_qualname=name, co_consts=(*inner,))
    CALLED.__code__, CALLED.__qualname__ = {SEEN}plain(CALLED.__code__), CALLED.__name__
"""

RECORDER = f"""{AROUND}
    try:
        CALLED(*{SEEN}given)
    except (Exception, SystemExit) as {SEEN}error:
        {SEEN}raised[0] = type({SEEN}error).__name__ + ": " + str({SEEN}error)
        {SEEN}at = {SEEN}error.__traceback__
        while {SEEN}at := {SEEN}at.tb_next:
            {SEEN}code = {SEEN}at.tb_frame.f_code
            if {SEEN}at.tb_frame.f_globals is CALLED.__globals__ and {SEEN}code.co_name[0] != "<":
                {SEEN}raised[1] = {SEEN}code is CALLED.__code__
    return [{SEEN}events, {SEEN}state, *{SEEN}raised]
"""

# For a function whose result is asked for, and which a slip may send into an endless loop.
LIMITER = f"{AROUND}    return CALLED(*{SEEN}given)"


@dataclass(frozen=True)
class Trace:
    """The record of one call.

    Attributes
    ----------
    events
        Recorded values by line and name: an integer, the shape of an array, or None. The lines are
        counted from the `def` line, 1.
    last
        Line that ran last.
    raised
        Exception that ended the call; "" if none did.
    is_own
        False if another function of the notebook raised it.
    """

    events: dict[tuple[int, str], list[Any]]
    last: int
    raised: str = ""
    is_own: bool = True

    def passes(self, line: int) -> int:
        """Return how often a line ran."""
        return len(self.events.get((line, COUNT), ()))

    def seen(self, line: int, name: str) -> list[Any]:
        """Return the values that a variable or slice had after each run of a line."""
        return self.events.get((line, name), [])

    def latest(self, name: str, before: int) -> Any:
        """Return the last value of a variable in the last line above `before` that assigned it."""
        lines = [line for line, seen in self.events if seen == name and line < before]
        return self.events[max(lines), name][-1] if lines else None


NOT_TRACED = Trace({}, 0, "The call cannot be traced, or takes too long.", False)


def trace(function: Any, tree: ast.FunctionDef, case: Case) -> Trace:
    """Call a function, changed to `tree`, with a case's arguments.

    Parameters
    ----------
    function
        The student's function, beside which the recorder runs.
    """
    tree = copy.deepcopy(tree)
    tree.body = list(_recorded(tree.body))
    try:
        traced = beside(function, _inside(RECORDER, tree))
        events, (left, last), raised, is_own = traced(*case.fresh_arguments().values())
        return Trace(events, last, raised, is_own) if left >= 0 else NOT_TRACED
    except Exception:  # the code cannot be changed, or the process it runs in has ended
        return NOT_TRACED


def limited(tree: ast.FunctionDef) -> str:
    """Return the source of a function that calls another one, whose loops it ends."""
    tree = copy.deepcopy(tree)
    for node in ast.walk(tree):
        if isinstance(node, Loop):
            node.body.insert(0, ast.Expr(_seen(0, COUNT)))
    return _inside(LIMITER, tree)


def _inside(source: str, tree: ast.FunctionDef) -> str:
    """Return the source of a function with another one inside it, which it calls."""
    tree.decorator_list = []
    module: Any = ast.parse(source.replace("CALLED", tree.name))
    module.body[0].body.insert(-3, tree)  # above the lines that use it
    return ast.unparse(ast.fix_missing_locations(module))


def statements(body: Sequence[ast.stmt]) -> Iterator[Any]:
    """Yield each statement that is alone in its line, with the loops around it.

    Those of inner functions are left out.
    """
    every = [*_statements(body, ())]
    in_line = Counter(statement.lineno for statement, _ in every)
    yield from ((one, loops) for one, loops in every if in_line[one.lineno] == 1)


def _statements(body: Sequence[ast.stmt], loops: tuple[Loop, ...]) -> Iterator[Any]:
    for statement in body:
        yield statement, loops
        inside = (*loops, statement) if isinstance(statement, Loop) else loops
        for name in BODIES if not isinstance(statement, ast.FunctionDef) else ():
            yield from _statements(getattr(statement, name, []), inside)


def slices_of(statement: ast.stmt) -> list[ast.Subscript]:
    """Return the slices in a statement, without those of statements inside it."""
    bodies = [inner for name in BODIES for inner in getattr(statement, name, [])]
    inside = {node for inner in bodies for node in ast.walk(inner)}
    every = [n for n in ast.walk(statement) if isinstance(n, ast.Subscript) and n not in inside]
    return [n for n in every if any(isinstance(part, ast.Slice) for part in ast.walk(n.slice))]


def _seen(line: int, name: str, *value: ast.expr) -> ast.Call:
    arguments: list[ast.expr] = [ast.Constant(line), ast.Constant(name), *value]
    return ast.Call(ast.Name(SEEN, ast.Load()), arguments, [])


def _recorded(body: Sequence[ast.stmt], above: int = 0) -> Iterator[ast.stmt]:
    """Yield statements with the calls of the recorder between and inside them."""
    for statement in body:
        line = statement.lineno
        if line != above:  # the line of the statement before or around it is counted already
            yield ast.Expr(_seen(line, COUNT))
        above = line
        stored = []
        for number, node in enumerate(slices_of(statement)):
            if isinstance(node.ctx, ast.Load):
                _Wrapper(node, line, f"[{number}]").visit(statement)
            else:
                again: Any = copy.deepcopy(node)
                again.ctx = ast.Load()
                stored.append(ast.Expr(_seen(line, f"[{number}]", again)))
        yield from stored
        if isinstance(statement, ast.FunctionDef):
            yield statement
            continue
        for name in BODIES:
            if inner := getattr(statement, name, []):
                first = _names_in(statement, line) if name == "body" else []
                setattr(statement, name, [*first, *_recorded(inner, line)])
        yield statement
        if not isinstance(statement, ast.For):
            yield from _names_in(statement, line)


def _names_in(statement: ast.stmt, line: int) -> list[ast.stmt]:
    """Return the calls that record the variables which a statement itself assigns."""
    targets = getattr(statement, "targets", [getattr(statement, "target", None)])
    if isinstance(statement, ast.AnnAssign) and statement.value is None:
        targets = []
    return [
        ast.Expr(_seen(line, node.id, ast.Name(node.id, ast.Load())))
        for target in targets
        if target is not None
        for node in ast.walk(target)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]


class _Wrapper(ast.NodeTransformer):
    """Replace a slice with a call of the recorder that returns it."""

    def __init__(self, node: ast.Subscript, line: int, name: str) -> None:
        self.node, self.line, self.name = node, line, name

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        return _seen(self.line, self.name, node) if node is self.node else node
