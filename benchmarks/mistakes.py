"""Do the checks see every mistake of the catalogue, and do they name it rightly?

    python -m benchmarks.mistakes [--seeds N]

Every catalogued mistake is run through its public check and through graded checks with fresh
inputs. The table goes to the screen and to benchmarks/mistakes.md.
"""

import argparse
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from exercises import EXERCISES
from public_tests._judge import judge

HEADER = (
    "exercise",
    "mistakes",
    "fail the public check",
    "lose points when graded",
    "named rightly, public",
    "named rightly, graded",
)
INTRODUCTION = """\
# What becomes of known mistakes

Each mistake of the catalogue, through the public check and through {seeds} graded checks with
different inputs. A mistake counts as losing points, or as named rightly, when graded only if that
is so with every seed. NumPy {numpy}. To repeat: `python -m benchmarks.mistakes --seeds {seeds}`.

"""


def measure(exercise, seeds) -> list[int]:
    """The counts of one exercise, in the order of HEADER from its second column on."""
    counts = np.zeros(5, dtype=int)
    for mistake in exercise.mistakes:
        function = exercise.wrong_function(mistake)
        public = judge(exercise.sheet(), function)
        graded = [exercise.judge(function, seed) for seed in seeds]
        counts += [
            1,
            not public.passed,
            all(verdict.points < exercise.points for verdict in graded),
            _named(public, mistake),
            all(_named(verdict, mistake) for verdict in graded),
        ]
    return counts.tolist()


def _named(verdict, mistake):
    return verdict.mistake is not None and verdict.mistake.name == mistake.name


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mistakes", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="graded checks for each mistake")
    seeds = range(parser.parse_args().seeds)
    table = [HEADER]
    console = Console(stderr=True)
    exercises = list(EXERCISES.values())
    for exercise in track(exercises, "Judging known mistakes", console=console, transient=True):
        table.append((exercise.name, *measure(exercise, seeds)))
    table.append(("all", *np.sum([row[1:] for row in table[1:]], axis=0).tolist()))
    rows = [f"| {' | '.join(map(str, row))} |" for row in table]
    rows.insert(1, "|---|" + "---:|" * (len(HEADER) - 1))
    text = INTRODUCTION.format(seeds=len(seeds), numpy=np.__version__) + "\n".join(rows) + "\n"
    Path(__file__).with_suffix(".md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
