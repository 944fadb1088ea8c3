"""The definition of an exercise, from which case sets and verdicts are derived.

An `Exercise` is immutable. Its public case set (fixed seed) is stored in a file of the course; a
hidden one is generated from fresh inputs each time a submission is graded.
"""

import inspect
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import numpy as np

from ..checks import CASE_SETS
from ..diagnosis.diagnose import diagnose
from ..diagnosis.findings import Diagnosis
from ..judging.calling import call
from ..judging.deciding import decide
from ..judging.given import fn, stream, table
from ..judging.model import (
    CallOutcome,
    Case,
    CaseSet,
    Check,
    KnownMistake,
    Problem,
    Return,
    leaves,
)
from ..judging.returned import same
from ..judging.values import Within
from ..judging.verdict import Verdict
from .cases import CasesWithDefaults, Rng
from .helpers import own_helper, with_helpers
from .mistakes import Mistake, MistakenOutcomes, changed_text, compiled
from .refusals import check_arguments, check_expected
from .source import function_source, handed_out

__all__ = ["Check", "Exercise", "Mistake", "Return", "Within", "as_plain", "fn", "stream", "table"]

PUBLIC_SEED = 20_240_101
SEEDS = 3  # from which cases are drawn besides
MOST_FRESH = 3  # cases of a group that are drawn again, and that are varied


def as_plain(sentence: str) -> str:
    """Remove the backticks around code: notebooks print sentences as plain text."""
    return sentence.replace("`", "")


