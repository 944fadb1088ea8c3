"""How long the checks take, and whether right and wrong solutions earn what they should.

    python -m benchmarks.checks [--seeds 50] [--wrong 60] [--write]

Times are processor seconds of one process, medians and the longest: of importing `public_tests`
over NumPy; of a public check; of the graded check of one function, its text and its picture
included, for right functions, for known mistakes, and for two of them at a time. A second table has
the slowest wrong function of each exercise, on a hidden case set made anew: of the known mistakes,
of pairs of them, of generic mutants and of the tests' wrong solutions. Then every right solution of
the tests and every known mistake is graded with as many seeds.

Exit status: 0 if no right solution loses a point or is told of a mistake, and every mistake loses
exactly the checks that it declares; 1 otherwise.
"""

import argparse
import contextlib
import inspect
import io
import itertools
import platform
import random
import statistics
import subprocess
import sys
import time

import numpy as np
from rich.console import Console
from rich.progress import track

from benchmarks._figures import show_figures
from benchmarks._mutants import mutants
from benchmarks.mutation import build
from exercises import EXERCISES, grade, mistakes
from exercises.source import function_source
from public_tests.judging import decide, judge
from public_tests.text import describe
from tests.exercises.case_sets import MISTAKES, NAMES, case_set
from tests.exercises.solutions.wrong import WRONG
from tests.exercises.test_right_solutions import EVERY, styles

ROUNDS, PAIRS = 10, 20
SLOW, BEST_OF = 5, 3  # wrong functions that are timed again, and how often
RIGHTS = 30  # times that a right one is timed beside them


def seconds(action) -> float:
    """Processor seconds that a call takes; what it prints is dropped."""
    start = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        action()
    return time.process_time() - start


def import_seconds(modules) -> float:
    """Processor seconds of a Python that imports some modules."""
    code = f"import time\nstart = time.process_time()\nimport {modules}\n"
    code += "print(time.process_time() - start)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout)


def pairs_of(exercise, number):
    """So many pairs of known mistakes, at random: what they are called, and the function."""
    pairs = list(itertools.combinations(exercise.mistakes, 2))
    random.Random(1).shuffle(pairs)
    made = ((f"{a.name} + {b.name}", exercise.doubly_wrong(a, b)) for a, b in pairs)
    return itertools.islice((pair for pair in made if pair[1] is not None), number)


def wrong_functions(exercise, number):
    """Wrong functions of all kinds: what they are called, and the function.

    number: of pairs, and of mutants
    """
    for mistake in exercise.mistakes:
        yield mistake.name, exercise.wrong_function(mistake)
    yield from pairs_of(exercise, number)
    changed = list(mutants(function_source(exercise.loops)))
    for mutant in random.Random(1).sample(changed, min(number, len(changed))):
        with contextlib.suppress(Exception):  # a default that cannot be computed
            yield mutant.name, build(exercise.name, mutant.text)
    for label, entry in WRONG[exercise.name].items():
        yield label, entry.make()


def alone(exercise, function):
    """Seconds that the first judging of a process takes, and the verdict."""
    mistakes.compiled.cache_clear()
    mistakes._given.cache_clear()
    verdicts = []
    with contextlib.redirect_stderr(io.StringIO()):
        taken = seconds(lambda: verdicts.append(exercise.judge(function, 1)))
    return taken, verdicts[0]


def slowest(exercise, number):
    """The seconds of a right function, and those and the name of the slowest wrong one.

    Those that never end are left out: they take the time limit.
    """
    right = inspect.unwrap(exercise.loops)
    timed = []
    for label, function in wrong_functions(exercise, number):
        taken, verdict = alone(exercise, function)
        if not verdict.passed and not verdict.is_stopped:
            timed.append((taken, label, function))
    timed.sort(key=lambda entry: -entry[0])

    def best(function):
        return min(alone(exercise, function)[0] for _ in range(BEST_OF))

    rounds = [alone(exercise, right)[0] for _ in range(RIGHTS)]  # many: the clock may be coarse
    return statistics.mean(rounds), *max(
        (best(function), label) for _, label, function in timed[:SLOW]
    )


