"""Edits to whole statements: assignments, and statements in the wrong place."""

import ast
from collections.abc import Collection, Iterator, Sequence

from ...judging.wording import listed
from .edits import COMMON, LIKELY, ODD, SYMBOLS, Edit, Place, expression, is_text, quoted, swaps
from .operators import OPERATORS
from .variables import Variables, bound, read

__all__ = ["GONE", "OFF", "TYPO", "moves", "replacing"]

OFF = "False"  # the condition of a branch that is never run
TYPO = "=+ is not +="
GONE = "does not belong there"  # of a whole statement
Simple = ast.Assign | ast.AugAssign | ast.Expr
EMPTY = {"append": ["[]"], "extend": ["[]"], "add": ["set()"]}  # value before the first call
OF_TEXTS = {"upper", "lower", "strip", "lstrip", "rstrip", "replace", "title", "capitalize"}
OF_TEXTS |= {"swapcase", "casefold", "removeprefix", "removesuffix", "ljust", "rjust", "zfill"}
MOST_BEFORE = 3  # assignments before a loop that may have to be repeated in it


def moves(
    body: list[ast.stmt],
    variables: Variables,
    handed_out: Collection[ast.stmt] = (),
    loops: tuple[ast.stmt, ...] = (),
) -> Iterator[Edit]:
    """Yield the edits to the statements of a body and of nested blocks.

    Parameters
    ----------
    handed_out
        Statements that came with the function, which are not edited. Only a `return` may have been
        indented into a loop.
    loops
        Loops that contain the body, the innermost last.
    """
    for place, statement in enumerate(body):
        if statement in handed_out and not (loops and isinstance(statement, ast.Return)):
            continue
        if isinstance(statement, ast.AugAssign):
            yield from _of_update(statement, variables, loops)
            if place < len(body) - 1:  # the last one may belong after the loop
                yield from _before(statement, loops[-1:])
        elif isinstance(statement, ast.Assign):
            yield from _of_assignment(statement, variables, loops)
            yield from _before(statement, loops)
        elif isinstance(statement, ast.Expr):
            yield from _of_call(statement, variables)
        elif isinstance(statement, ast.Return) and statement.value is not None:
            clause = "return is inside a loop and ends it early"
            for depth, loop in enumerate(reversed(loops)):
                key = f"return out {statement.lineno} {depth}"
                yield from _moved(statement, loop, "after", key, clause, COMMON)
        elif isinstance(statement, ast.If):
            yield from _of_branch(statement, body[place - 1] if place else None)
            yield from moves(statement.body, variables, handed_out, loops)
            yield from moves(statement.orelse, variables, handed_out, loops)
        elif isinstance(statement, ast.FunctionDef):
            yield from moves(statement.body, variables, handed_out)
        elif isinstance(statement, ast.For | ast.While):
            yield from _into(body, place, statement, variables, handed_out)
            yield from _out(statement)
            yield from moves(statement.body, variables, handed_out, (*loops, statement))
        yield from _of_attribute(statement, variables)
        yield from _order(statement, body[place + 1 :], handed_out)
        if isinstance(statement, Simple) and not is_text(statement):
            yield Edit(statement, f"gone {statement.lineno}", GONE, ODD, text="pass")


