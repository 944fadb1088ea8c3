"""The kinds of questions about a function, one class each.

The right answer comes from running the student's function, and wrong ones from running it with a
slip. A question is asked only if its answers differ.
"""

import ast
import itertools
import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from ..judging.model import CallOutcome, Case
from ..judging.wording import ORDINALS, arguments_of, describe_case, listed
from .question import as_typed, same_answer
from .slips import Slip
from .tracing import Loop, Trace, slices_of, statements
from .work import OwnQuestion, Work

__all__ = ["KINDS", "WRONG", "Kind"]

WRONG = 3  # wrong answers that a question needs
LETTERS = "abcd"
LARGE = 1e3  # multiple of the largest entry by which an entry is changed, in both directions
BY_HAND = 1e3  # above the results that a reader can compute

Answer = tuple[Any, str]  # and a comment on it


class Kind:
    """A kind of question.

    Attributes
    ----------
    name
        Name of the kind, as a class report shows it.
    hint
        Help for those who ask for it.
    """

    name: ClassVar[str]
    hint: ClassVar[str]

    def questions(self, work: Work, case: Case) -> Iterator[OwnQuestion]:
        """Yield the questions about a function that is called with a case's arguments."""
        raise NotImplementedError

    def typed(
        self,
        work: Work,
        case: Case,
        line: int,
        text: str,
        right: Any,
        wrong: Iterable[Answer],
        why: str,
    ) -> Iterator[OwnQuestion]:
        """Yield a question whose answer is a number or a shape, if there are enough wrong ones."""
        different: list[Answer] = []
        for value, comment in wrong:
            if not any(same_answer(value, other) for other in [right, *(v for v, _ in different)]):
                different.append((value, comment))
        if len(different) >= WRONG:
            number = work.number(line) if line else 0
            yield OwnQuestion(
                kind=self.name,
                line=number,
                setting=work.called(case),
                text=text,
                right=right,
                wrong=different,
                hint=self.hint,
                why=why,
            )

    def chosen(
        self,
        work: Work,
        case: Case | None,
        line: int,
        text: str,
        right: str,
        wrong: Sequence[tuple[str, str]],
        why: str,
    ) -> OwnQuestion:
        """Return a question whose answer is the letter of one of four texts."""
        options = sorted([right, *(option for option, _ in wrong)])
        turn = zlib.crc32(f"{text}{work.called(case) if case else ''}".encode()) % len(options)
        options = options[turn:] + options[:turn]  # so that the right one is not in the same place
        letters = dict(zip(options, LETTERS, strict=True))
        return OwnQuestion(
            kind=self.name,
            line=work.number(line) if line else 0,
            setting=work.called(case) if case else "",
            text=text,
            options=tuple(options),
            right=letters[right],
            wrong={letters[option]: comment for option, comment in wrong},
            hint=self.hint,
            why=why,
        )


def slipped(
    work: Work, case: Case, line: int, answer: Any, slips: Sequence[Slip] | None = None
) -> Iterator[Answer]:
    """Yield what `answer` finds in the traces of calls with a slip, with a comment on it."""
    for slip in work.slips_for(line) if slips is None else slips:
        value = answer(work.trace(case, slip))
        if value is not None:
            yield value, f"{slip.words(work.first)}, it would be {value}."


