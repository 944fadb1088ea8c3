"""The one definition of an exercise, and what derives from it: case sets and verdicts.

An `Exercise` is a frozen value. Its public case set (fixed seed) is stored in `public_tests`; a
hidden one is made from fresh inputs each time a submission is graded.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from exercises.cases import CasesWithDefaults, Rng
from exercises.helpers import with_names
from exercises.mistakes import Mistake, MistakenOutcomes, changed_text, compiled
from exercises.source import function_source
from public_tests.calling import call
from public_tests.checks import CASE_SETS
from public_tests.diagnosis import diagnose
from public_tests.judging import decide
from public_tests.model import CallOutcome, Case, CaseSet, Check, KnownMistake, Return
from public_tests.verdict import Verdict

__all__ = ["Check", "Exercise", "Mistake", "Return", "as_plain"]

PUBLIC_SEED = 20_240_101


def as_plain(sentence: str) -> str:
    """Remove the backticks around code: notebooks print sentences as plain text."""
    return sentence.replace("`", "")


@dataclass(frozen=True)
class Exercise:
    """Everything about one graded function.

    Attributes
    ----------
    loops
        The implementation with loops, whose text the notebooks show and students write.
    vectorized
        A fast implementation of the same.
    assignment
        The notebook that holds it.
    section
        The heading in it that says how.
    elsewhere
        Headings that explain some mistakes better, each with their names.
    hints
        From a question to the thought; code stands in backticks, which only the site shows.
    cases
        From a random generator, (group, arguments) pairs; arguments in the function's
        order; those of its defaults that a call leaves out come third, as {name: default}.
    helpers
        Earlier exercises that the loop implementation calls; they stand in for wrong ones.
    given
        Other functions that it calls, which the notebook holds.
    tolerance
        Allowed difference in float64, relative to the largest expected value.
    """

    loops: Callable
    vectorized: Callable
    title: str
    assignment: str
    section: str
    returns: tuple[Return, ...]
    cases: Callable[[Rng], CasesWithDefaults]
    checks: tuple[Check, ...]
    mistakes: tuple[Mistake, ...]
    hints: tuple[str, str, str]
    helpers: Mapping[str, Callable] = field(default_factory=dict)
    given: Mapping[str, Callable] = field(default_factory=dict)
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tolerance: float = 1e-9

    @property
    def name(self) -> str:
        return self.loops.__name__

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks)

    @property
    def called(self) -> dict[str, Callable]:
        """All functions that the loop implementation calls, by name."""
        return {**self.given, **self.helpers}

    def solution_text(self, mistake: Mistake | None = None) -> str:
        """The loop implementation as a student would write it, with a mistake's changes made.

        Raises
        ------
        ValueError
            If a change does not fit the text.
        """
        text = function_source(self.loops)
        return changed_text(text, mistake, self.name) if mistake else text

    def wrong_function(self, mistake: Mistake) -> Callable:
        """The function that a student with this mistake has written, helpers right."""
        texts = tuple(map(function_source, self.called.values()))
        return compiled(texts, tuple(self.given), self.solution_text(mistake))[self.name]

    def doubly_wrong(self, one: Mistake, other: Mistake) -> Callable | None:
        """The function of a student with two mistakes; None where they exclude each other."""
        if one.changes.keys() & other.changes.keys():
            return None
        both = replace(one, changes={**one.changes, **other.changes})
        try:
            return self.wrong_function(both)
        except ValueError:  # one has changed the text that the other is about
            return None

    def case_set(self, seed: int = PUBLIC_SEED) -> CaseSet:
        """The cases that a seed gives, with right outcomes and, on demand, mistaken ones."""
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
            cases=tuple(self._cases(np.random.default_rng(seed))),
        )

    def _section(self, mistake: Mistake) -> str:
        titles = (title for title, names in self.elsewhere.items() if mistake.name in names)
        return next(titles, self.section)

    def _cases(self, rng: Rng) -> Iterator[Case]:
        for group, arguments, *optional in self.cases(rng):
            bare = Case(group, arguments, CallOutcome(), {}, *optional)
            expected = call(self.returns, bare, self.vectorized).outcome
            yield replace(bare, expected=expected, mistaken=MistakenOutcomes(self, bare))

    def judge(self, function: Callable[..., Any], seed: int) -> Verdict:
        """Judge on a seed's hidden case set, with right helpers where the student's are wrong."""
        return self.judge_on(self.case_set(seed), function)

    def judge_on(self, case_set: CaseSet, function: Callable[..., Any]) -> Verdict:
        """The same on a case set of this exercise."""
        verdict, judged = self.decide_on(case_set, function)
        return diagnose(verdict, case_set, judged, CASE_SETS.get(self.name))

    def decide_on(
        self, case_set: CaseSet, function: Callable[..., Any]
    ) -> tuple[Verdict, Callable[..., Any]]:
        """Return the verdict without a diagnosis, and the function with its helpers replaced."""
        verdict = decide(case_set, function)
        if not verdict.passed and self.helpers:
            helped = with_names(function, self.helpers)
            if helped is not None and self._could_gain(verdict, helped):
                again = decide(case_set, helped)
                if again.points > verdict.points:
                    return replace(again, remark=self._who_stood_in(verdict, function)), helped
        return verdict, function

    def _who_stood_in(self, verdict: Verdict, function: Callable[..., Any]) -> str:
        """A sentence that names the helpers whose right versions gain by themselves."""
        wrong = list(self.helpers)
        if len(wrong) > 1:
            wrong = [
                name
                for name, helper in self.helpers.items()
                if (helped := with_names(function, {name: helper}))
                and self._could_gain(verdict, helped)
            ] or wrong
        what = "a right one" if len(wrong) == 1 else "right ones"
        is_ = "is" if len(wrong) == 1 else "are"
        return (
            f"Your {' and '.join(wrong)} {is_} not right yet. So that this costs nothing here, "
            f"{self.name} was judged with {what}."
        )

    def _could_gain(self, verdict: Verdict, helped: Callable[..., Any]) -> bool:
        """Whether a failed check passes with right helpers, on the cases that failed without.

        Most mistakes are not a helper's. This finds out with few calls, which may each be
        answered by another process.
        """
        lost = {
            result.check.name: result.failing.case for result in verdict.results if result.failing
        }
        cases = {id(case): case for case in lost.values()}
        trial = decide(replace(verdict.case_set, cases=tuple(cases.values())), helped)
        return any(result.passed and result.check.name in lost for result in trial.results)
