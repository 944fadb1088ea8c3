"""Observations after a class was graded, the same for every attack."""

import base64
import hashlib
import json
import os
import re
import shutil
import sqlite3
import stat
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.red_team._course import ASSIGNMENT, PREVIOUS
from tests.red_team._jail import COURSE
from tests.red_team.submission import MARK

__all__ = [
    "PAGES",
    "changes",
    "gradebook_rows",
    "grades",
    "lay_out",
    "leaks",
    "marked",
    "message_queues",
    "outputs_of",
    "own_results",
    "placement",
    "plain_path",
    "processes",
    "reports",
    "snapshot",
]

PAGES = COURSE / "pages"  # of `nbjudge grade`
_LARGEST = 64 << 20  # bytes read from one file, at most
_REPORT = "application/vnd.nbjudge.report+json"  # feedback pages trust it


# ------------------------------------------------------------------------------------------- points


def lay_out(path: Path) -> None:
    """Put each student's part of the results of `nbjudge grade` where graded work would be."""
    for result in _results(path):
        folder = COURSE / "autograded" / _student(result) / ASSIGNMENT
        folder.mkdir(parents=True)
        (folder / "result.json").write_text(json.dumps(result))
        folder = COURSE / "feedback" / _student(result) / ASSIGNMENT
        for notebook in result["notebooks"]:
            if notebook["page"]:
                folder.mkdir(parents=True)
                shutil.copy(notebook["page"], folder)


_MOVED = r"^(\w+) was judged in the student's process"


def _results(path: Path) -> list[dict]:
    """Return the results in the output of `nbjudge grade`; none if it printed none."""
    text = path.read_text()
    return json.loads(text)["results"] if text else []


def _student(result: dict) -> str:
    return Path(result["path"]).parts[1]


def grades(results: Path | None = None) -> dict[str, dict[str, float]]:
    """Return each student's points by question, automatic or manual, if graded.

    Parameters
    ----------
    results
        Output of `nbjudge grade`; by default, the gradebook has the points.
    """
    if results:
        return {
            _student(result): {
                question["name"]: _number(question["score"])
                for notebook in result["notebooks"]
                for question in notebook["questions"]
            }
            for result in _results(results)
        }
    found: dict[str, dict[str, float]] = {}
    query = """
        SELECT submitted_assignment.student_id, base_cell.name,
               grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade
        FROM grade
        JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
        JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
        JOIN base_cell ON grade.cell_id = base_cell.id
    """
    with _gradebook() as database:
        for student, cell, auto, manual, extra, waiting in database.execute(query):
            points = found.setdefault(student, {})
            if auto is None and manual is None and not waiting:
                continue  # never graded
            points[cell] = _number(auto if manual is None else manual) + _number(extra)
    return found


def moved(results: Path | None = None) -> dict[str, list[str]]:
    """Return the tests that each student's code has moved to the child, as the remarks name them.

    Parameters
    ----------
    results
        Output of `nbjudge grade`; by default, the gradebook has the sentences.
    """
    if results:
        pairs = [(_student(result), result["suspicions"]) for result in _results(results)]
    else:
        query = """
            SELECT submitted_assignment.student_id, nbjudge_submission.report
            FROM nbjudge_submission
            JOIN submitted_assignment ON submitted_assignment.id = nbjudge_submission.submission_id
        """
        try:
            with _gradebook() as database:
                rows = database.execute(query).fetchall()
        except sqlite3.Error:  # stock nbgrader has no such table
            rows = []
        pairs = [(student, json.loads(report)["suspicions"]) for student, report in rows]
    found: dict[str, list[str]] = {}
    for student, remarks in pairs:
        found.setdefault(student, []).extend(
            test for remark in remarks for test in re.findall(_MOVED, remark)
        )
    return found


def _number(value):
    return float(value) if isinstance(value, (int, float)) else 0.0


def gradebook_rows() -> dict[str, str]:
    """Return the parts of the gradebook that grading this class must not change, by topic."""
    queries = {
        "questions": "SELECT * FROM base_cell ORDER BY id",
        "points of questions": "SELECT id, max_score, cell_type FROM grade_cells ORDER BY id",
        "source cells": "SELECT * FROM source_cell ORDER BY id",
        "assignments": "SELECT * FROM assignment ORDER BY id",
        "a student's name": f"SELECT * FROM student WHERE id = '{PREVIOUS}'",
        "an earlier grade": f"""
            SELECT grade.* FROM grade JOIN submitted_notebook AS n ON grade.notebook_id = n.id
            JOIN submitted_assignment AS a ON n.assignment_id = a.id
            WHERE a.student_id = '{PREVIOUS}' ORDER BY grade.id""",
        "tables": "SELECT type, name, sql FROM sqlite_master ORDER BY name",
    }
    found = {}
    with _gradebook() as database:
        for topic, query in queries.items():
            try:
                found[topic] = repr(database.execute(query).fetchall())
            except sqlite3.Error as error:
                found[topic] = f"{type(error).__name__}: {error}"
    return found


def placement() -> list[str]:
    """Return the tests that are judged in the child, as stored in the gradebook."""
    try:
        with _gradebook() as database:
            rows = database.execute("SELECT in_child FROM nbjudge_placement").fetchall()
        return sorted(
            name for (text,) in rows for names in json.loads(text).values() for name in names
        )
    except (sqlite3.Error, ValueError) as error:  # stock nbgrader stores none
        return [f"unknown: {error}"]


def _gradebook():
    return sqlite3.connect(f"file:{COURSE}/gradebook.db?mode=ro", uri=True, timeout=10)


