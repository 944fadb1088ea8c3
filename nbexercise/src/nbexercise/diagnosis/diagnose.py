"""Find out why a function fails: known mistakes that explain every case, or facts about it."""

import functools
import math
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..judging.calling import call
from ..judging.deciding import decide
from ..judging.kinds import wrong_output
from ..judging.model import CaseSet, Problem, leaves
from ..judging.subject import subject
from ..judging.values import difference
from ..judging.verdict import Verdict
from .findings import Diagnosis, Finding
from .mistakes import Failure, by_group, failure_of, one_mistake, two_mistakes, where_it_answers
from .properties import properties
from .repairs.sources import methods_of, source_of
from .state import earlier_calls, kept_default, not_repeatable, overwritten
from .statements import gives_none, returns_none, unread, writes

__all__ = ["diagnose", "judge"]

MOST_TRIED = 4  # cases, besides the failing one, that get another value of an argument


def judge(case_set: CaseSet, function: Callable[..., Any]) -> Diagnosis:
    """Decide the checks of a case set, and diagnose a failure."""
    return diagnose(decide(case_set, function), case_set, function)


def diagnose(
    verdict: Verdict, case_set: CaseSet, function: Callable[..., Any], public: CaseSet | None = None
) -> Diagnosis:
    """Return the mistakes, changes or facts that explain a failure; nothing if there is none.

    A question that is left to a person gets no diagnosis.

    Parameters
    ----------
    case_set
        Cases of the verdict, with the outcomes of known mistakes.
    function
        Function that was judged; it is called again with the failing case.
    public
        Case set that stores what the outputs depend on, if the verdict's own does not.
    """
    if verdict.passed or verdict.unwritten or verdict.open_question:
        return Diagnosis.of(verdict)
    if verdict.overwritten:
        return Diagnosis.of(verdict, **overwritten(verdict)._asdict())
    try:
        return _explained(verdict, case_set, function, public)
    except Exception as error:  # points and checks must not depend on the explanation
        warnings.warn(
            f"the check found no explanation because of an error of its own ({error!r}); please "
            "report it",
            stacklevel=2,
        )
        return Diagnosis.of(verdict)


def _explained(
    verdict: Verdict, case_set: CaseSet, function: Callable[..., Any], public: CaseSet | None
) -> Diagnosis:
    failure = failure_of(verdict, case_set, function, public)
    kinds = {run.outcome.problem and run.outcome.problem.kind for run in verdict.runs}
    # What is missing is known if no call returned the right number of values.
    of_nothing = (one_mistake, _in_place, _nothing)
    explainers = of_nothing if kinds <= {"nothing", "count"} else EXPLAINERS
    findings = (explainer(failure) for explainer in explainers)
    finding = next(filter(any, findings), Finding())
    return replace(failure.diagnosis, **finding._asdict())


def _in_place(failure: Failure) -> Finding:
    """Return a sentence about a method that changes its object and returns None."""
    functions = methods_of(failure.function) or [failure.function]
    sentence = gives_none([source for f in functions if (source := source_of(f))])
    return Finding(facts=(sentence,) if sentence else ())


def _nothing(failure: Failure) -> Finding:
    """Return a sentence about why a call returned None, and the next step."""
    problem, source = failure.failing.outcome.problem, source_of(failure.function)
    if problem is None or problem.kind != "nothing":
        return Finding()
    name = failure.case_set.name
    fact, step = returns_none(name, *source) if source else ("", "")
    either = f"Either {name} ended without a return statement, or the value it returns is None."
    return Finding(facts=(f"What happened: {fact}" if fact else either,), next=step or problem.own)


def _repaired(failure: Failure) -> Finding:
    """Return the changes of the function's own code that make it right."""
    return Finding(repair=failure.full_repair)


def _partly_repaired(failure: Failure) -> Finding:
    """Return the change of the function's own code that corrects an output, or some checks."""
    facts = by_group(failure) if failure.repair else []
    return Finding(repair=failure.repair, facts=tuple(facts))


def _returned_arguments(failure: Failure) -> Finding:
    """Return a sentence for each wrong output if every one is an unchanged argument."""
    tolerance, runs = failure.case_set.tolerance, failure.diagnosis.runs
    if any(run.outcome.problem for run in runs) or not failure.is_of_arrays:
        return Finding()
    name, names = failure.case_set.name, [value.name for value in failure.case_set.returns]
    sentences = []
    for output in failure.case_set.cases[0].expected.values:
        wrong = [run for run in runs if wrong_output(run, tolerance, (output,))]
        parts = [
            part
            for part, value in (wrong[0].case.parts.items() if wrong else ())
            if np.ndim(value)
            and all(
                np.array_equal(run.outcome.values[output], run.case.parts[part]) for run in wrong
            )
        ]
        if wrong and not parts:
            return Finding()
        for part in parts[:1]:
            own = f"The {output} you return is the one that was passed in"
            returned = f"{name} returned" if [output] == names else f"{output} is"
            text = own if part == output else f"{returned} {part}"
            sentences.append(f"What happened: {text}, unchanged.")
    return Finding(facts=tuple(sentences))


