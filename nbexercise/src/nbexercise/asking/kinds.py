"""The kinds of questions about a function, one class each.

The right answer comes from running the student's function, and wrong ones from running it with a
slip. A question is asked only if its answers differ.
"""

import ast
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..judging.comparing import agree
from ..judging.model import Case
from ..judging.wording import ORDINALS, arguments_of, describe_case, listed
from .question import as_typed, same_answer
from .slips import Slip
from .tracing import Loop, Trace, slices_of, statements
from .work import OwnQuestion, Work

__all__ = ["KINDS", "WRONG", "Kind"]

WRONG = 3  # wrong answers that a question needs
LARGE = 1e3  # multiple of the largest entry by which an entry is changed, in both directions
BY_HAND = 1e3  # above the results that a reader can compute
FACTORS = {"they stay the same": 1, "each is doubled": 2, "each is multiplied by 4": 4}

Answer = tuple[Any, str]  # and a comment on it
Entry = tuple[int, ...]
Questions = Iterator[OwnQuestion]
Finder = Callable[..., Any]  # of an answer, in the call with a case's arguments and with a slip


class Kind:
    """A kind of question.

    Attributes
    ----------
    name
        Name of the kind, as a class report shows it.
    hint
        Help for those who ask for it.
    """

    name = hint = ""

    def questions(self, work: Work, case: Case) -> Questions:
        """Yield the questions about a function that is called with a case's arguments."""
        for statement, loops in statements(work.tree.body):
            yield from self.about(work, case, statement, loops)

    def about(self, work: Work, case: Case, statement: Any, loops: Any) -> Questions:
        """Yield the questions about a statement inside loops."""
        raise NotImplementedError

    def asked(
        self, work: Work, case: Case | None, line: int, right: Any, wrong: Any, **more: Any
    ) -> Questions:
        """Yield a question if it has enough wrong answers, of which options are the first.

        Parameters
        ----------
        more
            Its text and explanation, and the number of decimal places if it has one.
        """
        different: list[Answer] = []
        for value, comment in wrong:
            if not any(same_answer(value, other) for other in [right, *(v for v, _ in different)]):
                different.append((value, comment))
        if len(different) >= WRONG:
            yield OwnQuestion(
                kind=self.name,
                line=work.number(line) if line else 0,
                setting=work.called(case) if case else "",
                right=right,
                wrong=different[:WRONG] if isinstance(right, str) else different,
                hint=self.hint,
                **more,
            )


def slipped(work: Work, case: Case, answer: Finder, line: int = 0) -> Iterator[Answer]:
    """Yield what `answer` finds in calls with a slip, and comments; for a line, at or above it."""
    for slip in work.slips_for(line) if line else work.slips:
        value = answer(case, slip)
        if value is not None:
            yield value, f"{slip.words(work.first)}, it would be {as_typed(value)}."


def is_hidden(work: Work, case: Case, answer: Finder) -> bool:
    """True if what `answer` finds depends on numbers that a question does not show."""
    right = answer(case)
    return any(answer(other) not in (None, right) for other in work.others(case))


