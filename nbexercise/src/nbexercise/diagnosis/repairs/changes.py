"""Generate single changes to a function's source, each with a clause about the mistake it fixes.

A student's code is often a single change away from correct code: an operator, an index, a bound,
an axis, a name, the indentation of a line. `Changes.source` returns a source that contains many
changes; the global variable `CHANGE` selects one of them, so hundreds can be tried after a single
compilation. (Mutation testing calls such a source a mutant schema: Untch, Offutt and Harrold,
1993.) The global variable `PASSES` limits the number of iterations and calls, because a change may
cause an infinite loop or recursion.
"""

import ast
import itertools
import re
import warnings
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...judging.wording import ORDINALS
from .edits import LIKELY, ODD, SHORT, Edit, Place, made
from .expressions import alterations, of_values
from .moves import OFF, moves, replacing
from .variables import Variables, alike, bound, computed, loads, read

__all__ = ["ALSO", "CALLS", "CHANGE", "LIKELY", "LONGEST", "PASSES"]
__all__ += ["Change", "Changes", "changes_of"]

CHANGE, ALSO, PASSES = "_change_", "_also_", "_passes_"
CALLS = "CALLS"  # message of the error after too many calls
LONGEST = 8_000  # characters of a function to be changed
DEEPEST = 20  # levels of indentation, of which Python allows 100; a change may add as many
MOST = 2_000  # changes to a function
CONSTANTS = (-1, 0, 1)  # no function of the inputs
LITERALS = (0, 1, 2)  # tried where a name was found to do
MOST_PLACES = 6  # places in which the same change is made together
TAB = "    "

Block = ast.For | ast.While | ast.If | ast.With  # statements with statements that are changed
Counted = ast.For | ast.AsyncFor | ast.While | ast.FunctionDef | ast.AsyncFunctionDef
Text = tuple[int, str]  # a change's number and its text


@dataclass(frozen=True)
class Change:
    """A change, made in one place or in the same way in several.

    Attributes
    ----------
    lines
        Numbers of the changed lines in the function's source, counted from 1.
    column
        Number of bytes before the changed code in the first of these lines.
    clause
        Clause about what is wrong, which follows "In line 7, ".
    rank
        Plausibility, from the highest to the lowest: COMMON, LIKELY, RARE or ODD.
    places
        Number of places that are changed, which may be in the same line.
    others
        Clauses about the other lines.
    """

    number: int
    lines: tuple[int, ...]
    column: int
    clause: str
    rank: int
    places: int = 1
    others: tuple[str, ...] = ()

    def is_like(self, clause: str) -> bool:
        """True if a clause about another line has the same numbers, so only names may differ."""
        return re.findall(r"\d+", clause) == re.findall(r"\d+", self.clause)

    @property
    def removes(self) -> bool:
        """True if the change only takes code away."""
        return "not belong" in self.clause

    @property
    def swaps(self) -> bool:
        """True if the change only puts values in another order."""
        return self.clause.endswith(" are swapped")


