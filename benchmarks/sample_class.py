"""Where the seconds of `make grade` go: its steps, and each assignment of the sample class alone.

    python -m benchmarks.sample_class [--rounds 3] [--write]

A copy of the repository is graded as by a first `make grade`, without making the environment; then
each assignment alone, again, by `nbjudge autograde --force --feedback`, and the submission
whose endless loops run into the time limits. Times are medians of whole commands, start included;
processor time counts all processes that the commands started.
"""

import argparse
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from rich.console import Console
from rich.progress import Progress

from benchmarks._figures import show_figures
from benchmarks.grading import NBJUDGE, ROOT, copy_course, run
from tools.course import assignments
from tools.sample_class import plan
from tools.sample_class.scenarios import ENDLESS

STEP = re.compile(r"([a-z ]+) ([0-9]+)")  # of "41 s (release 3, submissions 0, ...)"

console = Console(stderr=True, highlight=False)


def first_grading(folder: Path) -> dict[str, int]:
    """The seconds of each step of a first grading in a new copy, as `make grade` prints them."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.grade"],
        cwd=copy_course(folder),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"make grade failed:\n{done.stderr[-3000:]}")
    steps = done.stderr.rpartition(" s (")[2].partition(")")[0]
    return {step.strip(" ,"): int(seconds) for step, seconds in STEP.findall(steps)}


def measure(rounds: int, folder: Path):
    """Grade the class so many times.

    returns: the median seconds of each step, and {title: (submissions, seconds, processor seconds)}
    """
    notebooks = ROOT.glob("release/*/*.ipynb")
    released = {path.stem: nbformat.read(path, as_version=4) for path in notebooks}
    endless = [work for work in plan(released) if ENDLESS in work.scenarios.values()]
    commands = {name: [name] for name in assignments()}
    commands |= {
        f"{work.assignment}, its endless loop": [work.assignment, "--student", work.student]
        for work in endless
    }
    steps, times = [], {title: [] for title in commands}
    with Progress(console=console) as progress:
        task = progress.add_task("Grading", total=rounds * (1 + len(commands)))
        for number in range(rounds):
            course = folder / str(number)
            steps.append(first_grading(course))
            progress.advance(task)
            for title, command in commands.items():
                whole = [*NBJUDGE, "autograde", *command, "--force", "--feedback"]
                times[title].append(run(whole, course)[:2])
                progress.advance(task)
        sizes = {
            title: 1 if "--student" in command else len(list(course.glob(f"submitted/*/{title}")))
            for title, command in commands.items()
        }
        for number in range(rounds):
            shutil.rmtree(folder / str(number))
    middle = {step: statistics.median(taken[step] for taken in steps) for step in steps[0]}
    return middle, {
        title: (sizes[title], *map(statistics.median, zip(*found, strict=True)))
        for title, found in times.items()
    }


def as_text(rounds, steps, times) -> str:
    """The figures as Markdown."""
    lines = [
        f"{rounds} rounds, medians; {os.cpu_count()} processors, "
        f"Python {platform.python_version()}.",
        "",
        "| step of a first `make grade` | seconds |",
        "|---|--:|",
        *(f"| {step} | {seconds:.0f} |" for step, seconds in steps.items()),
        "",
        "| alone | submissions | seconds | processor seconds |",
        "|---|--:|--:|--:|",
        *(f"| {title} | {n} | {s:.1f} | {used:.1f} |" for title, (n, s, used) in times.items()),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run [3]")
    parser.add_argument("--write", action="store_true", help="put the tables in sample_class.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sample-class-") as folder:
        text = as_text(options.rounds, *measure(options.rounds, Path(folder)))
    show_figures(__file__, text, options.write)


if __name__ == "__main__":
    main()
