"""Release the assignments, grade `submitted/`, and write feedback.

    python -m tools.grade [ASSIGNMENT ...] [--student NAME ...] [--all]

nbjudge grades: student code runs in a sandbox, the hidden checks outside it. A submission is graded
again only if its content, its assignment or the checks have changed. Submissions that cannot be
graded are listed at the end and do not stop the others. Ctrl-C keeps all finished grades, and the
next run resumes from there. The terminal shows a summary; grading.txt has the points and the
diagnosis of every exercise.
"""

import argparse
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from nbjudge import (
    COLLECTED,
    Assignment,
    CannotSandboxError,
    Engine,
    GradingOutcome,
    IsolationError,
    Notes,
    NotReleasedError,
    as_sentence,
    assignment_problem,
    console,
    grade,
    is_rubbish,
    list_class,
    load_course,
    notes,
    probe_isolation,
    progress_bar,
    raising_terminated,
    read_standings,
)
from tools import released
from tools.course import DETAILS, ROOT, assignments, gradebook_name
from tools.report import Report
from tools.sample_class import EXPECTED, generated, has_submissions, own_students, write_class

__all__ = ["grade_all", "main"]

REMEDY = (
    "Run `.venv/bin/nbjudge doctor` for details, or grade in the container: see "
    '"Grading on macOS and Windows" in docs/install.md.'
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

    students: names of the students to grade; empty for all
    again: True to grade unchanged submissions too
    course: result of `load_course(root)`, if it was called already
    Raises IsolationError if this machine cannot sandbox student code.
    """
    coursedir, settings = course or load_course(root)
    workers = settings.workers or os.cpu_count() or 1
    prepared, unreleased = list[Assignment](), list[str]()
    for name in names:
        try:
            prepared.append(Assignment(name, coursedir, settings))
        except NotReleasedError as error:  # releasing it has failed, which was reported
            unreleased.append(assignment_problem(name, error))
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
    """Choose the level of isolation, and refuse the submissions that it cannot grade safely.

    If student code cannot be sandboxed, only the sample class, which is the course's own code,
    stays in `work` and is graded at the level "none"; all other submissions are refused.
    Raises IsolationError if no submission is left to grade.
    """
    refused: dict[Assignment, list[GradingOutcome]] = {assignment: [] for assignment in work}
    try:
        level, sentence = settings.level(coursedir)
        console.print(f"   {sentence}", markup=False)
        return level, refused
    except CannotSandboxError as error:
        ours = generated(root)
        if not any((s, a.name) in ours for a, students in work.items() for s in students):
            raise
        reason = error.explanation
    for assignment, students in work.items():
        work[assignment] = [s for s in students if (s, assignment.name) in ours]
        others = [s for s in students if s not in work[assignment]]
        refused[assignment] = [GradingOutcome(student, "failed", reason) for student in others]
    console.print(f"   Isolation: none, because {reason}.", markup=False, style="yellow")
    console.print("   Only the sample class is graded, because its code comes with the course.")
    console.print(f"   {REMEDY}", markup=False)
    return "none", refused


class _Steps:
    """Durations of the steps of a run, in seconds."""

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
        description="Release the assignments, grade submitted/, write feedback/, and show the "
        "points. If there are no submissions, grade a generated sample class of 24 students.",
    )
    known = assignments(root)
    parser.add_argument("assignment", nargs="*", help=f"one of {', '.join(known)} [all]")
    parser.add_argument(
        "--student", action="append", default=[], help="grade only this student (repeatable)"
    )
    parser.add_argument("--all", action="store_true", help="grade unchanged submissions too")
    options = parser.parse_args(arguments)
    unknown = set(options.assignment) - set(known)
    if unknown:
        parser.error(
            f"unknown assignment: {', '.join(sorted(unknown))}; choose from {', '.join(known)}"
        )
    missing = [s for s in options.student if s not in _names_in(root / "submitted")]
    if missing:
        parser.error(f"no folder submitted/{missing[0]}: this student has no submission")
    return options


def _left_alone(names: Collection[str], root: Path) -> list[str]:
    """Return a sentence for each path in `submitted/` that is not an assignment's folder."""
    folder, expected = root / "submitted", {"README.md", EXPECTED, COLLECTED}
    strange = list[Path]()
    for path in (folder / name for name in _names_in(folder) - expected):
        if path.is_file():
            strange.append(path)
        else:
            strange += [path / name for name in _names_in(path) - set(names)]
    left = [path for path in sorted(strange) if not path.name.startswith(".")]
    text = "is not an assignment's folder and is ignored"
    return [f"{path.relative_to(root)} {text}{_advice(path, names)}" for path in left]


def _names_in(folder: Path) -> set[str]:
    """Return the names in a folder, without system files; none if it cannot be read."""
    try:
        return {name for name in os.listdir(folder) if not is_rubbish(name)}
    except OSError:  # reported by grading
        return set()


def _advice(path: Path, names: Collection[str]) -> str:
    """Suggest the correct path for a misplaced submission; "" if there is none."""
    name = path.stem.lower() if path.is_file() else path.name.strip().lower()
    if name not in names or path.parent.name == "submitted":
        return ""
    if path.is_dir():
        return f": if it is a submission, call it {name}"
    return f": if it is a submission, move it to {path.parent.name}/{name}/{path.name}"


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Return 0 if everything was graded, 1 if something was not, 130 after Ctrl-C.

    A sample class with unexpected grades also counts as a failure. Questions for manual grading
    count as graded, even if the reason is a faulty check.
    """
    options = _parse(arguments, root)
    try:
        with raising_terminated():
            return _run(options, root)
    except KeyboardInterrupt:
        console.print("Stopped. All finished grades are kept; run the same command to continue.")
        return 130


def _run(options: argparse.Namespace, root: Path) -> int:
    steps = _Steps()
    probe_isolation()  # its answer is needed later
    names = options.assignment or assignments(root)
    console.print("1. Releasing the assignments (release/)")
    unreleased = _release(root)
    steps.end("release")
    console.print("2. Reading the submissions (submitted/)")
    if not options.student:
        _write_sample_class(root)
    left_alone = _left_alone(assignments(root), root)
    try:
        course = coursedir, _ = load_course(root)
        if not _has_submissions(coursedir, names, left_alone):
            return 1
        steps.end("submissions")
        console.print("3. Grading and writing feedback (autograded/, feedback/)")
        outcomes, said = grade_all(names, options.student, options.all, root, course)
    except IsolationError as error:
        console.print(str(error).strip().splitlines()[-1], style="red", markup=False)
        console.print(REMEDY, markup=False)
        return 1
    except ValueError as error:  # from dates.toml, nbgrader_config.py, or submitted/ itself
        console.print(f"Nothing was graded: {as_sentence(error)}", style="red", markup=False)
        return 1
    steps.end("grading and feedback")
    console.print("4. The points")
    report = Report(read_standings(coursedir, names), outcomes, root, options.student)
    report.print()
    steps.end("points")
    counts = Counter(outcome.status for done in outcomes.values() for outcome in done)
    console.print(
        f"{counts['graded']} graded, {counts['unchanged']} unchanged since last time, "
        f"{counts['failed']} not graded; {steps}."
    )
    said = [
        Notes([f"Not graded: {sentence}." for sentence in left_alone], logging.ERROR),
        *said,
        Notes(
            [f"Not released, so its last release was graded: {name}" for name in unreleased],
            logging.ERROR,
        ),
    ]
    _print_notes(said)
    report.write(root / DETAILS, [line for lines, *_ in said for line in lines])
    _print_locations(coursedir.db_url, root)
    incomplete = any(note.lines for note in said if note.level == logging.ERROR)
    return 0 if report.as_expected and not incomplete else 1


def _release(root: Path) -> list[str]:
    """Release the assignments, unless nothing has changed; return the names of failures."""
    before = released.state(root)
    if released.is_current(root, before):
        return []
    from tools.release import release_assignments  # slow to import

    failed = release_assignments(root)
    if not failed:
        released.record(root, before)
    return failed


def _write_sample_class(root: Path) -> None:
    """Write the submissions of the sample class if there are no others and no class list."""
    if has_submissions(root):
        return
    if students := own_students(root):
        console.print(
            f"   No sample class was generated, because the gradebook has a class list of "
            f"{len(students)}. Collect the submissions first: see docs/guide/collect.md."
        )
        return
    try:
        written = write_class(root)
    except FileNotFoundError as error:
        console.print(f"   No sample class: {error.filename} does not exist.", style="red")
        return
    count = len({submission.student for submission in written})
    console.print(
        f"   No submissions yet: generated a sample class of {count} students "
        f"({len(written)} submissions)."
    )


def _has_submissions(coursedir: Any, names: Collection[str], left_alone: Sequence[str]) -> bool:
    """Return True if any assignment has submissions; otherwise print the reasons."""
    step = coursedir.submitted_directory
    if any(list_class(coursedir, step, name).students for name in names):
        return True
    for sentence in left_alone:
        console.print(f"   {sentence}.", markup=False)
    missing = f"no folder submitted/STUDENT/ASSIGNMENT for {', '.join(names)}"
    console.print(f"Nothing to grade: {missing}.", style="red", markup=False)
    return False


def _print_notes(said: Sequence[Notes]) -> None:
    """Print the first lines of each kind of note."""
    for lines, level, is_whole in said:
        most = len(lines) if is_whole else MOST_LINES
        for line in lines[:most]:
            console.print(line, markup=False, style=STYLES.get(level))
        if (more := len(lines) - most) > 0:
            console.print(f"   and {more} more like these in {DETAILS}")


def _print_locations(db_url: str, root: Path) -> None:
    """Print the locations of the results, and the commands that show them."""
    console.print(f"Every exercise's points and diagnosis, and all mistakes: {DETAILS}")
    console.print("Feedback pages: feedback/STUDENT/ASSIGNMENT/ASSIGNMENT.html")
    console.print(
        f"Gradebook: {gradebook_name(db_url, root)} (.venv/bin/nbjudge export grades "
        "writes grades.csv from it)",
        markup=False,
    )
    console.print("Report on the class, with statistics and every student: make report")
    console.print("To review submissions and grades: make lab, then Nbgrader > Formgrader")


if __name__ == "__main__":
    sys.exit(main())
