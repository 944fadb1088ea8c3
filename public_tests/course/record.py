"""Record a learner's progress in a file next to the notebooks, and show the next step.

The file is progress.json, in the course's folder or next to the notebook. The environment variable
PROGRESS_FILE names another file; if it is empty, nothing is recorded. Nothing is sent anywhere, and
nothing is recorded outside a notebook or while work is graded. Records of other machines, uploaded
beside it as "progress (1).json" and the like, count as well.
"""

import base64
import contextlib
import datetime
import importlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any

from nbexercise.judging.verdict import Verdict
from nbexercise.judging.wording import number, wrapped
from nbexercise.showing.display import in_colab, publish, running_shell

from .own import own_source
from .syllabus import ASSIGNMENTS, LESSONS, MILESTONES, PATH, REPOSITORY, SITE

__all__ = ["answered", "begin_lesson", "keep_in_drive", "kept", "missing", "note"]
__all__ += ["progress", "reached", "record_questions", "record_verdict"]

NAME = "progress.json"
Data = dict[str, Any]

_session: Data = {}  # latest record, used if the file cannot be read or written
_lesson: list[str] = []  # name of this notebook's lesson, the last item


def kept() -> Data:
    """Return the record: exercises, lessons and milestones by name, and the latest step."""
    return _read()[0]


def missing(needed: tuple[str, ...], data: Data) -> list[str]:
    """Return the exercises that have not passed their check."""
    done = data["exercises"]
    return [name for name in needed if name not in done or not done[name]["passed"]]


def record_verdict(verdict: Verdict, function: Callable[..., Any]) -> None:
    """Record a verdict, with the function if it passed, and announce a completed assignment."""
    if not _used():
        return
    data, problem = _read()
    name = verdict.case_set.name
    step = next((step for step, (_, own) in ASSIGNMENTS.items() if name in own), "")
    before = data["exercises"].get(name, {"points": -1})
    if verdict.points >= before["points"]:
        entry = {
            "passed": verdict.passed,
            "points": verdict.points,
            "of": verdict.case_set.points,
            "checks": {r.check.name: [r.check.points, r.passed] for r in verdict.results},
            "date": _today(),
            "source": "",
            "questions": before.get("questions", []),
        }
        if verdict.passed:
            try:
                entry["source"] = own_source(name, function)
            except ValueError as error:
                problem = problem or f"{name} is not kept for the milestones: {error}."
        data["exercises"][name] = entry
    data["last"] = step or data["last"]
    _write(data, problem)
    if verdict.passed and step and _is_done(step, data):
        title, own = ASSIGNMENTS[step]
        points = f"{number(sum(own.values()))} of {number(sum(own.values()))} points"
        _show_next(f"All checks of {step} pass, {points}. You have written {title}.", _next(data))


def record_questions(name: str, right: int, total: int) -> None:
    """Record how many questions about the learner's own function were answered right."""
    if _used():
        data, problem = _read()
        if name in data["exercises"]:
            data["exercises"][name]["questions"] = [right, total]
            _write(data, problem)


def begin_lesson(name: str) -> None:
    """Set the lesson of this notebook; lessons outside the syllabus are not recorded."""
    if name in LESSONS:
        _lesson.append(name)


def answered(title: str) -> None:
    """Record a right answer in the lesson, and announce a completed lesson."""
    if _lesson and _used():
        name = _lesson[-1]
        data, problem = _read()
        data["lessons"][name] = sorted({*data["lessons"].get(name, []), title})
        data["last"] = name
        _write(data, problem)
        if _is_done(name, data):
            _show_next(f"All exercises of lesson {name[:2]} are right.", _next(data))


def reached(milestone: str, result: str, **more: Any) -> None:
    """Record a reached milestone, and show the next step."""
    if _used():
        data, problem = _read()
        data["milestones"][milestone] = {"date": _today(), "result": result, **more}
        data["last"] = milestone
        _write(data, problem)
        _show_next(f"Milestone {milestone} is reached: {result}.", _next(data))