# -------------------------------------------------------------------------------------------- leaks


def leaks(student: str, words: dict[str, str]) -> dict[str, list[str]]:
    """Return the canaries in a student's folders, as 'place' (plain) or 'place, FORM' (encoded).

    returns: {"autograded": [...], "feedback": [...]}
    """
    patterns = [(place, form, data) for place, w in words.items() for form, data in _forms(w)]
    found = {}
    for name in ("autograded", "feedback"):
        found[name] = set()
        for data in _contents(COURSE / name / student):
            for place, form, pattern in patterns:
                if pattern in data:
                    found[name].add(f"{place}, {form}" if form else place)
    return {name: sorted(places) for name, places in found.items()}


def _forms(word):
    data = word.encode()
    yield "", data
    yield "backwards", data[::-1]
    yield "hex", data.hex().encode()
    for before in range(3):  # the word may begin at any offset in the encoded data
        encoded = base64.b64encode(b"\0" * before + data)
        yield "base64", encoded[4 if before else 0 : len(encoded) - 4]


def _contents(folder):
    for path in _files(folder):
        try:
            if stat.S_ISREG(path.stat().st_mode):  # follow links, as copying does
                with path.open("rb") as file:
                    yield file.read(_LARGEST)
        except OSError:
            continue


def _files(folder):
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in sorted(names))


# ------------------------------------------------------------------------------------------- traces


def snapshot() -> dict[str, str]:
    """Describe everything in the jail's own file system, by path."""
    found: dict[str, str] = {}
    device = os.stat("/").st_dev
    waiting = [b"/"]
    while waiting:
        folder = waiting.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            path = os.fsdecode(entry.path)
            try:
                about = entry.stat(follow_symlinks=False)
            except OSError as error:  # the entry is gone, or its path is too long
                found[path] = error.strerror
                continue
            if about.st_dev != device:
                continue
            found[path] = _description(path, about)
            if stat.S_ISDIR(about.st_mode):
                waiting.append(entry.path)
    return found


def _description(path, about):
    mode = stat.filemode(about.st_mode)
    if stat.S_ISLNK(about.st_mode):
        return f"{mode} {os.readlink(path)!r}"
    if stat.S_ISREG(about.st_mode):
        try:
            content = hashlib.sha1()
            with open(path, "rb") as file:
                content.update(file.read(_LARGEST))
            return f"{mode} {about.st_size} {content.hexdigest()}"
        except OSError as error:
            return f"{mode} {about.st_size} {error.strerror}"
    return mode


def own_results(students: Iterable[str]) -> list[str]:
    """Return the students' own folders of results."""
    steps = "autograded", "feedback"
    return [f"{COURSE}/{step}/{student}" for step in steps for student in students]


def changes(before: dict[str, str], after: dict[str, str], own: Iterable[str]) -> list[str]:
    """Return the paths created, deleted or changed outside the given folders."""
    own = list(own)
    new = before.keys() ^ after.keys()  # perhaps folders above them
    return sorted(
        path
        for path in before.keys() | after.keys()
        if before.get(path) != after.get(path)
        and not any(f"{path}/".startswith(f"{o}/") for o in own)
        and not (path in new and any(o.startswith(f"{path}/") for o in own))
    )


def plain_path(path: str) -> str:
    """Return a path with numbers and random names replaced, since they differ between runs."""
    parts = re.sub(r"\d+", "#", path).split("/")
    random = re.compile(r"^(tmp|\.tmp|\.~)\w+|(?<=[-_])[a-z0-9_#]{6,}$")
    return "/".join(random.sub("*", part) for part in parts)


def marked(student: str) -> list[str]:
    """Return the student's results that contain the attackers' mark in their name or content."""
    found = []
    for name in ("autograded", "feedback"):
        for path in _files(COURSE / name / student):
            try:
                if MARK in str(path) or MARK.encode() in path.read_bytes():
                    found.append(str(path.relative_to(COURSE)))
            except OSError as error:
                found.append(f"{path}: {error.strerror}")
    return found


def reports(student: str) -> list[dict]:
    """Return the reports in a student's autograded notebook; the course's tests display none.

    Each report has its content, and whether it is in a locked test cell.
    """
    path = COURSE / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    found = []
    try:
        for cell in json.loads(path.read_bytes())["cells"]:
            marks = cell["metadata"].get("nbgrader", {})
            for output in cell.get("outputs", ()):
                for kind, content in output.get("data", {}).items():
                    if kind.strip().lower() == _REPORT:
                        test = bool(marks.get("grade") and not marks.get("solution"))
                        found.append({"in_test": test, "content": content})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
    return found


def outputs_of(student: str) -> list | None:
    """Return a student's autograded outputs, without the fields that differ between runs."""
    path = COURSE / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    try:
        notebook = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    keys = ("output_type", "name", "text", "data", "ename", "evalue")
    return [
        [{key: output[key] for key in keys if key in output} for output in cell.get("outputs", [])]
        for cell in notebook["cells"]
    ]


def processes() -> Counter[str]:
    """Count the processes besides this one, by name."""
    found: Counter[str] = Counter()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            if state not in "ZX":
                found[(entry / "comm").read_text().strip()] += 1
        except OSError:
            continue
    return found


def message_queues() -> str:
    """Return the shared memory, semaphores, message queues and keys, which outlive processes."""
    found = []
    for name in ("sysvipc/shm", "sysvipc/sem", "sysvipc/msg", "keys"):
        try:
            lines = Path("/proc", name).read_text().splitlines()
        except OSError:
            continue
        found += [line for line in lines if name != "keys" or MARK in line]
    return "\n".join(found)
