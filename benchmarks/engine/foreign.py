"""Courses of others: does nbjudge give the same scores as stock nbgrader?

    make bench NAME=engine.foreign ARGS="[--folder DIR] [--work DIR] [--only COURSE] [--times N]"

The courses in foreign.toml are public and include solutions. Each is cloned, unless --folder names
a folder of checkouts, named owner+name. Every assignment gets a separate course folder, is released
with `nbgrader generate_assignment`, and receives six submissions, generated from the instructor's
solution. `nbgrader autograde` and `nbjudge autograde` grade them in the same environment, nbjudge
with the configuration of its quick start. The scores of all test cells are compared: code cells
with points and without an answer. `nbgrader autograde` of the solution alone and `nbjudge check`
run as well, each in its own course folder. All four are timed in CPU seconds of all their
processes, which depend less on other work on the machine than seconds by the clock. With --times,
N students hand in each submission, so that the class is N times as large.

Stock nbgrader's scores are cached in the work folder by a hash of the submissions, so an
interrupted run resumes, and a second run measures only nbjudge.
"""

import contextlib
import hashlib
import importlib.metadata
import json
import platform
import re
import resource
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook
from rich.console import Console
from rich.progress import Progress

from benchmarks._figures import argument_parser, show_figures
from benchmarks.engine._foreign_courses import (
    ROOT,
    Assignment,
    Course,
    SkippedError,
    checkout,
    command,
    courses,
    digest,
    prepare,
)
from benchmarks.engine._foreign_submissions import SUBMISSIONS

WORK = ROOT / "docs" / "_build" / "foreign"
NBJUDGE = "\nimport nbjudge\n\nnbjudge.configure(c)\n"
PACKAGES = ("nbgrader", "ipykernel", "ipython", "numpy", "pandas", "scipy", "matplotlib")
PACKAGES += ("scikit-learn",)
TERMINAL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
HEADER = (
    "course",
    "subject",
    "assignments",
    "test cells",
    "equal",
    "lower",
    "higher",
    "left to a person",
    "solution earns",
    "solution loses",
    "tests",
    "outside",
    "solution, stock",
    "check",
    "stock",
    "nbjudge",
)  # Attributes of Compared, in the order of the header.
NUMBERS = ("assignments", "cells", "equal", "lower", "higher", "left", "earned", "lost")
NUMBERS += ("tests", "outside")

console = Console(stderr=True, highlight=False)

# A test cell of a submission: the student, the notebook, and the cell's id.
Cell = tuple[str, str, str]


@dataclass(frozen=True)
class Graded:
    """An engine's score for each test cell (None if ungraded), and its CPU seconds.

    Attributes
    ----------
    alone
        Seconds for the solution alone, which nbjudge's `check` grades while placing the tests.
    """

    scores: dict[Cell, float | None]
    alone: float
    seconds: float


@dataclass
class Compared:
    """Numbers of equal and different scores, for one or several assignments."""

    assignments: int = 0
    cells: int = 0
    equal: int = 0
    lower: int = 0
    higher: int = 0
    left: int = 0
    earned: int = 0  # by the instructor's solution under stock nbgrader
    lost: int = 0  # of these
    tests: int = 0  # test cells that stock nbgrader scores, of one submission
    outside: int = 0  # of these, outside the student's process under nbjudge
    ungraded: int = 0  # cells that stock nbgrader gives no score
    seconds: list[float] = field(default_factory=lambda: [0.0] * 4)  # the header's last columns

    def add(self, other: "Compared") -> None:
        """Add the numbers of another comparison."""
        for name in NUMBERS + ("ungraded",):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.seconds = [a + b for a, b in zip(self.seconds, other.seconds, strict=True)]


def scores_in(folder: Path, name: str) -> dict[Cell, float | None]:
    """Return the scores of the test cells in a gradebook.

    All scores of an ungraded notebook are None.
    """
    scores: dict[Cell, float | None] = {}
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        for notebook in gradebook.find_assignment(name).notebooks:
            answers = {cell.name for cell in notebook.solution_cells}
            tests = [
                cell.name
                for cell in notebook.grade_cells
                if cell.cell_type == "code" and cell.max_score and cell.name not in answers
            ]
            scores |= {(s, notebook.name, cell): None for s in SUBMISSIONS for cell in tests}
        for submission in gradebook.assignment_submissions(name):
            student = submission.student.id
            for notebook in submission.notebooks:
                if not graded_notebook(folder, name, student, notebook.name).exists():
                    continue
                for grade in notebook.grades:
                    if (student, notebook.name, grade.name) in scores:
                        scores[student, notebook.name, grade.name] = grade.auto_score
    return scores