class Changes:
    """The possible changes to a function.

    Attributes
    ----------
    name
        Name of the function.
    all
        The changes, the most plausible first.
    """

    def __init__(self, function: ast.FunctionDef, edits: Sequence[Edit]) -> None:
        self._function, self.name = function, function.name
        together = sorted(_combined(edits), key=lambda some: (some[0].rank, len(some) > 1))
        self._edits = dict(enumerate(together[:MOST], start=1))
        self.all = [_change(number, some) for number, some in self._edits.items()]

    def without(self, change: Change, whole: bool = True) -> list[Change]:
        """Return changes that take away what a change alters: statements, branches, slices.

        If one of them corrects as much, the change hides a fault instead of correcting it: it
        empties a slice, for example, turns a branch off, or decides a condition for all inputs.

        Parameters
        ----------
        whole
            False to keep whole statements other than branches.
        """
        edits = [e for e in self._edits[change.number] if e.where == "here" and e.text != OFF]
        deleted = [e for e in edits if whole or isinstance(e.statement, ast.If)]
        tested = [edit for edit in edits if isinstance(edit.statement, ast.If)]
        ways = [
            list(map(_deleted, deleted)),
            [Edit(edit.statement, "", "", ODD, text="True") for edit in tested],
            [emptied for edit in edits if (emptied := _emptied(edit))],
            *(
                [Edit(edit.statement, "", "", ODD, [(place, ast.Constant(decided))])]
                for edit in edits
                for place in _conditions(edit)
                for decided in (True, False)
            ),
        ]
        return [self._add(some) for some in ways if some]

    def constants(self, change: Change) -> list[Change]:
        """Return changes that assign a constant in the place of what a change alters."""
        statements = dict.fromkeys(edit.statement for edit in self._edits[change.number])
        targets = {
            s: s.targets[0].id
            for s in statements
            if isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name)
        }
        return [
            self._add([Edit(s, "", "", ODD, text=f"{name} = {n}") for s, name in targets.items()])
            for n in (CONSTANTS if targets else ())
        ]

    def constant_names(self, change: Change) -> list[Change]:
        """Return changes that assign a constant to a variable that another change inserts.

        If as much is right with both, the value of the variable cancels out.
        """
        new = [value for edit in self._edits[change.number] for _, value in edit.puts]
        names = {name for value in new if isinstance(value, ast.AST) for name in read(value)}
        made = [
            (statement, name)
            for statement in _statements(self._function.body)
            for name in names
            if isinstance(statement, ast.Assign) and bound(statement) == {name}
        ]
        return [
            self._add([Edit(s, "", "", ODD, text=f"{name} = {n}") for s, name in made])
            for n in (CONSTANTS if made else ())
        ]

    def literals(self, change: Change) -> list[Change]:
        """Return changes that put a small number where another change puts a name."""
        edits = self._edits[change.number]
        old, new = edits[0].puts[0] if len(edits) == 1 == len(edits[0].puts) else (None, None)
        if old is None or not isinstance(new, ast.Name):
            return []
        was = old.get()
        value = was.value if isinstance(was, ast.Constant) else None
        if value is None and not isinstance(was, ast.Name):
            return []
        clause = f"{ast.unparse(was)} is used where {{}} belongs"
        some = [n for n in LITERALS if n != value]
        return [
            self._add([replace(edits[0], clause=clause.format(n), puts=[(old, ast.Constant(n))])])
            for n in some
        ]

    def of_return(self, change: Change) -> bool:
        """True if a change alters nothing but a `return` statement."""
        return all(isinstance(edit.statement, ast.Return) for edit in self._edits[change.number])

    def drops_a_name(self, change: Change) -> bool:
        """True if a change only takes code away that reads a variable."""
        pairs = [pair for edit in self._edits[change.number] for pair in edit.replaced]
        return change.removes and any({*loads(old)} - {*loads(new)} for old, new in pairs)

    def wastes(self, change: Change) -> bool:
        """True if no line reads any more what the function has computed, and a change replaces.

        The change then bypasses lines of the student instead of correcting one. It may replace one
        unread value with another, and take code away with what this reads.
        """
        edits = () if change.removes else self._edits[change.number]
        pairs = [pair for edit in edits for pair in edit.replaced]
        old = Counter(name for before, _ in pairs for name in loads(before))
        new = Counter(name for _, after in pairs for name in loads(after))
        now = Counter(loads(self._function))
        lost = {name for name in old if now[name] + new[name] <= old[name]}
        gained = {name for name in new if not now[name]}
        return len(lost & computed(self._function)) > len(gained)

    def without_line(self, line: int) -> list[Change]:
        """Return changes that delete the innermost statement in a line, or assign zeros in it."""
        inside = [s for s in _statements(self._function.body) if s.lineno <= line <= _end(s)]
        if not inside:
            return []
        statement = inside[-1]
        edits = [_deleted(Edit(statement, "", "", ODD))]
        if isinstance(statement, ast.Assign):
            text = " = ".join([*sorted(bound(statement)), "np.zeros(1)"])
            edits.append(Edit(statement, "", "", ODD, text=text))
        return [self._add([edit]) for edit in edits]

    def _add(self, edits: Sequence[Edit]) -> Change:
        number = len(self._edits) + 1
        self._edits[number] = edits
        return _change(number, edits)

    def source(self, changes: Iterable[Change]) -> str:
        """Return a source that defines the function, with a switch for each of these changes.

        Of several changes that produce the same code, only the first is included.
        """
        writer = _Writer(self._function)
        for change in changes:
            writer.add(change.number, self._edits[change.number])
        return writer.written()


