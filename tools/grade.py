"""Release, grade and give feedback, for everything that lies in `submitted/`.

    python -m tools.grade [ASSIGNMENT ...] [--student NAME ...] [--all]

nbjudge grades: student code runs in a sandbox, the hidden checks outside it. Work that has not
changed since it was graded is left alone: what counts as changed is the content of the submission,
of the assignment and of the checks. A submission that cannot be graded is named at the end, and the
rest goes on. Ctrl-C stops after what has been graded, and a later run goes on from there. The
terminal shows a summary; every exercise's points and diagnosis are in grading.txt.
"""

import argparse
import logging
import os
import sys
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from nbjudge import (
    Assignment,
    CannotSandboxError,
    Engine,
    GradingOutcome,
    IsolationError,
    Notes,
    NotReleasedError,
    grade,
    is_rubbish,
    list_class,
    load_course,
    notes,
    read_standings,
)
from nbjudge.cli.console import console, progress_bar, raising_terminated
from nbjudge.lms.collected_names import FILE as COLLECTED
from nbjudge.wording import as_sentence
from tools.course import DETAILS, ROOT, assignments, gradebook_name
from tools.release import release_assignments
from tools.report import Report
from tools.sample_class import EXPECTED, generated, write_class

__all__ = ["grade_all", "main"]

REMEDY = (
    "Run `.venv/bin/nbjudge doctor` for details, or grade in the container: see "
    '"Grading on macOS and Windows" in docs/instructors.md.'
)

MOST_LINES = 20  # of one kind in the terminal
STYLES = {logging.ERROR: "red", logging.WARNING: "yellow"}
Outcomes = dict[str, list[GradingOutcome]]  # by assignment


def grade_all(
    names: Sequence[str],
    students: Collection[str] = (),
    again: bool = False,
    root: Path = ROOT,
    course: tuple[Any, Any] | None = None,
) -> tuple[Outcomes, list[Notes]]:
    """Grade the submissions of some assignments with nbjudge, and write their feedback.

    students: only these, or everybody where empty; again: also what has not changed
    course: what `load_course` returned for root, if it was called already
    raises: IsolationError where student code cannot be sandboxed on this machine
    """
    coursedir, settings = course or load_course(root)
    workers = settings.workers or os.cpu_count() or 1
    prepared, unreleased = list[Assignment](), list[str]()
    for name in names:
        try:
            prepared.append(Assignment(name, coursedir, settings))
        except NotReleasedError as error:  # nor was it released now, which has been said
            unreleased.append(f"The assignment itself: {name}: {as_sentence(error)}")
    work = {
        assignment: [s for s in assignment.students() if not students or s in students]
        for assignment in prepared
    }
    level, outcomes = _choose_level(settings, coursedir, work, root)
    with Engine() as engine, progress_bar() as progress:
        total = sum(map(len, work.values()))
        task = progress.add_task("Grading", total=total)
        graded = grade(engine, work, workers, feedback=True, isolation=level, again=again)
        for done, (assignment, outcome) in enumerate(graded, 1):
            outcomes[assignment].append(outcome)
            progress.advance(task)
            if not console.is_terminal and done * 10 // total > (done - 1) * 10 // total:
                console.print(f"   {done} of {total} submissions")
    said = [*notes(outcomes, not students), Notes(unreleased, logging.WARNING)]
    for assignment in prepared:
        assignment.close()
    return {assignment.name: done for assignment, done in outcomes.items()}, said


def _choose_level(
    settings: Any, coursedir: Any, work: dict[Assignment, list[str]], root: Path
) -> tuple[str, dict[Assignment, list[GradingOutcome]]]:
    """The level of isolation, as settings and machine allow, and the submissions that it refuses.

    Where student code cannot be sandboxed, only the sample class, which is our own code, stays in
    `work`, to be graded at the level "none"; what others have submitted is refused.
    raises: IsolationError where nothing would be left to be graded
    """
    refused: dict[Assignment, list[GradingOutcome]] = {assignment: [] for assignment in work}
    try:
        level, sentence = settings.level(coursedir)
        console.print(f"   {sentence}", markup=False)
        return level, refused
    except CannotSandboxError as error:
        ours = generated(root)
        if not any((student, one.name) in ours for one, who in work.items() for student in who):
            raise
        reason = error.explanation
    for assignment, who in work.items():
        work[assignment] = [student for student in who if (student, assignment.name) in ours]
        others = [student for student in who if student not in work[assignment]]
        refused[assignment] = [GradingOutcome(student, "failed", reason) for student in others]
    console.print(f"   Isolation: none, as {reason}.", markup=False, style="yellow")
    console.print("   Only the sample class is graded, which is code of this course.")
    console.print(f"   {REMEDY}", markup=False)
    return "none", refused


class _Steps:
    """The seconds that each step of a run took."""

    def __init__(self) -> None:
        self.last = time.monotonic()
        self.seconds: dict[str, float] = {}

    def end(self, step: str) -> None:
        now = time.monotonic()
        self.seconds[step], self.last = now - self.last, now

    def __str__(self) -> str:
        parts = ", ".join(f"{step} {seconds:.0f}" for step, seconds in self.seconds.items())
        return f"{sum(self.seconds.values()):.0f} s ({parts})"


def _parse(arguments: Sequence[str] | None, root: Path) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.grade",
        description="Release the assignments, grade submitted/, write feedback/, show the points. "
        "Without submissions, a sample class of 24 students is graded.",
    )
    known = assignments(root)
    parser.add_argument("assignment", nargs="*", help=f"one of {', '.join(known)}; all by default")
    parser.add_argument("--student", action="append", default=[], help="grade only this student")
    parser.add_argument("--all", action="store_true", help="also grade what has not changed")
    options = parser.parse_args(arguments)
    unknown = set(options.assignment) - set(known)
    if unknown:
        parser.error(
            f"no such assignment: {', '.join(sorted(unknown))}; there are {', '.join(known)}"
        )
    missing = [s for s in options.student if s not in _names_in(root / "submitted")]
    if missing:
        parser.error(f"no folder submitted/{missing[0]}: there is no submission of that name")
    return options


