"""Time the grading of a class: stock nbgrader, the plug-in, nbjudge, and a lower bound.

    python -m benchmarks.engine.grading [--students 24] [--rounds 3] [--growth 25 100 1000]
                                        [--write]

The class submits the released notebooks conv_forward and backprop with all their figures, and
conv_forward with one figure and without figures. Half of the submissions contain a wrong attempt
from attempts.json. All four engines take turns, round by round, on the same submissions, each with
its feedback pages. The benchmark fails if they do not give every student the same points:

stock    `nbgrader autograde` and `nbgrader generate_feedback`, unmodified
plug-in  the same two commands with `nbjudge.configure(c)` in the configuration
nbjudge  `nbjudge autograde --feedback`, with one worker per processor
floor    the same cells and checks in one warm process, figures drawn: no isolation, no notebook, no
         gradebook, no feedback

Times are those of the whole commands, including their start, per submission; processor time counts
all processes that the commands started. The start of the floor is not counted. Disk is the size of
submitted/, autograded/, feedback/ and the gradebook, divided by the size of the notebooks.
"""

import compileall
import itertools
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from nbgrader.api import Gradebook
from rich.console import Console
from rich.progress import Progress

from benchmarks._figures import argument_parser, show_figures
from nbjudge.notebook import static_names
from tests.files import copy_repository

ROOT = Path(__file__).resolve().parents[2]
# The assignment, and the number of its figures to keep.
KINDS = {
    "one figure": ("conv_forward", 1),
    "no figure": ("conv_forward", 0),
    "conv_forward as released": ("conv_forward", None),
    "backprop as released": ("backprop", None),
}
ABOUT_NBJUDGE = "# nbjudge grades, "  # begins the last part of nbgrader_config.py
ATTEMPTS = ROOT / "benchmarks/checks/attempts.json"

NBJUDGE = [sys.executable, "-m", "nbjudge"]

console = Console(stderr=True, highlight=False)


def copy_course(folder: Path) -> Path:
    """Copy the repository without submissions."""
    copy_repository(folder, lambda path: path.parts[0] != "submitted")
    return folder


def released(folder: Path, assignment: str) -> Path:
    """Copy the repository, with one released assignment and without submissions."""
    copy_course(folder)
    for text in (folder / "source").glob("*.py"):
        if text.stem != assignment:
            text.unlink()
    run([sys.executable, "-m", "tools.release"], folder)
    return folder


def remove_nbjudge(folder: Path) -> None:
    """Remove nbjudge from a course's configuration, so that nbgrader alone grades it."""
    path = folder / "nbgrader_config.py"
    kept, mark, _ = path.read_text().partition(ABOUT_NBJUDGE)
    if not mark:
        raise ValueError(f"{path} has no part that begins with {ABOUT_NBJUDGE!r}")
    path.write_text(kept)


def make_course(folder: Path, kind: str, students: int, stock: bool) -> Path:
    """Make a course with the submissions of a kind."""
    assignment, figures = KINDS[kind]
    released(folder, assignment)
    if stock:
        remove_nbjudge(folder)
    source = json.loads((folder / "source" / assignment / f"{assignment}.ipynb").read_text())
    attempts = itertools.cycle(wrong_answers(source))
    for number in range(students):
        place = folder / "submitted" / f"student{number:04}" / assignment
        shutil.copytree(folder / "release" / assignment, place)
        notebook = submission(source, figures, next(attempts) if number % 2 else {})
        (place / f"{assignment}.ipynb").write_text(json.dumps(notebook))
    compileall.compile_dir(folder, quiet=1)  # as after the first use
    return folder


def wrong_answers(source):
    """Return {grade id: wrong answer} for each wrong attempt at a notebook's exercises.

    Attempts at different exercises take turns, and each replaces a single answer.
    """
    attempts = json.loads(ATTEMPTS.read_text())
    solutions = [c["metadata"].get("nbgrader", {}) for c in source["cells"]]
    names = [cell["grade_id"] for cell in solutions if cell.get("solution")]
    by_name = [[a for a in attempts if a["exercise"] == name] for name in names]
    in_turn = filter(None, itertools.chain(*itertools.zip_longest(*by_name)))
    return [{attempt["exercise"]: attempt["source"]} for attempt in in_turn]