def _change(number: int, edits: Sequence[Edit]) -> Change:
    places = [(*_position(edit), edit) for edit in edits]
    shown = [(line, column) for line, column, e in places if e.alone or e.where == "here"]
    lines = tuple(dict.fromkeys(line for line, _ in shown))
    clause, *others = (
        " and ".join(dict.fromkeys(edit.clause for line, _, edit in places if line == at))
        for at in lines
    )
    clause = _in_full(edits[0]) or clause if len(edits) == 1 else clause
    return Change(number, lines, shown[0][1], clause, edits[0].rank, len({*shown}), tuple(others))


def _in_full(edit: Edit) -> str:
    """Return a clause with the operation around a name or number that is repeated in its line."""
    place = edit.puts[0][0] if len(edit.puts) == 1 else None
    if place is None or not isinstance(place.get(), ast.Name | ast.Constant):
        return ""
    if not isinstance(place.parent, ast.expr) or " is used where " not in edit.clause:
        return ""
    old, nodes = place.get(), list(ast.walk(edit.statement))
    line = [n for n in nodes if getattr(n, "lineno", 0) == old.lineno]
    same = [n for n in line if type(n) is type(old) and ast.unparse(n) == ast.unparse(old)]
    if len(same) < 2:
        return ""
    indexed = (n for n in nodes if isinstance(n, ast.Subscript) and n.slice is place.parent)
    whole = next(indexed, place.parent)
    before, new = ast.unparse(whole), ast.unparse(edit.puts[0][1])
    with made([edit]):
        after = ast.unparse(whole)
    is_one = ast.unparse(edit.statement).count(before) == 1
    if is_one and len(before) <= SHORT:
        return f"{before} should be {after}"
    number = sorted(same, key=_column).index(old)
    nth = f"{ORDINALS[number]} " if number < len(ORDINALS) else ""
    return f"the {nth}{ast.unparse(old)} should be {new}"


def _column(node: Any) -> int:
    return int(node.col_offset)


def _end(statement: ast.stmt) -> int:
    return statement.end_lineno or statement.lineno


def _deleted(edit: Edit) -> Edit:
    """Return the edit that deletes a statement, or turns a condition off."""
    statement = edit.statement
    if isinstance(statement, ast.If):
        return Edit(statement, "", "", ODD, text=OFF)
    where = "instead" if isinstance(statement, Block) else "here"
    return Edit(statement, "", "", ODD, text="pass", where=where)


def _emptied(edit: Edit) -> Edit | None:
    """Return the edit that empties the slices that another edit changes."""
    changed = [place.parent for place, _ in edit.puts]
    puts = [
        (Place(node, side), ast.Constant(0))
        for node in ast.walk(edit.statement)
        if isinstance(node, ast.Slice) and any(part in changed for part in ast.walk(node))
        for side in ("lower", "upper")
    ]
    return Edit(edit.statement, "", "", ODD, puts) if puts else None


def _conditions(edit: Edit) -> list[Place]:
    """Return the places of the conditions, inside expressions, that another edit changes."""
    changed = [place.get() for place, _ in edit.puts]
    places = [Place(node, "test") for node in ast.walk(edit.statement) if type(node) is ast.IfExp]
    places += [
        Place(node, "args", 0)
        for node in ast.walk(edit.statement)
        if isinstance(node, ast.Call) and node.args and ast.unparse(node.func) == "np.where"
    ]
    places += [
        Place(node, "ifs", number)
        for node in ast.walk(edit.statement)
        if isinstance(node, ast.comprehension)
        for number in range(len(node.ifs))
    ]
    return [p for p in places if any(part in changed for part in ast.walk(p.get()))]


def _position(edit: Edit) -> tuple[int, int]:
    """Return the line and the column where an edit begins; the column is that of its bytes."""
    for place, _ in edit.puts:
        for node in (place.get(), place.parent):
            if hasattr(node, "lineno"):
                return node.lineno, node.col_offset
    return edit.statement.lineno, edit.statement.col_offset


