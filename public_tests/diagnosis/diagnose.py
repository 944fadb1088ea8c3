"""Find out why a function fails: known mistakes that explain every case, or facts about it."""

import functools
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..judging.calling import CaseRun, call, quoted_lines
from ..judging.deciding import decide
from ..judging.kinds import wrong_output
from ..judging.model import CaseSet, KnownMistake
from ..judging.subject import subject
from ..judging.verdict import Verdict
from ..judging.wording import listed
from .evidence import RunEvidence, gave
from .findings import Diagnosis, Failure, Finding
from .properties import properties
from .repairs.repair import source_of
from .statements import unread, writes

__all__ = ["diagnose", "judge"]

MOST_NAMES = 3  # names of outputs to list
FEWEST_NUMBERS = 20  # different ones in the wrong answers of a group that a mistake must explain
MOST_NAMED = 2  # mistakes, each of which explains some groups of cases
FEWEST_WRONG = 2  # wrong answers that a mistake must explain if other calls gave no answer


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
    failing = verdict.failing
    if failing is None or verdict.is_not_written or verdict.open_question:
        return Diagnosis.of(verdict)
    if verdict.overwritten:
        return Diagnosis.of(verdict, facts=(_who_overwrote(verdict.overwritten),))
    repeatable = True
    if not verdict.is_stopped:
        again = call(case_set.returns, failing.case, function).outcome
        pairs = [(failing, again), (verdict.runs[0], verdict.runs[-1].outcome)]
        repeatable = all(gave(case_set, run, outcome) for run, outcome in pairs)
    cases = (*case_set.cases, *case_set.cases[:1])
    runs = [
        RunEvidence(run, case.mistaken, repeatable, case_set)
        for run, case in zip(verdict.runs, cases, strict=False)
    ]
    shown = next(evidence for evidence in runs if evidence.run is failing)
    runs.sort(key=lambda evidence: evidence.usefulness)
    diagnosis = Diagnosis.of(verdict, repeatable=repeatable)
    failure = Failure(diagnosis, case_set, public or case_set, function, failing, runs)
    findings = (explainer(failure) for explainer in EXPLAINERS)
    mistakes, facts, repaired = next(filter(any, findings), Finding())
    if mistakes and public is None:  # in a notebook, which also shows the line of a known mistake
        repaired = _repaired(failure).repair
    mistakes = tuple(sorted(mistakes, key=lambda mistake: not shown.explained_by(mistake.name)))
    alone = [shown.explained_by(mistake.name) for mistake in mistakes]
    apart = alone == [True, False]
    return replace(diagnosis, mistakes=mistakes, apart=apart, facts=facts, repair=repaired)


def _repaired(failure: Failure) -> Finding:
    """Return the changes of the function's own code that make it right."""
    return Finding(repair=failure.repair if failure.repair and failure.repair.is_full else None)


def _partly_repaired(failure: Failure) -> Finding:
    """Return the change of the function's own code that corrects an output, or some checks."""
    facts = _by_group(failure) if failure.repair else []
    return Finding(repair=failure.repair, facts=tuple(facts))


def _handed_back(failure: Failure) -> Finding:
    """Return a sentence for each wrong output if every one is an unchanged argument."""
    tolerance, runs = failure.case_set.tolerance, failure.verdict.runs
    if any(run.outcome.problem for run in runs):
        return Finding()
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
        sentences += [f"What happened: {output} is {part}, unchanged." for part in parts[:1]]
    return Finding(facts=tuple(sentences))


def _facts(failure: Failure) -> Finding:
    """Return sentences about an unknown mistake."""
    facts, of_groups = _where_it_answers(failure), _by_group(failure)
    shown = f'"{failure.failing.case.group}"'
    if not facts and any(shown in sentence for sentence in of_groups[:1]):
        facts = of_groups
    elif not facts:
        facts = [
            *(_in_the_code(failure) or _independent(failure) or subject().unread(failure)),
            *(properties(failure.verdict) or subject().apart(failure)),
            *of_groups,
        ]
    return Finding(facts=(*_raised_elsewhere(failure), *facts))


