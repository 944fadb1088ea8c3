"""Compute the minutes that readers need for lessons and assignments, and print how they add up.

    python -m tools.lesson_times [NAME ...]

The minutes for a part of a lesson are the sum of

- its prose: 120 words a minute, which is half of an ordinary reading speed, because formulas and
  inline code do not count as words. Folded answers and discussions count;
- its predictions: 2.5 minutes for each question that `predict(...)` asks;
- its figures: 1 minute for each line that draws one, such as `draw.padded(photo)`;
- its visible code: 6 seconds a line. Folded cells and solutions, blank lines, comments, and the
  calls of `predict` and `check` do not count;
- its tasks: 7.5 minutes for each exercise, with or without a check, and for each cell outside the
  exercises that readers complete;
- the functions that students write in an assignment: 2 minutes for each line of their solutions,
  the loop implementations;
- the running time of its cells, measured as processor time, from course/running_times.json.

A part is rounded to 5 minutes. The parts of a lesson are the optional sections, whose headings
begin with "Further"; the section "Exercises"; and the main part, which is everything else,
including the recap and the reading list.

`make release` writes the minutes to the lessons and assignments, to course/README.md and, as hours
and ECTS credits, to docs/teach.md. `make lessons ARGS=--write-times` measures the running
times.
"""

import argparse
import ast
import inspect
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import jupytext
from nbformat import NotebookNode
from rich import box
from rich.console import Console
from rich.table import Table

from exercises import EXERCISES
from tools.course import ROOT, assignments, lessons, write_if_changed
from tools.lesson_words import prose
from tools.notebooks import SOLUTION
from tools.syllabus import Lesson, assignment_table, lesson_table

__all__ = ["MINUTES", "RUNNING_TIMES", "assignment_times", "graded_module", "hours", "lesson_times"]
__all__ += ["main", "minutes", "minutes_table", "record_running_time", "write_times"]

PARTS = ("main", "further", "exercises")
MINUTES = {  # for one of each
    "words": 1 / 120,
    "predictions": 2.5,
    "figures": 1,
    "lines": 6 / 60,
    "tasks": 7.5,
    "solutions": 2,  # lines of the functions that students write in an assignment
    "seconds": 1 / 60,  # of running time
}
RUNNING_TIMES = "course/running_times.json"
STEP = 10  # seconds: running times are stored as multiples

HEADING = re.compile(r"^## (\w+)", re.M)
EXERCISE = re.compile(r"^### Exercise\b", re.M)
FOLD = re.compile(r"<details>.*?</details>", re.S)
FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.S | re.M)
WORD = re.compile(r"\w[\w'-]*")
PREDICTION = re.compile(r"^predict\(", re.M)
PREDICT = re.compile(r"^\*\*Predict\b", re.M)  # the form of assignments, without a call
FIGURE = re.compile(
    r"^ *(?:display\()?(?:draw\.\w+|explore_\w+|draw_edges|spine|present|animate|plt\.show)\(",
    re.M,
)
LINE = re.compile(r"^(?! *(?:#|predict\(|check\()).*\S", re.M)

# Sentences with numbers that are written here
TIME = r"\*\*Time:\*\* about \d+ minutes"
BOTH_TIMES = TIME + r", and \d+ for the exercises"
FURTHER = r"takes? another \d+ minutes"
HOURS = (
    r"All \d+ lessons take about \d+ hours with their exercises, and the \d+ that lead to the "
    r"assignments take about \d+"
)
WORK = r"assignments add about \d+ hours"
MODULE = r"\d+, \d+ to \d+ a week"
CREDITS = r"module is worth \d+\.\d to \d+\.\d credits, and the semester \d+\.\d to \d+\.\d"
FORMAT = re.compile(
    r"^(?P<rest>\| [^|\n]+ \| (?P<first>\d\d) to (?P<last>\d\d) \| (?P<due>[^|\n]+) \| )\d+", re.M
)
SESSION = re.compile(
    r"^\| \d+(?P<rest> \| (?:Lesson (?P<lesson>\d\d) up to and including \*(?P<section>.+?)\*"
    r"|The assignment (?P<assignment>\w+)))",
    re.M,
)
WEEK = re.compile(
    r"^(?P<week>\| \d+ \| )(?P<lessons>\d\d(?:, \d\d)*)(?P<optional>.*? \| )\d+"
    r"(?P<due> \| .*\| )\d+(?= \|$)",
    re.M,
)


def lesson_times(name: str, root: Path = ROOT) -> dict[str, Counter[str]]:
    """Return what the minutes for each part of a lesson consist of, with the keys of `MINUTES`."""
    times = {part: Counter[str]() for part in PARTS}
    text = jupytext.read(root / "course" / f"{name}.py", fmt="py:percent")
    for part, cell in _by_part(text.cells):
        times[part] += _counts(cell, part)
    for part, seconds in _running_times(root).get(name, {}).items():
        times[part]["seconds"] = seconds
    return times