class Passes(Kind):
    """The number of times that a line inside loops runs."""

    name = "passes of a line"
    hint = "How often does each loop around that line repeat? Nested loops multiply."

    def about(self, work: Work, case: Case, statement: Any, loops: Any) -> Questions:
        line = statement.lineno

        def passes(case: Case, slip: Slip | None = None) -> Any:
            traced = work.trace(case, slip)
            return None if traced.raised else traced.passes(line) or None

        right = passes(case) or 0
        is_nested = len(loops) > 1 and not isinstance(statement, Loop)
        if not is_nested or right < 4 or is_hidden(work, case, passes):
            return
        text = f"How often does {work.quoted(line)} run?"
        counts = [work.trace(case).passes(loop.body[0].lineno) for loop in loops]
        # How often each loop repeats in one pass of the loop around it, on average.
        each = [n // max(1, outer) for n, outer in zip(counts, [1, *counts], strict=False)]
        others = [
            (right // n, f"{right // n} leaves out the {n} passes of a loop around it.")
            for n in each
            if n > 1
        ]
        around = f"The loop in line {work.number(loops[-2].lineno)} makes {counts[-2]} passes, and "
        around += f"line {work.number(line)} is inside another loop."
        wrong = [(counts[-2], around), *others[:1]]
        wrong += slipped(work, case, passes, line)
        wrong += [*others[1:], (sum(each), "Nested loops multiply.")]
        if math.prod(each) == right:
            why = f"{listed(each)} passes: {' * '.join(map(str, each))} = {right}."
        else:
            why = f"The loops around it make {listed(counts)} passes in all."
        yield from self.asked(work, case, line, right, wrong, text=text, why=why)


class LastValue(Kind):
    """The value of a variable when the loops have ended."""

    name = "last value of a variable"
    hint = "Put the last value of each loop's variable into the line that assigns it."

    def about(self, work: Work, case: Case, statement: Any, loops: Any) -> Questions:
        line = statement.lineno
        names = _names(*statement.targets) if isinstance(statement, ast.Assign) else []
        values = work.trace(case).seen(line, names[0]) if loops and len(names) == 1 else []
        if len({*values}) < 2 or not all(type(v) is int for v in values):
            return
        name, right = names[0], values[-1]

        def last(case: Case, slip: Slip | None = None) -> Any:
            traced = work.trace(case, slip)
            return None if traced.raised else (traced.seen(line, name) or [None])[-1]

        if is_hidden(work, case, last):
            return
        before = next(v for v in reversed(values) if v != right)
        text = (
            f"What is the value of `{name}` after {work.quoted(line)}, has run for the last time?"
        )
        used = {n: work.value(case, n, line) for n in _names(statement.value)}
        known = [f"{n} = {v}" for n, v in used.items() if type(v) is int]
        why = f"The line runs last with {listed(known)}: " if known else ""
        why += f"`{name}` is {right}{'' if known else ' then'}."
        wrong = [
            *slipped(work, case, last, line),
            (before, "That is the value before the last one."),
            (2 * right - before, "That would be the next value, but the loops have ended."),
            (values[0], "That is the first value."),
            (right + 1, "It is one less."),
        ]
        yield from self.asked(work, case, line, right, wrong, text=text, why=why)


def _names(*nodes: ast.AST) -> list[str]:
    every = [n.id for node in nodes for n in ast.walk(node) if isinstance(n, ast.Name)]
    return list(dict.fromkeys(every))


class SliceShape(Kind):
    """The shape of a slice, in a pass of its line."""

    name = "shape of a slice"
    hint = "A slice a:b keeps its axis, with b - a entries; an index removes its axis."

    def about(self, work: Work, case: Case, statement: Any, loops: Any) -> Questions:
        line, traced = statement.lineno, work.trace(case)
        for number, node in enumerate(slices_of(statement)):
            if isinstance(statement, ast.Assign) and statement.value is node and not loops:
                continue  # the shape of the array that the line makes, another kind
            shapes = traced.seen(line, f"[{number}]")
            once = len(shapes) == traced.passes(line) and not _is_inner(statement, node)
            if once and shapes and isinstance(shapes[0], tuple):
                yield from self._about_slice(work, case, line, f"[{number}]", node)

    def _about_slice(
        self, work: Work, case: Case, line: int, name: str, node: ast.Subscript
    ) -> Questions:
        shapes = work.trace(case).seen(line, name)
        at = next((k for k, shape in enumerate(shapes) if shape != shapes[0]), len(shapes) > 1)
        right, code = shapes[at], ast.unparse(node)
        differ = any(shape != right for shape in shapes)
        nth = ORDINALS[at] if at < len(ORDINALS) else f"{at + 1}th"
        when = f" when the line runs for the {nth} time" if differ else ""
        text = f"In {work.quoted(line)}: what is the shape of `{code}`{when}?"

        def shape(case: Case, slip: Slip | None = None) -> Any:
            seen = work.trace(case, slip).seen(line, name)
            is_one_shape = differ or len({*seen}) <= 1  # as the question says
            if not is_one_shape or slip and not _keeps_slices(slip, line):
                return None
            return seen[at] if at < len(seen) and isinstance(seen[at], tuple) else None

        if is_hidden(work, case, shape):
            return
        base = work.value(case, node.value.id, line) if isinstance(node.value, ast.Name) else None
        base = base if isinstance(base, tuple) else ()
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        kept = [isinstance(i, ast.Slice) for i in items] + [True] * (len(base) - len(items))
        why = "A slice keeps its axis, and an index removes it"
        why += f": `{code}` has {len(right)} of {len(base)} axes." if base else "."
        wrong = [*slipped(work, case, shape, line)]
        if not all(kept) and len(kept) == len(base) and sum(kept) == len(right):
            sizes = iter(right)
            with_ones = tuple(next(sizes) if keeps else 1 for keeps in kept)
            wrong.append((with_ones, "An index removes its axis; only a slice keeps it."))
        wrong += [(base, "That is the shape of the whole array.")] if base else []
        wrong += _rearranged(right)
        yield from self.asked(work, case, line, right, wrong, text=text, why=why)


def _is_inner(statement: ast.stmt, node: ast.AST) -> bool:
    """True if a slice is in a comprehension or a lambda, which has variables of its own."""
    inner = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)
    return any(isinstance(n, inner) and node in ast.walk(n) for n in ast.walk(statement))


def _keeps_slices(slip: Slip, line: int) -> bool:
    """True if a slip leaves all slices of a line in their order, and changes one at most."""
    if slip.line != line:
        return True
    before = [ast.unparse(node) for node in slices_of(slip.edit.statement)]
    with slip.made():
        after = [ast.unparse(node) for node in slices_of(slip.edit.statement)]
    changed = sum(one != other for one, other in zip(before, after, strict=False))
    return len(before) == len(after) and changed <= 1


def _rearranged(shape: Sequence[int]) -> Iterator[Answer]:
    """Yield shapes with two axes swapped, or without one."""
    for one, other in itertools.combinations(range(len(shape)), 2):
        swapped = list(shape)
        swapped[one], swapped[other] = swapped[other], swapped[one]
        yield tuple(swapped), f"Its axes {one} and {other} are swapped."
    yield tuple(shape[1:]), "Its first axis is missing."
    yield (*shape, 1), "That is one axis too many."


class VariableShape(Kind):
    """The shape of an array that a line makes."""

    name = "shape of an array"
    hint = "Follow the shapes from the arguments through each operation to that line."

    def about(self, work: Work, case: Case, statement: Any, loops: Any) -> Questions:
        line = statement.lineno
        given = {getattr(value, "shape", None) or None for value in case.parts.values()}
        is_asked = isinstance(statement, ast.Assign) and not loops
        for name in _names(*statement.targets) if is_asked else ():

            def shape(case: Case, slip: Slip | None = None, name: str = name) -> Any:
                first, *_ = work.trace(case, slip).seen(line, name) or [None]
                return first if isinstance(first, tuple) else None

            right = shape(case)
            if right in given | {None} or is_hidden(work, case, shape):
                continue
            text = f"What is the shape of `{name}` after {work.quoted(line)}?"
            wrong = [*slipped(work, case, shape, line)]
            wrong += [(s, "That is the shape of an argument.") for s in given if s]
            wrong += _rearranged(right)
            used = {n: work.value(case, n, line) for n in _names(statement.value)}
            known = [f"`{n}` of shape {v}" for n, v in used.items() if type(v) is tuple]
            known = known or [f"{n} = {v}" for n, v in used.items() if v is not None]
            made = f" from {listed(known)}" if known else ""
            why = f"The line makes an array of shape {right}{made}."
            yield from self.asked(work, case, line, right, wrong, text=text, why=why)


class Influence(Kind):
    """The number of output values that an entry of an argument changes."""

    name = "reach of an entry"
    hint = "Which values of the output are computed with that entry? Count them."

    def questions(self, work: Work, case: Case) -> Questions:
        for name, array in work.arrays(case).items():
            entry, *others = _entries(array.shape)
            mask = reach(work, case, name, entry)
            if mask is None or not mask.any() or _depends(work, case, name, entry, mask):
                continue

            def count(
                case: Case, slip: Slip | None = None, name: str = name, at: Entry = entry
            ) -> Any:
                reached = reach(work, case, name, at, slip)
                return None if reached is None else int(reached.sum())

            output, _ = work.output(case)
            text = f"Only the entry {indexed(name, entry)} is changed. How many of the "
            text += f"{mask.size} values of {output} can change?"
            wrong: list[Answer] = [
                (n, f"That is the number for {indexed(name, other)}.")
                for other in others
                if (n := count(case, at=other)) is not None
            ]
            slips = (one for one in slipped(work, case, count) if one[0] != mask.sum())
            wrong += itertools.islice(slips, 2 * WRONG)
            wrong += [(mask.size, "Not all of them depend on it."), (1, "More than one does.")]
            wrong += [(array.size, f"That is the number of entries of {name}.")]
            why = f"They are {_box(output, mask)}: the entry was changed, up and down."
            yield from self.asked(work, case, 0, count(case), wrong, text=text, why=why)


def _box(output: str, mask: Any) -> str:
    """Return the values in a mask as a slice, as in "Z[0, 0:2, :, 1]", or the first and last."""
    places = np.argwhere(mask)
    ends = [*zip(places.min(0), places.max(0) + 1, mask.shape, strict=True)]
    if math.prod(end - begin for begin, end, _ in ends) != len(places):
        return f"{indexed(output, places[0])} to {indexed(output, places[-1])}, not all of them"
    items = [
        ":" if end - begin == n > 1 else f"{begin}:{end}" if end - begin > 1 else f"{begin}"
        for begin, end, n in ends
    ]
    return f"{output}[{', '.join(items)}]" if items else output


def _entries(shape: Sequence[int]) -> list[Entry]:
    """Return an entry near the middle of an array, and others at its edges, the last one last."""
    middle = tuple((n - 1) // 2 for n in shape)
    inner = tuple(min(1, n - 1) for n in shape)
    return list(dict.fromkeys([middle, inner, tuple(n - 1 for n in shape), (0,) * len(shape)]))


def indexed(name: str, at: Iterable[Any]) -> str:
    """Return an entry of an array as code; the name alone for a number."""
    place = ", ".join(str(int(i)) for i in at)
    return f"{name}[{place}]" if place else name


def reach(work: Work, case: Case, name: str, entry: Entry, slip: Slip | None = None) -> Any:
    """Return a mask of the values of the output that change with an entry; None after an error."""
    _, before = work.output(case, slip)
    if before is None:
        return None
    mask = np.zeros(before.shape, bool)
    array = case.parts[name]
    step = LARGE * max(1.0, float(np.abs(array).max()))
    for value in (array[entry] + step, array[entry] - step):
        changed = array.copy()
        changed[entry] = value
        _, output = work.output(case.with_values({name: changed}), slip)
        if output is None or output.shape != before.shape:
            return None
        with np.errstate(invalid="ignore"):
            mask |= ~((output == before) | (np.isnan(output) & np.isnan(before)))
    return mask


def _depends(work: Work, case: Case, name: str, entry: Entry, mask: Any) -> bool:
    """True if the reach of an entry depends on numbers that a question does not show.

    Shown numbers may be so large that the function cannot distinguish its results from 0.
    """
    small = {n: array / max(1.0, np.abs(array).max()) for n, array in work.arrays(case).items()}
    others = [case.with_values(small), *work.others(case)]
    return not all(np.array_equal(reach(work, c, name, entry), mask) for c in others)


class VisibleSlip(Kind):
    """The input on which a slip makes no difference."""

    name = "when a slip shows"
    hint = "For each input: does that line run, and does the change alter what it computes?"

    def questions(self, work: Work, case: Case) -> Questions:
        cases = [case, *(c for c in work.cases if c is not case)][:8]
        for slip in work.slips:

            def is_same(c: Case, slip: Slip = slip) -> bool:
                outcomes = work.outcome(c, slip), work.outcome(c)
                return agree(*outcomes, work.case_set.tolerance, c.precision)

            same = [c for c in cases if is_same(c)]
            few, many = sorted((same, [c for c in cases if not is_same(c)]), key=len)
            alike = [c for c in many if few and work.shows_numbers(c) is work.shows_numbers(few[0])]
            others = {describe_case(c, True): c for c in alike}
            if len(others) < WRONG or describe_case(few[0], True) in others:
                continue
            shown = [few[0], *others.values()][: WRONG + 1]
            if any(is_hidden(work, c, is_same) for c in shown):
                continue
            described = [arguments_of(c, True) for c in shown]
            shared = [a for a in described[0] if all(a in arguments for arguments in described)]
            inputs = [", ".join(a for a in one if a not in shared) for one in described]
            how, amiss = ("still", "differ") if few is same else ("no longer", "agree")
            text = f"In {work.quoted(slip.line)}, somebody writes `{work.written(slip)}`. "
            text += f"With which of these inputs does {work.name} {how} return the same as before?"
            text += f" All have {listed(shared)}." if shared else ""
            values = [_value_of_line(work, c, slip) or _change(work, c, slip) for c in shown]
            why = values[0] or next(filter(None, values), "").replace("There,", "For others,")
            wrong = [
                (words, f"The two {amiss} for that input. {value}".strip())
                for words, value in zip(inputs[1:], values[1:], strict=True)
            ]
            yield from self.asked(work, None, slip.line, inputs[0], wrong, text=text, why=why)


def _value_of_line(work: Work, case: Case, slip: Slip) -> str:
    """Return what a slip does to the number that its line assigns; "" if it assigns none."""
    before, after = work.trace(case), work.trace(case, slip)
    if not before.passes(slip.line):
        return f"There, line {work.number(slip.line)} does not run." if not before.raised else ""
    same = list[str]()
    targets = slip.edit.statement.targets if isinstance(slip.edit.statement, ast.Assign) else []
    for name in _names(*targets):
        values, others = before.seen(slip.line, name), after.seen(slip.line, name)
        if not all(type(value) is int for value in (*values, *others)):
            continue
        for old, new in zip(values, others, strict=False):
            if old != new:
                return f"There, `{name}` becomes {new} instead of {old}."
        if values and values == others:
            same.append(f"`{name}` is {listed(dict.fromkeys(values))}")
    return f"There, {listed(same)} with either line." if same else ""


def _change(work: Work, case: Case, slip: Slip) -> str:
    """Return what a slip does to the first output; "" if it stays the same."""
    (name, old), (_, new) = work.output(case), work.output(case, slip)
    if old is None or new is None:
        return f"There, {work.name} returns no result with that line." if old is not None else ""
    if old.shape != new.shape:
        return f"There, {name} has shape {new.shape} instead of {old.shape}."
    places = np.argwhere(~np.isclose(old, new, equal_nan=True))
    return f"There, {indexed(name, places[0])} changes, for example." if len(places) else ""


class Raises(Kind):
    """The input that makes the function raise an error."""

    name = "input that raises an error"
    hint = "Which operation of the function needs sizes that fit together?"

    def questions(self, work: Work, case: Case) -> Questions:
        fail: list[tuple[str, Trace]] = []
        passed: list[Answer] = []
        for words, parts in _other_inputs(case) if work.is_safe else ():
            changed = case.with_values(parts)
            problem = work.outcome(changed).problem
            if problem is None:
                name, value = work.output(changed)
                shape = f" {name} of shape {value.shape}" if name else " a result"
                passed.append((words, f"For that input, {work.name} returns{shape}."))
            elif problem.kind == "error":
                traced = work.trace(changed)
                fail += [(words, traced)] if traced.raised and traced.is_own else []
        text = "Which one of these changes of the input makes it raise an error?"
        for words, traced in fail:
            message = traced.raised.splitlines()[0][:120].rstrip(" .")
            why = f"Then {work.quoted(traced.last)}, raises {message}."
            yield from self.asked(work, case, traced.last, words, passed, text=text, why=why)


def _other_inputs(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield changes of a case's arguments, in words, and the changed arguments."""
    for name, value in case.parts.items():
        if isinstance(value, np.ndarray):
            for axis, size in enumerate(value.shape):
                for longer in (1, -1) if size > 1 else (1,):
                    new = np.take(value, range(size + longer), axis, mode="clip")
                    yield f"{name} of shape {new.shape}", {name: new}
        elif isinstance(value, dict):
            for key, old in value.items():
                if type(old) is int:
                    yield f"{key} {old + 1}", {name: {**value, key: old + 1}}
        elif type(value) is int:
            yield f"{name} {value + 1}", {name: value + 1}


class AfterASlip(Kind):
    """The shape of the output after a slip."""

    name = "output after a change"
    hint = "Compute the changed line by hand, and follow its value to the result."

    def questions(self, work: Work, case: Case) -> Questions:
        output, _ = work.output(case)

        def shape(slip: Slip | None = None) -> Any:
            return getattr(work.outcome(case, slip).values.get(output), "shape", None) or None

        usual = shape()
        for slip in work.slips if usual else ():
            right = shape(slip)
            if right in (None, usual):
                continue
            text = (
                f"What would be the shape of {output} if line "
                f"{work.number(slip.line)} were `{work.written(slip)}`?"
            )
            others = [
                (shape(s), f"{s.words(work.first)}, and no other change, it would be {shape(s)}.")
                for s in work.slips
                if shape(s) and abs(s.line - slip.line) <= 2
            ]
            wrong = [(usual, "That is the shape without the change."), *others, *_rearranged(right)]
            then = _value_of_line(work, case, slip).replace("There,", "Then")
            why = f"{then} Your function, with that line, returns {output} of shape {right}."
            yield from self.asked(work, case, slip.line, right, wrong, text=text, why=why.strip())


class Result(Kind):
    """The result for some numbers."""

    name = "result for some numbers"
    hint = "Put the numbers into each line of your function."

    def questions(self, work: Work, case: Case) -> Questions:
        def numbers(case: Case, slip: Slip | None = None) -> Any:
            return _numbers(work.outcome(case, slip).values)

        right = numbers(case)
        if right is None or work.arrays(case):
            return
        why = f"Your function, called with these numbers, returns {as_typed(right)}."
        wrong = [*slipped(work, case, numbers)]
        wrong += [(n, "Compute it line by line.") for n in _neighbors(right)]
        yield from self.asked(work, case, 0, right, wrong, text="What does it return?", why=why)


def _numbers(outputs: Mapping[str, Any]) -> Any:
    """Return a result of one to four integers; None for any other."""
    values = [n for value in outputs.values() for n in np.ravel(np.asarray(value)).tolist()]
    are_whole = all(isinstance(n, int | float) and float(n).is_integer() for n in values)
    if not are_whole or not 0 < len(values) <= 4:
        return None
    return tuple(map(int, values)) if len(values) > 1 else int(values[0])


def _neighbors(right: Any) -> list[Any]:
    """Return answers that are off by one."""
    if isinstance(right, tuple):
        return [tuple(n + d for n in right) for d in (-1, 1)] + [right[::-1]]
    return [right - 1, right + 1, right + 2]


class Constant(Kind):
    """A value of the output if all arrays hold the same number."""

    name = "output for ones"
    hint = "How many products are added up to that value, and is anything else added to it?"

    def questions(self, work: Work, case: Case) -> Questions:
        for number in (1, 0) if work.arrays(case) and not work.shows_numbers(case) else ():
            yield from self._about(work, case.with_values(_filled(case.parts, number)), number)

    def _about(self, work: Work, case: Case, number: int) -> Questions:
        """Yield questions about values of the output, except those that are the same number."""
        output, values = work.output(case)
        for at in _entries(values.shape)[:2] if values is not None and values.size else ():

            def entry(case: Case, slip: Slip | None = None, at: Entry = at) -> Any:
                _, after = work.output(case, slip)
                fits = after is not None and after.shape == values.shape
                return float(after[at]) if fits and math.isfinite(after[at]) else None

            right = float(values[at])
            is_fraction = any(abs(right * n - round(right * n)) < 1e-9 for n in range(1, 13))
            if not is_fraction or abs(right) >= BY_HAND or right == number:
                continue
            text = f"Every number in its arrays is {number}. What is {indexed(output, at)}?"
            wrong = [*slipped(work, case, entry)]
            every = _entries(values.shape)
            wrong += [(float(values[one]), f"That is {indexed(output, one)}.") for one in every]
            wrong += [(float(n), "Follow the numbers through your lines.") for n in range(4)]
            why = f"Your function, called with these numbers, gives {as_typed(right)} there."
            for name, array in work.arrays(case).items():
                rest = entry(case.with_values({name: 0 * array}))
                if rest not in (None, 0, right):
                    why += f" If {name} were 0, it would be {as_typed(rest)}."
            yield from self.asked(work, case, 0, right, wrong, text=text, why=why, decimals=3)


def _filled(value: Any, number: int) -> Any:
    """Return an array, or a dictionary with arrays, in which every number is the same."""
    if isinstance(value, dict):
        return {key: _filled(item, number) for key, item in value.items()}
    return np.full_like(value, number) if isinstance(value, np.ndarray) else value


class Doubled(Kind):
    """The change of the output if an argument is doubled."""

    name = "output for a doubled input"
    hint = "Which lines multiply by that argument, and which only add something to it?"

    def questions(self, work: Work, case: Case) -> Questions:
        output, before = work.output(case)
        for name, array in work.arrays(case).items():
            _, after = work.output(case.with_values({name: 2 * array}))
            if after is None or after.shape != before.shape or not before.any():
                continue
            before, after = before.astype(float), after.astype(float)
            fits = [w for w, n in FACTORS.items() if np.allclose(after, n * before)]
            at = np.unravel_index(np.abs(after - before).argmax(), before.shape)
            place, old, new = indexed(output, at), before[at], after[at]
            why = f"{place} is {old:.4g} before, and {new:.4g} after."
            wrong = [
                (w, f"{place} is {old:.4g}, and would become {n * old:.4g}, not {new:.4g}.")
                for w, n in FACTORS.items()
            ]
            right, *_ = [*fits, "none of these"]
            wrong.append(("none of these", why))
            why += "" if fits else self._without_others(work, case, name)
            values = f"the values of {output}" if before.ndim else output
            text = f"Every number in {name} is doubled. What happens to {values}?"
            yield from self.asked(work, case, 0, right, wrong, text=text, why=why)

    def _without_others(self, work: Work, case: Case, name: str) -> str:
        """Return a sentence about an argument whose numbers keep a factor from being 2 or 4."""
        doubled = case.with_values({name: 2 * case.parts[name]})
        for other, array in work.arrays(case).items():
            old, new = (work.output(c.with_values({other: 0 * array}))[1] for c in (case, doubled))
            for words, n in FACTORS.items() if other != name and old is not None else ():
                if n > 1 and new is not None and old.any() and np.allclose(new, n * old):
                    return f" If {other} were 0, {words.replace('is', 'would be')}."
        return ""


KINDS = [kind() for kind in Kind.__subclasses__()]
