"""Time the checks, and verify the points of correct and wrong solutions.

    python -m benchmarks.checks.run_time [--seeds 50] [--wrong 60] [--write]

Times are processor seconds of one process, median and maximum: to import `public_tests` after
NumPy; to run a public check; to run the graded check of one function with its text and picture, for
correct functions, for known mistakes, and for pairs of known mistakes. A second table lists the
slowest wrong function of each exercise on a new hidden case set: of the known mistakes, their
pairs, generic mutants and the tests' wrong solutions. Then every correct solution of the tests and
every known mistake is graded with as many seeds.

The exit status is 0 if no correct solution loses points or gets a diagnosis, and every mistake
fails exactly the checks that it declares; otherwise 1.
"""

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

from benchmarks._figures import argument_parser, show_figures
from benchmarks._mutants import mutants
from benchmarks.checks.mutation import build
from exercises import EXERCISES, grade
from nbexercise.defining import mistakes
from nbexercise.defining.source import function_source
from nbexercise.diagnosis.diagnose import judge
from nbexercise.diagnosis.explanation import explain
from nbexercise.judging.deciding import decide
from nbexercise.showing.text import describe
from tests.exercises.case_sets import MISTAKES, NAMES, case_set
from tests.exercises.solutions import WRONG
from tests.exercises.test_right_solutions import styles

EVERY = [(name, style) for name in NAMES for style in styles(name)]  # correct solutions
ROUNDS, PAIRS = 10, 20
SLOW, BEST_OF = 5, 3  # wrong functions to time again, and the number of repetitions
RIGHTS = 30  # timings of the correct function for comparison


def seconds(action) -> float:
    """Return the processor seconds of a call, and drop its output."""
    start = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        action()
    return time.process_time() - start


def import_seconds(modules) -> float:
    """Return the processor seconds that a new Python needs to import some modules."""
    code = f"import time\nstart = time.process_time()\nimport {modules}\n"
    code += "print(time.process_time() - start)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout)


def pairs_of(exercise, number):
    """Yield `number` random pairs of known mistakes, as name and function."""
    pairs = list(itertools.combinations(exercise.mistakes, 2))
    random.Random(1).shuffle(pairs)
    made = ((f"{a.name} + {b.name}", exercise.doubly_wrong(a, b)) for a, b in pairs)
    return itertools.islice((pair for pair in made if pair[1] is not None), number)


def wrong_functions(exercise, number):
    """Yield wrong functions of all kinds, as name and function.

    Parameters
    ----------
    number
        Number of pairs and of mutants.
    """
    for mistake in exercise.mistakes:
        yield mistake.name, exercise.wrong_function(mistake)
    yield from pairs_of(exercise, number)
    changed = list(mutants(function_source(exercise.loops)))
    for mutant in random.Random(1).sample(changed, min(number, len(changed))):
        with contextlib.suppress(Exception):  # a default value that cannot be computed
            yield mutant.name, build(exercise.name, mutant.text)
    for label, entry in WRONG[exercise.name].items():
        yield label, entry.make()


def alone(exercise, function):
    """Return the seconds of judging without cached results, and the verdict."""
    mistakes.compiled.cache_clear()
    mistakes._given.cache_clear()
    verdicts = []
    with contextlib.redirect_stderr(io.StringIO()):
        taken = seconds(lambda: verdicts.append(exercise.judge(function, 1)))
    return taken, verdicts[0]


def slowest(exercise, number):
    """Return the seconds of a correct function, and the seconds and name of the slowest wrong one.

    Functions that never end are left out: they run until the time limit.
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
    """Return all measured times, by name."""
    times = {"import public_tests": []}
    for _ in range(ROUNDS):
        alone = import_seconds("numpy")
        times["import public_tests"].append(import_seconds("numpy, public_tests") - alone)
    for name, exercise in track(EXERCISES.items(), "Timing", console=Console(stderr=True)):
        right = inspect.unwrap(exercise.loops)
        wrong = [exercise.wrong_function(mistake) for mistake in exercise.mistakes]
        pairs = [function for _, function in pairs_of(exercise, PAIRS)]
        stored = case_set(name)
        for what, functions in (
            ("a correct function", [right] * ROUNDS),
            ("a known mistake", wrong),
            ("two known mistakes", pairs),
        ):
            for function in functions:
                public = seconds(lambda s=stored, f=function: describe(explain(judge(s, f))))
                graded = seconds(lambda n=name, f=function: grade(n, f, seed=1))
                times.setdefault(f"public check of {what}", []).append(public)
                times.setdefault(f"graded check of {what}", []).append(graded)
    return times


def faults(seeds) -> list[str]:
    """Return the correct solutions that lose points or get a diagnosis."""
    losing = []
    for name, style in track(EVERY, "Grading right solutions", console=Console(stderr=True)):
        for seed in seeds:
            with contextlib.redirect_stdout(io.StringIO()):
                verdict = EXERCISES[name].judge_on(case_set(name, seed), styles(name)[style])
            if verdict.points < EXERCISES[name].points or verdict.mistakes or verdict.notes:
                losing.append(f"{name}, {style}, seed {seed}")
    return losing


def strays(seeds) -> list[str]:
    """Return the known mistakes whose failed checks differ from the declared ones."""
    found = []
    for name in track(NAMES, "Grading known mistakes", console=Console(stderr=True)):
        exercise = EXERCISES[name]
        wrong = [(mistake, exercise.wrong_function(mistake)) for mistake in exercise.mistakes]
        for seed in seeds:
            hidden = exercise.case_set(seed)
            for mistake, function in wrong:
                results = decide(hidden, function).results
                failed = {result.check.name for result in results if not result.passed}
                if failed != set(mistake.fails):
                    found.append(f"{name}, {mistake.name}, seed {seed}: fails {sorted(failed)}")
    return found


def main() -> None:
    """Measure the times of checks, and print the table."""
    parser = argument_parser(__file__, __doc__)
    parser.add_argument("--seeds", type=int, default=50, help="seeds per solution [50]")
    parser.add_argument("--wrong", type=int, default=60, help="pairs and mutants per exercise [60]")
    options = parser.parse_args()
    times, losing = measure(), faults(range(options.seeds))
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
        "| exercise | correct function | slowest wrong function | ratio | name |",
        "|---|--:|--:|--:|---|",
    ]
    for name, exercise in track(EXERCISES.items(), "Wrong ones", console=Console(stderr=True)):
        right, wrong, label = slowest(exercise, options.wrong)
        cell = label.replace("|", "\\|")
        lines.append(
            f"| {name} | {1000 * right:.1f} | {1000 * wrong:.0f} | {wrong / right:.0f} | {cell} |"
        )
    lines += ["", f"{len(EVERY)} correct solutions with {options.seeds} seeds each: "]
    lines[-1] += "none loses a point." if not losing else f"{len(losing)} lose points:"
    lines += [f"- {text}" for text in losing]
    lines += ["", f"{len(MISTAKES)} known mistakes with {options.seeds} seeds each: "]
    lines[-1] += "each fails its checks and no others." if not stray else f"{len(stray)} do not:"
    lines += [f"- {text}" for text in stray]
    text = "\n".join(lines) + "\n"
    show_figures(__file__, text, options.write)
    sys.exit(bool(losing or stray))


if __name__ == "__main__":
    main()