def changes_of(
    source: str, given: Mapping[str, str], handed_out: str = "", gives_integers: bool = False
) -> Changes | None:
    """Return the possible changes to a function; None if the source is not a single function.

    Parameters
    ----------
    source
        Source of the function; the result is also None if it is too long or too deeply nested.
    given
        Kinds of the function's inputs. Keys are the parameters ("int", "array" or ""),
        entries of dictionaries such as `sizes["f"]` and sizes such as `X.shape[0]` ("int"),
        strings such as `"average"`, with their quotes ("string"), and attributes such as
        `self.items` ("attribute").
    handed_out
        Statements that came with the function. They are right, and no change moves or copies them.
    gives_integers
        True if all right results are integers.
    """
    if len(source) > LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
            compile(tree, "", "exec")  # finds errors that the parser does not
            ast.unparse(tree)  # finds nesting that the compiler of Python 3.14 accepts
        function = tree.body[0] if len(tree.body) == 1 else None
        if not isinstance(function, ast.FunctionDef) or _depth(function.body) > DEEPEST:
            return None
        right = {ast.unparse(statement) for statement in ast.parse(handed_out).body}
        edits = list(_edits(function, Variables(function, given, gives_integers), right))
        return Changes(function, edits)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _depth(body: Sequence[ast.stmt]) -> int:
    return 1 + max((_depth(inner) for s in body for inner in _bodies(s)), default=0)


def _bodies(statement: ast.stmt) -> list[list[ast.stmt]]:
    """Return the bodies of a statement, including those of its handlers and cases."""
    holders = [statement, *getattr(statement, "handlers", []), *getattr(statement, "cases", [])]
    names = ("body", "orelse", "finalbody")
    return [body for holder in holders for name in names if (body := getattr(holder, name, []))]


def _edits(
    function: ast.FunctionDef, variables: Variables, right: Collection[str]
) -> Iterator[Edit]:
    statements = list(_statements(function.body))
    handed_out = {statement for statement in statements if ast.unparse(statement) in right}
    for statement in statements:
        if statement not in handed_out:
            yield from replacing(statement, handed_out)
    for statement in statements:
        if statement not in handed_out:
            yield from alterations(statement, variables)
        elif isinstance(statement, ast.Return):  # what it returns may lack something
            yield from of_values(statement, variables)
    yield from moves(function.body, variables, handed_out)


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a body, of nested blocks and of inner functions."""
    for statement in body:
        yield statement
        if isinstance(statement, Block | ast.FunctionDef):
            for inner in _bodies(statement):
                yield from _statements(inner)


def _combined(edits: Sequence[Edit]) -> Iterator[Sequence[Edit]]:
    """Yield the edits of each change: single edits, and groups of edits with the same key."""
    heads: dict[ast.stmt, str] = {}
    for statement in {edit.statement for edit in edits}:
        heads[statement] = alike(_head(statement))
    yield from ([edit] for edit in edits if edit.alone)
    for group in _grouped(edits, [edit.key for edit in edits]):
        parts = [
            *_grouped(group, [edit.statement for edit in group]),
            *_grouped(group, [heads[edit.statement] for edit in group]),
        ]
        pairs = [
            pair
            for part in parts
            if 2 < len(part) <= MOST_PLACES and part[0].alone
            for pair in itertools.combinations(part, 2)
        ]
        together = dict.fromkeys(map(tuple, (group, *parts, *pairs)))
        yield from (some for some in together if 1 < len(some) <= MOST_PLACES)


def _grouped(edits: Sequence[Edit], keys: Sequence[Hashable]) -> list[list[Edit]]:
    groups: dict[Hashable, list[Edit]] = {}
    for edit, key in zip(edits, keys, strict=True):
        groups.setdefault(key, []).append(edit)
    return list(groups.values())


class _Writer:
    """Writer of a function's source with a switch for each change."""

    def __init__(self, function: ast.FunctionDef) -> None:
        self.function = function
        self.texts: dict[tuple[ast.stmt, str], list[Text]] = {}  # by statement and position
        self.seen: set[frozenset[tuple[ast.stmt, str, str]]] = set()

    def written(self) -> str:
        return "\n".join(self._function(self.function, "")) + "\n"

    def add(self, number: int, edits: Sequence[Edit]) -> None:
        parts = _grouped(edits, [(edit.statement, edit.where) for edit in edits])
        texts = frozenset((part[0].statement, part[0].where, _text(part)) for part in parts)
        if texts in self.seen:
            return
        self.seen.add(texts)
        for statement, where, text in texts:
            self.texts.setdefault((statement, where), []).append((number, text))

    def _function(self, function: ast.FunctionDef, indent: str) -> list[str]:
        decorators = function.decorator_list if indent else []
        return [
            *(f"{indent}@{ast.unparse(decorator)}" for decorator in decorators),
            f"{indent}def {function.name}({ast.unparse(function.args)}):",
            *_counted(indent + TAB, repr(CALLS)),
            *self._body(function.body, indent + TAB),
        ]

    def _body(self, body: Sequence[ast.stmt], indent: str) -> list[str]:
        lines: list[str] = []
        for statement in body:
            lines += _selected(self.texts.get((statement, "before"), []), indent)
            if isinstance(statement, ast.FunctionDef):
                lines += self._function(statement, indent)
            elif isinstance(statement, Block):
                instead = self.texts.get((statement, "instead"), [])
                inner = indent + TAB if instead else indent
                lines += _selected(instead, indent)
                lines += [f"{indent}if not ({_among(instead)}):"] if instead else []
                lines += self._block(statement, inner)
            else:
                lines += self._simple(statement, indent)
            lines += _selected(self.texts.get((statement, "after"), []), indent)
        return lines

    def _simple(self, statement: ast.stmt, indent: str) -> list[str]:
        texts = self.texts.get((statement, "here"), [])
        if not texts:
            return _lines(ast.unparse(statement), indent)
        lines = [f"{indent}if {_among(texts)}:", *_selected(texts, indent + TAB)]
        return [*lines, f"{indent}else:", *_lines(ast.unparse(statement), indent + TAB)]

    def _block(self, statement: Block, indent: str) -> list[str]:
        inner, here = indent + TAB, self.texts.get((statement, "here"), [])
        if isinstance(statement, ast.With):
            return [indent + _head(statement), *self._body(statement.body, inner)]
        if isinstance(statement, ast.For):
            head = f"for {ast.unparse(statement.target)} in {_choice(here, statement.iter)}:"
        else:
            word = "while" if isinstance(statement, ast.While) else "if"
            head = f"{word} {_choice(here, statement.test)}:"
        lines = [indent + head]
        lines += [] if isinstance(statement, ast.If) else _counted(inner)
        lines += _selected(self.texts.get((statement, "first"), []), inner)
        lines += self._body(statement.body, inner)
        lines += _selected(self.texts.get((statement, "last"), []), inner)
        if statement.orelse:
            lines += [f"{indent}else:", *self._body(statement.orelse, inner)]
        return lines