def progress() -> None:
    """Show all lessons, assignments and milestones with their state, and the next step."""
    data, problem = _read()
    steps = [(step, *_state(step, data)) for step in PATH]
    width = max(len(_title(step)) for step in PATH)
    signs = {"done": "[x]", "begun": "[-]", "": "[ ]"}
    plain = [
        f"{signs[state]} {_title(step):<{width}}  {result}".rstrip()
        for step, state, result, _ in steps
    ]
    following = _next(data)
    notes = [line for line in (problem, note()) if line]
    plain += ["", wrapped(f"Next: {_title(following)}." if following else _END), *notes]
    marks = {"done": "&#10003; done", "begun": "&#9680; begun", "": "&#9675; to do"}
    rows = "".join(
        f"<tr><td nowrap {_LEFT}>{marks[state]}</td>"
        f"<td {_LEFT}>{_linked(step, step == following)}</td>"
        f"<td {_LEFT}>{_details(result, parts)}</td></tr>"
        for step, state, result, parts in steps
    )
    last = f"<b>Next: {_linked(following)}</b>" if following else _END
    content = base64.b64encode(json.dumps(data).encode()).decode()
    file = f'<a download="{NAME}" href="data:application/json;base64,{content}">{NAME}</a>'
    html = f"<table>{rows}</table><p>{last}</p>" + "".join(f"<p>{escape(n)}</p>" for n in notes)
    place = "next to a notebook, in Colab into its Files panel,"
    html += f"<p>Download {file}; put it {place} to continue there.</p>" * _is_temporary()
    _show("\n".join(plain), html)


def keep_in_drive(folder: str = "convolution") -> None:
    """Keep the progress of all notebooks in a folder of your Google Drive, from Colab.

    This notebook's record so far is added to the record there. Without permission, or
    without Drive, the output says so, and the record stays on this machine.

    Parameters
    ----------
    folder
        Name of the folder in "My Drive". It is created if it does not exist.
    """
    data, problem = _read()
    if in_colab():
        try:
            importlib.import_module("google.colab.drive").mount(_DRIVE)
            place = Path(_DRIVE, "MyDrive", folder)
            place.mkdir(parents=True, exist_ok=True)
        except Exception as error:  # the permission was refused, or Drive has no space
            problem = f"Google Drive cannot be used here ({error}). progress() offers {NAME} for "
            print(wrapped(problem + "download; Colab deletes it when the session ends."))
            return
        os.environ["PROGRESS_FILE"] = str(place / NAME)
        there, problem = _read()
        data = _merged(there, data)
        _write(data, problem)
    elif os.environ.get("PROGRESS_FILE") == "":
        print("Nothing is recorded here: the variable PROGRESS_FILE is empty.")
        return
    right = sum(map(len, data["lessons"].values()))
    passed = sum(entry["passed"] for entry in data["exercises"].values())
    done = f"Exercises done so far: {right} in lessons, {passed} in assignments."
    print(wrapped(f"Your progress is kept in {_file()}. {done}"))


_DRIVE = "/content/drive"
_END = "You have completed the whole path: closing_page() in the milestones notebook writes a page."
_LEFT = 'style="text-align:left;vertical-align:top"'


def _details(result: str, parts: list[str]) -> str:
    if not parts:
        return escape(result)
    listed = "<br>".join(map(escape, parts))
    return f"<details><summary>{escape(result)}</summary>{listed}</details>"


def _state(step: str, data: Data) -> tuple[str, str, list[str]]:
    """Return the state of a step ("done", "begun" or ""), its result and lines about its parts."""
    done, parts = _is_done(step, data), []
    begun, result = False, ""
    if step in LESSONS:
        _, checks, optional = LESSONS[step]
        right = len(data["lessons"].get(step, []))
        begun, result = right > 0, f"{right} of {checks} exercises" if right else ""
        result = result or "optional" * optional
    elif step in MILESTONES:
        closed = missing(MILESTONES[step][1], data)
        reached = data["milestones"].get(step, {})
        result = reached.get("result", f"opens with {', '.join(closed)}" if closed else "ready")
    else:
        own = ASSIGNMENTS[step][1]
        for name, points in own.items():
            entry = data["exercises"].get(name, {})
            earned = number(entry.get("points", 0))
            wrong = [check for check, (_, passed) in entry.get("checks", {}).items() if not passed]
            parts += [f"{name}: {earned} of {number(points)}" + "; not yet: " * bool(wrong)]
            parts[-1] += ", ".join(wrong)
            if answered := entry.get("questions"):
                right, total = answered
                parts[-1] += f"; {right} of {total} questions about it answered"
        seen = [data["exercises"][name]["points"] for name in own if name in data["exercises"]]
        begun = bool(seen)
        result = f"{number(sum(seen))} of {number(sum(own.values()))} points" if seen else ""
        parts = parts if seen else []
    return "done" if done else "begun" if begun else "", result, parts