def submission(source, figures, answers):
    """Return the solved notebook with only its first figures, and their helpers.

    Parameters
    ----------
    figures
        Number of figures to keep; None for all.
    answers
        Texts that replace solutions, {grade id: text}.
    """
    notebook, cells, used = json.loads(json.dumps(source)), [], set()
    figures = len(notebook["cells"]) if figures is None else figures
    for cell in reversed(notebook["cells"]):
        text = cell["source"]
        if "plt.show()" in text and "nbgrader" not in cell["metadata"]:
            text = re.split(r"^.*plt\.", text, maxsplit=1, flags=re.MULTILINE)
            assigned = static_names.assigned_names(static_names.parse(text[0]))
            text = text[0] if assigned & used else ""
            cell["without"] = text
        if cell["cell_type"] == "code":
            used |= static_names.read_names(static_names.parse(cell.get("without", text)))
    for cell in notebook["cells"]:
        if "without" in cell:
            without = cell.pop("without")
            figures -= 1
            if figures < 0:
                if not without:
                    continue
                cell["source"] = without
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = answers.get(grade_id, cell["source"])
        cells.append(cell)
    return {**notebook, "cells": cells}


def run(command, folder, memory=False):
    """Run a command; return its seconds, processor seconds, and peak memory in MB if requested."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    peak = Peak(process.pid) if memory else None
    errors = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{errors[-3000:]}")
    return seconds, used.ru_utime + used.ru_stime, peak.stop() if peak else None


class Peak(threading.Thread):
    """The peak memory of a process and its descendants, with shared pages counted once."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.most, self.done = pid, 0, threading.Event()
        self.start()

    def run(self):
        while not self.done.wait(0.2):
            self.most = max(self.most, sum(map(pss, family(self.pid))))

    def stop(self):
        """Stop measuring, and return the peak memory use in megabytes."""
        self.done.set()
        self.join()
        return self.most / 1024


def family(pid):
    """Return a process and its descendants."""
    try:
        children = [
            int(child)
            for thread in os.listdir(f"/proc/{pid}/task")
            for child in Path(f"/proc/{pid}/task/{thread}/children").read_text().split()
        ]
    except OSError:
        return [pid]
    return [pid, *(pid_below for child in children for pid_below in family(child))]


def pss(pid):
    """Return the proportional set size of a process in kilobytes: shared pages are divided."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)


FLOOR = """
import json, os, sys, time
os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
sys.path.insert(0, ".")
from pathlib import Path
from nbjudge.guest.shell import Shell, make_shell
import exercises, public_tests
shell = make_shell(2_000_000, Shell)
def run(path):
    shell.reset(new_session=False)
    source = json.loads(Path("source/{name}/{name}.ipynb").read_text())
    graded = [c for c in source["cells"] if c["metadata"].get("nbgrader", {{}}).get("grade")]
    tests = {{c["id"]: c["source"] for c in graded}}
    for cell in json.loads(path.read_text())["cells"]:
        if cell["cell_type"] == "code":
            shell.run("".join(tests.get(cell["id"], cell["source"])))
paths = sorted(Path("submitted").glob("*/{name}/{name}.ipynb"))
run(paths[0])
earned, grade = [], exercises.grade
exercises.grade = lambda *given: earned.append(grade(*given)) or earned[-1]
points = {{}}
wall, used = time.perf_counter(), time.process_time()
for path in paths:
    earned.clear()
    run(path)
    points[path.parts[1]] = sum(earned)
print(json.dumps([time.perf_counter() - wall, time.process_time() - used, points]))
"""


def scores(folder: Path, name: str) -> dict[tuple[str, str], float | None]:
    """Return the points of an assignment's tests in the gradebook, by student and grade id."""
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        return {
            (submission.student.id, grade.name): grade.auto_score
            for submission in gradebook.assignment_submissions(name)
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.cell.cell_type == "code"
        }


def points_of(folder: Path, name: str) -> dict[str, float]:
    """Return the points of each student in the gradebook."""
    points: dict[str, float] = {}
    for (student, _), score in scores(folder, name).items():
        points[student] = points.get(student, 0) + (score or 0)
    return points


def check_points(engine: str, points: dict[str, float], expected: dict[str, float]) -> None:
    """Raise SystemExit if an engine's points differ from another's: their times mean nothing."""
    if not any(points.values()):
        raise SystemExit(
            f"{engine}: nobody earns a point; expected the tests to pass correct work."
        )
    students = sorted(points.keys() | expected.keys())
    other = [name for name in students if points.get(name) != expected.get(name)]
    if other:
        listed = ", ".join(f"{n}: {points.get(n)}, not {expected.get(n)}" for n in other)
        raise SystemExit(f"{engine}: points differ from those of the first engine: {listed}.")


def measure(engine, folder, name):
    """Grade a class and write its feedback; return seconds and the points of each student.

    The seconds are those of the whole, of the processor, and of feedback alone, for engines with a
    separate command.
    """
    if engine == "floor":
        code = FLOOR.format(name=name)
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        *seconds, points = json.loads(done.stdout.splitlines()[-1])
        return (*seconds, 0.0), points
    if engine == "nbjudge":
        times = *run([*NBJUDGE, "autograde", name, "--force", "--feedback"], folder)[:2], 0.0
        return times, points_of(folder, name)
    nbgrader = str(Path(sys.executable).with_name("nbgrader"))
    grading = run([nbgrader, "autograde", name, "--force"], folder)
    feedback = run([nbgrader, "generate_feedback", name, "--force"], folder)
    times = grading[0] + feedback[0], grading[1] + feedback[1], feedback[0]
    return times, points_of(folder, name)


