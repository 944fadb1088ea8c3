"""Edits of a statement, which `expressions`, `arguments` and `moves` yield."""

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .variables import Variables, alike

__all__ = [
    "COMMON",
    "LIKELY",
    "LITERALS",
    "ODD",
    "RARE",
    "SYMBOLS",
    "Edit",
    "Place",
    "Site",
    "made",
]
__all__ += ["expression", "is_text", "quoted", "swaps"]

COMMON, LIKELY, RARE, ODD = range(4)  # how readily a change is believed
SHORT = 28  # characters of code that a sentence quotes
SYMBOLS: dict[type, str] = {
    **{ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//"},
    **{ast.Pow: "**", ast.MatMult: "@", ast.Mod: "%", ast.BitXor: "^", ast.BitOr: "|"},
    **{ast.BitAnd: "&", ast.LShift: "<<", ast.RShift: ">>"},
    **{ast.Eq: "==", ast.NotEq: "!=", ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<="},
}
# Python warns of an index of these: of a negative number, for UnaryOp.
LITERALS = ast.Constant | ast.Tuple | ast.List | ast.Dict | ast.Set | ast.JoinedStr | ast.Lambda
LITERALS |= ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.UnaryOp


@dataclass(frozen=True)
class Place:
    """An attribute of a node of the tree, or an item of one that is a list."""

    parent: Any
    name: str
    index: int | None = None

    def get(self) -> Any:
        value = getattr(self.parent, self.name)
        return value if self.index is None else value[self.index]

    def put(self, value: Any) -> None:
        if self.index is None:
            setattr(self.parent, self.name, value)
        else:
            getattr(self.parent, self.name)[self.index] = value


@dataclass(eq=False)
class Edit:
    """Another text for one statement, or for the head of a compound one.

    Attributes
    ----------
    key
        The same for edits that are alike, such as those of rows and of columns.
    said
        Clause about what is wrong, which follows "In line 7, ".
    rank
        One of COMMON, LIKELY, RARE and ODD.
    puts
        Places in the tree and their new values; () if the edit is a text.
    text
        The new text.
    where
        Position of the text: "here", for the statement (of a compound one, for the expression in
        its head); "instead" of a whole compound statement; "first" or "last" in the body of a
        loop; or "after" the statement.
    alone
        False for one half of a move.
    """

    statement: ast.stmt
    key: str
    said: str
    rank: int
    puts: Sequence[tuple[Place, Any]] = ()
    text: str = ""
    where: str = "here"
    alone: bool = True


@contextmanager
def made(edits: Sequence[Edit]) -> Iterator[None]:
    """Change the tree by some edits while the block runs."""
    before = []
    for place, value in (put for edit in edits for put in edit.puts):
        before.append((place, place.get()))
        place.put(value)
    try:
        yield
    finally:
        for place, value in reversed(before):
            place.put(value)


@dataclass(frozen=True)
class Site:
    """An expression in a statement, and what its edits depend on.

    Attributes
    ----------
    variables
        Variables of the function, without those that the statement must not read.
    """

    statement: ast.stmt
    variables: Variables
    place: Place

    @property
    def parent(self) -> Any:
        return self.place.parent

    def put(self, new: ast.expr | str, said: str, rank: int, key: str = "") -> Edit:
        """Return the edit that replaces the expression with another node or text."""
        new = expression(new) if isinstance(new, str) else new
        key = key or f"{ast.unparse(self.place.get())} > {ast.unparse(new)}"
        return Edit(self.statement, alike(key), said, rank, [(self.place, new)])

    def set(self, node: Any, name: str, new: Any, said: str, rank: int, key: str) -> Edit:
        """Return the edit that sets an attribute of a node."""
        return Edit(self.statement, alike(key), said, rank, [(Place(node, name), new)])

    def at(self, parent: Any, name: str, index: int | None = None) -> "Site":
        """Return the site of another expression in the same statement."""
        return Site(self.statement, self.variables, Place(parent, name, index))


def expression(text: str) -> Any:
    """Return the node of an expression."""
    return ast.parse(text, mode="eval").body


def quoted(node: ast.AST) -> str:
    """Return the code of a node, shortened for a sentence."""
    text = ast.unparse(node)
    return text if len(text) <= SHORT else f"{text[: SHORT - 4]} ..."


def is_text(statement: ast.stmt) -> bool:
    """Return True for a docstring or another string that is a statement."""
    value = getattr(statement, "value", None)
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def swaps(items: Sequence[Any]) -> Iterator[tuple[int, int, list[Any]]]:
    """Yield the positions of two different expressions, and the list with the two swapped."""
    texts = [ast.unparse(item) for item in items]
    for i in range(len(items)):
        for j in range(i + 1, len(items)):
            if texts[i] != texts[j]:
                swapped = list(items)
                swapped[i], swapped[j] = items[j], items[i]
                yield i, j, swapped