def _of_update(
    statement: ast.AugAssign, variables: Variables, loops: tuple[ast.stmt, ...]
) -> Iterator[Edit]:
    target, value = ast.unparse(statement.target), ast.unparse(statement.value)
    symbol = SYMBOLS[type(statement.op)]
    clause = f"{symbol}= should be =: the line updates {target} instead of replacing it"
    yield Edit(statement, f"{symbol}= to =", clause, LIKELY, text=f"{target} = {value}")
    if isinstance(statement.target, ast.Name):
        noun = "array" if variables.kinds.get(target) == "array" else "object"
        clause = f"{symbol}= changes {target} in place instead of creating a new {noun}"
        text = f"{target} = {target} {symbol} ({value})"
        yield Edit(statement, "in place", clause, COMMON, text=text)
    if isinstance(statement.target, ast.Subscript) and _is_key(statement.target.slice):
        counts, key = ast.unparse(statement.target.value), ast.unparse(statement.target.slice)
        new = f"{counts}.get({key}, 0)"
        clause = f"{target} has no value before the first {symbol}=; use {new}"
        yield Edit(statement, "get", clause, COMMON, text=f"{target} = {new} {symbol} ({value})")
    if isinstance(statement.op, ast.Add) and isinstance(statement.target, ast.Subscript):
        array, index = statement.target.value, statement.target.slice
        if read(index) - variables.loops:
            clause = (
                f"{symbol}= keeps one of several values with the same index; np.add.at adds all"
            )
            places = ast.unparse(ast.Subscript(expression("np.s_"), index, ast.Load()))
            text = f"np.add.at({ast.unparse(array)}, {places}, {value})"
            yield Edit(statement, "add at", clause, LIKELY, text=text)
    for operator in OPERATORS.get(type(statement.op), ()):
        changed = ast.AugAssign(statement.target, operator(), statement.value)
        own, other = variables.own(statement), SYMBOLS[operator]
        if not variables.may_become(statement.op, operator, statement.value):
            continue
        if not loops or variables.growths(changed, own) <= variables.growths(statement, own):
            clause, text = f"{symbol}= should be {other}=", f"{target} {other}= {value}"
            yield Edit(statement, f"{symbol}= {other}=", clause, COMMON, text=text)
    sum_ = statement.value
    if not loops or not isinstance(statement.op, ast.Add) or not isinstance(sum_, ast.BinOp):
        return
    if isinstance(sum_.op, ast.Add):
        for term, rest in ((sum_.right, sum_.left), (sum_.left, sum_.right)):
            key = f"split {statement.lineno} {ast.unparse(term)}"
            clause = f"{quoted(term)} is added in every iteration of the loop instead of once"
            text, after = (f"{target} += {ast.unparse(part)}" for part in (rest, term))
            yield Edit(statement, key, clause, COMMON, text=text, alone=False)
            yield Edit(loops[-1], key, clause, COMMON, text=after, where="after", alone=False)


def _of_assignment(
    statement: ast.Assign, variables: Variables, loops: tuple[ast.stmt, ...]
) -> Iterator[Edit]:
    target, *more = statement.targets
    if isinstance(target, ast.Tuple) and _gives_one(statement.value):
        called = f"{ast.unparse(statement.value.func)}(...)"  # type: ignore[attr-defined]
        clause = f"{called} returns one array, not a tuple of {len(target.elts)}"
        text = f"{ast.unparse(target.elts[0])} = {ast.unparse(statement.value)}"
        yield Edit(statement, "not unpacked", clause, COMMON, text=text)
    if isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Call):
        for i, j, swapped in swaps(target.elts):
            clause = f"{quoted(target.elts[i])} and {quoted(target.elts[j])} are swapped"
            yield Edit(
                statement, f"unpacked {i} {j}", clause, COMMON, [(Place(target, "elts"), swapped)]
            )
    array = variables.views.get(target.id) if isinstance(target, ast.Name) else None
    if array and not more and not isinstance(statement.value, ast.Subscript):
        name, value = target.id, ast.unparse(statement.value)  # type: ignore[attr-defined]
        clause = f"= gives the name {name} to a new array, so nothing is stored in {array}"
        yield Edit(statement, "into a view", clause, COMMON, text=f"{name}[...] = {value}")
        return
    if not loops or more or not isinstance(target, ast.Name | ast.Subscript):
        return
    if not read(statement.value) & variables.own(statement):  # else a list may double
        before = "what earlier iterations stored at the same position"
        before = before if isinstance(target, ast.Subscript) else "the result of the previous one"
        inside = (node for node in ast.walk(loops[-1]) if isinstance(node, ast.Assign))
        again = sum(bound(node) >= bound(statement) for node in inside) > 1
        says = TYPO if ast.unparse(statement.value).startswith("+") else "= should be +="
        clause = says if again else f"{says}: each iteration overwrites {before}"
        text = f"{ast.unparse(target)} += {ast.unparse(statement.value)}"
        yield Edit(statement, f"= to += {type(target).__name__}", clause, COMMON, text=text)


