"""`nbjudge grade`: grade notebooks without a gradebook."""

import argparse
import contextlib
import logging
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from nbjudge import plugins
from nbjudge.cli.autograde import as_seed
from nbjudge.cli.console import (
    Commands,
    Terminal,
    as_number,
    count_of,
    exit_statuses,
    load,
    plain_table,
    report,
)
from nbjudge.engine.engine import Engine
from nbjudge.errors import PluginError
from nbjudge.plugins.standalone import json_door
from nbjudge.plugins.standalone.door import GROUP, load_doors
from nbjudge.sandbox import probe
from nbjudge.sandbox.launch import loading
from nbjudge.sandbox.levels import CHOICES
from nbjudge.wording import as_sentence, brief, in_notebook

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

    from nbjudge.course.assignment import Assignment
    from nbjudge.plugins.standalone.judging import JudgedWork
    from nbjudge.plugins.standalone.work import Work
    from nbjudge.settings import NbJudge


def add_parser(commands: Commands) -> None:
    """Add the subcommand to the parser."""
    parser = commands.add_parser(
        "grade",
        help="grade notebooks without a gradebook",
        description="Grade notebooks anywhere on this machine, and print the results. The "
        "gradebook, submitted/ and autograded/ are neither read for students nor written.",
        epilog=exit_statuses("all notebooks are graded", "a notebook is not graded"),
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "work",
        nargs="+",
        metavar="NOTEBOOK",
        help="notebook to grade, - for standard input, or a folder with a submission's notebooks "
        "and other files",
    )
    parser.add_argument(
        "--assignment",
        metavar="ASSIGNMENT",
        help="an assignment of the course, its folder source/NAME in another course, or a pack "
        "[the assignment with these cells, which a file's name must not contradict]",
    )
    doors = load_doors()
    parser.add_argument(
        "--for",
        dest="door",
        choices=doors,
        help=f"print the results in the form of a platform: {', '.join(doors)}",
    )
    parser.add_argument(
        "--json",
        action="store_const",
        const="json",
        dest="door",
        help="print the results as JSON to stdout: --for json",
    )
    parser.add_argument(
        "--html", type=Path, metavar="FOLDER", help="write the feedback pages to this folder"
    )
    parser.add_argument(
        "--seed",
        type=as_seed,
        help="seed of a grading to reproduce: `seed` in the JSON, or metadata.nbjudge.seed of a "
        "graded notebook",
    )
    parser.add_argument("--isolation", choices=CHOICES, help="override the configured level")
    parser.add_argument(
        "--workers", type=as_number, help="notebooks judged in parallel [all processors]"
    )


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    start = time.monotonic()
    door = load_doors()[options.door] if options.door else None
    if getattr(door, "ONE_WORK", False) and len(options.work) > 1:
        raise ValueError(
            f"--for {options.door} prints the results of one notebook or folder, not of "
            f"{len(options.work)}: grade each with a command of its own, or use --json."
        )
    with Engine() as engine:
        engine.warm_up()
        probe.probe_isolation()
        with loading():
            from nbjudge.plugins.standalone.work import find_work
        works = find_work(options.work)
        pages = options.html and Path(os.path.abspath(options.html))
        with _open_course(options.assignment) as course:
            return _grade(options, engine, start, works, course, pages)


class _Course:
    """The assignments that work may belong to.

    Parameters
    ----------
    only
        Name of the only assignment to use, or None.
    """

    def __init__(self, coursedir: "CourseDirectory", settings: "NbJudge", only: str | None = None):
        from nbjudge.plugins.shared.released_notebooks import released_notebooks
        from nbjudge.plugins.standalone.work import check_assignment

        self.coursedir, self.settings, self.only = coursedir, settings, only
        self.notebooks = released_notebooks(coursedir.db_url)
        if only is not None:
            check_assignment(only, coursedir, self.notebooks)
        self.opened: dict[str, Assignment] = {}

    def find(self, work: "Work") -> "tuple[Assignment, str]":
        """Return the assignment of a submission, and a remark if its name is not that of one.

        Raises
        ------
        NotGradedError
            If no assignment or several assignments fit.
        """
        from nbjudge.course.assignment import Assignment
        from nbjudge.plugins.standalone.work import assignment_of

        name, remark = (self.only, "") if self.only else assignment_of(work, self.notebooks)
        if name not in self.opened:
            self.opened[name] = Assignment(name, self.coursedir, self.settings, for_reading=True)
        return self.opened[name], remark

    def close(self) -> None:
        """Close the gradebook."""
        for assignment in self.opened.values():
            assignment.close()