def measure() -> dict[str, list[float]]:
    """Times by what was timed."""
    found = {"import public_tests": []}
    for _ in range(ROUNDS):
        alone = import_seconds("numpy")
        found["import public_tests"].append(import_seconds("numpy, public_tests") - alone)
    for name, exercise in track(EXERCISES.items(), "Timing", console=Console(stderr=True)):
        right = inspect.unwrap(exercise.loops)
        wrong = [exercise.wrong_function(mistake) for mistake in exercise.mistakes]
        pairs = [function for _, function in pairs_of(exercise, PAIRS)]
        stored = case_set(name)
        for what, functions in (
            ("a right function", [right] * ROUNDS),
            ("a known mistake", wrong),
            ("two known mistakes", pairs),
        ):
            for function in functions:
                public = seconds(lambda s=stored, f=function: describe(judge(s, f)))
                graded = seconds(lambda n=name, f=function: grade(n, f, seed=1))
                found.setdefault(f"public check of {what}", []).append(public)
                found.setdefault(f"graded check of {what}", []).append(graded)
    return found


def faults(seeds) -> list[str]:
    """The right solutions that lose points or are told of a mistake."""
    found = []
    for name, style in track(EVERY, "Grading right solutions", console=Console(stderr=True)):
        for seed in seeds:
            with contextlib.redirect_stdout(io.StringIO()):
                verdict = EXERCISES[name].judge_on(case_set(name, seed), styles(name)[style])
            if verdict.points < EXERCISES[name].points or verdict.mistakes or verdict.notes:
                found.append(f"{name}, {style}, seed {seed}")
    return found


def strays(seeds) -> list[str]:
    """The known mistakes that lose other checks than they declare."""
    found = []
    for name in track(NAMES, "Grading known mistakes", console=Console(stderr=True)):
        exercise = EXERCISES[name]
        wrong = [(mistake, exercise.wrong_function(mistake)) for mistake in exercise.mistakes]
        for seed in seeds:
            hidden = exercise.case_set(seed)
            for mistake, function in wrong:
                results = decide(hidden, function).results
                lost = {result.check.name for result in results if not result.passed}
                if lost != set(mistake.fails):
                    found.append(f"{name}, {mistake.name}, seed {seed}: fails {sorted(lost)}")
    return found


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=50, help="for each solution [50]")
    parser.add_argument("--wrong", type=int, default=60, help="pairs and mutants of each [60]")
    parser.add_argument("--write", action="store_true", help="put the table in checks.md")
    options = parser.parse_args()
    times, lost = measure(), faults(range(options.seeds))
    stray = strays(range(options.seeds))
    lines = [
        f"NumPy {np.__version__}, Python {platform.python_version()}; milliseconds.",
        "",
        "| what | median | longest |",
        "|---|--:|--:|",
    ]
    for what, values in times.items():
        lines.append(
            f"| {what} | {1000 * statistics.median(values):.0f} | {1000 * max(values):.0f} |"
        )
    lines += [
        "",
        "| exercise | right function | slowest wrong one | ratio | which |",
        "|---|--:|--:|--:|---|",
    ]
    for name, exercise in track(EXERCISES.items(), "Wrong ones", console=Console(stderr=True)):
        right, wrong, label = slowest(exercise, options.wrong)
        cell = label.replace("|", "\\|")
        lines.append(
            f"| {name} | {1000 * right:.1f} | {1000 * wrong:.0f} | {wrong / right:.0f} | {cell} |"
        )
    lines += ["", f"{len(EVERY)} right solutions with {options.seeds} seeds each: "]
    lines[-1] += "none loses a point." if not lost else f"{len(lost)} lose points:"
    lines += [f"- {text}" for text in lost]
    lines += ["", f"{len(MISTAKES)} known mistakes with {options.seeds} seeds each: "]
    lines[-1] += "each fails its checks and no others." if not stray else f"{len(stray)} do not:"
    lines += [f"- {text}" for text in stray]
    text = "\n".join(lines) + "\n"
    show_figures(__file__, text, options.write)
    sys.exit(bool(lost or stray))


if __name__ == "__main__":
    main()