def _in_the_code(failure: Failure) -> list[str]:
    """Return a sentence about the line that changes an argument, or something never read."""
    source, case = source_of(failure.function), failure.failing.case
    if source is None or failure.failing.outcome.problem:
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

    The argument gets other values in the failing case and in one more. Constant outputs are
    skipped: for them the sentence says nothing new.
    """
    failing, verdict = failure.failing, failure.verdict
    if failing.outcome.problem or not verdict.repeatable:
        return []
    answered = [run for run in verdict.runs if not run.outcome.problem and run is not failing]
    tried = [failing, *answered[:1]]

    @functools.cache
    def others(place: int, part: str) -> Mapping[str, Any]:
        """Return the outputs of the function for another value of an argument."""
        other = tried[place].case.with_another(part)
        return call(failure.public.returns, other, failure.function).outcome.values if other else {}

    def is_same(place: int, output: str, part: str) -> bool:
        values, before = others(place, part), tried[place].outcome.values[output]
        return output in values and np.array_equal(
            values[output], before, equal_nan=before.dtype.kind == "f"
        )

    for output, part in failure.public.depends:
        numbers = np.concatenate([run.outcome.values[output].ravel() for run in tried])
        if (numbers != numbers[:1]).any() and all(
            is_same(place, output, part) for place in range(len(tried))
        ):
            return [f"{output} does not depend on {part}: with another {part} it is the same."]
    return []


def _who_overwrote(names: Sequence[str]) -> str:
    """Return a sentence about outputs that a later call overwrites."""
    shown = names if len(names) <= MOST_NAMES else (*names[:MOST_NAMES], "others")
    was = "was" if len(names) == 1 else "were"
    return (
        f"What happened: {listed(shown)} of an earlier call {was} overwritten by a later one, so "
        "a result that the caller keeps can change."
    )


def _where_it_answers(failure: Failure) -> list[str]:
    """Return the sentence of a known mistake that explains every call that returned an answer."""
    answered = [run for run in failure.runs if run.run.outcome.problem is None]
    wrong = [run for run in answered if not run.is_right]
    if len(answered) == len(failure.runs) or len(wrong) < FEWEST_WRONG:
        return []
    return [
        f"One mistake explains every answer it returns: {mistake.diagnosis} {mistake.hint}"
        for mistake in _only_mistake(failure, answered)
        if failure.verdict.repeatable
    ]


def _by_group(failure: Failure) -> list[str]:
    """Return sentences about known mistakes that explain the cases of some groups only.

    The failing case's group comes first. A few numbers, or zeros, may be equal by chance.
    """
    verdict, failing = failure.verdict, failure.failing
    if verdict.is_stopped or not verdict.repeatable or failing.outcome.problem:
        return []
    groups: dict[KnownMistake, list[str]] = {}
    for group in dict.fromkeys(
        [failure.failing.case.group, *(case.group for case in failure.case_set.cases)]
    ):
        runs = [run for run in failure.runs if run.run.case.group == group]
        wrong = [run for run in runs if not run.is_right]
        if any(run.run.outcome.problem for run in runs):
            continue
        numbers = {float(number) for run in wrong for number in _numbers(run.run)}
        if len(wrong) >= FEWEST_WRONG and len(numbers) >= FEWEST_NUMBERS:
            for mistake in _only_mistake(failure, runs):
                groups.setdefault(mistake, []).append(f'"{group}"')
    return [
        f"The outputs of {listed(names)} are those of this mistake: {mistake.diagnosis} "
        f"{mistake.hint}"
        for mistake, names in [*groups.items()][:MOST_NAMED]
    ]


def _numbers(run: CaseRun) -> NDArray[Any]:
    """Return all numbers in the wrong outputs of a call."""
    expected, values = run.case.expected.values, run.outcome.values
    wrong = [a for name, a in values.items() if not np.array_equal(a, expected[name])]
    return np.concatenate([array.ravel() for array in wrong]) if wrong else np.zeros(0)


def _raised_elsewhere(failure: Failure) -> list[str]:
    """Return a sentence about errors in other cases if the shown case returned an answer."""
    case_set = failure.case_set
    runs = failure.verdict.runs[: len(case_set.cases)]
    raised = [run for run in runs if run.outcome.problem and run.outcome.problem.kind == "error"]
    if not raised or failure.failing.outcome.problem:
        return []
    problem = raised[0].outcome.problem
    assert problem, "it was raised"
    said = problem.text.partition("\n")[0].strip()
    lines = quoted_lines(problem)
    own = [line for line in lines if f" in {case_set.name}:" in line] or lines
    where = "".join(f", {line}" for line in own[-1:])
    return [f"In {len(raised)} of {len(runs)} cases it {said}{where}."]


def _one_mistake(failure: Failure) -> Finding:
    """Return the known mistake that explains every call."""
    return Finding(_only_mistake(failure, failure.runs))


def _only_mistake(failure: Failure, runs: list[RunEvidence]) -> tuple[KnownMistake, ...]:
    """Return the known mistake that explains some calls; none if several do."""
    named = tuple(
        mistake
        for mistake in failure.case_set.mistakes
        if all(run.explained_by(mistake.name) for run in runs)
    )
    return named if len(named) == 1 else ()


def _two_mistakes(failure: Failure) -> Finding:
    """Return the two known mistakes that together explain every call; none if ambiguous."""
    runs = failure.runs
    if failure.verdict.is_stopped or not failure.verdict.repeatable:
        return Finding()
    possible = list(failure.case_set.mistakes)
    for run in [run for run in runs if run.is_right][:2]:
        possible = [mistake for mistake in possible if run.explained_by(mistake.name)]
    every = list(itertools.combinations([mistake.name for mistake in possible], 2))
    some = [pair for pair in every if runs[0].possible_together(*pair)]
    likely = [pair for pair in some if all(run.likely_together(*pair) for run in runs[:2])]
    pairs = _explaining(likely, runs) or _explaining(sorted({*some} - {*likely}), runs)
    if len(pairs) == 1:  # also rule out the less likely pairs that share a mistake with it
        pairs = _explaining([pair for pair in every if {*pair} & {*pairs[0]}], runs)
    if len(pairs) != 1:
        return Finding()
    return Finding(tuple(mistake for mistake in possible if mistake.name in pairs[0]))


# The first explanation counts.
EXPLAINERS = (_one_mistake, _repaired, _handed_back, _two_mistakes, _partly_repaired, _facts)


def _explaining(pairs: list[tuple[str, str]], runs: list[RunEvidence]) -> list[tuple[str, str]]:
    """Return the pairs of mistakes that explain every call."""
    for run in (runs[0], *sorted(runs[1:], key=lambda evidence: evidence.expected.size)):
        pairs = [pair for pair in pairs if run.explained_by_both(*pair)]
    return pairs
