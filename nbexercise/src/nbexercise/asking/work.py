"""A student's function, and what it and its slips do with inputs, as far as questions need it."""

import ast
import warnings
import zlib
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

import numpy as np

from ..diagnosis.repairs.sources import may_crash, source_of
from ..judging.beside import beside
from ..judging.calling import call
from ..judging.model import CallOutcome, Case, CaseSet, size_of
from ..judging.wording import describe_case
from .question import Question
from .slips import Slip, slips_of
from .tracing import Trace, limited, statements, trace

__all__ = ["OwnQuestion", "RefusedError", "Work"]

LETTERS = "abcd"  # of the options of a question
LARGEST = 2_000  # numbers in the arguments and results of a call
OTHERS: Any = np.abs, np.negative, np.flip  # numbers for the arrays of a call
SLIPS = 24  # tried for the wrong answers of a question


class RefusedError(ValueError):
    """Raised if no questions can be made about a function; the message says why."""


@dataclass(frozen=True, kw_only=True)
class OwnQuestion(Question):
    """A question about a student's function.

    Attributes
    ----------
    kind
        Name of the kind of question.
    line
        Number of the line in its cell that the question is about; 0 for the whole function.
    setting
        Sentence about the call that the question is about; "" if it is about none.
    text
        The question. If its right answer is a text, readers choose among options.
    """

    kind: str
    text: str
    setting: str = ""
    line: int = 0

    @property
    def in_full(self) -> str:
        """The sentence about the call, and the question."""
        return f"{self.setting} {self.text}".strip()

    @property
    def options(self) -> dict[str, str]:
        """The answers to choose from, by their letters; {} if the answer is typed."""
        if not isinstance(self.right, str):
            return {}
        texts = sorted([self.right, *(text for text, _ in self.mistakes)])
        turn = zlib.crc32(f"{self.text}{self.setting}".encode()) % len(texts)
        turned = texts[turn:] + texts[:turn]  # the right one is not in the same place
        return dict(zip(LETTERS, turned, strict=False))


def _once(method: Any) -> Any:
    """Call a method of `Work` once for each case and slip."""

    @wraps(method)
    def result(work: "Work", case: Case, *slip: Slip | None) -> Any:
        key = method, id(case), *map(id, filter(None, slip))
        if key not in work.results:
            work.results[key] = case, method(work, case, *slip)
        return work.results[key][1]

    return result