@contextlib.contextmanager
def _open_course(name: str | None) -> Iterator[_Course]:
    """Open the course in the current folder, the course of an assignment's folder, or a pack.

    Parameters
    ----------
    name
        Name, folder or pack of the assignment, or None.
    """
    from nbjudge.plugins.standalone.pack_file import SUFFIX, unpacked

    path = Path(name) if name else None
    if path and path.suffix == SUFFIX and not path.is_file():
        raise LookupError(f"There is no file {path}.")
    if path and path.is_file():
        with unpacked(path) as packed:
            course = _Course(packed.coursedir, packed.settings, packed.assignment)
            course.opened[packed.assignment] = packed.open()
            with contextlib.closing(course):
                yield course
        return
    only = name and name.rstrip("/")
    if only and os.sep in only:
        from nbjudge.plugins.standalone.work import find_course

        root, only = find_course(Path(only))
        os.chdir(root)
    with contextlib.closing(_Course(*load(), only)) as course:
        yield course


def _grade(
    options: argparse.Namespace,
    engine: Engine,
    start: float,
    works: Sequence["Work"],
    course: _Course,
    folder: Path | None,
) -> int:
    from nbjudge.course.presenter import Presenter
    from nbjudge.course.submission import NotGradedError
    from nbjudge.plugins.standalone.judging import JudgedWork, judge_all
    from nbjudge.plugins.standalone.results import as_document

    presenter = Presenter(Terminal())
    done: dict[Work, JudgedWork] = {}
    recognized: dict[Work, str] = {}
    pieces = []
    for work in works:
        try:
            assignment, recognized[work] = course.find(work)
            pieces.append((work, assignment))
        except NotGradedError as error:
            done[work] = JudgedWork(work, None, str(error))
    level = explanation = ""
    if pieces:
        level, explanation = course.settings.level(course.coursedir, options.isolation)
        presenter.say(explanation)
    workers = course.settings.count_workers(options.workers)
    all_judged = judge_all(
        engine, pieces, workers, options.isolation, options.seed, folder is not None
    )
    for judged in presenter.sink.track(all_judged, {"grade": len(pieces)}, lambda _: "grade"):
        done[judged.work] = _with_remark(judged, recognized[judged.work])
    results = [done[work] for work in works]
    seconds = time.monotonic() - start
    pages, problems = _write_pages(results, folder) if folder else ({}, [])
    document = as_document(results, level, explanation, seconds, pages)
    if options.door:
        print(_report(options.door, document).removesuffix("\n"))
    for result in document["results"]:
        if result["status"] == "failed":
            presenter.say_not_graded(result["path"], as_sentence(result["why"]))
        elif not options.door:
            _print(result)
    for problem in problems:
        presenter.say(problem, logging.ERROR)
    counts = Counter(assignment.name for _, assignment in pieces)
    if len(counts) > 1:  # perhaps one of them is an easier one than the instructor expects
        each = ", ".join(f"{name} ({counts[name]})" for name in sorted(counts))
        presenter.say(f"The notebooks belong to several assignments: {each}.", logging.WARNING)
    presenter.say(f"{count_of(len(works), 'notebook')} in {seconds:.1f} s.")
    return presenter.status


