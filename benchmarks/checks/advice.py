"""Test whether what the checks say about wrong functions is true.

    python -m benchmarks.checks.advice [--count 500] [--seed 0] [--exercise NAME ...] [--write]

The correct functions, with loops and vectorized, are changed in one place or in two (`_mutants`),
and each mutant goes through the public check. What the check says is then tested without it, on
fresh inputs of other sizes:

- a line and a change: with the change, everything must be right, or else the outputs or checks that
  the message names, and the line must differ from that of the correct function;
- a known mistake: the mutant must return what the mistake returns;
- a name that is suggested or said to be missing: the function must (not) assign it;
- a fact: the check must say the same of at least one set of fresh inputs, apart from its numbers.

What fails is false, and is listed. A line that is the same in the correct function is only listed
if the change does not make the function right: a fault in one line can be corrected in another.

The exit status is 0 if nothing is false, otherwise 1.
"""

import ast
import linecache
import random
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from rich.console import Console
from rich.progress import track

from benchmarks._figures import argument_parser, show_figures
from benchmarks._mutants import mutants
from benchmarks.checks.mutation import build, texts
from exercises import EXERCISES
from nbexercise.checks import CASE_SETS
from nbexercise.diagnosis.diagnose import diagnose, judge
from nbexercise.diagnosis.explanation import explain
from nbexercise.diagnosis.repairs import sentences
from nbexercise.diagnosis.repairs.search import changes_in
from nbexercise.diagnosis.repairs.trials import Trials
from nbexercise.judging.calling import call
from nbexercise.judging.comparing import agree, close
from nbexercise.judging.deciding import decide
from nbexercise.judging.kinds import looked_at
from nbexercise.showing.text import describe

FRESH = (1, 2)  # seeds of the fresh inputs
SAID = ("line", "two lines", "line for a part", "known mistake", "two mistakes", "fact", "error")
NOTHING = "values only"
OF_THE_CODE = re.compile("it raised|No line |Line ")  # facts that do not depend on the inputs


@dataclass
class Results:
    """Counts of what was said, and descriptions of what is false."""

    mutants: int = 0
    said: Counter = field(default_factory=Counter)
    false: Counter = field(default_factory=Counter)
    elsewhere: int = 0  # full repairs of a line that is the same in the correct function
    texts: list[str] = field(default_factory=list)