def disk(folder) -> float:
    """Return the ratio of the disk space of a course's submissions to the notebooks' size."""
    places = [folder / name for name in ("submitted", "autograded", "feedback")]
    files = [f for place in places for f in place.glob("*/*/**/*") if f.is_file()]
    notebooks = sum(f.stat().st_size for f in (folder / "submitted").glob("*/*/*.ipynb"))
    total = sum(f.stat().st_size for f in [*files, folder / "gradebook.db"])
    return total / notebooks


def compare(kinds, students, rounds, folder):
    """Return medians over the rounds, per submission.

    Returns
    -------
    dict
        {kind: {engine: (seconds, processor seconds, seconds of feedback, disk)}}

    Raises
    ------
    SystemExit
        If not all engines give every student the same points.
    """
    engines, found, expected = ("stock", "plug-in", "nbjudge", "floor"), {}, {}
    courses = {
        (kind, stock): make_course(folder / f"{kind}-{stock}", kind, students, stock)
        for kind in kinds
        for stock in (True, False)
    }
    with Progress(console=console) as progress:
        task = progress.add_task("Grading", total=rounds * len(kinds) * len(engines))
        for _ in range(rounds):
            for kind in kinds:
                for engine in engines:
                    course = courses[kind, engine == "stock"]
                    seconds, points = measure(engine, course, KINDS[kind][0])
                    check_points(f"{engine}, {kind}", points, expected.setdefault(kind, points))
                    each = [s / students for s in seconds] + [disk(course)]
                    found.setdefault((kind, engine), []).append(each)
                    progress.advance(task)
    return {
        kind: {
            engine: tuple(map(statistics.median, zip(*found[kind, engine], strict=True)))
            for engine in engines
        }
        for kind in kinds
    }


def grow(sizes, folder):
    """Grade classes of several sizes, without figures: {size: (seconds, processor seconds, MB)}."""
    found = {}
    for size in sizes:
        course = make_course(folder / f"growth-{size}", "no figure", size, stock=False)
        command = [*NBJUDGE, "autograde", KINDS["no figure"][0], "--force", "--feedback"]
        seconds, used, memory = run(command, course, memory=True)
        found[size] = seconds / size, used / size, memory
        console.print(f"{size} submissions: {seconds:.1f} s")
    return found


def as_text(students, rounds, compared, grown) -> str:
    """Return the results as Markdown."""
    cores = os.cpu_count()
    lines = [
        f"{students} submissions, {rounds} rounds, medians; {cores} processors, "
        f"Python {platform.python_version()}.",
        "",
        "| class | engine | seconds each | of them feedback | times faster | processor seconds "
        "| of the floor | disk, times the notebook |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for kind, engines in compared.items():
        stock, floor = engines["stock"][0], engines["floor"][1]
        for engine, (seconds, used, feedback, space) in engines.items():
            alone = f"{feedback:.3f}" if feedback else ""
            taken = "" if engine == "floor" else f"{space:.1f}"
            lines.append(
                f"| {kind} | {engine} | {seconds:.3f} | {alone} | {stock / seconds:.1f} "
                f"| {used:.3f} | {used / floor:.2f} | {taken} |"
            )
    if grown:
        lines += ["", "| submissions | seconds each | processor seconds each | peak memory, MB |"]
        lines += ["|--:|--:|--:|--:|"]
    for size, (seconds, used, memory) in grown.items():
        lines.append(f"| {size} | {seconds:.3f} | {used:.3f} | {memory:.0f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Compare the engines, and print the tables."""
    parser = argument_parser(__file__, __doc__)
    parser.add_argument("--students", type=int, default=24, help="size of the class [24]")
    parser.add_argument("--rounds", type=int, default=3, help="number of rounds [3]")
    parser.add_argument(
        "--kind", action="append", choices=list(KINDS), help="only this class (repeatable) [all]"
    )
    parser.add_argument(
        "--growth", type=int, nargs="*", default=[], help="class sizes, e.g. 25 1000"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="grading-") as folder:
        kinds = (options.kind or KINDS) if options.rounds else ()
        compared = compare(kinds, options.students, options.rounds, Path(folder))
        grown = grow(options.growth, Path(folder))
    text = as_text(options.students, options.rounds, compared, grown)
    show_figures(__file__, text, options.write)


if __name__ == "__main__":
    main()
