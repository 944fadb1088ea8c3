"""Release changed assignments, grade `submitted/`, and write feedback.

    python -m tools.grade [ASSIGNMENT ...] [--student NAME ...] [--all]

nbjudge grades: student code runs in a sandbox, the hidden checks outside it. A submission is graded
again only if its content, its assignment or the checks have changed. Submissions that cannot be
graded are listed at the end and do not stop the others. Ctrl-C keeps all finished grades, and the
next run resumes from there. The terminal shows a summary; grading.txt has the points and the
diagnosis of every exercise.
"""

import argparse
import hashlib
import itertools
import logging
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from nbjudge import (
    Assignment,
    CannotSandboxError,
    Engine,
    GradingOutcome,
    NotReleasedError,
    Presenter,
    Terminal,
    as_sentence,
    grade,
    is_rubbish,
    list_class,
    load_course,
    probe_isolation,
    run_command,
)
from nbjudge.plugins.standings import COLLECTED, read_standings
from tools.console import console
from tools.course import DETAILS, ENGINE, ROOT, assignments, gradebook_name
from tools.report import Report
from tools.sample_class import EXPECTED, generated, has_submissions, own_students, write_class

__all__ = ["grade_all", "main"]

REMEDY = (
    "Run `.venv/bin/nbjudge doctor` for details, or grade in the container: see "
    '"Grading on macOS and Windows" in docs/install.md.'
)
KEPT = "All finished grades are kept; run the same command to continue."
RELEASED = ".released"  # file with the state in which the assignments were released
MIXED = "submitted/ also holds the sample class: `make own-class` removes it."
MOST_LINES = 20  # of one kind in the terminal
Work = dict[Assignment, list[str]]  # the students of each assignment


def grade_all(
    presenter: Presenter,
    course: tuple[Any, Any],
    names: Sequence[str],
    students: Collection[str] = (),
    again: bool = False,
) -> list[str]:
    """Grade the submissions of some assignments with nbjudge, and write their feedback.

    Return messages about assignments that were never released, whose work is not graded.

    Parameters
    ----------
    presenter
        Shows the progress, and keeps the outcomes.
    course
        Result of `load_course`.
    students
        Names of the students to grade; empty for all.
    again
        True to grade unchanged submissions too.

    Raises
    ------
    IsolationError
        If this machine cannot sandbox student code.
    """
    coursedir, settings = course
    prepared, unreleased = list[Assignment](), list[str]()
    for name in names:
        try:
            prepared.append(Assignment(name, coursedir, settings))
        except NotReleasedError as error:  # releasing it has failed, which was reported
            unreleased.append(f"The assignment itself: {name}: {as_sentence(error)}")
    work = {
        assignment: [s for s in assignment.students() if not students or s in students]
        for assignment in prepared
    }
    level, work, refused = _choose_level(presenter, course, work)
    presenter.outcomes.update(refused)
    total = sum(map(len, work.values()))
    with Engine(makes_pages=True) as engine:
        workers = settings.count_workers()
        graded = grade(engine, work, workers, feedback=True, isolation=level, again=again)
        for _ in Terminal().in_lines(presenter.follow(work, graded), total):
            pass
    for assignment in prepared:
        assignment.close()
    return unreleased


def _choose_level(
    presenter: Presenter, course: tuple[Any, Any], work: Work
) -> tuple[str, Work, dict[Assignment, list[GradingOutcome]]]:
    """Return the level of isolation, the work to grade at it, and the outcomes of refused work.

    If student code cannot be sandboxed, only the sample class, which is the course's own code, is
    graded, at the level "none"; all other submissions are refused.
    Raises IsolationError if no submission is left to grade.
    """
    coursedir, settings = course
    try:
        level, sentence = settings.level(coursedir)
    except CannotSandboxError as error:
        ours = generated(Path(coursedir.root))
        kept = {a: [s for s in students if (s, a.name) in ours] for a, students in work.items()}
        if not any(kept.values()):
            raise
        reason = error.explanation
    else:
        presenter.say(f"   {sentence}")
        return str(level), work, {}
    presenter.say(f"   Isolation: none, because {reason}.", logging.WARNING)
    presenter.say("   Only the sample class is graded, because its code comes with the course.")
    presenter.say(f"   {REMEDY}")
    refused = {
        assignment: [
            GradingOutcome(student, "failed", reason)
            for student in students
            if student not in kept[assignment]
        ]
        for assignment, students in work.items()
    }
    return "none", kept, refused


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
    present = {path.name for path in (root / "submitted").glob("*")}
    missing = [s for s in options.student if s not in present]
    if missing:
        parser.error(f"no folder submitted/{missing[0]}: this student has no submission")
    return options