class Work:
    """A student's function and its calls.

    Parameters
    ----------
    case_set
        The exercise's cases, whose arguments the questions use.

    Raises
    ------
    RefusedError
        If the function's source is unknown, too long, or unsafe to change.
    """

    def __init__(self, function: Any, case_set: CaseSet) -> None:
        source = source_of(function)
        if source is None:
            raise RefusedError("its source is not known, it is very long, or it keeps values")
        self.function, self.case_set = function, case_set
        self.text, self.first = source
        tree: Any = None
        with suppress(SyntaxError, ValueError):
            (tree,) = ast.parse(self.text).body
        if not isinstance(tree, ast.FunctionDef):
            raise RefusedError("it is not a single function")
        self.tree, self.name = tree, tree.name
        self.results: dict[
            Any, tuple[Case, Any]
        ] = {}  # with the case, so that its id stays its own

    @cached_property
    def cases(self) -> list[Case]:
        """The cases with small inputs, on which the function returns a result."""
        return [
            case
            for case in self.case_set.cases
            if size_of(case.parts) + case.expected.size <= LARGEST
            and not (case.is_large or case.optional or case.precision < 8)
            and self.outcome(case).problem is None
        ]

    @cached_property
    def is_safe(self) -> bool:
        """True if changes of the code or of its inputs cannot make it leave its arrays."""
        return not may_crash(self.function, self.text)

    @cached_property
    def slips(self) -> list[Slip]:
        """The slips of the function, in the order of its lines."""
        # Entries of `np.empty` that a slip leaves out have any value.
        names = {getattr(node, "attr", "") for node in ast.walk(self.tree)}
        is_filled = not names & {"empty", "empty_like"}
        return slips_of(self.tree) if self.is_safe and is_filled else []

    def slips_for(self, line: int) -> list[Slip]:
        """Return the slips at or above a line, the nearest first."""
        above = [slip for slip in self.slips if slip.line <= line]
        return sorted(above, key=lambda slip: -slip.line)[:SLIPS]

    @_once
    def trace(self, case: Case, slip: Slip | None = None) -> Trace:
        """Trace a call, with a slip if given."""
        with slip.made() if slip else nullcontext(), warnings.catch_warnings(action="ignore"):
            return trace(self.function, self.tree, case)

    def value(self, case: Case, name: str, line: int) -> Any:
        """Return the last integer or shape of a variable above a line, or of an argument."""
        seen, given = self.trace(case).latest(name, line), case.parts.get(name)
        if seen is not None or type(given) is int:
            return given if seen is None else seen
        return getattr(given, "shape", None) or None

    def shows_numbers(self, case: Case) -> bool:
        """True if a question shows the numbers in the arrays of a case."""
        return " = [" in self.called(case)

    @_once
    def others(self, case: Case) -> list[Case]:
        """Return cases with other numbers, valid as indices, if questions do not show them."""
        arrays = {n: v for n, v in case.parts.items() if isinstance(v, np.ndarray)}
        changed = [{n: f(v) for n, v in arrays.items() if v.dtype.kind in "fi"} for f in OTHERS]
        return [] if self.shows_numbers(case) else [*map(case.with_values, changed)]

    @_once
    def outcome(self, case: Case, slip: Slip | None = None) -> CallOutcome:
        """Return the outcome of a call, with a slip if given."""
        function = self.function
        if slip:
            with slip.made():
                function = beside(self.function, limited(self.tree))
        return call(self.case_set.returns, case, function).outcome

    def output(self, case: Case, slip: Slip | None = None) -> tuple[str, Any]:
        """Return the name and value of the first array or number returned; ("", None) if none."""
        for name, value in self.outcome(case, slip).values.items():
            if isinstance(value, np.ndarray | int | float) and not isinstance(value, bool):
                return name, np.asarray(value)
        return "", None

    @property
    def shown(self) -> dict[int, str]:
        """The lines of the function by their numbers in the cell, without its docstring.

        A docstring may give the answers away: it names shapes.
        """
        lines = dict(enumerate(self.text.rstrip().splitlines(), self.first))
        if ast.get_docstring(self.tree) is not None:
            docstring = self.tree.body[0]
            for line in range(docstring.lineno, (docstring.end_lineno or 0) + 1):
                lines.pop(self.number(line))
        return lines

    def number(self, line: int) -> int:
        """Return the number of a line of the function in its cell."""
        return self.first - 1 + line

    def quoted(self, line: int) -> str:
        """Return a line's number and code, as in "line 7, `n = len(x)`"."""
        ends = {s.lineno: getattr(s, "body", [s])[0] for s, _ in statements(self.tree.body)}
        end = ends[line].end_lineno if ends[line].lineno == line else ends[line].lineno - 1
        more = " ..." if end > line else ""
        return f"line {self.number(line)}, `{self.text.splitlines()[line - 1].strip()}{more}`"

    def written(self, slip: Slip) -> str:
        """Return the changed line as in the source, where an `if` may be an `elif`."""
        was_elif = self.text.splitlines()[slip.line - 1].lstrip().startswith("elif")
        return ("el" if was_elif else "") + slip.statement_after

    def called(self, case: Case) -> str:
        """Return the beginning of a sentence about a call."""
        return f"{self.name} is called with {describe_case(case, True)}."

    def arrays(self, case: Case) -> dict[str, Any]:
        """Return the arrays of floats among the arguments, by name, also those in a cache."""
        return {
            name: value
            for name, value in case.parts.items()
            if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.ndim
        }