def _report(door: str, document: Mapping[str, Any]) -> str:
    """Return the results in the form of a door.

    Raises
    ------
    PluginError
        If the door fails; the results are then in a file that the message names.
    """
    try:
        with plugins.naming(GROUP, door):
            text = load_doors()[door].report(document)
            if not isinstance(text, str):
                raise TypeError(f"report must return a text, not {text!r:.60}")
            return text
    except PluginError as error:
        with tempfile.NamedTemporaryFile(
            "w", prefix="nbjudge-results-", suffix=".json", delete=False
        ) as file:
            file.write(json_door.report(document))
        kept = f"The results, as `nbjudge grade --json` prints them, are in {file.name}."
        raise PluginError(f"{as_sentence(error)} {kept}") from error


def _with_remark(judged: "JudgedWork", remark: str) -> "JudgedWork":
    """Return the result with an additional remark, unless it is empty."""
    if not remark:
        return judged
    remarks = [*judged.judgment.remarks, remark]
    return replace(judged, judgment=replace(judged.judgment, remarks=remarks))


def _print(result: Mapping[str, Any]) -> None:
    """Print the points of a graded notebook, what is wrong, and the remarks."""
    from nbjudge.course.outcome import printable

    score = f"{result['score']:g} of {result['max_score']:g} points"
    if result["manual"]:
        score += f", {count_of(result['manual'], 'question')} to grade by hand"
    title = printable(f"{result['path']} ({result['assignment']}): {score}")
    report.print(title, markup=False, style="bold")
    table = plain_table("question", "points", "of")
    table.columns[0].no_wrap = True
    table.add_column("diagnosis")
    for notebook in result["notebooks"]:
        for question in notebook["questions"]:
            points = "by hand" if question["manual"] else f"{question['score']:g}"
            name = in_notebook(question["name"], notebook["name"], result["notebooks"])
            row = Text(name), points, f"{question['max_score']:g}"
            table.add_row(*row, Text(printable(brief(_diagnosis(question)))))
    report.print(table)
    for kind, sentences in (
        ("Repaired", result["repairs"]),
        ("Note", [*result["remarks"], *result["suspicions"]]),
        ("Limit", [limit["message"] for limit in result["limits"]]),
        ("The assignment itself", result["errors"]),
    ):
        for sentence in sentences:
            text = printable(f"{kind}: {as_sentence(sentence)}")
            report.print(text, markup=False, style="yellow")
    if result["seed"] is not None:
        report.print(f"Seed: {result['seed']}", markup=False)


def _diagnosis(question: Mapping[str, Any]) -> str:
    """Return what is wrong with an answer, on one line; "" if nothing is."""
    if question["score"] == question["max_score"]:
        return ""
    if question["unanswered"]:
        return "not answered"
    diagnosis: str = question["diagnosis"]
    return diagnosis


def _write_pages(
    results: Sequence["JudgedWork"], folder: Path
) -> tuple[dict[tuple["Work", str], Path], list[str]]:
    """Write the feedback pages; return their paths, and messages about those not written.

    The page of a notebook is named after the file, and the pages of a submission's folder are in a
    folder of that name. A number is appended to names that occur more than once.
    """
    from nbjudge.files import inside, put_file
    from nbjudge.plugins.shared.free_names import FreeNames

    written: dict[tuple[Work, str], Path] = {}
    problems, free = list[str](), FreeNames()
    for judged in results:
        if not judged.answers:
            continue
        work = judged.work
        place = free.take(work.name if work.is_folder else f"{work.name}.html")
        for name, page in judged.pages.items():
            try:
                if page is None:
                    raise ValueError("the notebook cannot be shown")
                path = inside(folder, f"{place}/{name}.html" if work.is_folder else place)
                path.parent.mkdir(parents=True, exist_ok=True)
                put_file(path, page.encode())
                written[work, name] = path
            except (OSError, ValueError) as error:
                why = getattr(error, "strerror", None) or error
                problems.append(f"The feedback page of {work.path} cannot be written: {why}.")
    return written, problems