def _left_alone(names: Collection[str], root: Path) -> list[str]:
    """Return a sentence for each path in `submitted/` that is not an assignment's folder."""
    folder, expected = root / "submitted", {"README.md", EXPECTED, COLLECTED}
    files = (path for path in folder.glob("*") if path.is_file() and path.name not in expected)
    made = {f"{name}-questions" for name in names}  # by `nbjudge questions --points`
    others = (path for path in folder.glob("*/*") if path.name not in made.union(names))
    text = "is not an assignment's folder and is ignored"
    return [
        f"{path.relative_to(root)} {text}{_advice(path, names)}"
        for path in sorted([*files, *others])
        if not (path.name.startswith(".") or is_rubbish(path.name) or is_rubbish(path.parent.name))
    ]


def _advice(path: Path, names: Collection[str]) -> str:
    """Suggest the correct path for a misplaced submission; "" if there is none."""
    name = path.stem.lower() if path.is_file() else path.name.strip().lower()
    if name not in names or path.parent.name == "submitted":
        return ""
    if path.is_dir():
        return f": if it is a submission, call it {name}"
    return f": if it is a submission, move it to {path.parent.name}/{name}/{path.name}"


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Return 0 if everything was graded, 1 if something was not, 130 after Ctrl-C, 143 by SIGTERM.

    A sample class with unexpected grades also counts as a failure. Questions for manual grading
    count as graded, even if the reason is a faulty check.
    """
    options = _parse(arguments, root)
    return run_command(lambda: _run(options, root), KEPT, REMEDY)


def _run(options: argparse.Namespace, root: Path) -> int:
    presenter = Presenter(Terminal(), MOST_LINES, f" in {DETAILS}")
    ends = {"": time.monotonic()}  # of the steps
    probe_isolation()  # its answer is needed later
    names = options.assignment or assignments(root)
    presenter.say("1. Releasing the assignments (release/)")
    not_released = _release(root)
    ends["release"] = time.monotonic()
    presenter.say("2. Reading the submissions (submitted/)")
    if not options.student:
        _write_sample_class(presenter, root)
    left_alone = _left_alone(assignments(root), root)
    try:
        course = coursedir, _ = load_course(root)
        if not _has_submissions(presenter, coursedir, names, left_alone):
            return presenter.status
        ends["submissions"] = time.monotonic()
        presenter.say("3. Grading and writing feedback (autograded/, feedback/)")
        unreleased = grade_all(presenter, course, names, options.student, options.all)
    except ValueError as error:  # from dates.toml, nbgrader_config.py, or submitted/ itself
        presenter.say(f"Nothing was graded: {as_sentence(error)}", logging.ERROR)
        return presenter.status
    ends["grading and feedback"] = time.monotonic()
    presenter.say("4. The points")
    outcomes = {assignment.name: done for assignment, done in presenter.outcomes.items()}
    report = Report(read_standings(coursedir, names), outcomes, root, options.student)
    report.print()
    ends["points"] = time.monotonic()
    counts = Counter(outcome.status for done in outcomes.values() for outcome in done)
    presenter.say(
        f"{counts['graded']} graded, {counts['unchanged']} unchanged since last time, "
        f"{counts['failed']} not graded; {_durations(ends)}."
    )
    presenter.show([f"Not graded: {sentence}." for sentence in left_alone], logging.ERROR)
    presenter.show_failures()
    presenter.show_notes(not options.student)
    presenter.show(unreleased, logging.WARNING)
    presenter.show(
        [f"Not released, so its last release was graded: {name}" for name in not_released],
        logging.ERROR,
    )
    presenter.show([MIXED] * report.comparison.is_mixed, logging.WARNING)
    report.write(root / DETAILS, presenter.lines)
    _say_locations(presenter, coursedir.db_url, root)
    return presenter.status if report.as_expected else 1


def _durations(ends: Mapping[str, float]) -> str:
    """Return the durations of the whole run and of its steps, from the time of each step's end."""
    pairs = itertools.pairwise(ends.items())
    seconds = {step: end - begin for (_, begin), (step, end) in pairs}
    parts = ", ".join(f"{step} {duration:.0f}" for step, duration in seconds.items())
    return f"{sum(seconds.values()):.0f} s ({parts})"


