"""Release, grade and give feedback, for everything that lies in `submitted/`.

    python -m tools.grade [ASSIGNMENT ...] [--student NAME ...] [--all]

nbjudge grades: student code runs in a sandbox, the hidden checks outside it. Work that has not
changed since it was graded is left alone: what counts as changed is the content of the submission,
of the assignment and of the checks. A submission that cannot be graded is named at the end, and the
rest goes on. Ctrl-C stops after what has been graded, and a later run goes on from there. The
terminal shows a summary; every exercise's points and diagnosis are in grading.txt.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from nbjudge import (
    Assignment,
    CannotSandboxError,
    Engine,
    GradingOutcome,
    IsolationError,
    NotReleasedError,
    doubts,
    folder_remarks,
    grade,
    is_rubbish,
    limits_met,
    list_class,
    load_course,
    moves,
    read_standings,
    who_is_missing,
)
from nbjudge.lms.collected_names import FILE as COLLECTED
from nbjudge.wording import as_sentence
from tools.course import DETAILS, ROOT, assignments, gradebook_name
from tools.release import release_assignments
from tools.report import Report
from tools.sample_class import EXPECTED, generated, write_class

__all__ = ["GradingRun", "grade_all", "main"]

REMEDY = (
    "Run `.venv/bin/nbjudge doctor` for details, or grade in the container: see "
    '"Grading on macOS and Windows" in docs/instructors.md.'
)

MOST_LINES = 20  # of one kind in the terminal

console = Console(stderr=True, highlight=False, soft_wrap=True)


@dataclass
class GradingRun:
    """What a run of grading did. Submissions are (student, assignment) pairs.

    failed: the submissions that could not be graded, and why
    without_feedback: those that have a grade and no new feedback page, and why
    repairs: what nbjudge repaired before it graded, a list of sentences for a submission
    noted: what else a person should know of a submission, a list of sentences for each
    faults: what is wrong, or seems to be, with an assignment itself: a list of sentences for each
    limits: the limits of the grader that work met, a list of sentences for an assignment
    late: the outcomes of submissions that are late or have an extension
    moves: whose points differ from those before the run, a line each
    missing: who has submitted nothing, a line for each assignment
    remarks: what else a person should know about the folders, a sentence each
    """

    graded: list[tuple[str, str]] = field(default_factory=list)
    unchanged: list[tuple[str, str]] = field(default_factory=list)
    failed: dict[tuple[str, str], str] = field(default_factory=dict)
    repairs: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    noted: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    without_feedback: dict[tuple[str, str], str] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)
    limits: dict[str, list[str]] = field(default_factory=dict)
    late: dict[tuple[str, str], GradingOutcome] = field(default_factory=dict)
    moves: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def grade_all(
    names: Sequence[str],
    students: Collection[str] = (),
    again: bool = False,
    root: Path = ROOT,
    course: tuple[Any, Any] | None = None,
) -> GradingRun:
    """Grade the submissions of some assignments with nbjudge, and write their feedback.

    students: only these, or everybody where empty; again: also what has not changed
    course: what `load_course` returned for root, if it was called already
    raises: IsolationError where student code cannot be sandboxed on this machine
    """
    coursedir, settings = course or load_course(root)
    workers = settings.workers or os.cpu_count() or 1
    prepared, outcome = list[Assignment](), GradingRun()
    for name in names:
        try:
            prepared.append(Assignment(name, coursedir, settings))
        except NotReleasedError as error:  # nor was it released now, which has been said
            outcome.faults[name] = [str(error)]
    work = {
        assignment: [s for s in assignment.students() if not students or s in students]
        for assignment in prepared
    }
    results: dict[Assignment, list[GradingOutcome]] = {assignment: [] for assignment in prepared}
    level = _choose_level(settings, coursedir, work, outcome, root)
    with Engine() as engine, _progress() as progress:
        task = progress.add_task("Grading", total=sum(map(len, work.values())))
        for assignment, result in grade(
            engine, work, workers, feedback=True, isolation=level, again=again
        ):
            results[assignment].append(result)
            key = result.student, assignment.name
            if result.status == "failed":
                outcome.failed[key] = result.why
            elif result.status == "graded":
                outcome.graded.append(key)
            else:
                outcome.unchanged.append(key)
            if result.feedback:
                outcome.without_feedback[key] = result.feedback
            if result.repairs:
                outcome.repairs[key] = result.repairs
            if result.remarks:
                outcome.noted[key] = result.remarks
            if result.lateness:
                outcome.late[key] = result
            progress.advance(task)
            if not console.is_terminal:  # which shows the bar
                _print_tenths(
                    int(progress.tasks[task].completed), int(progress.tasks[task].total or 0)
                )
    outcome.moves = moves((a.name, result) for a, graded in results.items() for result in graded)
    if not students:
        outcome.missing = list(filter(None, (who_is_missing(coursedir, name) for name in names)))
        outcome.remarks = folder_remarks(coursedir, names)
    for assignment, graded in results.items():
        if limits := limits_met(graded):
            outcome.limits[assignment.name] = limits
        errors = {error for result in graded for error in result.errors}
        if faults := [*sorted(errors), *doubts(assignment, graded)]:
            outcome.faults[assignment.name] = faults
        assignment.close()
    return outcome


def _choose_level(
    settings: Any,
    coursedir: Any,
    work: dict[Assignment, list[str]],
    outcome: GradingRun,
    root: Path,
) -> str:
    """The level of isolation, as settings and machine allow; says which it is and why.

    Where student code cannot be sandboxed, only the sample class, which is our own code, stays in
    `work`, to be graded at the level "none"; what others have submitted is put down as failed.
    raises: IsolationError where nothing would be left to be graded
    """
    try:
        level, sentence = settings.level(coursedir)
        console.print(f"   {sentence}", markup=False)
        return level
    except CannotSandboxError as error:
        ours = generated(root)
        if not any(
            (student, assignment.name) in ours
            for assignment, who in work.items()
            for student in who
        ):
            raise
        reason = error.explanation
    for assignment, who in work.items():
        refused = [student for student in who if (student, assignment.name) not in ours]
        outcome.failed |= {(student, assignment.name): reason for student in refused}
        work[assignment] = [student for student in who if student not in refused]
    console.print(f"   Isolation: none, as {reason}.", markup=False, style="yellow")
    console.print("   Only the sample class is graded, which is code of this course.")
    console.print(f"   {REMEDY}", markup=False)
    return "none"


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


def _progress() -> Progress:
    columns = (
        TextColumn("{task.description:<50}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _print_tenths(done: int, total: int) -> None:
    """Print how far grading is, ten times in a run."""
    if done * 10 // total > (done - 1) * 10 // total:
        console.print(f"   {done} of {total} submissions")


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
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return _run(options, root)
    except KeyboardInterrupt:
        console.print("Stopped. What has been graded is kept; the same command goes on from here.")
        return 130
    finally:
        signal.signal(signal.SIGTERM, before)


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
        outcome = grade_all(names, options.student, options.all, root, course)
    except IsolationError as error:
        console.print(str(error).strip().splitlines()[-1], style="red", markup=False)
        console.print(REMEDY, markup=False)
        return 1
    except ValueError as error:  # dates.toml, nbgrader_config.py, or submitted/ itself
        console.print(f"Nothing was graded: {as_sentence(error)}", style="red", markup=False)
        return 1
    steps.end("grading and feedback")
    console.print("4. The points")
    report = Report(read_standings(coursedir, names), outcome, root, options.student)
    report.print()
    steps.end("points")
    console.print(
        f"{len(outcome.graded)} graded, {len(outcome.unchanged)} unchanged since last time, "
        f"{len(outcome.failed)} not graded; {steps}."
    )
    notes = _notes(outcome, left_alone, unreleased)
    for note in notes:
        for line in note.lines[:MOST_LINES]:
            console.print(line, markup=False, style=note.style)
        if (more := len(note.lines) - MOST_LINES) > 0:
            console.print(f"   and {more} more lines of this kind, in {DETAILS}")
    report.write(root / DETAILS, [line for note in notes for line in note.lines])
    console.print(f"Every exercise's points and diagnosis, and all mistakes: {DETAILS}")
    console.print("Feedback pages: feedback/STUDENT/ASSIGNMENT/ASSIGNMENT.html")
    console.print(
        f"Gradebook: {gradebook_name(coursedir.db_url, root)} (.venv/bin/nbjudge export grades "
        "writes grades.csv from it)",
        markup=False,
    )
    console.print("A page about the class, with statistics and every student: make report")
    console.print("To look at the work and the grades: make lab, then Nbgrader > Formgrader.")
    complete = not (outcome.failed or outcome.without_feedback or left_alone or unreleased)
    return 0 if report.as_expected and complete else 1


class _Note(NamedTuple):
    """What a run says of one kind, a line each."""

    lines: list[str]
    style: str = ""


def _notes(
    outcome: GradingRun, left_alone: Sequence[str], unreleased: Sequence[str]
) -> list[_Note]:
    """Return what a person may have to do something about."""

    def of_work(kind: str, sentences: Mapping[tuple[str, str], str]) -> list[str]:
        return [f"{kind}: {name} of {who}: {text}" for (who, name), text in sentences.items()]

    repairs, noted = (
        {work: " ".join(map(as_sentence, sentences)) for work, sentences in of_works.items()}
        for of_works in (outcome.repairs, outcome.noted)
    )
    failed = {work: f"{problem}." for work, problem in outcome.failed.items()}
    pages = {work: f"{problem}." for work, problem in outcome.without_feedback.items()}
    limits = [(name, text) for name, texts in outcome.limits.items() for text in texts]
    faults = [(name, text) for name, texts in outcome.faults.items() for text in texts]
    return [
        _Note(of_work("Not graded", failed), "red"),
        _Note([f"Not graded: {sentence}." for sentence in left_alone], "red"),
        _Note(of_work("No feedback", pages), "red"),
        _Note([f"Changed: {line}" for line in outcome.moves]),
        _Note(of_work("Repaired", repairs)),
        _Note(of_work("Note", noted)),
        _Note([f"Missing: {line}." for line in outcome.missing]),
        _Note([f"Folders: {line}." for line in outcome.remarks]),
        _Note([f"The grader: {name}: {text}" for name, text in limits], "yellow"),
        _Note(
            [f"The assignment {name} itself: {as_sentence(text)}" for name, text in faults],
            "yellow",
        ),
        _Note(
            [f"Not released, so not graded as it stands now: {name}" for name in unreleased], "red"
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())
