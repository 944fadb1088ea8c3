"""Explain a diagnosis in sentences: the failing case, what happened, and what to do next.

An `Explanation` holds everything that a text, a report, a picture and the record of a check need.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..judging.adapters import calls_of
from ..judging.calling import CaseRun
from ..judging.kinds import is_drawn, kind_of
from ..judging.model import KnownMistake, Return
from ..judging.verdict import CheckResult
from ..judging.wording import WIDTH, describe_case, listed
from .findings import Diagnosis
from .next_steps import certain_step, next_step
from .repairs import sentences
from .repairs.repair import Repair

__all__ = ["Advice", "Explanation", "about_helpers", "explain"]

PRINTED_LINES = 5


class Advice(NamedTuple):
    """Facts about a failure, and the next step.

    Attributes
    ----------
    facts
        Facts about the answers if no known mistake explains them.
    next
        Next step; "" if the mistakes or the case contain it.
    sections
        Headings of the notebook to read again.
    mistakes
        Known mistakes, each with a heading.
    after_error
        Facts, if the failing case raised an error, which is explained first.
    """

    facts: Sequence[str] = ()
    next: str = ""
    sections: Sequence[str] = ()
    mistakes: Sequence[tuple[str, KnownMistake]] = ()
    after_error: Sequence[str] = ()


@dataclass(frozen=True)
class Explanation:
    """A diagnosis in sentences.

    Attributes
    ----------
    graded
        True for a graded cell, whose cases `show` cannot draw.
    remark
        Sentence about the circumstances, such as wrong helpers.
    headline
        The failure in one line; "" if there is none.
    wrong
        Lines about what is wrong with the answer of the failing case; the first is a full sentence.
    case
        Lines about the failing case: a heading, what the function printed, and what is wrong.
    aside
        Sentences about other failed checks, such as changed arguments.
    advice
        What happened, and what to do next.
    calls
        Sentence about the calls that draw the failing case and give a hint, unless the next step
        names them.
    """

    diagnosis: Diagnosis
    graded: bool
    remark: str
    headline: str = ""
    wrong: Sequence[str] = ()
    case: Sequence[str] = ()
    aside: Sequence[str] = ()
    advice: Advice = Advice()
    calls: str = ""


def explain(
    diagnosis: Diagnosis, graded: bool = False, elsewhere: str = "", calls: str = ""
) -> Explanation:
    """Return the explanation of a diagnosis, for a public check or a graded cell.

    Parameters
    ----------
    elsewhere
        Sentence that replaces the facts, if another text has the diagnosis.
    calls
        Sentence that replaces the one about the calls of a notebook, if there is no notebook.
    """
    helpers, fix_helpers = about_helpers(diagnosis)
    remark = diagnosis.remark or helpers
    failed, run = diagnosis.shown, diagnosis.failing
    if not failed or not run:
        return Explanation(diagnosis, graded, remark)
    calls = calls or _calls_in_notebook(diagnosis, failed, run, graded)
    if diagnosis.unwritten:
        advice = Advice()
    elif helpers:
        advice = Advice(next=fix_helpers)
    elif diagnosis.mistakes:
        advice = _on_mistakes(diagnosis)
    elif diagnosis.repair:
        advice = _on_repair(diagnosis, diagnosis.repair, run, graded)
    elif diagnosis.next:
        advice = Advice(diagnosis.facts, diagnosis.next)
    else:
        advice = _on_facts(diagnosis, failed, run, graded, calls)
    if elsewhere and not diagnosis.unwritten:
        advice = advice._replace(facts=[elsewhere], after_error=())
    wrong, aside = _what_is_wrong(diagnosis, failed, run), _aside(diagnosis)
    heading = f"First failing case, {failed.check.name}: {describe_case(run.case)}"
    heading += _calls(diagnosis.case_set.returns)
    return Explanation(
        diagnosis,
        graded,
        " ".join(filter(None, [remark, _about_variables(diagnosis)])),
        headline=_in_short(diagnosis, (aside or [f"{failed.check.name}: {wrong[0]}"])[0]),
        wrong=wrong,
        case=[heading, *_printed(run, diagnosis.case_set.returns[0]), *wrong],
        aside=aside,
        advice=advice,
        calls="" if graded or calls in advice.next else calls,
    )


def _calls_in_notebook(
    diagnosis: Diagnosis, failed: CheckResult, run: CaseRun, graded: bool
) -> str:
    name = diagnosis.case_set.name
    hint = f'hint("{name}") gives a hint.'
    if not kind_of(failed.check).drawn or diagnosis.problem or graded:
        return hint
    several = "lists all results of this case" if run.case.expected.size > 1 else ""
    does = "draws this case" if is_drawn(run) else several
    return f'show("{name}") {does}; {hint}' if does else hint


def _calls(returns: Sequence[Return]) -> str:
    """Return the calls of returned functions, whose results may depend on earlier ones."""
    calls = [call for spec in returns if spec.form == "function" for call in calls_of(spec)]
    return f"; then, in this order, {listed(calls)}" if calls else ""


def _on_mistakes(diagnosis: Diagnosis) -> Advice:
    """Return the advice on known mistakes, whose hints are the next steps."""
    titles = ["What happened"] * len(diagnosis.mistakes)
    if diagnosis.apart:
        titles = ["What happened in this case", "Also in other cases"]
    mistakes = list(zip(titles, diagnosis.mistakes, strict=True))
    place = sentences.place(diagnosis.repair) if diagnosis.repair else ""
    sections = dict.fromkeys(m.section for m in diagnosis.mistakes if m.section)
    return Advice([place] if place else [], "", list(sections), mistakes)


def _on_repair(diagnosis: Diagnosis, repair: Repair, run: CaseRun, graded: bool) -> Advice:
    """Return the advice on a change of the function's own code that corrects it."""
    # The first line of a graded text says what happened, and what to write instead.
    happened, remedy = f"{sentences.what_happened(repair)} ", sentences.remedy(repair)
    happened, remedy = ("", "") if graded else (happened, remedy)
    facts = [*diagnosis.facts, f"{happened}{sentences.effect(repair)}"]
    step = certain_step(run, diagnosis.case_set)
    step = "" if repair.is_full and "?" in step else step  # answered
    return Advice(facts, step or remedy)