def assignment_times(name: str, root: Path = ROOT) -> Counter[str]:
    """Return what the minutes for an assignment consist of, with the keys of `MINUTES`.

    The setup and the other cells that all notebooks share do not count.
    """
    times, others = Counter[str](), assignments(root)
    for cell in jupytext.read(root / "source" / f"{name}.py", fmt="py:percent").cells:
        times += _counts(cell, "main")
        times["predictions"] += len(PREDICT.findall(cell.source))
        if cell.metadata.get("solution") in EXERCISES:
            times["solutions"] += _lines(EXERCISES[cell.metadata["solution"]].loops)
        if cell.metadata.get("include") in others:
            times += assignment_times(cell.metadata["include"], root)
    return times


def _lines(function: Callable[..., object]) -> int:
    """Count the lines of a function's body, without its docstring."""
    definition = ast.parse(inspect.getsource(function)).body[0]
    assert isinstance(definition, ast.FunctionDef)
    return sum(len(ast.unparse(part).splitlines()) for part in definition.body[1:])


def minutes(counts: Counter[str]) -> int:
    """Return the minutes for a part of a lesson: a multiple of 5, and 0 only for an empty part."""
    exact = sum(MINUTES[kind] * number for kind, number in counts.items())
    return 5 * max(round(exact / 5), exact > 0)


def hours(table: Iterable[Lesson], more: int = 0) -> int:
    """Return the hours that lessons take, including their exercises, and `more` minutes."""
    return round(sum((int(n) for one in table for n in re.findall(r"\d+", one.minutes)), more) / 60)


def graded_module(table: Sequence[Lesson]) -> list[Lesson]:
    """Return the lessons with an assignment, and those that they need."""
    needed: set[str] = set()
    for lesson in reversed(table):
        if lesson.then or lesson.number in needed:
            needed |= {lesson.number, *lesson.needs}
    return [lesson for lesson in table if lesson.number in needed]


def write_times(root: Path = ROOT) -> None:
    """Write the minutes to the notebooks, and the hours to course/README.md and docs/teach.md."""
    readme, teach = root / "course" / "README.md", root / "docs" / "teach.md"
    syllabus = readme.read_text(encoding="utf-8")
    table, formats = [], list[int]()
    schedules: list[list[int]] = []  # the hours of each week
    for lesson in lesson_table(root):
        path = root / "course" / f"{lesson.name}.py"
        if path.exists():
            main, further, exercises = map(minutes, lesson_times(lesson.name, root).values())
            text = path.read_text(encoding="utf-8")
            text = _with_numbers(_with_numbers(text, BOTH_TIMES, main, exercises), FURTHER, further)
            write_if_changed(path, text.encode())
            row = rf"\({lesson.name}\.ipynb\)[^|\n]* \| \d+ \+ \d+ \|"
            syllabus = _with_numbers(syllabus, row, main, exercises)
            lesson = lesson._replace(minutes=f"{main} + {exercises}")
        table.append(lesson)

    times = {name: minutes(assignment_times(name, root)) for name in assignments(root)}
    for name, time in times.items():
        path = root / "source" / f"{name}.py"
        text = path.read_text(encoding="utf-8")
        write_if_changed(path, _with_numbers(text, TIME, time).encode())
        row = rf"\]\(\.\./release/{name}/{name}\.ipynb\) \| \d+ \|"
        syllabus = _with_numbers(syllabus, row, time)

    def week(row: re.Match[str]) -> str:
        members = [one for one in table if one.number in row["lessons"]]
        due = re.findall(r"\w+", re.sub(r" or \w+", "", row["due"]))  # of alternatives, the first
        if row["week"] == "| 1 | ":
            schedules.append([])
        schedules[-1].append(hours(members, sum(times.get(name, 0) for name in due)))
        begin = row["week"] + row["lessons"] + row["optional"]
        return f"{begin}{hours(members)}{row['due']}{schedules[-1][-1]}"

    def session(row: re.Match[str]) -> str:
        time = times.get(row["assignment"], 0)
        for lesson in table:
            if lesson.number == row["lesson"] and (root / f"course/{lesson.name}.py").exists():
                time = minutes(_until(lesson.name, row["section"], root))
        return f"| {time}{row['rest']}" if time else row[0]

    def of_format(row: re.Match[str]) -> str:
        members = [one for one in table if row["first"] <= one.number <= row["last"]]
        due = listed if row["due"].startswith("all") else re.findall(r"\w+", row["due"])
        formats.append(hours(members, sum(times.get(name, 0) for name in due)))
        return f"{row['rest']}{formats[-1]}"

    syllabus = SESSION.sub(session, WEEK.sub(week, syllabus))
    graded, listed = graded_module(table), assignment_table(root)
    lengths = (len(table), hours(table), len(graded), hours(graded))
    write_if_changed(readme, _with_numbers(syllabus, HOURS, *lengths).encode())
    if teach.exists():
        text = FORMAT.sub(of_format, teach.read_text(encoding="utf-8"))
        text = _with_numbers(text, HOURS, *lengths)
        module, *_ = schedules
        text = _with_numbers(text, MODULE, sum(module), min(module), max(module))
        work = sum(module), formats[-1]  # the last format is the semester
        text = _with_numbers(text, CREDITS, *(round(h / c, 1) for h in work for c in (30, 25)))
        text = _with_numbers(text, WORK, hours((), sum(times.get(name, 0) for name in listed)))
        write_if_changed(teach, text.encode())