def _of_attribute(statement: ast.stmt, variables: Variables) -> Iterator[Edit]:
    """Yield the edit that stores a value in the object instead of a variable of the method."""
    if not isinstance(statement, ast.Assign | ast.AugAssign):
        return
    (name,) = bound(statement) if len(bound(statement)) == 1 else ("",)
    if (kept := f"self.{name}") in variables.attributes:
        clause = f"{name} is a variable of the method, where {kept} belongs"
        text = f"self.{ast.unparse(statement)}"
        yield Edit(statement, f"kept {kept}", clause, COMMON, text=text)


def _is_key(index: ast.expr) -> bool:
    """True if an index may be the key of a dictionary."""
    return not any(isinstance(node, ast.Slice) for node in ast.walk(index))


def replacing(statement: ast.stmt, handed_out: Collection[ast.stmt]) -> Iterator[Edit]:
    """Yield the edit that deletes an assignment to what a statement of the cell has assigned."""
    again = bound(statement) & {name for other in handed_out for name in bound(other)}
    if again and isinstance(statement, ast.Assign):
        names = [n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and n.id in again]
        clause = (
            f"this replaces {listed(dict.fromkeys(names))}, which a line that came with the cell "
            "has assigned, and does not belong there"
        )
        yield Edit(statement, f"replaced {statement.lineno}", clause, COMMON, text="pass")


def _gives_one(value: ast.expr) -> bool:
    """True for a call of a NumPy function, most of which return one array."""
    return isinstance(value, ast.Call) and ast.unparse(value.func).startswith("np.")


def _of_call(statement: ast.Expr, variables: Variables) -> Iterator[Edit]:
    call = statement.value
    func = call.func if isinstance(call, ast.Call) else None
    method = func if isinstance(func, ast.Attribute) else None
    if (
        isinstance(call, ast.Call)
        and method
        and isinstance(method.value, ast.Subscript)
        and _is_key(method.value.slice)
    ):
        lists, key = ast.unparse(method.value.value), ast.unparse(method.value.slice)
        for empty in EMPTY.get(method.attr, ()):
            new = f"{lists}.setdefault({key}, {empty})"
            clause = f"{lists}[{key}] has no value before the first {method.attr}; use {new}"
            text = f"{new}.{method.attr}({', '.join(map(ast.unparse, call.args))})"
            yield Edit(statement, f"default {empty}", clause, COMMON, text=text)
    for name in variables.missing if isinstance(call, ast.Call | ast.BinOp) else ():
        clause = f"the result of {quoted(call)} is not assigned to {name}"
        text = f"{name} = {ast.unparse(call)}"
        yield Edit(statement, f"stored as {name}", clause, COMMON, text=text)
    if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Name):
        clause = f"the result of {quoted(call)} is not assigned to {call.args[0].id}"
        text = f"{call.args[0].id} = {ast.unparse(call)}"
        yield Edit(statement, "not stored", clause, COMMON, text=text)
    if method and isinstance(method.value, ast.Name) and method.attr in OF_TEXTS:
        owner = method.value.id
        clause = f"{quoted(call)} returns a new string, and leaves {owner} as it is"
        text = f"{owner} = {ast.unparse(call)}"
        yield Edit(statement, "new string", clause, COMMON, text=text)
    if isinstance(call, ast.BinOp) and isinstance(call.left, ast.Name):
        clause = f"the result of {quoted(call)} is not assigned to {call.left.id}"
        text = f"{call.left.id} = {ast.unparse(call)}"
        yield Edit(statement, "not assigned", clause, COMMON, text=text)


def _of_branch(statement: ast.If, before: ast.stmt | None) -> Iterator[Edit]:
    if isinstance(before, ast.If) and not before.orelse and not statement.orelse:
        clause = "if should be elif: the branch above it may have run already"
        text = f"({ast.unparse(statement.test)}) and not ({ast.unparse(before.test)})"
        yield Edit(statement, f"elif {statement.lineno}", clause, COMMON, text=text)
    clause = "this branch does not belong there"
    yield Edit(statement, f"branch {statement.lineno}", clause, ODD, text=OFF)


