"""Prove that an exercise works: run the right function, wrong ones and changed ones."""

import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..defining.authoring import Definition
from ..defining.source import BEGIN, END, function_source
from ..defining.stored import dump_case_set, public_case_set
from ..diagnosis.explanation import explain
from ..judging.deciding import decide
from ..judging.given import Made
from ..judging.model import CaseSet
from ..judging.values import Within
from ..judging.verdict import Verdict
from ..showing.text import describe
from .mutants import mutants

__all__ = ["Proof", "Row", "prove", "why_not_ready"]

FEW_SEEDS, SEEDS = 3, 20  # for a release, and for `nbexercise check`
MUTANT_SECONDS = 10.0  # for all changed functions of an exercise
MOST_UNNOTICED = 20  # changed functions that are listed
REGION = re.compile(rf"^([ \t]*){BEGIN}\n.*?^[ \t]*{END}$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Row:
    """A function that was judged: its points, the checks that it fails, and whether it is named."""

    function: str
    points: float
    fails: tuple[str, ...] = ()
    named: str = ""


@dataclass
class Proof:
    """Results of `prove` for an exercise.

    Attributes
    ----------
    problems
        Reasons why it cannot be released.
    remarks
        Suggestions, such as a case to add.
    """

    name: str
    points: float = 0.0
    rows: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    seconds: float = 0.0


def why_not_ready(definition: Definition) -> str:
    """Return why an exercise cannot be released, or "": its solution must earn all points."""
    try:
        _loses(definition, range(FEW_SEEDS))
        return ""
    except (TypeError, ValueError) as error:
        return str(definition.located(error))


def prove(definition: Definition) -> Proof:
    """Judge the right function, functions without an answer, the known mistakes and mutants."""
    proof = Proof(definition.name)
    try:
        exercise = definition.exercise
        proof.points = exercise.points
        _loses(definition, range(SEEDS))
        case_set = public_case_set(exercise)
        dump_case_set(case_set)
    except (TypeError, ValueError) as error:
        proof.problems.append(str(definition.located(error)))
        return proof
    start = time.perf_counter()
    verdict = decide(case_set, exercise.loops)
    proof.seconds = time.perf_counter() - start
    proof.rows.append(Row(f"solution, {SEEDS} seeds", verdict.points))
    for label, function in _unanswered(definition):
        verdict = decide(case_set, function)
        proof.rows.append(Row(label, verdict.points, _failed(verdict)))
        if verdict.points:
            proof.problems.append(
                f"{label} earns {verdict.points:g} of {proof.points:g} points: expected 0; add a "
                "case in which it is wrong, or mark easy groups with edge=True"
            )
    _add_streams(proof, definition, case_set)
    _add_mistakes(proof, definition, case_set)
    _add_mutants(proof, definition, case_set)
    return proof


def _loses(definition: Definition, seeds: range) -> None:
    """Raise ValueError if the solution loses points."""
    exercise = definition.exercise
    for seed in seeds:
        diagnosis = exercise.judge(exercise.loops, seed)
        if not diagnosis.passed:
            said = describe(explain(diagnosis, graded=True))
            raise ValueError(
                f"expected all {exercise.points:g} points for its own solution, got "
                f"{diagnosis.points:g} with seed {seed}; correct the solution or the cases:\n{said}"
            )


def _unanswered(definition: Definition) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield functions without an answer, which must earn nothing."""
    function = definition.function
    text = function_source(function, markers=True)
    yield "stub", _defined(REGION.sub(r"\1raise NotImplementedError", text), definition)
    if not isinstance(function, type):
        yield "return None", lambda *arguments: None


def _failed(verdict: Verdict) -> tuple[str, ...]:
    return tuple(result.check.name for result in verdict.results if not result.passed)


def _add_streams(proof: Proof, definition: Definition, case_set: CaseSet) -> None:
    """Add a remark if the result depends on how the solution draws from a stream."""
    given = [item for case in case_set.cases for item in case.arguments.items()]
    streams = {name for name, value in given if isinstance(value, Made) and value.is_stream}
    for name in sorted(streams & {part for _, part in case_set.depends}):
        proof.remarks.append(
            f"{definition.place}: a right function that draws from {name} in another order than "
            "the solution loses points; say in the question how to draw, or return bounds, "
            "Within(expected, deviation), from @ex.reference"
        )


def _add_mistakes(proof: Proof, definition: Definition, case_set: CaseSet) -> None:
    exercise = definition.exercise
    for mistake in exercise.mistakes:
        place = definition.place_of(mistake)
        try:
            diagnosis = exercise.judge_on(case_set, exercise.wrong_function(mistake))
        except (SyntaxError, ValueError) as error:
            proof.problems.append(f"{place}: mistake {mistake.name!r}: {error}")
            continue
        named = [known.name for known in diagnosis.mistakes]
        is_named = mistake.name in named
        named_as = "yes" if is_named else f"as {named[0]!r}" if named else "no"
        fails = _failed(diagnosis)
        proof.rows.append(Row(mistake.name, diagnosis.points, fails, named_as))
        if diagnosis.passed:
            proof.problems.append(
                f"{place}: mistake {mistake.name!r} passes: expected a failed check; add a case "
                "in which it is wrong"
            )
        elif not is_named and not _is_random(case_set):
            what = f"is told {named[0]!r}" if named else "is not named"
            proof.remarks.append(
                f"{place}: mistake {mistake.name!r} {what}; add a case in which it differs"
            )


def _add_mutants(proof: Proof, definition: Definition, case_set: CaseSet) -> None:
    """Add a remark about small changes of the solution that no check notices."""
    end = time.perf_counter() + MUTANT_SECONDS
    sets = case_set, definition.exercise.case_set(seed=1)
    tried, unnoticed = 0, list[str]()
    for line, before, after, text in mutants(function_source(definition.function, markers=True)):
        if time.perf_counter() > end:
            break
        tried += 1
        if _passes(text, definition, sets):
            what = f"{before} -> {after}" if after else f"{before} left out"
            unnoticed.append(f"line {line}: {what}")
    if unnoticed:
        more = len(unnoticed) - MOST_UNNOTICED
        differs = "leaves the bounds, if there is one" if _is_random(case_set) else "differs"
        shown = [*unnoticed[:MOST_UNNOTICED], *([f"and {more} more"] if more > 0 else [])]
        proof.remarks.append(
            f"{len(unnoticed)} of {tried} small changes of the solution pass all checks; for each "
            f"that is wrong, add a case in which it {differs} (line 1 is its def):"
            + "".join(f"\n    {one}" for one in shown)
        )


def _is_random(case_set: CaseSet) -> bool:
    """True if right results are only known within bounds."""
    values = [v for case in case_set.cases for v in case.expected.values.values()]
    return any(isinstance(value, Within) for value in values)


def _passes(text: str, definition: Definition, case_sets: Iterable[CaseSet]) -> bool:
    """True if a changed solution passes all checks."""
    try:
        function = _defined(text, definition)
    except Exception:  # a changed class may not even be defined
        return False
    return all(decide(case_set, function).passed for case_set in case_sets)


def _defined(text: str, definition: Definition) -> Callable[..., Any]:
    """Return the function that a source defines, with the names of the definition's module."""
    names = dict(vars(sys.modules[definition.function.__module__]))
    exec(text, names)
    defined: Callable[..., Any] = names[definition.name]
    return defined