class Judge:
    """Tests of what a check says about the mutants of one exercise."""

    def __init__(self, name):
        self.exercise, self.case_set = EXERCISES[name], CASE_SETS[name]
        self.fresh = [self.exercise.case_set(seed) for seed in FRESH]
        self.right = {
            line.strip() for text in texts(self.exercise) for line in _plain(text).splitlines()
        }

    def judged(self, number, text, results):
        """Count what is said about a mutant, and what of it is false."""
        function = self._built(number, text)
        if function is None:
            return
        verdict = judge(self.case_set, function)
        if verdict.passed:
            return
        results.mutants += 1
        kind, faults = self._faults(verdict, function, text, results)
        results.said[kind] += 1
        if faults:
            results.false[kind] += 1
            said = describe(explain(verdict)).split("\n\n")
            results.texts.append(
                "\n".join([f"{self.exercise.name}: {'; '.join(faults)}", *said[:3], text])
            )

    def _built(self, number, text):
        """Return the function of a mutant, whose lines tracebacks can quote; None if it fails."""
        try:
            function = build(self.exercise.name, text)
        except Exception:
            return None
        file = f"<mutant {number}>"
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        exec(compile(text, file, "exec"), function.__globals__)
        return function.__globals__[self.exercise.name]

    def _faults(self, verdict, function, text, results):
        """Return what kind of thing is said first, and how it is false."""
        if verdict.mistakes:
            names = [mistake.name for mistake in verdict.mistakes]
            faults = [] if self._are_made(function, names) else ["the mistake is another"]
            faults += self._of_repair(verdict.repair, function, text, results, only=True)
            return "two mistakes" if len(names) > 1 else "known mistake", faults
        if verdict.repair:
            kind = SAID[len(verdict.repair.changes) - 1] if verdict.repair.is_full else SAID[2]
            return kind, self._of_repair(verdict.repair, function, text, results)
        if verdict.facts:
            return "fact", self._of_facts(verdict.facts, function)
        if verdict.problem:
            return "error", self._of_names(describe(explain(verdict)), text)
        return NOTHING, []

    def _are_made(self, function, names):
        """True if the function returns what one of some mistakes returns, in every fresh case."""
        exercise, fields = self.exercise, looked_at(self.exercise.checks)
        mistakes = [mistake for mistake in exercise.mistakes if mistake.name in names]
        if any(mistake.is_random for mistake in mistakes):  # the check has seen two answers
            return True
        wrong = [exercise.wrong_function(mistake) for mistake in mistakes]
        if len(mistakes) == 2 and (both := exercise.doubly_wrong(*mistakes)):
            wrong.append(both)
        for case_set in self.fresh:
            for case in case_set.cases:
                outcome = call(exercise.returns, case, function).outcome
                others = [call(exercise.returns, case, other).outcome for other in wrong]
                if not any(
                    agree(outcome, other, exercise.tolerance, case.precision, fields)
                    for other in others
                ) and not _together(outcome, others, exercise.tolerance, case.precision):
                    return False
        return True

    def _of_repair(self, repair, function, text, results, only=False):
        """Return how a repair is false; with `only`, just the line of a known mistake is said."""
        if repair is None or (only and not sentences.place(repair)):
            return []
        changes = changes_in(text, self.case_set)
        changed = _same_in(changes, repair.changes) if changes else []
        variant = changes and Trials(function, self.exercise.returns).variant(changes, changed)
        if not variant:
            return ["the change cannot be made"]
        repaired = variant.with_changes(changed)
        lines = text.splitlines()
        named = [lines[line - 1].strip() for change in repair.changes for line in change.lines]
        innocent = all(line in self.right for line in named)
        faults = []
        for case_set in self.fresh:
            verdict, before = decide(case_set, repaired), decide(case_set, function)
            if repair.is_full and not verdict.passed:
                faults.append("not everything is right")
            for output in repair.outputs:
                if not _is_right(verdict, output):
                    faults.append(f"{output} is not right")
                if _is_right(before, output):
                    faults.append(f"{output} was right before")
            for output in repair.left if repair.outputs else ():
                if _is_right(verdict, output):
                    faults.append(f"{output} is right, too")
            passed = {f'"{result.check.name}"' for result in verdict.results if result.passed}
            if repair.checks and not {*repair.checks} <= passed:
                faults.append("the checks do not pass")
        if innocent and repair.is_full and not faults:
            results.elsewhere += 1
        elif innocent:
            faults.append("the line is right")
        return [*dict.fromkeys(faults)]

    def _of_facts(self, facts, function):
        """Return the facts that the check says of no other inputs, although it says others."""
        fresh = [diagnose(decide(c, function), c, function, self.case_set) for c in self.fresh]
        others = [_without_numbers(fact) for diagnosis in fresh for fact in diagnosis.facts]
        return [
            f"not said of other inputs: {fact}"
            for fact in facts
            if others and _without_numbers(fact) not in others and not OF_THE_CODE.search(fact)
        ]

    def _of_names(self, said, text):
        """Return the sentences about names that are false."""
        function = ast.parse(text).body[0]
        names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
        stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        known = stored | {arg.arg for arg in function.args.args} | {*self.exercise.called}
        missing = re.findall(r"no line of \w+ assigns (\w+)", said)
        meant = re.findall(r"did you mean (\w+)(?: or (\w+))?\?", said)
        faults = [f"a line assigns {name}" for name in missing if name in stored]
        return faults + [f"there is no {n}" for some in meant for n in some if n and n not in known]


def _same_in(changes, repaired):
    """Return the changes of a repair among those made anew, and the numbers put for names."""
    every, some = changes.all, []
    for change in repaired:
        made = every[change.number - 1 : change.number] or [
            new for one in every for new in changes.literals(one) if new.clause == change.clause
        ]
        some += [new for new in made if new.column == change.column][:1]
    return some


