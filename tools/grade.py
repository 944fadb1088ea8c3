"""Release, grade and give feedback, for everything that lies in `submitted/`.

    python -m tools.grade [ASSIGNMENT ...] [--student NAME ...] [--all]

Work that has not changed since it was graded is left alone: what counts as changed is the content
of the submission, of the assignment and of the checks. A submission that cannot be graded is named
at the end, and the rest goes on. Ctrl-C stops after what has been graded, and a later run goes on
from there.
"""

import argparse
import hashlib
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tools.course import ROOT, assignments, nbgrader_api, nbgrader_step, reason, write_if_changed
from tools.release import release
from tools.report import print_report
from tools.sample_class import DESERVED, write_class

__all__ = ["Outcome", "grade_all", "main"]

FINGERPRINTS = Path("autograded") / "fingerprints.json"
CHECKS = ("exercises", "convnet", "public_tests", "nbgrader_config.py")
NOT_WORK = {"__pycache__", ".ipynb_checkpoints"}

console = Console(stderr=True, highlight=False, soft_wrap=True)


@dataclass
class Outcome:
    """What a run of grading did. Submissions are (student, assignment) pairs.

    failed: the submissions that could not be graded, and why
    """

    graded: list[tuple[str, str]] = field(default_factory=list)
    unchanged: list[tuple[str, str]] = field(default_factory=list)
    failed: dict[tuple[str, str], str] = field(default_factory=dict)


def grade_all(names, students=(), again=False, root: Path = ROOT) -> Outcome:
    """Grade the submissions of some assignments, with feedback, one after another.

    students: only these, or everybody where empty; again: also what has not changed
    """
    api, outcome = nbgrader_api(root), Outcome()
    fingerprints = _load(root / FINGERPRINTS)
    work = [
        (path.name, name)
        for name in names
        for path in sorted((root / "submitted").glob("*"))
        if (path / name).is_dir() and (not students or path.name in students)
    ]
    with _progress() as progress:
        task = progress.add_task("Grading", total=len(work))
        for student, name in work:
            progress.update(task, description=f"Grading {name} of {student}")
            key, now = f"{student}/{name}", _fingerprint(root, student, name)
            shown = _shown_in_feedback(api, root, student, name)
            if _entry(fingerprints, key)[0] == now and shown and not again:
                problem = _refresh_feedback(api, root, student, name, fingerprints, shown)
                if problem:
                    outcome.failed[student, name] = problem
                else:
                    outcome.unchanged.append((student, name))
            else:
                if fingerprints.pop(key, None):  # what is interrupted now is graded again
                    _save(root / FINGERPRINTS, fingerprints)
                problem = _grade_one(api, root, student, name)
                if problem:
                    outcome.failed[student, name] = problem
                else:
                    outcome.graded.append((student, name))
                    fingerprints[key] = [now, _shown_in_feedback(api, root, student, name)]
                    _save(root / FINGERPRINTS, fingerprints)
                _say(progress, student, name, problem)
            progress.advance(task)
    return outcome


def _grade_one(api, root, student, name) -> str:
    """Autograde one submission and write its feedback; returns what went wrong, or ""."""
    problem = _unreadable(root / "submitted" / student / name, name)
    if problem:
        return problem
    for step in (api.autograde, api.generate_feedback):
        log = nbgrader_step(step, name, student, force=True)
        if log:
            return reason(log)
    return ""


def _refresh_feedback(api, root, student, name, fingerprints, now) -> str:
    """Write the feedback anew where points, comments or the graded notebook have changed since.

    An instructor gives those in the formgrader, or grades there; returns what went wrong, or "".
    """
    key = f"{student}/{name}"
    work, shown = _entry(fingerprints, key)
    if shown == now:
        return ""
    log = nbgrader_step(api.generate_feedback, name, student, force=True)
    if log:
        return reason(log)
    fingerprints[key] = [work, now]
    _save(root / FINGERPRINTS, fingerprints)
    return ""


def _shown_in_feedback(api, root, student, name) -> str:
    """A hash of what a feedback page shows: the graded notebook, all points and all comments.

    "" where the page, the notebook or the grades of an earlier run are not there (any more).
    """
    path = root / "autograded" / student / name / f"{name}.ipynb"
    if not path.exists() or not (root / "feedback" / student / name / f"{name}.html").exists():
        return ""
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        try:
            notebooks = gradebook.find_submission(name, student).notebooks
        except MissingEntry:
            return ""
        points = [(g.name, g.score, g.extra_credit) for n in notebooks for g in n.grades]
        comments = [(c.name, c.comment) for n in notebooks for c in n.comments]
    text = f"{sorted(points)}{sorted(comments, key=str)}".encode()
    return hashlib.sha256(path.read_bytes() + text).hexdigest()