def _facts(failure: Failure) -> Finding:
    """Return sentences about an unknown mistake."""
    of_groups = by_group(failure)
    is_of_shown = f'"{failure.failing.case.group}"' in "".join(of_groups[:1])
    facts = where_it_answers(failure) or (of_groups if is_of_shown else [])
    facts = facts or [*_observed(failure), *of_groups]
    return Finding(facts=(*_raised_elsewhere(failure), *facts))


def _observed(failure: Failure) -> list[str]:
    """Return what the code does not use or should not change, and what its wrong outputs share."""
    unused = _in_the_code(failure) or _independent(failure)
    if not failure.is_of_arrays:
        return unused
    shared = properties(failure.diagnosis) or subject().apart(failure)
    return [*(unused or subject().unread(failure)), *shared]


def _in_the_code(failure: Failure) -> list[str]:
    """Return a sentence about the line that changes an argument, or something never read."""
    source, case = source_of(failure.function), failure.failing.case
    problem = failure.failing.outcome.problem
    if source is None or problem and problem.kind != "error":
        return []
    if changed := failure.failing.changed:
        words = {word for text in changed for word in re.findall(r"\w+", text)}
        sentence = writes(*source, words & case.parts.keys())
        return [sentence] if sentence else []
    sizes = {
        name: tuple(key for key, item in value.items() if type(item) is int)
        for name, value in case.parts.items()
        if isinstance(value, dict)
    }
    sentence = unread(*source, sizes)
    return [sentence] if sentence else []


def _independent(failure: Failure) -> list[str]:
    """Return a sentence about an argument that an output does not depend on although it should.

    The argument gets other values in the failing case and in others. Constant outputs are
    skipped: for them the sentence says nothing new. So are nan and infinity.
    """
    failing, diagnosis = failure.failing, failure.diagnosis
    if failing.outcome.problem or not diagnosis.repeatable:
        return []
    answered = [run for run in diagnosis.runs if not run.outcome.problem and run is not failing]
    tried = [failing, *answered[:MOST_TRIED]]

    @functools.cache
    def others(place: int, part: str) -> Mapping[str, Any]:
        """Return the outputs of the function for another value of an argument."""
        other = tried[place].case.with_another(part)
        return call(failure.public.returns, other, failure.function).outcome.values if other else {}

    def is_same(place: int, output: str, part: str) -> bool:
        values, before = others(place, part), tried[place].outcome.values[output]
        return output in values and not difference(values[output], before)

    for output, part in failure.public.depends:
        parts = [part for run in tried for part in leaves(run.outcome.values[output])]
        varies = any(part != parts[0] for part in parts) and not any(map(_is_odd, parts))
        if varies and all(is_same(place, output, part) for place in range(len(tried))):
            return [f"{output} does not depend on {part}: with another {part} it is the same."]
    return []


def _is_odd(part: Any) -> bool:
    """True for nan and infinities."""
    return isinstance(part, float) and not math.isfinite(part)


def _raised_elsewhere(failure: Failure) -> list[str]:
    """Return a sentence about errors in other cases if the shown case returned an answer.

    It quotes the first error, and counts it where the same line raised the same exception.
    """
    case_set = failure.case_set
    runs = failure.diagnosis.runs[: len(case_set.cases)]
    problems = [run.outcome.problem for run in runs if run.outcome.problem]
    errors = [_error(p, case_set) for p in problems if p.kind == "error" and not p.is_not_written]
    if not errors or failure.failing.outcome.problem:
        return []
    kind, where, _ = errors[0]
    texts = [text for *same, text in errors if same == [kind, where]]
    text = texts[0] if len({*texts}) == 1 else f"raised {kind}"
    number = len(errors) - len(texts)
    other = "another error" if number == 1 else "other errors"
    if all(its == kind for its, *_ in errors):
        other = f"{kind} in another line"
    rest = f"; in {number} more it raised {other}" if number else ""
    return [f"In {len(texts)} of {len(runs)} cases it {text}{where}{rest}."]


def _error(problem: Problem, case_set: CaseSet) -> tuple[str, str, str]:
    """Return the name of an exception, the last line outside helpers, and its message."""
    of_helpers = tuple(f" in {helper}:" for helper in case_set.helpers)
    own = [line for line in problem.quoted if not any(text in line for text in of_helpers)]
    where = "".join(f", {line.rstrip(':')}" for line in own[-1:])
    return problem.key.partition(":")[0], where, problem.text.partition("\n")[0].strip()


# The first explanation counts.
EXPLAINERS = (
    *(one_mistake, _in_place, kept_default, _repaired, _returned_arguments),
    *(earlier_calls, two_mistakes, _partly_repaired, not_repeatable, _facts),
)
