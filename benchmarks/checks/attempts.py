"""Judge wrong attempts at the exercises, and count what the check says about each.

    python -m benchmarks.checks.attempts [--write] [--show EXERCISE]

The attempts in attempts.json were written from the texts of the released notebooks alone, in the
style of many different students: typical mistakes, unusual ones, and two mistakes at once. The
first table counts the first statement of the public check: a known mistake, a line (changing it
corrects everything), two lines, a line that corrects some outputs or checks, a fact about the
answers, the next step after an exception, or only that values differ. The other tables count
grades for the whole texts, given by readers who had written neither the attempts nor the checks,
for each set of attempts; `--show` prints the texts. Times are processor seconds of one check.
"""

import json
import linecache
import statistics
import time
from collections import Counter
from pathlib import Path

import numpy as np

from benchmarks._figures import argument_parser, show_figures
from exercises import EXERCISES
from nbexercise.checks import CASE_SETS
from nbexercise.defining.source import function_source
from nbexercise.diagnosis.diagnose import judge
from nbexercise.diagnosis.explanation import explain
from nbexercise.showing.text import describe

ATTEMPTS = Path(__file__).with_name("attempts.json")
SAID = ("known mistake", "line", "two lines", "line for a part", "fact", "error", "values only")
GRADES = {2: "leads to the line", 1: "helps", 0: "values only", -1: "misleads"}


def function_of(attempt, number):
    """Return the function of an attempt, in a namespace with the helpers of its notebook."""
    exercise = EXERCISES[attempt["exercise"]]
    namespace = {"np": np, "numpy": np}
    for name, other in EXERCISES.items():
        if other.assignment == exercise.assignment and name != exercise.name:
            exec(function_source(other.loops), namespace)
    for helper in exercise.called.values():
        exec(function_source(helper), namespace)
    source, file = attempt["source"], f"<attempt {number}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), namespace)
    return namespace[exercise.name]


def said_first(verdict):
    """Return the kind of a verdict's first statement, one of SAID."""
    repair = verdict.repair
    if verdict.mistakes:
        return "known mistake"
    if repair:
        return SAID[len(repair.changes)] if repair.is_full else "line for a part"
    if verdict.facts:
        return "fact"
    return "error" if verdict.failing.outcome.problem else "values only"


def table(columns, counts):
    """Return the lines of a table of counts by kind."""
    lines = [f"| kind | {' | '.join(columns.values())} | all |"]
    lines.append("|---|" + "--:|" * (len(columns) + 1))
    kinds = dict.fromkeys(kind for kind, _ in counts)
    for kind in kinds:
        numbers = [counts[kind, column] for column in columns]
        lines.append(f"| {kind} | {' | '.join(map(str, numbers))} | {sum(numbers)} |")
    numbers = [sum(counts[kind, column] for kind in kinds) for column in columns]
    return [*lines, f"| all | {' | '.join(map(str, numbers))} | {sum(numbers)} |"]


def main() -> None:
    """Print the tables, or the texts about the attempts at one exercise."""
    parser = argument_parser(__file__, __doc__)
    parser.add_argument("--show", metavar="EXERCISE", help="print the texts on one exercise")
    options = parser.parse_args()
    said, seconds = Counter(), []
    attempts = json.loads(ATTEMPTS.read_text(encoding="utf-8"))
    grades = {attempt["set"]: Counter() for attempt in attempts}
    for number, attempt in enumerate(attempts):
        name = attempt["exercise"]
        if options.show not in (None, name):
            continue
        function, before = function_of(attempt, number), time.process_time()
        verdict = judge(CASE_SETS[name], function)
        seconds.append(time.process_time() - before)
        said[attempt["kind"], said_first(verdict)] += 1
        grades[attempt["set"]][attempt["kind"], attempt["grade"]] += 1
        if options.show:
            print(f"=== {attempt['label']} ({attempt['kind']}): {attempt['wrong']}")
            print(attempt["source"], describe(explain(verdict)), "", sep="\n")
    if options.show:
        return
    times = [1000 * value for value in (statistics.median(seconds), max(seconds))]
    slow = 1000 * sorted(seconds)[int(0.9 * len(seconds))]
    lines = [
        *table({column: column for column in SAID}, said),
        "",
        *(
            line
            for number, counts in grades.items()
            for line in (f"Set {number}:", "", *table(GRADES, counts), "")
        ),
        f"A check takes {times[0]:.0f} ms of one processor (median); nine in ten take at most "
        f"{slow:.0f} ms, the longest {times[1]:.0f} ms.",
    ]
    show_figures(__file__, "\n".join([*lines, ""]), options.write)


if __name__ == "__main__":
    main()