def _unreadable(folder, name) -> str:
    """Why there is no notebook to grade in a submission's folder, or ""."""
    path = folder / f"{name}.ipynb"
    if not path.is_file():
        there = ", ".join(sorted(p.name for p in folder.glob("*.ipynb"))) or "no notebook at all"
        where = f"submitted/{folder.parent.name}/{name}"
        return f"{path.name} is not in {where}; there is {there}. Give the notebook that name"
    try:
        nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat lets out whatever the content provokes
        return f"{path.name} cannot be read as a notebook: {_first_line(error)}"
    return ""


def _first_line(error) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _fingerprint(root, student, name) -> str:
    """A hash of all that a grade depends on: the submission, the assignment and the checks."""
    digest = hashlib.sha256()
    places = [root / "submitted" / student / name, root / "source" / name]
    for place in [*places, *(root / check for check in CHECKS)]:
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if path.is_file() and not NOT_WORK & set(path.parts):
                digest.update(f"{path.relative_to(root)}\n".encode())
                try:
                    digest.update(hashlib.sha256(path.read_bytes()).digest())
                except OSError:  # grading says so; here it is a state like another
                    digest.update(b"unreadable")
    return digest.hexdigest()


def _entry(fingerprints, key):
    """What was graded, and what its feedback shows: two hashes, or None for what is not known."""
    entry = fingerprints.get(key)
    return entry if isinstance(entry, list) and len(entry) == 2 else (None, None)


def _save(path, fingerprints):
    write_if_changed(path, json.dumps(fingerprints, indent=1, sort_keys=True).encode())


def _load(path):
    try:
        found = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        found = None
    # Absent or damaged: everything is graded again.
    return found if isinstance(found, dict) else {}


def _progress():
    columns = (
        TextColumn("{task.description:<50}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _say(progress, student, name, problem):
    """A line for each submission: in a terminal only failures, as the bar shows the rest."""
    if problem:
        progress.console.print(f"{name} of {student} was not graded: {problem}", markup=False)
    elif not console.is_terminal:
        progress.console.print(f"graded {name} of {student}")


def _parse(arguments, root):
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
    missing = [s for s in options.student if not (root / "submitted" / s).is_dir()]
    if missing:
        parser.error(f"no folder submitted/{missing[0]}: nothing was handed in under that name")
    return options


def _left_alone(names, root) -> list[str]:
    """What lies in `submitted/` and will not be graded, as it is no folder of an assignment."""
    folder, expected = root / "submitted", {"README.md", DESERVED}
    handed_in = [path for path in sorted(folder.glob("*")) if path.is_dir()]
    strange = [p for p in folder.glob("*") if p.is_file() and p.name not in expected]
    for student in handed_in:
        strange += [p for p in student.glob("*") if not (p.is_dir() and p.name in names)]
    found = sorted(str(p.relative_to(root)) for p in strange)
    return [path for path in found if not Path(path).name.startswith(".")]


def main(arguments=None, root: Path = ROOT) -> int:
    """Returns 0 where everything was graded, 1 where something was not, 130 after Ctrl-C.

    A sample class whose grades are not the deserved ones counts as a failure too.
    """
    options = _parse(arguments, root)
    try:
        return _run(options, root)
    except KeyboardInterrupt:
        console.print("Stopped. What has been graded is kept; the same command goes on from here.")
        return 130


def _run(options, root):
    start, names = time.monotonic(), options.assignment or assignments(root)
    console.print("1. Releasing the assignments (release/)")
    unreleased = release(root)
    console.print("2. Looking at the submissions (submitted/)")
    try:
        written = write_class(root) if not options.student else []
    except FileNotFoundError as error:
        written = []
        console.print(f"   No sample class: {error.filename} is not there.", style="red")
    if written:
        console.print(f"   Nobody has handed in yet: a sample class of {len(written)} submissions.")
    for path in _left_alone(assignments(root), root):
        console.print(f"   {path} is no folder of an assignment and is left alone.", markup=False)
    console.print("3. Grading and writing feedback (autograded/, feedback/)")
    outcome = grade_all(names, options.student, options.all, root)
    console.print("4. The points")
    as_deserved = print_report(names, outcome, root, options.student)
    console.print(
        f"{len(outcome.graded)} graded, {len(outcome.unchanged)} unchanged since last time, "
        f"{len(outcome.failed)} not graded; {time.monotonic() - start:.0f} s."
    )
    for (student, name), problem in outcome.failed.items():
        console.print(f"Not graded: {name} of {student}: {problem}.", style="red", markup=False)
    for name in unreleased:
        console.print(f"Not released, so not graded as it stands now: {name}", style="red")
    console.print("Feedback pages: feedback/STUDENT/ASSIGNMENT/ASSIGNMENT.html")
    console.print("Gradebook: gradebook.db (.venv/bin/nbgrader export writes grades.csv from it)")
    console.print("To look at the work and the grades: make lab, then Nbgrader > Formgrader.")
    return 0 if as_deserved and not outcome.failed and not unreleased else 1


if __name__ == "__main__":
    sys.exit(main())