class Passes(Kind):
    """How often does a line inside loops run?"""

    name = "passes of a line"
    hint = "How often does each loop around that line repeat? Nested loops multiply."

    def questions(self, work: Work, case: Case) -> Iterator[OwnQuestion]:
        traced = work.trace(case)
        for statement, loops in statements(work.tree.body):
            line = statement.lineno
            passes = traced.passes(line)
            if len(loops) < 2 or passes < 4 or isinstance(statement, Loop):
                continue
            if is_hidden(work, case, lambda t, line=line: t.passes(line)):
                continue
            text = f"How often does {work.quoted(line)} run?"
            counts = [(loop, traced.passes(loop.body[0].lineno)) for loop in loops]
            others = [
                (passes // n, f"{passes // n} leaves out the {n} passes of a loop around it.")
                for _, n in _repeats(counts)
                if n > 1
            ]
            outer = [
                (
                    n,
                    f"The loop in line {work.number(loop.lineno)} makes {n} passes, and line "
                    f"{work.number(line)} is inside another loop.",
                )
                for loop, n in counts[:-1]
            ]
            slips = slipped(
                work, case, line, lambda t, line=line: None if t.raised else t.passes(line) or None
            )
            sums = [(sum(n for _, n in _repeats(counts)), "Nested loops multiply.")]
            each = [n for _, n in _repeats(counts)]
            if math.prod(each) == passes:
                why = f"{listed(each)} passes: {' * '.join(map(str, each))} = {passes}."
            else:
                why = f"The loops around it make {listed(n for _, n in counts)} passes in all."
            wrong = itertools.chain(outer[-1:], others[:1], slips, others[1:], sums)
            yield from self.typed(work, case, line, text, passes, wrong, why)


def _repeats(counts: Sequence[tuple[Any, int]]) -> list[tuple[Any, int]]:
    """Return how often each loop repeats in one pass of the loop around it, on the average."""
    before = [1, *(n for _, n in counts)]
    return [(loop, n // max(1, outer)) for (loop, n), outer in zip(counts, before, strict=False)]


class LastValue(Kind):
    """Which value does a variable have when the loops have ended?"""

    name = "last value of a variable"
    hint = "Put the last value of each loop's variable into the line that assigns it."

    def questions(self, work: Work, case: Case) -> Iterator[OwnQuestion]:
        traced = work.trace(case)
        for statement, loops in statements(work.tree.body):
            if not loops or not isinstance(statement, ast.Assign):
                continue
            line, names = statement.lineno, _names(statement.targets)
            values = traced.seen(line, names[0]) if len(names) == 1 else []
            if len({*map(str, values)}) < 2 or not all(type(v) is int for v in values):
                continue
            name, right = names[0], values[-1]
            if is_hidden(work, case, lambda t, n=name, at=line: t.seen(at, n)[-1:]):
                continue
            before = next(v for v in reversed(values) if v != right)
            text = (
                f"What is the value of `{name}` after {work.quoted(line)}, has "
                "run for the last time?"
            )
            used = {n: work.value(case, n, line) for n in _loaded(statement.value)}
            known = [f"{n} = {v}" for n, v in used.items() if type(v) is int]
            why = (
                f"The line runs last with {listed(known)}: `{name}` is {right}."
                if known
                else (f"`{name}` is {right} then.")
            )
            wrong = [
                *slipped(
                    work,
                    case,
                    line,
                    lambda t, n=name, at=line: None if t.raised else (t.seen(at, n) or [None])[-1],
                ),
                (before, "That is the value before the last one."),
                (2 * right - before, "That would be the next value, but the loops have ended."),
                (values[0], "That is the first value."),
                (right + 1, "It is one less."),
            ]
            yield from self.typed(work, case, line, text, right, wrong, why)


def _names(targets: Iterable[ast.AST]) -> list[str]:
    return [n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)]


def _loaded(node: ast.AST) -> list[str]:
    return list(dict.fromkeys(n.id for n in ast.walk(node) if isinstance(n, ast.Name)))


class SliceShape(Kind):
    """What is the shape of a slice, in a pass?"""

    name = "shape of a slice"
    hint = "A slice a:b keeps its axis, with b - a entries; an index removes its axis."

    def questions(self, work: Work, case: Case) -> Iterator[OwnQuestion]:
        traced = work.trace(case)
        for statement, loops in statements(work.tree.body):
            line = statement.lineno
            for number, node in enumerate(slices_of(statement)):
                if isinstance(statement, ast.Assign) and statement.value is node and not loops:
                    continue  # the shape of the array that the line makes, another kind
                shapes = traced.seen(line, f"[{number}]")
                once = len(shapes) == traced.passes(line) and not _is_inner(statement, node)
                if not shapes or not once or not isinstance(shapes[0], tuple) or not shapes[0]:
                    continue
                yield from self._about(work, case, line, f"[{number}]", node, shapes)

    def _about(
        self, work: Work, case: Case, line: int, name: str, node: ast.Subscript, shapes: list[Any]
    ) -> Iterator[OwnQuestion]:
        at = next((k for k, shape in enumerate(shapes) if shape != shapes[0]), len(shapes) > 1)
        right, code = shapes[at], ast.unparse(node)
        differ = any(shape != right for shape in shapes)
        when = f" when the line runs for the {_ordinal(at)} time" if differ else ""
        text = f"In {work.quoted(line)}: what is the shape of `{code}`{when}?"

        def shape(traced: Trace) -> Any:
            seen = traced.seen(line, name)
            if not differ and any(one != seen[0] for one in seen):
                return None  # not one shape, as the question says
            return seen[at] if at < len(seen) and isinstance(seen[at], tuple) else None

        if is_hidden(work, case, shape):
            return
        base = work.value(case, node.value.id, line) if isinstance(node.value, ast.Name) else None
        base = base if isinstance(base, tuple) else None
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        kept = [isinstance(i, ast.Slice) for i in items] + [True] * (len(base or []) - len(items))
        why = "A slice keeps its axis, and an index removes it"
        why += f": `{code}` has {len(right)} of {len(base)} axes." if base else "."
        slips = [slip for slip in work.slips_for(line) if _keeps_slices(work, slip, line)]
        wrong: list[Answer] = list(slipped(work, case, line, shape, slips))
        if base and not all(kept) and len(kept) == len(base) and sum(kept) == len(right):
            sizes = iter(right)
            with_ones = tuple(next(sizes) if keeps else 1 for keeps in kept)
            wrong.append((with_ones, "An index removes its axis; only a slice keeps it."))
        if base:
            wrong.append((base, "That is the shape of the whole array."))
        wrong += _rearranged(right)
        yield from self.typed(work, case, line, text, right, wrong, why)


def _is_inner(statement: ast.stmt, node: ast.AST) -> bool:
    """True if a slice is in a comprehension or a lambda, which has variables of its own."""
    inner = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)
    return any(isinstance(n, inner) and node in ast.walk(n) for n in ast.walk(statement))


def _keeps_slices(work: Work, slip: Slip, line: int) -> bool:
    """True if a slip leaves all slices of a line in their order, and changes one at most."""
    if slip.line != line:
        return True
    (statement,) = (one for one, _ in statements(work.tree.body) if one.lineno == line)
    before = [ast.unparse(node) for node in slices_of(statement)]
    with slip.made():
        after = [ast.unparse(node) for node in slices_of(slip.statement)]
    changed = sum(one != other for one, other in zip(before, after, strict=False))
    return len(before) == len(after) and changed <= 1


def _rearranged(shape: Sequence[int]) -> list[Answer]:
    """Return shapes with two axes swapped, or without one."""
    some: list[Answer] = []
    for one, other in itertools.combinations(range(len(shape)), 2):
        swapped = list(shape)
        swapped[one], swapped[other] = swapped[other], swapped[one]
        some.append((tuple(swapped), f"Its axes {one} and {other} are swapped."))
    some += [
        (tuple(shape[1:]), "Its first axis is missing."),
        ((*shape, 1), "It has an axis less."),
    ]
    return some


def _ordinal(place: int) -> str:
    return ORDINALS[place] if place < len(ORDINALS) else f"{place + 1}th"


class VariableShape(Kind):
    """What is the shape of an array that a line makes?"""

    name = "shape of an array"
    hint = "Follow the shapes from the arguments through each operation to that line."

    def questions(self, work: Work, case: Case) -> Iterator[OwnQuestion]:
        traced = work.trace(case)
        given = {getattr(value, "shape", None) for value in case.parts.values()}
        for statement, loops in statements(work.tree.body):
            if loops or not isinstance(statement, ast.Assign):
                continue
            for name in _names(statement.targets):
                yield from self._about(work, case, traced, statement, name, given)

    def _about(
        self,
        work: Work,
        case: Case,
        traced: Trace,
        statement: ast.Assign,
        name: str,
        given: set[Any],
    ) -> Iterator[OwnQuestion]:
        line = statement.lineno

        def shape(t: Trace) -> Any:
            values = t.seen(line, name)
            return values[0] if values and isinstance(values[0], tuple) else None

        right = shape(traced)
        if right is None or right in given or is_hidden(work, case, shape):
            return
        text = f"What is the shape of `{name}` after {work.quoted(line)}?"
        wrong = [*slipped(work, case, line, shape)]
        wrong += [(s, "That is the shape of an argument.") for s in given if s]
        wrong += _rearranged(right)
        used = {n: work.value(case, n, line) for n in _loaded(statement.value)}
        known = [f"`{n}` of shape {value}" for n, value in used.items() if type(value) is tuple]
        known = known or [f"{n} = {value}" for n, value in used.items() if value is not None]
        made = f" from {listed(known)}" if known else ""
        why = f"The line makes an array of shape {right}{made}."
        yield from self.typed(work, case, line, text, right, wrong, why)


class Influence(Kind):
    """How many values of the output does an entry of an argument change?"""

    name = "reach of an entry"
    hint = "Which values of the output are computed with that entry? Count them."

    def questions(self, work: Work, case: Case) -> Iterator[OwnQuestion]:
        for name, array in work.arrays(case).items():
            entries = _entries(array.shape)
            right_at, reached = entries[0], reach(work, case, name, entries[0])
            if (
                reached is None
                or not reached.any()
                or _depends(work, case, name, right_at, reached)
            ):
                continue
            output = work.first_output(work.outcome(case))[0]
            entry = indexed(name, right_at)
            right = int(reached.sum())
            text = (
                f"Only the entry {entry} is changed. How many of the "
                f"{reached.size} values of {output} can change?"
            )
            wrong: list[Answer] = []
            for other in entries[1:]:
                mask = reach(work, case, name, other)
                if mask is not None:
                    wrong.append(
                        (int(mask.sum()), f"That is the number for {indexed(name, other)}.")
                    )
            for slip in work.slips:
                mask = reach(work, case, name, right_at, slip)
                if mask is not None:
                    n = int(mask.sum())
                    wrong.append((n, f"{slip.words(work.first)}, it would be {n}."))
                if len({n for n, _ in wrong}) > 2 * WRONG:
                    break
            wrong += [(reached.size, "Not all of them depend on it."), (1, "More than one does.")]
            wrong += [(array.size, f"That is the number of entries of {name}.")]
            why = f"They are {_box(output, reached)}: the entry was changed, up and down."
            yield from self.typed(work, case, 0, text, right, wrong, why)


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


def _entries(shape: Sequence[int]) -> list[tuple[int, ...]]:
    """Return an entry near the middle of an array, and others at its edges."""
    middle = tuple((n - 1) // 2 for n in shape)
    inner = [min(1, n - 1) for n in shape]
    return list(
        dict.fromkeys([middle, tuple(inner), tuple(n - 1 for n in shape), (0,) * len(shape)])
    )


def indexed(name: str, at: Iterable[Any]) -> str:
    """Return an entry of an array as code; the name alone for a number."""
    place = ", ".join(str(int(i)) for i in at)
    return f"{name}[{place}]" if place else name


def reach(
    work: Work, case: Case, name: str, entry: tuple[int, ...], slip: Slip | None = None
) -> Any:
    """Return a mask of the values of the output that change with an entry; None after an error."""
    before = work.first_output(work.outcome(case, slip))[1]
    if before is None:
        return None
    mask = np.zeros(before.shape, bool)
    array = case.parts[name]
    step = LARGE * max(1.0, float(np.abs(array).max()))
    for value in (array[entry] + step, array[entry] - step):
        changed = array.copy()
        changed[entry] = value
        after = work.changed(case, {name: changed}, slip)
        output = work.first_output(after)[1]
        if output is None or output.shape != before.shape:
            return None
        with np.errstate(invalid="ignore"):
            mask |= ~((output == before) | (np.isnan(output) & np.isnan(before)))
    return mask


def _shows_numbers(work: Work, case: Case) -> bool:
    """True if a question shows the numbers in the arrays of a case."""
    return " = [" in work.called(case)


def is_hidden(work: Work, case: Case, answer: Any) -> bool:
    """True if what `answer` finds in a trace depends on numbers that a question does not show."""
    if _shows_numbers(work, case):
        return False
    right = answer(work.trace(case))
    others = [work.trace(other) for other in work.others(case)]
    return any(not t.raised and answer(t) != right for t in others)


def _depends(work: Work, case: Case, name: str, entry: tuple[int, ...], mask: Any) -> bool:
    """True if the reach of an entry depends on numbers that a question does not show.

    Shown numbers may be so large that the function cannot distinguish its results from 0.
    """
    changes: list[Any] = [lambda array: array / max(1.0, np.abs(array).max())]
    if not _shows_numbers(work, case):
        changes += [np.flip, np.negative, lambda array: array[..., ::-1]]
    for change in changes:
        parts = {n: change(array) for n, array in work.arrays(case).items()}
        other = reach(work, case.with_values(parts), name, entry)
        if other is None or not np.array_equal(other, mask):
            return True
    return False


class Region(Kind):
    """Which part of the output does an entry of an argument change?"""

    name = "region of an entry"
    hint = "Which values of the output are computed with that entry? `:` stands for every index."

    def questions(self, work: Work, case: Case) -> Iterator[OwnQuestion]:
        for name, array in work.arrays(case).items():
            entry = _entries(array.shape)[-1]  # another one than `Influence` asks about
            mask = reach(work, case, name, entry)
            output = work.first_output(work.outcome(case))[0]
            if (
                mask is None
                or mask.ndim < 2
                or not mask.any()
                or _depends(work, case, name, entry, mask)
            ):
                continue
            places = np.argwhere(mask)
            whole = [len({*at}) == n for at, n in zip(places.T, mask.shape, strict=True)]
            ways = itertools.product((True, False), repeat=mask.ndim)
            near = sorted(ways, key=lambda way: sum(np.not_equal(way, whole)))
            parts = [_part(mask.shape, way, places[0]) for way in near[: WRONG + 1]]
            if not np.array_equal(parts[0], mask) or min(mask.shape) < 2:
                continue
            right = _box(output, mask)
            wrong = [(_box(output, part), _amiss(output, part, mask)) for part in parts[1:]]
            text = f"Only the entry {indexed(name, entry)} is changed. "
            text += f"Which values of {output} can change?"
            why = f"Tried by changing the entry, up and down: all of {right} change, and no others."
            yield self.chosen(work, case, 0, text, right, wrong, why)


def _part(shape: Sequence[int], whole: Iterable[bool], at: Iterable[Any]) -> Any:
    """Return a mask of a part of an array: whole axes, and one index on the others."""
    part = np.zeros(shape, bool)
    part[tuple(slice(None) if all_ else i for all_, i in zip(whole, at, strict=True))] = True
    return part


def _amiss(output: str, part: Any, mask: Any) -> str:
    """Return what is wrong with a part of an output that should be a mask."""
    if (missing := np.argwhere(mask & ~part)).size:
        return f"{indexed(output, missing[-1])} can change, too."
    return f"{indexed(output, np.argwhere(part & ~mask)[-1])} cannot change."


class VisibleSlip(Kind):
    """On which input does a slip make no difference?"""

    name = "when a slip shows"
    hint = "For each input: does that line run, and does the change alter what it computes?"

    def questions(self, work: Work, case: Case) -> Iterator[OwnQuestion]:
        cases = [case, *(c for c in work.cases if c is not case)][:8]
        for slip in work.slips:
            same, differ = list[Case](), list[Case]()
            for c in cases:
                is_same = work.agree(c, work.outcome(c, slip), work.outcome(c))
                (same if is_same else differ).append(c)
            few, many, how = same, differ, "still"
            if len(same) > len(differ):
                few, many, how = differ, same, "no longer"
            alike = [_shows_numbers(work, c) is _shows_numbers(work, few[0]) for c in many if few]
            shown = _told_apart(few, [*itertools.compress(many, alike)])
            if not shown or any(_varies(work, c, slip) for c in shown):
                continue
            inputs, shared = _what_differs(shown)
            amiss = f"The two {'differ' if how == 'still' else 'agree'} for that input. "
            text = (
                f"In {work.quoted(slip.line)}, somebody writes `{work.written(slip)}`. With "
                f"which of these inputs does {work.name} {how} return the same as before?"
            )
            text += f" All have {listed(shared)}." if shared else ""
            values = [_value_of_line(work, c, slip) for c in shown]
            why = values[0] or next(filter(None, values), "").replace("There,", "For others,")
            why = why or "Tried with all four inputs."
            wrong = [
                (words, (amiss + value).strip())
                for words, value in zip(inputs[1:], values[1:], strict=True)
            ]
            yield self.chosen(work, None, slip.line, text, inputs[0], wrong, why)


def _varies(work: Work, case: Case, slip: Slip) -> bool:
    """True if it depends on numbers that a question does not show whether a slip shows."""
    if _shows_numbers(work, case):
        return False
    is_same = work.agree(case, work.outcome(case, slip), work.outcome(case))
    others = work.others(case)
    return any(work.agree(c, work.outcome(c, slip), work.outcome(c)) != is_same for c in others)


def _told_apart(few: Sequence[Case], many: Sequence[Case]) -> list[Case]:
    """Return one case and three others whose descriptions differ; [] if there are none."""
    described: dict[str, Case] = {}
    for case in (*few[:1], *many):
        described.setdefault(describe_case(case, True), case)
    shown = list(described.values())[: WRONG + 1]
    alone = few and all(describe_case(few[0], True) != describe_case(case, True) for case in many)
    return shown if alone and len(shown) > WRONG else []


def _what_differs(cases: Sequence[Case]) -> tuple[list[str], list[str]]:
    """Describe the arguments of calls: those that differ, and those that are the same in all."""
    described = [arguments_of(case, True) for case in cases]
    shared = [a for a in described[0] if all(a in arguments for arguments in described)]
    return [", ".join(a for a in one if a not in shared) for one in described], shared


def _value_of_line(work: Work, case: Case, slip: Slip) -> str:
    """Return what a slip does to the number that its line assigns; "" if it assigns none."""
    before, after = work.trace(case), work.trace(case, slip)
    if not before.passes(slip.line):
        return f"There, line {work.number(slip.line)} does not run." if not before.raised else ""
    targets = slip.statement.targets if isinstance(slip.statement, ast.Assign) else []
    same = list[str]()
    for name in _names(targets):
        values, others = before.seen(slip.line, name), after.seen(slip.line, name)
        if not all(type(value) is int for value in (*values, *others)):
            continue
        for old, new in zip(values, others, strict=False):
            if old != new:
                return f"There, `{name}` becomes {new} instead of {old}."
        if values and values == others:
            same.append(f"`{name}` is {listed(dict.fromkeys(values))}")
    return f"There, {listed(same)} with either line." if same else ""


class Raises(Kind):
    """Which input makes the function raise an error?"""

    name = "input that raises an error"
    hint = "Which operation of the function needs sizes that fit together?"

    def questions(self, work: Work, case: Case) -> Iterator[OwnQuestion]:
        if not work.is_safe:
            return
        fail: list[tuple[str, str, int]] = []
        passed: list[tuple[str, str]] = []
        for words, parts in _other_inputs(case):
            outcome = work.changed(case, parts)
            if outcome.problem is None:
                name, value = work.first_output(outcome)
                shape = f" {name} of shape {value.shape}" if name else " a result"
                passed.append((words, f"For that input, {work.name} returns{shape}."))
            elif outcome.problem.kind == "error":
                traced = work.trace(case.with_values(parts))
                if traced.raised and traced.is_own:
                    fail.append((words, traced.raised, traced.last))
        for words, raised, line in fail:
            if len(passed) < WRONG:
                return
            text = "Which one of these changes of the input makes it raise an "
            text += "error?"
            message = raised.splitlines()[0]
            why = f"Then {work.quoted(line)}, raises {message[:120].rstrip(' .')}."
            yield self.chosen(work, case, line, text, words, passed[:WRONG], why)


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
    """What shape does the output have after a slip?"""

    name = "output after a change"
    hint = "Compute the changed line by hand, and follow its value to the result."

    def questions(self, work: Work, case: Case) -> Iterator[OwnQuestion]:
        output, value = work.first_output(work.outcome(case))
        if value is None or not value.ndim:
            return
        results = {id(slip): _shape_of(work.outcome(case, slip), output) for slip in work.slips}
        usual = (value.shape, "That is the shape without the change.")
        for slip in work.slips:
            right = results[id(slip)]
            if right is None or right == value.shape:
                continue
            text = (
                f"What would be the shape of {output} if line "
                f"{work.number(slip.line)} were `{work.written(slip)}`?"
            )
            others = [
                (shape, f"{s.words(work.first)}, and no other change, it would be {shape}.")
                for s in work.slips
                if (shape := results[id(s)]) is not None and abs(s.line - slip.line) <= 2
            ]
            wrong = [usual, *others, *_rearranged(right)]
            then = _value_of_line(work, case, slip).replace("There,", "Then")
            why = f"{then} Your function, with that line, returns {output} of shape {right}."
            yield from self.typed(work, case, slip.line, text, right, wrong, why.strip())


def _shape_of(outcome: CallOutcome, output: str) -> Any:
    value = outcome.values.get(output)
    return value.shape if outcome.problem is None and isinstance(value, np.ndarray) else None


class Result(Kind):
    """What does the function return for some numbers?"""

    name = "result for some numbers"
    hint = "Put the numbers into each line of your function."

    def questions(self, work: Work, case: Case) -> Iterator[OwnQuestion]:
        right = _numbers(work.outcome(case))
        if right is None or work.arrays(case):
            return
        text = "What does it return?"
        wrong: list[Answer] = []
        for slip in work.slips:
            value = _numbers(work.outcome(case, slip))
            if value is not None:
                wrong.append((value, f"{slip.words(work.first)}, it would be {as_typed(value)}."))
        why = f"Your function, called with these numbers, returns {as_typed(right)}."
        near = [(n, "Compute it line by line.") for n in _neighbors(right)]
        yield from self.typed(work, case, 0, text, right, [*wrong, *near], why)


def _numbers(outcome: CallOutcome) -> Any:
    """Return a result of one to four integers; None for any other."""
    if outcome.problem:
        return None
    values = [n for value in outcome.values.values() for n in np.ravel(np.asarray(value)).tolist()]
    are_small = 0 < len(values) <= 4 and all(isinstance(n, int | float) for n in values)
    if not are_small or any(not math.isfinite(n) or n != int(n) for n in values):
        return None
    return tuple(map(int, values)) if len(values) > 1 else int(values[0])


def _neighbors(right: Any) -> list[Any]:
    """Return answers that are off by one."""
    if isinstance(right, tuple):
        return [tuple(n + d for n in right) for d in (-1, 1)] + [right[::-1]]
    return [right - 1, right + 1, right + 2]


class Constant(Kind):
    """What is a value of the output if all arrays hold the same number?"""

    name = "output for ones"
    hint = "How many products are added up to that value, and is anything else added to it?"

    def questions(self, work: Work, case: Case) -> Iterator[OwnQuestion]:
        arrays = work.arrays(case)
        for number in (1, 0) if arrays and not _shows_numbers(work, case) else ():
            parts = {name: _filled(value, number) for name, value in case.parts.items()}
            begin = f"Every number in its arrays is {number}."
            yield from self.with_numbers(work, case, parts, begin, lambda _, n=number: n)

    def with_numbers(
        self, work: Work, case: Case, parts: dict[str, Any], begin: str, trivial: Any
    ) -> Iterator[OwnQuestion]:
        """Yield questions about values of the output, but for those that are trivial."""
        output, values = work.first_output(work.changed(case, parts))
        for at in _entries(values.shape)[:2] if values is not None and values.size else ():
            right = float(values[at])
            if not _is_simple(right) or right == trivial(at):
                continue
            text = f"{begin} What is {indexed(output, at)}?"
            others = [
                (float(values[other]), f"That is {indexed(output, other)}.")
                for other in _entries(values.shape)
            ]
            after = [
                (float(v[at]), f"{slip.words(work.first)}, it would be {as_typed(v[at])}.")
                for slip in work.slips
                if (v := work.first_output(work.changed(case, parts, slip))[1]) is not None
                and v.shape == values.shape
                and math.isfinite(v[at])
            ]
            plain = [(float(n), "Follow the numbers through your lines.") for n in (0, 1, 2, 3)]
            why = f"Your function, called with these numbers, gives {as_typed(right)} there."
            for name, array in work.arrays(case).items():
                rest = work.first_output(work.changed(case, parts | {name: 0 * array}))[1]
                if rest is not None and rest.shape == values.shape and rest[at] not in (0, right):
                    why += f" If {name} were 0, it would be {as_typed(rest[at])}."
            wrong = [*after, *others, *plain]
            for question in self.typed(work, case, 0, text, right, wrong, why):
                yield replace(question, decimals=3)


class Indices(Constant):
    """What is a value of the output if each number of an array is its index on an axis?"""

    name = "output for indices"
    hint = "Which entries of the array is that value computed from, and how?"

    def questions(self, work: Work, case: Case) -> Iterator[OwnQuestion]:
        arrays = [*work.arrays(case).items()]
        if len(arrays) != 1 or arrays[0][1].ndim < 3 or _shows_numbers(work, case):
            return
        ((name, array),) = arrays
        axis = array.ndim - 2
        numbers = np.zeros_like(array) + np.arange(array.shape[axis])[:, None]
        example = [0] * axis + [array.shape[axis] - 1, 0]
        begin = f"Each number in {name} is its index on axis {axis}, so "
        begin += f"{indexed(name, example)} is {example[axis]}."
        yield from self.with_numbers(
            work, case, {name: numbers}, begin, lambda at: at[axis] if len(at) > axis else None
        )


def _filled(value: Any, number: int) -> Any:
    """Return an array, or a dictionary with arrays, in which every number is the same."""
    if isinstance(value, dict):
        return {key: _filled(item, number) for key, item in value.items()}
    return np.full_like(value, number) if isinstance(value, np.ndarray) else value


def _is_simple(value: float) -> bool:
    """True for small integers and fractions, which are easy to compute by hand."""
    return abs(value) < BY_HAND and any(
        abs(value * n - round(value * n)) < 1e-9 for n in range(1, 13)
    )


class Doubled(Kind):
    """What happens to the output if an argument is doubled?"""

    name = "output for a doubled input"
    hint = "Which lines multiply by that argument, and which only add something to it?"
    factors: ClassVar = {
        "they stay the same": 1,
        "each is doubled": 2,
        "each is multiplied by 4": 4,
    }

    def questions(self, work: Work, case: Case) -> Iterator[OwnQuestion]:
        output, before = work.first_output(work.outcome(case))
        for name, array in work.arrays(case).items():
            after = work.first_output(work.changed(case, {name: 2 * array}))[1]
            if after is None or after.shape != before.shape or not before.any():
                continue
            before, after = before.astype(float), after.astype(float)
            fits = [w for w, n in self.factors.items() if np.allclose(after, n * before)]
            texts = [*self.factors, "none of these"]
            right = fits[0] if fits else texts[-1]
            at = np.unravel_index(np.abs(after - before).argmax(), before.shape)
            place, old, new = indexed(output, at), before[at], after[at]
            why = f"{place} is {old:.4g} before, and {new:.4g} after."
            wrong = [
                (w, f"{place} is {old:.4g}, and would become {n * old:.4g}, not {new:.4g}.")
                for w, n in self.factors.items()
                if w != right
            ]
            if fits:
                wrong.append((texts[-1], why))
            else:
                why += self._without_others(work, case, name)
            values = f"the values of {output}" if before.ndim else output
            text = f"Every number in {name} is doubled. What happens to {values}?"
            yield self.chosen(work, case, 0, text, right, wrong, why)

    def _without_others(self, work: Work, case: Case, name: str) -> str:
        """Return a sentence about an argument whose numbers keep a factor from being 2 or 4."""
        for other, array in work.arrays(case).items():
            zeros = {other: 0 * array}
            old = work.first_output(work.changed(case, zeros))[1]
            new = work.first_output(work.changed(case, {name: 2 * case.parts[name]} | zeros))[1]
            for words, n in self.factors.items() if other != name and old is not None else ():
                if n > 1 and new is not None and old.any() and np.allclose(new, n * old):
                    return f" If {other} were 0, {words.replace('is', 'would be')}."
        return ""


KINDS: tuple[Kind, ...] = (
    Passes(),
    LastValue(),
    SliceShape(),
    VariableShape(),
    Influence(),
    Region(),
    VisibleSlip(),
    Raises(),
    AfterASlip(),
    Result(),
    Constant(),
    Indices(),
    Doubled(),
)