def tests_in_child(folder: Path) -> set[tuple[str, str]]:
    """Return (notebook, cell id) of the tests that nbjudge ran in the student's process."""
    with contextlib.closing(sqlite3.connect(folder / "gradebook.db")) as database:
        rows = database.execute("SELECT in_child FROM nbjudge_placement").fetchall()
    found = [json.loads(text) for (text,) in rows]
    return {(name, test) for placed in found for name, tests in placed.items() for test in tests}


def graded_notebook(folder: Path, name: str, student: str, notebook: str) -> Path:
    """Return the path of a graded notebook."""
    return folder / "autograded" / student / name / f"{notebook}.ipynb"


def grade(engine: str, prepared: Path, name: str) -> tuple[Path, Graded]:
    """Grade copies of a prepared course; return the copy with all submissions, and the scores."""
    if engine == "nbjudge":
        alone = run(prepared, "check", "nbjudge", "check", name)
    else:
        alone = run(prepared, "alone", "nbgrader", "autograde", name, "--student", "complete")
    seconds = run(prepared, engine, engine.replace("stock", "nbgrader"), "autograde", name)
    folder = prepared.with_name(engine)
    return folder, Graded(scores_in(folder, name), alone, seconds)


def run(prepared: Path, copy: str, engine: str, *words: str) -> float:
    """Run an engine's command in a new copy of a prepared course; return its CPU seconds."""
    folder = prepared.with_name(copy)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(prepared, folder)
    if engine == "nbjudge":
        with (folder / "nbgrader_config.py").open("a") as config:
            config.write(NBJUDGE)
    before = cpu_seconds()
    command(engine, *words, folder=folder, log=folder / f"{words[0]}.log")
    return cpu_seconds() - before


def cpu_seconds() -> float:
    """Return the CPU seconds of all processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def stock_scores(prepared: Path, name: str, kept: Path) -> Graded:
    """Return stock nbgrader's scores, from the cache if the same submissions were graded before."""
    versions = [platform.python_version(), *map(importlib.metadata.version, PACKAGES)]
    content = [digest(prepared / part) for part in ("source", "submitted")]
    content.append((prepared / "nbgrader_config.py").read_text())
    key = hashlib.sha256(json.dumps([versions, content, "CPU"]).encode()).hexdigest()
    path = kept / f"{key}.json"
    if path.exists():
        known = json.loads(path.read_text())
        scores = {(a, b, c): score for a, b, c, score in known["scores"]}
        return Graded(scores, known["alone"], known["seconds"])
    _, graded = grade("stock", prepared, name)
    kept.mkdir(parents=True, exist_ok=True)
    rows = [[*cell, score] for cell, score in graded.scores.items()]
    new = path.with_suffix(".new")
    new.write_text(json.dumps({"scores": rows, "alone": graded.alone, "seconds": graded.seconds}))
    new.rename(path)
    return graded


def error_in(path: Path, cell_id: str) -> str:
    """Return the first line of a graded cell's error, or else of its text output."""
    if not path.exists():
        return "not graded"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == cell_id:
            return _said(cell.get("outputs", []))
    return "no such cell"


def _said(outputs: Sequence[Any]) -> str:
    for output in outputs:
        if output.output_type == "error":
            return _first_line(f"{output.ename}: {output.evalue}")
    texts = [output.text for output in outputs if output.output_type == "stream"]
    texts += [o.data.get("text/plain", "") for o in outputs if "data" in o]
    return _first_line(texts[-1]) if texts else ""


def _first_line(text: str) -> str:
    lines = TERMINAL.sub("", text).strip().splitlines()
    return lines[0][:300] if lines else ""


def enlarge(prepared: Path, times: int) -> Path:
    """Return a copy of a prepared course in which several students hand in each submission."""
    if times == 1:
        return prepared
    folder = prepared.with_name("enlarged")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(prepared, folder)
    for student in SUBMISSIONS:
        for number in range(2, times + 1):
            given = folder / "submitted" / student
            shutil.copytree(given, given.with_name(f"{student}-{number}"))
    return folder