@dataclass(frozen=True)
class Exercise:
    """Definition of one graded function.

    Attributes
    ----------
    loops
        Implementation with loops; notebooks show its source, and students write it.
    vectorized
        Fast implementation of the same function.
    assignment
        Name of the notebook that contains the exercise.
    section
        Heading of the section that explains the exercise.
    elsewhere
        Other headings that explain some mistakes better, each with the names of these mistakes.
    hints
        Hints, from a question to the main idea; backticks mark code, and only the site shows them.
    cases
        Function of a random generator that yields (group, arguments) pairs, with arguments in the
        function's order: arrays and plain values, or `fn`, `stream` and `table`. A third item,
        {name: default}, holds defaults that the call leaves out.
    helpers
        Earlier exercises that the loop implementation calls; they replace wrong versions.
    given
        Other functions that the loop implementation calls, provided by the notebook.
    tolerance
        Allowed difference in float64, relative to the largest expected value.
    """

    loops: Callable[..., Any]
    vectorized: Callable[..., Any]
    title: str
    assignment: str
    section: str
    returns: tuple[Return, ...]
    cases: Callable[[Rng], CasesWithDefaults]
    checks: tuple[Check, ...]
    mistakes: tuple[Mistake, ...]
    hints: tuple[str, str, str]
    helpers: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    given: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tolerance: float = 1e-9

    @property
    def name(self) -> str:
        return self.loops.__name__

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks)

    @property
    def called(self) -> dict[str, Callable[..., Any]]:
        """Functions that the loop implementation calls, by name."""
        return {**self.given, **self.helpers}

    def solution_text(self, mistake: Mistake | None = None) -> str:
        """Return the loop implementation as a student would write it, with a mistake if given.

        Raises
        ------
        ValueError
            If a change does not fit the text.
        """
        text = function_source(self.loops, markers=mistake is not None)
        return changed_text(text, mistake, self.name) if mistake else text

    def wrong_function(self, mistake: Mistake) -> Callable[..., Any]:
        """Return the function of a student who made this mistake, with correct helpers."""
        texts = tuple(map(function_source, self.called.values()))
        own = vars(inspect.getmodule(self.loops))  # the solution may use plt or math
        modules = tuple((n, value) for n, value in own.items() if isinstance(value, ModuleType))
        solution = self.solution_text(mistake)
        return compiled(texts, tuple(self.given), solution, modules)[self.name]

    def doubly_wrong(self, one: Mistake, other: Mistake) -> Callable[..., Any] | None:
        """Return the function of a student who made two mistakes; None if they are incompatible."""
        if one.changes.keys() & other.changes.keys():
            return None
        both = replace(one, changes={**one.changes, **other.changes})
        try:
            return self.wrong_function(both)
        except ValueError:  # one mistake has changed the text that the other one replaces
            return None

    def case_set(self, seed: int = PUBLIC_SEED) -> CaseSet:
        """Generate the cases of a seed, with correct outcomes and, on demand, those of mistakes."""
        cases = tuple(self._cases(np.random.default_rng(seed)))
        check_expected(self.name, cases)
        return CaseSet(
            name=self.name,
            title=self.title,
            assignment=self.assignment,
            section=self.section,
            returns=self.returns,
            checks=self.checks,
            mistakes=tuple(
                KnownMistake(m.name, as_plain(m.diagnosis), as_plain(m.hint), self._section(m))
                for m in self.mistakes
            ),
            hints=tuple(map(as_plain, self.hints)),
            helpers=tuple(self.helpers),
            tolerance=self.tolerance,
            handed_out=handed_out(self.loops),
            cases=cases,
            fresh=tuple(self._fresh(cases, seed + 1)),
        )

    def _fresh(self, cases: Sequence[Case], seed: int) -> Iterator[Case]:
        """Yield other cases for which the right function returns finite results.

        The author's generator draws them from other seeds, because only the author knows what is a
        valid argument: a formula, or increasing numbers. If it draws no others, the cases are
        varied.
        """
        if any(spec.form == "class" for spec in self.returns):
            return  # in which no change is tried
        some = list(_first_plain(cases))
        new: list[Case] = []
        for other_seed in range(seed, seed + SEEDS) if some else ():
            for case in _first_plain(self._drawn(np.random.default_rng(other_seed))):
                if not any(same(case.arguments, other.arguments) for other in (*some, *new)):
                    new.append(case)
        for other in new or itertools.chain(*(case.variations() for case in some)):
            expected = call(self.returns, other, self.vectorized).outcome
            values = expected.values.values()
            numbers = [part for value in values for part in leaves(value) if type(part) is float]
            if not expected.problem and all(map(math.isfinite, numbers)):
                yield replace(other, expected=expected)

    def _section(self, mistake: Mistake) -> str:
        titles = (title for title, names in self.elsewhere.items() if mistake.name in names)
        return next(titles, self.section)

    def _drawn(self, rng: Rng) -> Iterator[Case]:
        """Yield the cases without outcomes."""
        for group, arguments, *optional in self.cases(rng):
            check_arguments(self.name, group, arguments)
            yield Case(group, arguments, CallOutcome(), {}, *optional)

    def _cases(self, rng: Rng) -> Iterator[Case]:
        for bare in self._drawn(rng):
            case = replace(bare, expected=call(self.returns, bare, self.vectorized).outcome)
            yield replace(case, mistaken=MistakenOutcomes(self, case))

    def judge(self, function: Callable[..., Any], seed: int) -> Diagnosis:
        """Judge on a seed's hidden case set; correct helpers replace the student's wrong ones."""
        return self.judge_on(self.case_set(seed), function)

    def judge_on(self, case_set: CaseSet, function: Callable[..., Any]) -> Diagnosis:
        """Judge as `judge` does, on a given case set of this exercise."""
        verdict, judged = self.decide_on(case_set, function)
        return diagnose(verdict, case_set, judged, CASE_SETS.get(self.name))

    def decide_on(
        self, case_set: CaseSet, function: Callable[..., Any]
    ) -> tuple[Verdict, Callable[..., Any]]:
        """Return the verdict without a diagnosis, and the function with its helpers replaced."""
        verdict = decide(case_set, function)
        wrong = [] if verdict.passed else self._wrong_helpers(function)
        helpers = {name: self.helpers[name] for name in wrong}
        if wrong and (helped := with_helpers(function, helpers)) is not None:
            again = decide(case_set, helped)
            if again.stop and not verdict.stop:  # its points say nothing about this function
                text = self._open_question(wrong, again.stop)
                verdict = max(verdict, again, key=lambda one: one.points)
                return replace(verdict, runs=again.runs, open_question=text), function
            if again.points > verdict.points:
                return replace(again, remark=self._remark_on_helpers(wrong)), helped
        return verdict, function

    def _wrong_helpers(self, function: Callable[..., Any]) -> list[str]:
        """Return the names of the student's helpers that fail their own public checks.

        A correct helper answers every call from the judge's process, which takes long.
        """
        return [
            name
            for name in self.helpers
            if (own := own_helper(function, name)) is None
            or name not in CASE_SETS
            or not decide(CASE_SETS[name], own).passed
        ]

    def _remark_on_helpers(self, wrong: Sequence[str]) -> str:
        """Return a sentence about the wrong helpers that were replaced with correct ones."""
        what = "a correct one" if len(wrong) == 1 else "correct ones"
        is_ = "is" if len(wrong) == 1 else "are"
        return (
            f"Your {' and '.join(wrong)} {is_} not right yet. This costs nothing here, because "
            f"{self.name} was judged with {what}."
        )

    def _open_question(self, wrong: Sequence[str], stop: Problem) -> str:
        """Return sentences about a limit that stopped the function with its helpers replaced."""
        return (
            f"Your {' and '.join(wrong)} {'is' if len(wrong) == 1 else 'are'} not right, and with "
            f"a correct version {self.name} {stop.text.splitlines()[0]} A person will grade this "
            "question."
        )


def _first_plain(cases: Iterable[Case]) -> Iterator[Case]:
    """Yield the first cases of each group that have no matrices."""
    for _, group in itertools.groupby(cases, lambda case: case.group):
        yield from itertools.islice((c for c in group if not c.has_matrices), MOST_FRESH)