def _left_alone(names: Collection[str], root: Path) -> list[str]:
    """A sentence for what lies in `submitted/` and is no folder of an assignment."""
    folder, expected = root / "submitted", {"README.md", EXPECTED, COLLECTED}
    strange = list[Path]()
    for path in (folder / name for name in _names_in(folder) - expected):
        if path.is_file():
            strange.append(path)
        else:
            strange += [path / name for name in _names_in(path) - set(names)]
    left = [path for path in sorted(strange) if not path.name.startswith(".")]
    text = "is no folder of an assignment and is left alone"
    return [f"{path.relative_to(root)} {text}{_advice(path, names)}" for path in left]


def _names_in(folder: Path) -> set[str]:
    """Return the names of what lies in a folder, without rubbish; none where it is closed."""
    try:
        return {name for name in os.listdir(folder) if not is_rubbish(name)}
    except OSError:  # grading says why
        return set()


def _advice(path: Path, names: Collection[str]) -> str:
    """Where a submission should lie that lies elsewhere."""
    name = path.stem.lower() if path.is_file() else path.name.strip().lower()
    if name not in names or path.parent.name == "submitted":
        return ""
    if path.is_dir():
        return f": if it is a submission, call it {name}"
    return f": if it is a submission, move it to {path.parent.name}/{name}/{path.name}"


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Returns 0 where everything was graded, 1 where something was not, 130 after Ctrl-C.

    A sample class whose grades are not the expected ones counts as a failure too. A question that
    is left to a person counts as graded, also where the reason is that its check is at fault.
    """
    options = _parse(arguments, root)
    try:
        with raising_terminated():
            return _run(options, root)
    except KeyboardInterrupt:
        console.print("Stopped. What has been graded is kept; the same command goes on from here.")
        return 130


def _run(options: argparse.Namespace, root: Path) -> int:
    steps = _Steps()
    names = options.assignment or assignments(root)
    console.print("1. Releasing the assignments (release/)")
    unreleased = release_assignments(root)
    steps.end("release")
    console.print("2. Looking at the submissions (submitted/)")
    try:
        written = write_class(root) if not options.student else []
    except FileNotFoundError as error:
        written = []
        console.print(f"   No sample class: {error.filename} is not there.", style="red")
    if written:
        students, work = len({submission.student for submission in written}), len(written)
        console.print(
            f"   No submissions yet: generated a sample class of {students} students "
            f"({work} submissions)."
        )
    left_alone = _left_alone(assignments(root), root)
    try:
        course = coursedir, _ = load_course(root)
        step = coursedir.submitted_directory
        if not any(list_class(coursedir, step, name).students for name in names):
            for sentence in left_alone:
                console.print(f"   {sentence}.", markup=False)
            missing = f"no submitted/STUDENT/ASSIGNMENT of {', '.join(names)}"
            console.print(f"There is nothing to grade: {missing}.", style="red", markup=False)
            return 1
        steps.end("submissions")
        console.print("3. Grading and writing feedback (autograded/, feedback/)")
        outcomes, said = grade_all(names, options.student, options.all, root, course)
    except IsolationError as error:
        console.print(str(error).strip().splitlines()[-1], style="red", markup=False)
        console.print(REMEDY, markup=False)
        return 1
    except ValueError as error:  # dates.toml, nbgrader_config.py, or submitted/ itself
        console.print(f"Nothing was graded: {as_sentence(error)}", style="red", markup=False)
        return 1
    steps.end("grading and feedback")
    console.print("4. The points")
    report = Report(read_standings(coursedir, names), outcomes, root, options.student)
    report.print()
    steps.end("points")
    every = [outcome for done in outcomes.values() for outcome in done]
    graded, unchanged, failed = (
        sum(outcome.status == status for outcome in every)
        for status in ("graded", "unchanged", "failed")
    )
    console.print(
        f"{graded} graded, {unchanged} unchanged since last time, {failed} not graded; {steps}."
    )
    said = [
        Notes([f"Not graded: {sentence}." for sentence in left_alone], logging.ERROR),
        *said,
        Notes(
            [f"Not released, so not graded as it stands now: {name}" for name in unreleased],
            logging.ERROR,
        ),
    ]
    for lines, level in said:
        for line in lines[:MOST_LINES]:
            console.print(line, markup=False, style=STYLES.get(level))
        if (more := len(lines) - MOST_LINES) > 0:
            console.print(f"   and {more} more lines of this kind, in {DETAILS}")
    report.write(root / DETAILS, [line for lines, _ in said for line in lines])
    console.print(f"Every exercise's points and diagnosis, and all mistakes: {DETAILS}")
    console.print("Feedback pages: feedback/STUDENT/ASSIGNMENT/ASSIGNMENT.html")
    console.print(
        f"Gradebook: {gradebook_name(coursedir.db_url, root)} (.venv/bin/nbjudge export grades "
        "writes grades.csv from it)",
        markup=False,
    )
    console.print("A page about the class, with statistics and every student: make report")
    console.print("To look at the work and the grades: make lab, then Nbgrader > Formgrader.")
    incomplete = any(lines for lines, level in said if level == logging.ERROR)
    return 0 if report.as_expected and not incomplete else 1


if __name__ == "__main__":
    sys.exit(main())