def _is_done(step: str, data: Data) -> bool:
    if step in LESSONS:
        return len(data["lessons"].get(step, [])) >= LESSONS[step][1]
    if step in MILESTONES:
        return step in data["milestones"]
    return not missing(tuple(ASSIGNMENTS[step][1]), data)


def _next(data: Data) -> str:
    """Return the next step: the latest one until it is done, then the first open one after it.

    Milestones whose exercises have not passed are skipped, and so are optional lessons.
    """
    at = PATH.index(data["last"]) if data["last"] in PATH else 0
    for step in (*PATH[at:], *PATH[:at]):
        optional = step in LESSONS and LESSONS[step][2] and step != data["last"]
        closed = step in MILESTONES and missing(MILESTONES[step][1], data)
        if not _is_done(step, data) and not optional and not closed:
            return step
    return ""


def _title(step: str) -> str:
    if step in LESSONS:
        return f"Lesson {step[:2]}: {LESSONS[step][0]}"
    if step in MILESTONES:
        return f"Milestone {step}: {MILESTONES[step][0]}"
    return f"Assignment {step}: {ASSIGNMENTS[step][0]}"


def _linked(step: str, strong: bool = False) -> str:
    text, address = escape(_title(step)), _address(step)
    text = f'<a href="{address}">{text}</a>' if address else text
    return f"<b>{text}</b>" if strong else text


def _address(step: str) -> str:
    """Return the address of a step's notebook: a file near this one, else its page on the site."""
    name = "milestones" if step in MILESTONES else step
    place = f"release/{name}/{name}" if name in ASSIGNMENTS else f"course/{name}"
    file = f"{place}.ipynb"
    if in_colab():
        colab = "https://colab.research.google.com/github/"
        return f"{colab}{REPOSITORY}/{file}" if REPOSITORY else ""
    for near in (f"{name}.ipynb", f"../{file}", f"../../{file}", f"../{name}/{name}.ipynb"):
        if Path(near).is_file():
            return near
    return f"{SITE}{place}.html" if SITE else ""


def _show_next(done: str, following: str) -> None:
    """Show the completed step and the next one, with a link in a notebook."""
    last = f"Next: {_title(following)}." if following else _END
    link = f"Next: {_linked(following)}" if following else _END
    more = note() or "progress() shows the whole path."
    html = f"<p><b>{escape(done)}</b><br>{link}<br>{more}</p>"
    _show(wrapped("\n".join([done, last, more])), html)


def _show(plain: str, html: str) -> None:
    if not publish({"text/plain": plain, "text/html": html}):
        print(plain)


def _used() -> bool:
    """True if progress is recorded: in a notebook that is not being graded."""
    if "NBGRADER_EXECUTION" in os.environ or os.environ.get("PROGRESS_FILE") == "":
        return False
    return running_shell() is not None


def _is_temporary() -> bool:
    """True if the record is neither on the reader's machine nor in Drive."""
    return bool(note()) or sys.platform == "emscripten"


def note() -> str:
    """Return how to keep the record where it would be lost; "" if it is kept."""
    if in_colab() and not str(_file()).startswith(_DRIVE):
        return (
            f"Colab deletes {NAME} when the session ends, and each notebook has its own. To keep "
            "one for all notebooks, run keep_in_drive() in each of them."
        )
    return ""


def _today() -> str:
    return datetime.date.today().isoformat()