def _into(
    body: list[ast.stmt],
    place: int,
    loop: ast.For | ast.While,
    variables: Variables,
    handed_out: Collection[ast.stmt],
) -> Iterator[Edit]:
    """Yield the edits that move or copy statements next to a loop into the loop."""
    for after in body[place + 1 : place + 2]:
        if after in handed_out:
            continue
        if isinstance(after, Simple) and not is_text(after) and not _grows(after, variables):
            clause = "this statement is after the loop, so it runs once, not in every iteration"
            yield from _moved(after, loop, "last", f"into {after.lineno}", clause, LIKELY)
    later: set[str] = set()  # names that are assigned again before the loop
    for earlier in reversed(body[max(0, place - MOST_BEFORE) : place]):
        is_kept = earlier in handed_out or bound(earlier) & later
        if is_kept or not isinstance(earlier, ast.Assign) or _grows(earlier, variables):
            break
        later |= bound(earlier)
        key, text = f"again {earlier.lineno}", ast.unparse(earlier)
        clause = f"{quoted(earlier)} is before the loop, so it is not repeated in every iteration"
        yield Edit(loop, key, clause, LIKELY, text=text, where="first")


def _grows(statement: ast.stmt, variables: Variables) -> bool:
    return variables.growths(statement, bound(statement)) > 0


def _out(loop: ast.For | ast.While) -> Iterator[Edit]:
    """Yield the edits that move statements out of a loop or swap two nested loops."""
    last = loop.body[-1]
    if isinstance(last, Simple) and len(loop.body) > 1:
        clause = (
            "this statement is inside the loop, so it runs in every iteration, not once after it"
        )
        yield from _moved(last, loop, "after", f"out {last.lineno}", clause, LIKELY)
    if not isinstance(loop, ast.For):
        return
    if len(loop.body) == 1 and isinstance(last, ast.For):
        targets = ast.unparse(loop.target), ast.unparse(last.target)
        clause = f"the loops over {targets[0]} and {targets[1]} are in the wrong order"
        inner = ast.For(loop.target, loop.iter, last.body, [], lineno=0)
        text = ast.unparse(ast.For(last.target, last.iter, [inner], [], lineno=0))
        yield Edit(loop, f"nest {loop.lineno}", clause, LIKELY, text=text, where="instead")


def _order(
    statement: ast.stmt, later: Sequence[ast.stmt], handed_out: Collection[ast.stmt]
) -> Iterator[Edit]:
    """Yield the edits that put a statement after the next one, which reads what it assigns."""
    for after in later[:1]:
        if not isinstance(statement, Simple) or not isinstance(after, Simple):
            return
        if after not in handed_out and bound(statement) & read(after):
            clause = "this line runs before the next one, and belongs after it"
            yield from _moved(
                statement, after, "after", f"order {statement.lineno}", clause, LIKELY
            )


def _before(statement: ast.Assign | ast.AugAssign, loops: tuple[ast.stmt, ...]) -> Iterator[Edit]:
    """Yield the edits that move an assignment before a loop, such as that of an empty list."""
    for loop in reversed(loops):
        inside = [node for node in ast.walk(loop) if node is not statement]
        if read(statement) & {name for node in inside for name in bound(node)}:
            return
        of = f" over {ast.unparse(loop.target)}" if isinstance(loop, ast.For) else ""
        clause = f"every iteration of the loop{of} repeats this line, which belongs before the loop"
        key = f"before {statement.lineno} {loop.lineno}"
        yield from _moved(statement, loop, "before", key, clause, COMMON)


def _moved(
    statement: ast.stmt, other: ast.stmt, where: str, key: str, clause: str, rank: int
) -> Iterator[Edit]:
    """Yield the two edits of a move: remove a statement, and insert it elsewhere."""
    text = ast.unparse(statement)
    yield Edit(statement, key, clause, rank, text="pass", alone=False)
    yield Edit(other, key, clause, rank, text=text, where=where, alone=False)