def _release(root: Path) -> list[str]:
    """Release the assignments, unless nothing has changed since; return the names of failures."""
    before, stamp = _made_from(root), root / RELEASED
    if stamp.exists() and stamp.read_text() == f"{before} {_made(root)}":
        return []
    from tools.release import NothingReleasedError, release  # slow to import

    stamp.unlink(missing_ok=True)
    try:
        failed = release(root, with_lessons=False)
    except NothingReleasedError as error:
        console.print(f"{error}\nNothing was released.", style="red", markup=False)
        return assignments(root)
    if not failed and (made := _made(root)):
        stamp.write_text(f"{before} {made}")
    return failed


def _made_from(root: Path) -> str:
    """Return a digest of the names, sizes and times of the files that a release is made from."""
    files = [root / name for name in ("nbgrader_config.py", "pyproject.toml", "requirements.lock")]
    for folder in ("convnet", "course", "exercises", ENGINE, "public_tests", "source", "tools"):
        files += (f for f in (root / folder).rglob("*.*") if f.suffix not in (".ipynb", ".pyc"))
    return _digest(root, files)


def _made(root: Path) -> str:
    """Return a digest of what a release has made: files, and cells in the gradebook.

    "" if the gradebook is not the course's SQLite file, whose cells can be read in no time.
    """
    files = [*(root / "source").glob("*/*.ipynb"), *(root / "release").rglob("*.*")]
    try:
        with closing(sqlite3.connect(f"file:{root / 'gradebook.db'}?mode=ro", uri=True)) as db:
            cells = db.execute("SELECT * FROM source_cell ORDER BY id").fetchall()
    except sqlite3.Error:
        return ""
    return _digest(root, files, repr(cells))


def _digest(root: Path, files: Collection[Path], more: str = "") -> str:
    stats = ((f.relative_to(root).as_posix(), f.stat()) for f in sorted(files) if f.is_file())
    states = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]
    return hashlib.sha256(f"{states}{more}".encode()).hexdigest()


def _write_sample_class(presenter: Presenter, root: Path) -> None:
    """Write the submissions of the sample class if there are no others and no class list."""
    if has_submissions(root):
        return
    if students := own_students(root):
        presenter.say(
            f"   No sample class was generated, because the gradebook has a class list of "
            f"{len(students)}. Collect the submissions first: see docs/guide/collect.md."
        )
        return
    try:
        written = write_class(root)
    except FileNotFoundError as error:
        text = f"   No sample class: {error.filename} does not exist."
        presenter.say(text, logging.ERROR)
        return
    count = len({submission.student for submission in written})
    presenter.say(
        f"   No submissions yet: generated a sample class of {count} students "
        f"({len(written)} submissions)."
    )


def _has_submissions(
    presenter: Presenter, coursedir: Any, names: Collection[str], left_alone: Sequence[str]
) -> bool:
    """Return True if any assignment has submissions; otherwise show the reasons."""
    step = coursedir.submitted_directory
    if any(list_class(coursedir, step, name).students for name in names):
        return True
    for sentence in left_alone:
        presenter.say(f"   {sentence}.")
    missing = f"no folder submitted/STUDENT/ASSIGNMENT for {', '.join(names)}"
    presenter.say(f"Nothing to grade: {missing}.", logging.ERROR)
    return False


def _say_locations(presenter: Presenter, db_url: str, root: Path) -> None:
    """Show the locations of the results, and the commands that show them."""
    for text in (
        f"Every exercise's points and diagnosis, and all mistakes: {DETAILS}",
        "Feedback pages: feedback/STUDENT/ASSIGNMENT/ASSIGNMENT.html",
        f"Gradebook: {gradebook_name(db_url, root)} (.venv/bin/nbjudge export grades "
        "writes grades.csv from it)",
        "Report on the class, with statistics and every student: make report",
        "To review submissions and grades: make lab, then Nbgrader > Formgrader",
    ):
        presenter.say(text)


if __name__ == "__main__":
    sys.exit(main())
