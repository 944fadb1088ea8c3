"""Arguments that are made from their source where the function runs: functions, streams, tables.

A graded function runs in another process, which objects other than plain values cannot enter. Such
an argument is therefore the source of an expression, which is evaluated anew for every call.
"""

import ast
import builtins
import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["NAMES", "Made", "fn", "stream", "table"]

NAMES = {"np": np, "math": math, "nan": math.nan, "inf": math.inf}  # in expressions
_STREAM = "np.random.default_rng({})"


@dataclass(frozen=True)
class Made:
    """An argument that is made where the function runs: see `fn`, `stream` and `table`.

    Attributes
    ----------
    source
        Expression in `np` and `math`, and in `pd` for a table.
    """

    source: str

    def __call__(self, *arguments: Any) -> Any:
        """Call the function that was made."""
        return _evaluated(self.source)(*arguments)

    def __str__(self) -> str:
        return self.source

    def shown(self, name: str) -> str:
        """Return the argument as in f(x) = x**2."""
        node = ast.parse(self.source, mode="eval").body
        if not isinstance(node, ast.Lambda):
            return f"{name} = {self.source}"
        body = ast.get_source_segment(self.source, node.body)
        return f"{name}({ast.unparse(node.args)}) = {body}"

    @property
    def is_stream(self) -> bool:
        """True for a generator of random numbers, as made by `stream`."""
        return self.source.startswith(_STREAM.format("")[:-1])

    def another(self) -> "Made":
        """Return another function, or the stream of another seed; a table itself."""
        node = ast.parse(self.source, mode="eval").body
        if isinstance(node, ast.Lambda):
            body = ast.get_source_segment(self.source, node.body)
            return Made(f"lambda {ast.unparse(node.args)}: 2 * ({body}) + 1")
        if self.is_stream and isinstance(node, ast.Call):
            return stream(ast.literal_eval(node.args[0]) + 1)
        return self


@functools.cache
def _evaluated(source: str) -> Any:
    return eval(source, dict(NAMES))


def fn(text: str) -> Made:
    """Return a function as an argument: an expression in x, or a lambda.

    Raises
    ------
    ValueError
        If the text is neither, or uses a name that is neither an argument, `np`, `math` nor a
        built-in.

    Examples
    --------
    >>> fn("x**3 - x")(2)
    6
    >>> fn("lambda x, y: np.hypot(x, y)").shown("f")
    'f(x, y) = np.hypot(x, y)'
    """
    source = text.strip()
    try:
        node = ast.parse(source, mode="eval").body
        if not isinstance(node, ast.Lambda):
            source = f"lambda x: {source}"
            node = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise ValueError(
            f'fn({text!r}): expected an expression in x, such as fn("x**2 + 1"), or a lambda: '
            f"{error.args[0]}"
        ) from None
    names = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
    own = {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}
    own |= {name.id for name in names if isinstance(name.ctx, ast.Store)}
    unknown = [n.id for n in names if n.id not in {*own, *NAMES} and not hasattr(builtins, n.id)]
    if unknown:
        name = unknown[0]
        instead = 'for other arguments write fn("lambda x, y: ...")'
        raise ValueError(
            f"fn({text!r}): expected an expression in {', '.join(sorted(own))}, np and math, got "
            f"the name {name}; {f'write np.{name}' if hasattr(np, name) else instead}"
        )
    return Made(source)


def stream(seed: int) -> Made:
    """Return a generator of random numbers, which every call gets anew, as an argument."""
    return Made(_STREAM.format(int(seed)))


def table(columns: dict[str, list[Any]], index: list[Any] | None = None) -> Made:
    """Return a pandas DataFrame as an argument."""
    rows = "" if index is None else f", index={_listed(index)!r}"
    return Made(f"pd.DataFrame({ {name: _listed(c) for name, c in columns.items()}!r}{rows})")


def _listed(values: Any) -> list[Any]:
    """Return values as a list whose code has no names of NumPy."""
    items = values.tolist() if isinstance(values, np.ndarray) else values
    return [item.item() if isinstance(item, np.generic) else item for item in items]
