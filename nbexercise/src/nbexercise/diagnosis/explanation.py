"""Explain a verdict in sentences: the failing case, what happened, and what to do next.

An `Explanation` holds everything that a text, a report, a picture and the record of a check need.
"""

from dataclasses import dataclass, field

from ..judging.calling import CaseRun
from ..judging.kinds import kind_of
from ..judging.model import KnownMistake, has_only_arrays
from ..judging.values import kind_of_value
from ..judging.verdict import CheckResult
from ..judging.wording import WIDTH, describe_case
from .findings import Diagnosis
from .next_steps import certain_step, next_step
from .repairs import sentences

__all__ = ["Explanation", "explain"]

PRINTED_LINES = 5


@dataclass
class Explanation:
    """A diagnosis in sentences.

    Attributes
    ----------
    graded
        True for a graded cell, whose cases `show` cannot draw.
    headline
        The failure in one line; "" if there is none.
    remark
        Sentence about the circumstances, such as wrong helpers.
    helpers
        Sentences about the wrong helpers that the function calls; a part of the remark.
    wrong
        Lines about what is wrong with the answer of the failing case; the first is a full sentence.
    case
        Lines about the failing case: a heading, what the function printed, and what is wrong.
    aside
        Sentences about other failed checks, such as changed arguments.
    mistakes
        Known mistakes, each with a heading.
    facts
        Facts about the answers if no known mistake explains them.
    after_error
        The same, if the failing case raised an error, which is explained first.
    next
        Next step; "" if the mistakes or the case contain it.
    help
        Sentence about the calls that draw the failing case and give a hint, unless `next` has it.
    sections
        Headings of the notebook to read again.
    notes
        Notes on what was accepted; they cost no points.
    """

    verdict: Diagnosis
    graded: bool = False
    headline: str = ""
    remark: str = ""
    helpers: str = ""
    wrong: list[str] = field(default_factory=list)
    case: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    mistakes: list[tuple[str, KnownMistake]] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    after_error: list[str] = field(default_factory=list)
    next: str = ""
    help: str = ""
    sections: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def explain(verdict: Diagnosis, graded: bool = False) -> Explanation:
    """Return the explanation of a verdict, for a public check or a graded cell."""
    helpers, fix_helpers = _about_helpers(verdict)
    explanation = Explanation(verdict, graded, remark=verdict.remark or helpers, helpers=helpers)
    explanation.notes = [note.text for note in verdict.notes]
    failed, run = verdict.shown, verdict.failing
    if not failed or not run:
        return explanation
    problem, case_set = verdict.problem, verdict.case_set
    explanation.remark = " ".join(filter(None, [explanation.remark, _about_variables(verdict)]))
    explanation.wrong = _what_is_wrong(verdict, failed, run)
    hint = f'hint("{case_set.name}") gives a hint.'
    drawn = kind_of(failed.check).drawn and not problem and not graded
    drawn = drawn and has_only_arrays(run.outcome) and has_only_arrays(run.case.expected)
    help_ = f'show("{case_set.name}") draws this case; {hint}' if drawn else hint
    explanation.case = [
        f"First failing case, {failed.check.name}: {describe_case(run.case)}",
        *_printed(run),
        *explanation.wrong,
    ]
    explanation.aside = _aside(verdict)
    explanation.headline = _in_short(verdict, failed, explanation)
    if helpers:
        explanation.next = fix_helpers
    elif verdict.mistakes:
        titles = ["What happened"] * len(verdict.mistakes)
        if verdict.apart:
            titles = ["What happened in this case", "Also in other cases"]
        explanation.mistakes = list(zip(titles, verdict.mistakes, strict=True))
        place = sentences.place(verdict.repair) if verdict.repair else ""
        explanation.facts = [place] if place else []
        sections = (mistake.section for mistake in verdict.mistakes)
        explanation.sections = list(dict.fromkeys(filter(None, sections)))
    elif verdict.repair:
        # The first line of a graded text says what happened.
        happened = "" if graded else f"{sentences.what_happened(verdict.repair)} "
        effect = sentences.effect(verdict.repair)
        explanation.facts = [*verdict.facts, f"{happened}{effect}"]
        step = certain_step(run, case_set)
        explanation.next = "" if verdict.repair.is_full and "?" in step else step  # answered
    elif verdict.overwritten:
        explanation.facts = list(verdict.facts)
        explanation.next = (
            f"create a new {_noun(verdict)} in each call. Is one created outside the function, or "
            "as the default of an argument?"
        )
    elif not verdict.repeatable and not problem:
        explanation.facts = ["What happened: two calls on the same input gave different answers."]
        explanation.next = "look for np.random, np.empty, or a variable kept from an earlier call."
    else:
        facts = explanation.after_error if _is_error(verdict) else explanation.facts
        facts += verdict.facts
        explanation.next = _next_step(verdict, failed, run, graded, help_)
        explanation.sections = [] if problem or not case_set.section else [case_set.section]
    explanation.help = "" if graded or "hint(" in explanation.next else help_
    return explanation