def _with_numbers(text: str, sentence: str, *numbers: float) -> str:
    """Replace the numbers in the first match of a pattern; a space matches a line break, too."""
    left = iter(numbers)
    return re.sub(
        sentence.replace(" ", r"\s+(?:#\s+)?"),
        lambda match: re.sub(r"\b\d+(?:\.\d)?\b", lambda _: str(next(left)), match[0]),
        text,
        count=1,
    )


# The parts of a lesson


def _by_part(cells: Iterable[NotebookNode]) -> Iterator[tuple[str, NotebookNode]]:
    """Yield the cells of a lesson, each with its part."""
    part = "main"
    for cell in cells:
        if cell.cell_type == "markdown" and (heading := HEADING.search(cell.source)):
            part = heading[1].lower() if heading[1].lower() in PARTS else "main"
        yield part, cell


def _until(name: str, section: str, root: Path) -> Counter[str]:
    """Count what takes time in a lesson up to the end of a section, and in running the main part.

    Raises ValueError if the lesson has no such section.
    """
    text = (root / "course" / f"{name}.py").read_text(encoding="utf-8")
    before, heading, after = text.partition(f"\n# ## {section}\n")
    if not heading:
        raise ValueError(f"course/README.md: {name} has no section {section!r}.")
    read = jupytext.reads(before + heading + after.partition("\n# ## ")[0], fmt="py:percent")
    times = Counter[str](seconds=_running_times(root).get(name, {}).get("main", 0))
    return sum((_counts(cell, "main") for cell in read.cells), times)


def _counts(cell: NotebookNode, part: str) -> Counter[str]:
    """Count what takes time in a cell, except its running time."""
    source = cell.source
    if cell.cell_type == "markdown":
        code = "".join(FENCE.findall(FOLD.sub("", source)))
        return Counter(
            words=len(WORD.findall(prose(source))),
            lines=len(LINE.findall(code)),
            tasks=len(EXERCISE.findall(source)),
        )
    folded = cell.metadata.get("jupyter", {}).get("source_hidden")
    return Counter(
        predictions=len(PREDICTION.findall(source)),
        figures=len(FIGURE.findall(source)),
        lines=0 if folded else len(LINE.findall(SOLUTION.sub("", source))),
        tasks=int(part != "exercises" and bool(SOLUTION.search(source))),
    )


# Running times


def record_running_time(name: str, cells: Iterable[NotebookNode], root: Path = ROOT) -> None:
    """Store the running time of each part of a lesson.

    A stored time stays if the new one differs by less than `STEP` seconds.

    Parameters
    ----------
    cells
        Cells of the lesson, with their processor time in seconds in the metadata.
    """
    measured = dict.fromkeys(PARTS, 0.0)
    for part, cell in _by_part(cells):
        measured[part] += cell.metadata.get("seconds", 0)
    times = _running_times(root)
    stored = times.get(name, {})
    times[name] = {
        part: stored[part]
        if part in stored and abs(stored[part] - seconds) < STEP
        else STEP * round(seconds / STEP)
        for part, seconds in measured.items()
    }
    lines = (f"{json.dumps(name)}: {json.dumps(times[name])}" for name in sorted(times))
    write_if_changed(root / RUNNING_TIMES, ("{\n" + ",\n".join(lines) + "\n}\n").encode())


def _running_times(root: Path) -> dict[str, dict[str, int]]:
    """Return the stored seconds for each lesson and part."""
    path = root / RUNNING_TIMES
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


# The command


def minutes_table(names: Iterable[str], root: Path = ROOT) -> str:
    """Return a Markdown table: what takes time in the main part, and the minutes of all parts."""
    rows, of_course = [], lessons(root)
    for name in names:
        is_lesson = name in of_course
        times = lesson_times(name, root) if is_lesson else {"main": assignment_times(name, root)}
        row = Counter(times["main"])
        row.update({part: minutes(counts) for part, counts in times.items()})
        rows.append((name, row))
    total = sum((row for _, row in rows), Counter[str]())
    columns = [column for column in [*MINUTES, *PARTS] if total[column]]
    table = Table("notebook", box=box.MARKDOWN)
    for heading in columns:
        table.add_column(heading, justify="right")
    for name, row in [*rows, ("total", total)]:
        table.add_row(name, *(f"{row[column]:,}" for column in columns))
    console = Console(width=160)
    with console.capture() as capture:
        console.print(table)
    return capture.get().strip()


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.lesson_times",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="a lesson or an assignment [all lessons]"
    )
    names = parser.parse_args(arguments).names
    known = [*lessons(root), *assignments(root)]
    unknown = [name for name in names if name not in known]
    if unknown:
        parser.error(f"unknown notebook {unknown[0]!r}; choose from {', '.join(known)}")
    print(minutes_table(names or lessons(root), root))
    return 0


if __name__ == "__main__":
    sys.exit(main())