def _on_facts(
    diagnosis: Diagnosis, failed: CheckResult, run: CaseRun, graded: bool, calls: str
) -> Advice:
    """Return the advice on an unknown mistake; its step is "" if the case contains it."""
    case_set, facts = diagnosis.case_set, diagnosis.facts
    if diagnosis.problem:
        step = next_step(run, case_set, "there" if graded else "here")
        step = step and f"{step} {'In your notebook, ' if graded else ''}{calls}"
        is_error = diagnosis.problem.kind == "error"
        return Advice(next=step, after_error=facts) if is_error else Advice(facts, step)
    step = kind_of(failed.check).next_step(case_set, graded)
    step = step or f"{'in your notebook, ' if graded else ''}{calls}"
    if failed.check.kind == "cache" and run.outcome.changed:
        step = ""  # `aside` names the changed arguments
    return Advice(facts, step, [case_set.section] if case_set.section else [])


def _in_short(diagnosis: Diagnosis, wrong: str) -> str:
    """Return a one-line explanation of the failure; `wrong` says what a check found."""
    if diagnosis.mistakes:
        return " ".join(mistake.diagnosis for mistake in diagnosis.mistakes)
    if diagnosis.repair:
        return sentences.headline(diagnosis.repair)
    is_error = diagnosis.problem is not None and diagnosis.problem.kind == "error"
    if diagnosis.facts and not is_error:
        return diagnosis.facts[-1]
    if diagnosis.problem:
        sentence = diagnosis.problem.about("The function").splitlines()[0]
        return f"T{sentence[1:]}" if sentence.startswith("the ") else sentence
    return wrong


def about_helpers(diagnosis: Diagnosis) -> tuple[str, str]:
    """Return sentences about the wrong helpers that a function calls, and the next step.

    Both are "" if it calls none.
    """
    name, wrong = diagnosis.case_set.name, " and ".join(diagnosis.wrong_helpers)
    changed = " and ".join(diagnosis.changed_helpers)
    if wrong:
        several = len(diagnosis.wrong_helpers) > 1
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


def _about_variables(diagnosis: Diagnosis) -> str:
    """Return a sentence about the notebook's variables that a function reads; "" if none."""
    name, returned = diagnosis.case_set.name, {value.name for value in diagnosis.case_set.returns}
    if missing := " and ".join(n for n in diagnosis.variables if n in returned):
        return (
            f"No line of {name} assigns {missing}: it returns a variable that another cell of the "
            "notebook defines, so the value is the same in every call."
        )
    if diagnosis.variables:
        read = " and ".join(diagnosis.variables)
        same = ", so the value is the same in every call" if diagnosis.repeatable else ""
        return (
            f"{name} reads {read} from the notebook{same}: no argument and no line of {name} "
            f"defines {' or '.join(diagnosis.variables)}."
        )
    return ""


def _what_is_wrong(diagnosis: Diagnosis, failed: CheckResult, run: CaseRun) -> list[str]:
    """Return lines about the first failing case of a check; the first line is a full sentence."""
    if run.outcome.problem:
        return run.outcome.problem.about(diagnosis.case_set.name).splitlines()
    if failed.waits:
        return [f"{failed.undecided}."]
    return kind_of(failed.check).fault(failed.check, run, diagnosis.case_set.tolerance)


def _aside(diagnosis: Diagnosis) -> list[str]:
    """Return sentences about failed checks of a kind that is reported even if not shown."""
    tolerance = diagnosis.case_set.tolerance
    return [
        " ".join([f"{check.name}:", *kind_of(check).fault(check, result.failing, tolerance)])
        for result in diagnosis.results
        if kind_of(check := result.check).said_aside and result is not diagnosis.shown
        if result.failing and not result.undecided
    ]


def _printed(run: CaseRun, spec: Return) -> list[str]:
    """Return the first lines that a function or a class printed, with a heading."""
    what = "class" if spec.form == "class" else "function"
    lines = run.printed.splitlines()
    more = ["  ... and more"] if len(lines) > PRINTED_LINES else []
    shown = [f"  {line[:WIDTH]}" for line in lines[:PRINTED_LINES]]
    return [f"Your {what} printed:", *shown, *more] if lines else []