def _file() -> Path:
    """Return the path of the record: in the course's folder, or else next to the notebook.

    An existing record in a parent folder is used as well.
    """
    named = os.environ.get("PROGRESS_FILE")
    if named:
        return Path(named).expanduser()
    here = Path.cwd()
    for folder in (here, *list(here.parents)[:2]):
        course = all((folder / name).is_dir() for name in ("course", "release"))
        if course or (folder / NAME).exists():
            return folder / NAME
    return here / NAME


def _empty() -> Data:
    return {"version": 1, "last": "", "exercises": {}, "lessons": {}, "milestones": {}}


def _read() -> tuple[Data, str]:
    """Return the record, and a sentence about a problem with its file; "" if there is none.

    The records of other machines beside it are merged into it.
    """
    if os.environ.get("PROGRESS_FILE") == "":
        return _empty(), ""
    file = _file()
    data, problem = _read_own(file)
    for other in sorted(file.parent.glob("progress*.json")):
        if other.name not in (NAME, file.name, _DAMAGED):
            with contextlib.suppress(*_WRONG, OSError):
                record = json.loads(other.read_bytes())
                _check(record)
                data = _merged(record, data)
    return data, problem


def _merged(one: Data, other: Data) -> Data:
    """Return a record with the better result of each exercise, and every right answer."""
    both = _empty()
    both["last"] = other["last"] or one["last"]
    both["milestones"] = one["milestones"] | other["milestones"]
    for record in (one, other):
        for name, entry in record["exercises"].items():
            before = both["exercises"].get(name, entry)
            both["exercises"][name] = max(entry, before, key=lambda entry: entry["points"])
        for name, titles in record["lessons"].items():
            both["lessons"][name] = sorted({*both["lessons"].get(name, []), *titles})
    return both


_DAMAGED = "progress-damaged.json"
_WRONG = (ValueError, KeyError, TypeError, AttributeError)  # of a record in another form


def _read_own(file: Path) -> tuple[Data, str]:
    """Return the record in one file, and a sentence about a problem with it, or ""."""
    empty = _empty()
    try:
        text = file.read_bytes()
    except FileNotFoundError:
        return _session or empty, ""
    except OSError:
        return _session or empty, f"{NAME} cannot be read: progress is kept for this session only."
    try:
        data = json.loads(text)
        _check(data)
    except _WRONG:
        aside = file.with_name(_DAMAGED)
        with contextlib.suppress(OSError):
            os.replace(file, aside)
        problem = (
            f"{NAME} was damaged, so a new record was started; the old one is in {aside.name}."
        )
        return _session or empty, problem
    return data, ""


def _check(data: Any) -> None:
    """Raise an exception if a part of the record has another form than expected."""
    if any(type(data[key]) is not type(value) for key, value in _empty().items()):
        raise TypeError
    for entry in data["exercises"].values():
        number(float(entry["points"]))
        _ = entry["passed"], entry["source"] + "", [(p, q) for p, q in entry["checks"].values()]
        _ = [right <= total for right, total in [entry.get("questions") or (0, 0)]]
    for titles in data["lessons"].values():
        _ = {*titles}
    for entry in data["milestones"].values():
        _ = entry["result"] + ""


def _write(data: Data, problem: str) -> None:
    """Write the record atomically, and the learner's layers; print problems with the file."""
    _session.update(data)  # `data` may be `_session` itself
    file = _file()
    new = file.with_name(f"{NAME}.{os.getpid()}")
    try:
        new.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
        os.replace(new, file)
        for name, text in _modules(data):
            place = file.with_name("own_layers") / f"{name}.py"
            if not place.exists() or place.read_text(encoding="utf-8") != text:
                place.parent.mkdir(exist_ok=True)
                place.write_text(text, encoding="utf-8")
    except (OSError, UnicodeError):
        with contextlib.suppress(OSError):
            new.unlink()
        problem = (
            problem or f"{NAME} cannot be written here: progress is kept for this session only."
        )
    if problem:
        print(wrapped(problem))


def _modules(data: Data) -> Iterator[tuple[str, str]]:
    """Yield the names and sources of the learner's own layers as modules."""
    for name, entry in data["exercises"].items():
        if entry["source"]:
            first = f'"""Your {name}, as it passed its check on {entry["date"]}."""\n\n'
            yield name, first + entry["source"]