def _is_error(verdict: Diagnosis) -> bool:
    """True if the failing case raised an error."""
    return verdict.problem is not None and verdict.problem.kind == "error"


def _noun(verdict: Diagnosis) -> str:
    """Return a noun for the outputs of the first call that a later one overwrote."""
    values = verdict.runs[0].outcome.values
    kinds = {kind_of_value(values[name]) for name in verdict.overwritten if name in values}
    noun = kinds.pop() if len(kinds) == 1 else "result"
    return {"dict": "dictionary"}.get(noun, noun)


def _in_short(verdict: Diagnosis, failed: CheckResult, explanation: Explanation) -> str:
    """Return a one-line explanation of the failure."""
    if verdict.mistakes:
        return " ".join(mistake.diagnosis for mistake in verdict.mistakes)
    if verdict.repair:
        return sentences.headline(verdict.repair)
    if verdict.facts and not _is_error(verdict):
        return verdict.facts[-1]
    if verdict.problem:
        return f"The function {verdict.problem.text.splitlines()[0]}"
    return (explanation.aside or [f"{failed.check.name}: {explanation.wrong[0]}"])[0]


def _about_helpers(verdict: Diagnosis) -> tuple[str, str]:
    """Return sentences about the wrong helpers that a function calls, and the next step.

    Both are "" if it calls none.
    """
    name, wrong = verdict.case_set.name, " and ".join(verdict.wrong_helpers)
    changed = " and ".join(verdict.changed_helpers)
    if wrong:
        several = len(verdict.wrong_helpers) > 1
        its = "their own checks" if several else "its own check"
        called = f"your {wrong}, which did not pass {its}: fix that first."
        cells = "their cells and their checks" if several else "its cell and its check"
        step = f"fix {wrong}, run {cells}, then run this check again."
    elif changed:
        called = f"{changed}, which this notebook provides and a cell has changed: undo that first."
        step = (
            f"undo the changes to {changed}, or copy the cell from a fresh copy of the notebook; "
            "run it, then run this check again."
        )
    else:
        return "", ""
    graded = f"The graded cell judges {name} with correct helpers"
    return f"{name} calls {called} ({graded}, so this costs you nothing there.)", step


def _about_variables(verdict: Diagnosis) -> str:
    """Return a sentence about the notebook's variables that a function reads; "" if none."""
    name, returned = verdict.case_set.name, {value.name for value in verdict.case_set.returns}
    if missing := " and ".join(n for n in verdict.variables if n in returned):
        return (
            f"No line of {name} assigns {missing}: it returns a variable that another cell of the "
            "notebook defines, so the value is the same in every call."
        )
    if verdict.variables:
        read = " and ".join(verdict.variables)
        same = ", so the value is the same in every call" if verdict.repeatable else ""
        return (
            f"{name} reads {read} from the notebook{same}: no argument and no line of {name} "
            f"defines {' or '.join(verdict.variables)}."
        )
    return ""


def _what_is_wrong(verdict: Diagnosis, failed: CheckResult, run: CaseRun) -> list[str]:
    """Return lines about the first failing case of a check; the first line is a full sentence."""
    if run.outcome.problem:
        return f"{verdict.case_set.name} {run.outcome.problem.text}".splitlines()
    if failed.waits:
        return [f"{failed.undecided}."]
    return kind_of(failed.check).fault(failed.check, run, verdict.case_set.tolerance)


def _aside(verdict: Diagnosis) -> list[str]:
    """Return sentences about failed checks of a kind that is reported even if not shown."""
    tolerance = verdict.case_set.tolerance
    return [
        " ".join([f"{check.name}:", *kind_of(check).fault(check, result.failing, tolerance)])
        for result in verdict.results
        if kind_of(check := result.check).said_aside and result is not verdict.shown
        if result.failing and not result.undecided
    ]


def _printed(run: CaseRun) -> list[str]:
    """Return the first lines that a function printed, with a heading."""
    lines = run.printed.splitlines()
    more = ["  ... and more"] if len(lines) > PRINTED_LINES else []
    shown = [f"  {line[:WIDTH]}" for line in lines[:PRINTED_LINES]]
    return ["Your function printed:", *shown, *more] if lines else []


def _next_step(
    verdict: Diagnosis, failed: CheckResult, run: CaseRun, graded: bool, hint: str
) -> str:
    """Return the next step for an unknown mistake; "" if the problem's text contains it."""
    case_set = verdict.case_set
    if run.outcome.problem is None and failed.check.kind == "cache" and run.outcome.changed:
        return ""  # `aside` names the changed arguments
    if run.outcome.problem is None:
        step = kind_of(failed.check).next_step(case_set, graded)
        return step or f"{'in your notebook, ' if graded else ''}{hint}"
    step = next_step(run, case_set, "there" if graded else "here")
    return f"{step} {'In your notebook, ' if graded else ''}{hint}" if step else ""