def _text(edits: Sequence[Edit]) -> str:
    """Return the edited source of a statement, or of the expression in its header."""
    if not edits[0].puts:
        return edits[0].text
    statement = edits[0].statement
    with made(edits):
        if isinstance(statement, ast.For):
            return ast.unparse(statement.iter)
        return ast.unparse(
            statement.test if isinstance(statement, ast.While | ast.If) else statement
        )


def _head(statement: ast.stmt) -> str:
    return ast.unparse(statement).splitlines()[0]


def _counted(indent: str, of: str = "") -> list[str]:
    """Return lines that count an iteration or a call, and raise an error after too many."""
    error = f"{indent}if {PASSES} < 0: raise TimeoutError({of})"
    return [f"{indent}globals()['{PASSES}'] -= 1", error]


def _lines(text: str, indent: str) -> list[str]:
    """Return the lines of a statement, with a counter in each of its loops and functions."""
    if "\n" not in text:
        return [indent + text]
    (statement,) = ast.parse(text).body
    for node in ast.walk(statement):
        if isinstance(node, Counted):
            node.body[:0] = ast.parse("\n".join(_counted(""))).body
    levels = len(indent) // len(TAB)
    for _ in range(levels):  # indents all lines but those of strings
        statement = ast.If(ast.Constant(True), [statement], [])
    return ast.unparse(statement).split("\n")[levels:]


def _selected(texts: Iterable[Text], indent: str) -> list[str]:
    """Return lines that run the code of the selected change, if it is one of these."""
    return [
        line
        for number, text in texts
        for line in (f"{indent}if {_among([(number, text)])}:", *_lines(text, indent + TAB))
    ]


def _choice(texts: Sequence[Text], plain: ast.expr) -> str:
    """Return an expression that selects the code of a change, or else the original."""
    if not texts:
        return ast.unparse(plain)
    return f"{_chosen(texts)} if {_among(texts)} else ({ast.unparse(plain)})"


def _chosen(texts: Sequence[Text]) -> str:
    if len(texts) == 1:
        return f"({texts[0][1]})"
    half = len(texts) // 2  # nested as little as possible
    return f"({_chosen(texts[:half])} if {_among(texts[:half])} else {_chosen(texts[half:])})"


def _among(texts: Sequence[Text]) -> str:
    """Return the condition that one of these changes is selected."""
    numbers = ", ".join(str(number) for number, _ in texts)
    return f"{CHANGE} in {{{numbers}}} or {ALSO} in {{{numbers}}}"