def _plain(text):
    return ast.unparse(ast.parse(text))


def _without_numbers(sentence):
    """Return a sentence without its numbers and the names of groups."""
    return re.sub(r'[-\d.]+|"[^"]*"|all|of the other|the one case|cases|case', "", sentence)


def _is_right(verdict, output):
    """True if an output is right in every case."""
    tolerance = verdict.case_set.tolerance
    return len(verdict.runs) > len(verdict.case_set.cases) and all(
        output in run.outcome.values
        and close(
            run.outcome.values[output],
            run.case.expected.values[output],
            tolerance,
            run.case.precision,
        )
        for run in verdict.runs
    )


def _together(outcome, others, tolerance, precision):
    """True if each output is that of one of some mistakes."""
    return not outcome.problem and all(
        any(
            name in other.values and close(value, other.values[name], tolerance, precision)
            for other in others
        )
        for name, value in outcome.values.items()
    )


def drawn(name, count, seed):
    """Return mutants of an exercise's functions, half of them with a second change."""
    rng = random.Random(f"{seed} {name}")
    single = [mutant.text for text in texts(EXERCISES[name]) for mutant in mutants(text)]
    rng.shuffle(single)
    chosen = single[: count // 2]
    for _ in range(count - len(chosen)):
        second = [mutant.text for mutant in mutants(rng.choice(single))]
        chosen += rng.sample(second, min(1, len(second)))
    return [*dict.fromkeys(chosen)]


def as_text(results, count, seed, seconds):
    """Return the table and what is false, as Markdown."""
    every = Results()
    for one in results.values():
        every.mutants += one.mutants
        every.elsewhere += one.elsewhere
        every.said += one.said
        every.false += one.false
    lines = [
        f"Seed {seed}, NumPy {np.__version__}. {every.mutants} wrong functions, of {count}",
        "",
    ]
    lines[0] += (
        f" mutants drawn for each exercise; {seconds / max(1, every.mutants):.2f} s for each."
    )
    lines += ["| what is said first | wrong functions | false |", "|---|--:|--:|"]
    for kind in (*SAID, NOTHING):
        lines.append(f"| {kind} | {every.said[kind]} | {every.false[kind]} |")
    lines += [f"| all | {every.mutants} | {every.false.total()} |", ""]
    lines.append(
        f"In {every.elsewhere} of the functions with a line, that line is the same in a correct "
        "function: the check corrects the fault elsewhere."
    )
    lines += ["", "| exercise | wrong functions | false |", "|---|--:|--:|"]
    for name, one in results.items():
        lines.append(f"| {name} | {one.mutants} | {one.false.total()} |")
    lines += ["", "## False", ""]
    false = [text for one in results.values() for text in one.texts]
    lines += [f"```text\n{text}\n```\n" for text in false] or ["None."]
    return "\n".join([*lines, ""])


def main() -> None:
    """Judge the mutants, and print the table."""
    parser = argument_parser(__file__, __doc__)
    parser.add_argument("--count", type=int, default=20, help="mutants of each exercise [20]")
    parser.add_argument("--seed", type=int, default=0, help="seed of the draw [0]")
    parser.add_argument(
        "--exercise", nargs="+", default=list(EXERCISES), choices=list(EXERCISES), metavar="NAME"
    )
    options = parser.parse_args()
    results, start = {}, time.process_time()
    console = Console(stderr=True)
    for name in options.exercise:
        results[name], test = Results(), Judge(name)
        work = list(enumerate(drawn(name, options.count, options.seed)))
        for number, text in track(work, name, console=console):
            test.judged(number, text, results[name])
        for false in results[name].texts:
            print(false, end="\n\n", file=sys.stderr, flush=True)
    text = as_text(results, options.count, options.seed, time.process_time() - start)
    show_figures(__file__, text, options.write)
    sys.exit(any(one.texts for one in results.values()))


if __name__ == "__main__":
    main()
