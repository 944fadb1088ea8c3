"""Facts about a function's code: values it never reads, and lines that write into an argument."""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence

from ..judging.wording import listed
from .repairs.variables import bound, read

__all__ = ["gives_none", "returns_none", "unread", "writes"]

CHANGING = {"append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse", "add"}
CHANGING |= {"discard", "update", "popitem", "setdefault", "fill"}  # methods
# Of these, the methods that return something; `add` of a table or tensor returns a new one.
RETURNING = {"pop", "popitem", "setdefault", "add"}
PLAIN = ("np.zeros", "np.ones", "np.empty", "np.full", "np.arange", "np.eye")  # no computation


def unread(source: str, first: int, sizes: Mapping[str, tuple[str, ...]]) -> str:
    """Return a sentence about the first thing that a function should read and does not; "" if none.

    Parameters
    ----------
    first
        Number of the source's first line in its cell.
    sizes
        Keys of the sizes in each argument that is a dictionary, such as "n".
    """
    function = _function(source)
    return "" if function is None else next(_sentences(function, first - 1, sizes), "")


def _function(source: str) -> ast.FunctionDef | None:
    """Return the only function of a source; None for other code."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return body[0] if len(body) == 1 and isinstance(body[0], ast.FunctionDef) else None


def gives_none(sources: Sequence[tuple[str, int]]) -> str:
    """Return a sentence about a used result of a method that returns None; "" if there is none.

    Its object must be a variable of the function, because np.append returns an array, or an
    attribute to which a method of the class assigns a list, a set or a dictionary.

    Parameters
    ----------
    sources
        Source of the function, or of each method of the class, and the number of its first line.
    """
    functions = [(function, first) for text, first in sources if (function := _function(text))]
    nodes = [(node, first) for function, first in functions for node in ast.walk(function)]
    names = [node for node, _ in nodes if isinstance(node, ast.Name)]
    loaded = {n.id for n in names if isinstance(n.ctx, ast.Load)}
    own = {n.arg for n, _ in nodes if isinstance(n, ast.arg)}
    own |= {n.id for n in names if isinstance(n.ctx, ast.Store)}
    assigned = [node for node, _ in nodes if isinstance(node, ast.Assign)]
    own |= {ast.unparse(n.targets[0]) for n in assigned if _holds_several(n.value)}
    for node, first in nodes:
        is_used = (
            isinstance(node, ast.Return) or isinstance(node, ast.Assign) and bound(node) & loaded
        )
        call = node.value if is_used else None  # type: ignore[attr-defined]
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        method, owner = call.func.attr, ast.unparse(call.func.value)
        if method in CHANGING - RETURNING and owner in own:
            return (
                f"What happened: In line {first - 1 + call.lineno}, {owner}.{method}(...) "
                f"changes {owner} itself and returns None."
            )
    return ""


def returns_none(name: str, source: str, first: int) -> tuple[str, str]:
    """Return a sentence about why a function returned None, and a next step; "" if unknown.

    Parameters
    ----------
    name
        Name of the function.
    first
        Number of the source's first line in its cell.
    """
    function = _function(source)
    if function is None:
        return "", ""
    returns = [node for node in ast.walk(function) if isinstance(node, ast.Return)]
    if not returns:
        return f"{name} has no return statement, so it returns None.", ""
    value, line = returns[0].value, first - 1 + returns[0].lineno
    if returns != function.body[-1:] or not isinstance(value, ast.Name):
        return "", ""
    return (
        f"{value.id} is None when line {line} returns it.",
        f"which line should assign the result to {value.id}?",
    )


def _holds_several(value: ast.expr) -> bool:
    """True for an expression that makes a list, a set or a dictionary."""
    made = ast.List | ast.ListComp | ast.Set | ast.SetComp | ast.Dict | ast.DictComp
    called = ast.unparse(value.func) if isinstance(value, ast.Call) else ""
    return isinstance(value, made) or called in ("list", "set", "dict", "sorted")


def writes(source: str, first: int, names: Collection[str]) -> str:
    """Return a sentence about the lines that write into one of these arguments; "" if none do.

    A line that makes a second name for the argument comes first if it is the one written into.
    """
    function = _function(source)
    if function is None:
        return ""
    statements = [node for node in ast.walk(function) if isinstance(node, ast.stmt)]
    originals = {name: (name, "") for name in names}  # and where the second name is made
    lines: dict[tuple[str, str], list[int]] = {}
    for statement in sorted(statements[1:], key=lambda node: node.lineno):
        number, rebound = first - 1 + statement.lineno, _rebound(statement)
        written = (bound(statement) | _changed_by_methods(statement)) - rebound
        for name in sorted(written & originals.keys()):
            lines.setdefault(originals[name], []).append(number)
        is_loop = isinstance(statement, ast.For) and isinstance(statement.target, ast.Name)
        value = getattr(statement, "iter" if is_loop else "value", None)
        other = value.id if isinstance(value, ast.Name) else ""
        original = originals.get(other)
        originals = {name: made for name, made in originals.items() if name not in rebound}
        if is_loop and original:  # the variable is a part of the argument
            originals |= dict.fromkeys(rebound, original)
        elif original and isinstance(statement, ast.Assign):
            made = f"Line {number} makes {{}} a second name for {other}, not a copy. "
            originals |= {name: (original[0], made.format(name)) for name in rebound}
    for (into, sentence), numbers in lines.items():
        lines_write = "Lines {} write" if len(numbers) > 1 else "Line {} writes"
        return f"{sentence}{lines_write.format(listed(numbers))} into {into}."
    return ""


def _changed_by_methods(statement: ast.stmt) -> set[str]:
    """Return the names whose lists, sets, dictionaries or arrays a simple statement changes."""
    if hasattr(statement, "body"):  # its statements come on their own
        return set()
    called = [node.func for node in ast.walk(statement) if isinstance(node, ast.Call)]
    methods = [f for f in called if isinstance(f, ast.Attribute) and f.attr in CHANGING]
    return {f.value.id for f in methods if isinstance(f.value, ast.Name)}


def _rebound(statement: ast.stmt) -> set[str]:
    """Return the names to which a statement gives a new value, instead of changing their value."""
    if isinstance(statement, ast.AugAssign):  # changes an array or a list
        return set()
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    parts = [part for target in targets if target for part in ast.walk(target)]
    return {p.id for p in parts if isinstance(p, ast.Name) and isinstance(p.ctx, ast.Store)}


def _sentences(
    function: ast.FunctionDef, before: int, sizes: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    nodes = list(ast.walk(function))
    loads, strings = read(function), [n.value for n in nodes if isinstance(n, ast.Constant)]
    parameters = [arg.arg for arg in function.args.args]
    unused = [name for name in parameters if name not in loads]
    if any(isinstance(node, ast.Call) and _takes_all(node) for node in nodes):
        return
    if unused and len(unused) < len(parameters):
        yield f"No line reads {unused[0]}."
    for name, keys in sizes.items():
        missing = [key for key in keys if key not in strings]
        if missing and name not in unused and _is_only_indexed(name, nodes):
            yield f'No line reads {name}["{missing[0]}"].'
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            name = _only_name(node.targets[0])
            if name and name not in loads and _counts(node.value, strings):
                yield f"Line {before + node.lineno} assigns {name}, but no line reads it."
    for node in nodes:
        if isinstance(node, ast.For) and isinstance(node.target, ast.Name):
            name = node.target.id
            if name not in loads and not name.startswith("_") and _indexes(node):
                yield f"No line reads {name}, the index of the loop in line {before + node.lineno}."


def _only_name(target: ast.expr) -> str:
    """Return the only name in a target, apart from a placeholder `_`; "" for other targets."""
    items = target.elts if isinstance(target, ast.Tuple) else [target]
    items = [item for item in items if ast.unparse(item) != "_"]
    return items[0].id if len(items) == 1 and isinstance(items[0], ast.Name) else ""


def _takes_all(node: ast.Call) -> bool:
    """True for a call that may read every variable."""
    return ast.unparse(node.func) in ("locals", "eval", "exec", "vars", "globals")


def _is_only_indexed(name: str, nodes: list[ast.AST]) -> bool:
    """True if a dictionary is only indexed with constants, or stored in a tuple."""
    uses = [n for n in nodes if isinstance(n, ast.Name) and n.id == name]
    inside: list[ast.AST] = []
    for node in nodes:
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            inside.append(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "get" and node.args and isinstance(node.args[0], ast.Constant):
                inside.append(node.func.value)
        elif isinstance(node, ast.Tuple):
            inside += node.elts
    return all(any(use is node for node in inside) for use in uses)


def _indexes(loop: ast.For) -> bool:
    """True if a loop indexes arrays with other names: it does not just count."""
    inside = [node for statement in loop.body for node in ast.walk(statement)]
    return any(isinstance(node, ast.Subscript) and read(node.slice) for node in inside)


def _counts(value: ast.expr, strings: Sequence[object]) -> bool:
    """True for a value that the function needs: a size, or the result of a computation."""
    if isinstance(value, ast.Subscript):
        return isinstance(value.slice, ast.Constant) and strings.count(value.slice.value) == 1
    if isinstance(value, ast.Call):
        return not ast.unparse(value.func).startswith(PLAIN)
    return isinstance(value, ast.BinOp | ast.Compare)