def compare(
    course: Course, assignment: Assignment, files: Path, work: Path, times: int
) -> Compared:
    """Compare the scores of an assignment."""
    place = work / course.folder_name / assignment.name
    prepared = enlarge(prepare(course, assignment, files, place), times)
    stock = stock_scores(prepared, assignment.name, work / "stock")
    solution = [score for (student, *_), score in stock.scores.items() if student == "complete"]
    if not any(solution):
        raise SkippedError("the solution earns nothing under stock nbgrader")
    folder, judged = grade("nbjudge", prepared, assignment.name)
    seconds = [stock.alone, judged.alone, stock.seconds, judged.seconds]
    compared = Compared(assignments=1, seconds=seconds)
    in_child = tests_in_child(folder)
    for cell, expected in stock.scores.items():
        if expected is None:
            compared.ungraded += 1
            continue
        compared.cells += 1
        compared.tests += cell[0] == "complete"
        compared.outside += cell[0] == "complete" and cell[1:] not in in_child
        compared.earned += cell[0] == "complete" and expected > 0
        score = judged.scores[cell]
        if score is None:
            compared.left += 1
        elif abs(score - expected) < 1e-9:
            compared.equal += 1
            continue
        elif score < expected:
            compared.lower += 1
        else:
            compared.higher += 1
        student, notebook, cell_id = cell
        compared.lost += student == "complete" and expected > (score or 0)
        error = error_in(graded_notebook(folder, assignment.name, student, notebook), cell_id)
        if not course.unseen:
            console.print(f"{student}, {notebook}, {cell_id}: {score}, not {expected}: {error}")
    return compared


def measure(
    chosen: Sequence[tuple[Course, Assignment]], folder: Path | None, work: Path, times: int
) -> tuple[dict[str, Compared], list[str]]:
    """Compare assignments; return the numbers of each course, and reasons for skipped ones."""
    found: dict[str, Compared] = {course.repository: Compared() for course, _ in chosen}
    skipped = []

    with Progress(console=console) as progress:
        for course, assignment in progress.track(chosen, description="Grading"):
            try:
                result = compare(course, assignment, checkout(course, folder, work), work, times)
            except SkippedError as error:
                skipped.append(f"{course.repository}, {assignment.name}: {str(error).rstrip('.')}.")
                console.print(f"Skipped: {skipped[-1]}")
                continue
            found[course.repository].add(result)
            numbers = f"{result.equal} of {result.cells} equal, {result.lower} lower"
            numbers += f", {result.higher} higher, {result.left} left; CPU seconds: "
            numbers += ", ".join(f"{seconds:.1f}" for seconds in result.seconds)
            console.print(f"{course.repository}, {assignment.name}: {numbers}")
    return found, skipped


def as_text(every: Sequence[Course], found: dict[str, Compared], skipped: Sequence[str]) -> str:
    """Return the table and the skipped assignments, as Markdown."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    lines = [f"Python {platform.python_version()}, {versions}.", ""]
    lines += [f"| {' | '.join(HEADER)} |", f"|---|---|{'--:|' * (len(HEADER) - 2)}"]
    for unseen in (False, True):
        total = Compared()
        for course in every:
            if course.unseen is unseen and course.repository in found:
                compared = found[course.repository]
                total.add(compared)
                link = f"[{course.repository}](https://github.com/{course.repository})"
                lines.append(_row(link, course.subject, compared))
        if total.assignments:
            lines.append(_row("all unseen" if unseen else "all", "", total))
    ungraded = sum(compared.ungraded for compared in found.values())
    if ungraded:
        lines += ["", f"Stock nbgrader gives no score for {ungraded} cells of submissions."]
    if skipped:
        lines += ["", "Skipped:", "", *(f"- {text}" for text in skipped)]
    return "\n".join(lines) + "\n"


def _row(name: str, subject: str, compared: Compared) -> str:
    numbers = [getattr(compared, name) for name in NUMBERS]
    numbers += [round(seconds) for seconds in compared.seconds]
    return f"| {name} | {subject} | {' | '.join(map(str, numbers))} |"


def choose(
    every: Sequence[Course], only: Sequence[str], names: Sequence[str]
) -> Iterator[tuple[Course, Assignment]]:
    """Yield the selected assignments; `only` contains parts of the names of courses."""
    for course in every:
        if only and not any(part in course.repository for part in only):
            continue
        for assignment in course.assignments:
            if not names or assignment.name in names:
                yield course, assignment


def main() -> None:
    """Compare scores with nbgrader's, and print the table."""
    parser = argument_parser(__file__, __doc__)
    parser.add_argument("--folder", type=Path, help="checkouts of the courses, as owner+name")
    parser.add_argument("--work", type=Path, default=WORK, help="work folder [docs/_build/foreign]")
    parser.add_argument(
        "--only", action="append", default=[], metavar="COURSE", help="only this course (repeat)"
    )
    parser.add_argument(
        "--assignment", action="append", default=[], help="only this assignment (repeat)"
    )
    parser.add_argument("--times", type=int, default=1, help="students per submission [1]")
    options = parser.parse_args()
    every = courses()
    chosen = list(choose(every, options.only, options.assignment))
    if not chosen:
        parser.error("no assignment has these names; foreign.toml lists the courses")
    folder = options.folder.resolve() if options.folder else None
    found, skipped = measure(chosen, folder, options.work.resolve(), options.times)
    show_figures(__file__, as_text(every, found, skipped), options.write)


if __name__ == "__main__":
    main()
