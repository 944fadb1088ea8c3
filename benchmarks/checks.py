"""How long the checks take, and whether right and wrong solutions earn what they should.

    python -m benchmarks.checks [--seeds 50] [--write]

Times are processor seconds of one process, medians and the longest: of importing `public_tests`
over NumPy; of a public check; of the graded check of one function, its text and its picture
included, for right functions, for known mistakes, and for two of them at a time. Then every right
solution of the tests and every known mistake is graded with as many seeds.

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
from exercises import EXERCISES, grade
from public_tests.judging import decide, judge
from public_tests.text import describe
from tests.exercises.case_sets import MISTAKES, NAMES, case_set
from tests.exercises.test_right_solutions import EVERY, styles

ROUNDS, PAIRS = 10, 20


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


def measure() -> dict[str, list[float]]:
    """Times by what was timed."""
    found = {"import public_tests": []}
    for _ in range(ROUNDS):
        alone = import_seconds("numpy")
        found["import public_tests"].append(import_seconds("numpy, public_tests") - alone)
    for name, exercise in track(EXERCISES.items(), "Timing", console=Console(stderr=True)):
        right = inspect.unwrap(exercise.loops)
        wrong = [exercise.wrong_function(mistake) for mistake in exercise.mistakes]
        pairs = itertools.starmap(
            exercise.doubly_wrong, itertools.combinations(exercise.mistakes, 2)
        )
        pairs = [function for function in pairs if function is not None]
        random.Random(1).shuffle(pairs)
        stored = case_set(name)
        for what, functions in (
            ("a right function", [right] * ROUNDS),
            ("a known mistake", wrong),
            ("two known mistakes", pairs[:PAIRS]),
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
