"""The command line: `nbjudge autograde`, `feedback`, `check`, `doctor`."""

import argparse
import difflib
import gc
import json
import os
import time

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from nbjudge import REMEDY, IsolationError, __version__, _doctor, _engine, _probe
from nbjudge._sandbox import LEVELS
from nbjudge._start import loading

__all__ = ["main"]

NOT_CONFIGURED = (
    "nbgrader_config.py does not call nbjudge.configure(c): `nbgrader autograde` and the "
    "formgrader still run student code themselves, with your rights."
)
CHOICES = ("auto", *LEVELS)
OK, NOT_GRADED, USAGE, INTERRUPTED = 0, 1, 2, 130

console = Console(stderr=True, highlight=False, soft_wrap=True)
report = Console(highlight=False, soft_wrap=True)  # what a command was asked for


def _parser():
    parser = argparse.ArgumentParser(
        prog="nbjudge",
        description="Judge the submissions of an nbgrader course: student code runs in a sandbox, "
        "tests run outside it, many submissions at a time.",
        epilog="Run it in the folder of the course, where nbgrader_config.py is.",
    )
    parser.add_argument("--version", action="version", version=f"nbjudge {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    auto = commands.add_parser(
        "autograde",
        help="grade what students handed in for assignments",
        description="Grade what lies in submitted/, write autograded/ and the gradebook. What has "
        "not changed since it was graded is left alone; an interrupted run is resumed by running "
        "it again.",
        epilog="Exit status: 0 everything is graded, 1 something is not, 2 wrong usage, "
        "130 interrupted.",
    )
    auto.add_argument(
        "assignment", nargs="+", type=_name, help="its name, the folder below source/"
    )
    auto.add_argument("--student", action="append", default=[], help="only this student (repeat)")
    auto.add_argument("--workers", type=_positive, help="submissions at a time [all processors]")
    auto.add_argument("--isolation", choices=CHOICES, help="another level than the configured one")
    auto.add_argument("--feedback", action="store_true", help="write the feedback pages as well")
    auto.add_argument("--force", action="store_true", help="also what has not changed")
    auto.add_argument(
        "--seed", type=_seed, help="repeat a grading: metadata.nbjudge.seed of the graded notebook"
    )
    auto.add_argument("--json", action="store_true", help="print the outcome as JSON to stdout")
    pages = commands.add_parser(
        "feedback",
        help="write the feedback pages of what is graded",
        description="Write the pages of feedback/ whose points, comments or graded notebooks have "
        "changed, as `nbgrader generate_feedback` does. `nbgrader release_feedback` releases them.",
        epilog="Exit status: 0 every page is as it must be, 1 one could not be written, "
        "2 wrong usage, 130 interrupted.",
    )
    pages.add_argument(
        "assignment", nargs="+", type=_name, help="its name, the folder below source/"
    )
    pages.add_argument("--student", action="append", default=[], help="only this student (repeat)")
    pages.add_argument("--workers", type=_positive, help="pages at a time [all processors]")
    pages.add_argument("--force", action="store_true", help="also what has not changed")
    look = commands.add_parser(
        "check",
        help="see whether nbjudge can judge an assignment",
        description="Judge the instructor's own solution, which must earn all points, and what "
        "students get, which must earn none. Nothing is written.",
        epilog="Exit status: 0 both are as they must be, 1 not.",
    )
    look.add_argument(
        "assignment", nargs="+", type=_name, help="its name, the folder below source/"
    )
    look.add_argument("--isolation", choices=CHOICES, help="another level than the configured one")
    commands.add_parser(
        "doctor",
        help="say which levels of isolation this machine offers",
        description="Try every level of isolation, and say why one cannot be had.",
        epilog="Exit status: 0 the configured level works, 1 it does not.",
    )
    return parser


def _name(text):
    return text.rstrip("/")  # which a shell adds


def _positive(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a number from 1 on, not {text!r}")
    return int(text)


def _seed(text):
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"a number from 0 to 4294967295, not {text!r}")
    return int(text)


def main(arguments=None) -> int:
    """Run a command; returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        return COMMANDS[options.command](options)
    except IsolationError as error:
        console.print(str(error).strip().splitlines()[-1], markup=False, style="red")
        console.print(REMEDY, markup=False)
        return NOT_GRADED
    except (LookupError, ValueError) as error:
        console.print(str(error), markup=False, style="red")
        return USAGE
    except KeyboardInterrupt:
        console.print("Stopped. What was graded is kept; the same command goes on from here.")
        return INTERRUPTED
    finally:
        _engine.stop_engines()
        gc.freeze()  # what is alive need not be searched once more when the process ends


def _load():
    """Load nbgrader while the workers are getting warm, and read the course's settings."""
    with loading():
        from nbjudge import _quick, grading  # noqa: F401 - in this order
    return grading, *grading.load_course()


def _autograde(options):
    start = time.monotonic()
    _engine.warm_up()
    _probe.start()
    grading, coursedir, settings = _load()
    _, sentence = settings.level(coursedir, options.isolation)
    console.print(sentence, markup=False)
    workers = options.workers or settings.workers or os.cpu_count() or 1
    assignments = [grading.Assignment(name, coursedir, settings) for name in options.assignment]
    work = {one: _students(one, one.students(), options.student) for one in assignments}
    outcomes = {one.name: [] for one in assignments}
    with _progress() as progress:
        tasks = {one: progress.add_task(one.name, total=len(who)) for one, who in work.items()}
        for assignment, outcome in grading.grade(
            work,
            workers,
            options.feedback,
            isolation=options.isolation,
            again=options.force or options.seed is not None,
            seed=options.seed,
        ):
            outcomes[assignment.name].append(outcome)
            whose = grading.printable(f"{assignment.name} of {outcome.student}")
            if outcome.status == "failed":
                text = f"{whose} was not graded: {outcome.why}"
                progress.console.print(text, markup=False, style="red")
            if outcome.feedback:
                progress.console.print(f"{whose}: {outcome.feedback}", markup=False, style="red")
            progress.advance(tasks[assignment])
    for done in outcomes.values():
        done.sort(key=lambda outcome: outcome.student)
    seconds = time.monotonic() - start
    if options.json:
        print(json.dumps(_as_json(outcomes, seconds), indent=1))
    _summary(outcomes, seconds, workers)
    for assignment in assignments:
        for doubt in grading.doubts(assignment, outcomes[assignment.name]):
            console.print(f"{assignment.name}: {doubt}", markup=False, style="yellow")
    if not _configured(settings):
        console.print(NOT_CONFIGURED, style="yellow")
    failed = (o.status == "failed" or o.feedback for done in outcomes.values() for o in done)
    return NOT_GRADED if any(failed) else OK


def _feedback(options):
    start = time.monotonic()
    _engine.warm_up()
    grading, coursedir, settings = _load()
    workers = options.workers or settings.workers or os.cpu_count() or 1
    assignments = [grading.Assignment(name, coursedir, settings) for name in options.assignment]
    work = {one: _students(one, one.graded_students(), options.student) for one in assignments}
    problems = {}
    with _progress() as progress:
        tasks = {one: progress.add_task(one.name, total=len(who)) for one, who in work.items()}
        for assignment, student, problem in grading.write_feedback(work, workers, options.force):
            if problem:
                problems[assignment, student] = problem
                text = f"{grading.printable(f'{assignment.name} of {student}')}: {problem}"
                progress.console.print(text, markup=False, style="red")
            progress.advance(tasks[assignment])
    total = sum(map(len, work.values())) - len(problems)
    seconds = time.monotonic() - start
    console.print(f"The feedback of {_count(total, 'submission')} is up to date; {seconds:.1f} s.")
    return NOT_GRADED if problems else OK


def _students(assignment, found, wanted):
    from nbjudge.grading import printable

    missing = sorted(set(wanted) - set(found))
    if missing:
        near = [n for name in missing for n in difflib.get_close_matches(name, found, 1)]
        hint = f"; did you mean {', '.join(map(printable, near))}?" if near else ""
        raise LookupError(f"There is no work of {', '.join(missing)} for {assignment.name}{hint}")
    return [student for student in found if not wanted or student in wanted]


def _progress():
    return Progress(
        TextColumn("{task.description:<30}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def _as_json(outcomes, seconds):
    return {
        "seconds": round(seconds, 3),
        "assignments": {name: [vars(o) for o in done] for name, done in outcomes.items()},
    }


def _summary(outcomes, seconds, workers):
    from nbjudge.grading import printable

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in (
        "assignment",
        "graded",
        "unchanged",
        "failed",
        "mean",
        "of",
        "by hand",
        "mended",
    ):
        table.add_column(heading, justify="left" if heading == "assignment" else "right")
    for name, done in outcomes.items():
        count = {s: sum(o.status == s for o in done) for s in ("graded", "unchanged", "failed")}
        graded = [o for o in done if o.status == "graded"]
        mean = f"{sum(o.score for o in graded) / len(graded):.1f}" if graded else ""
        points = f"{graded[0].points:g}" if graded else ""
        by_hand, mended = sum(bool(o.manual) for o in done), sum(bool(o.mended) for o in done)
        numbers = [*count.values(), mean, points, by_hand, mended]
        table.add_row(name, *map(str, numbers))
    console.print(table)
    for name, done in outcomes.items():
        for error in sorted({e for o in done for e in o.errors}):
            console.print(f"{name}: the assignment itself: {error}", markup=False, style="yellow")
        for outcome in done:
            for text in outcome.mended:
                whose = printable(f"{name} of {outcome.student}")
                console.print(f"{whose}: {text}", markup=False)
    total = sum(map(len, outcomes.values()))
    console.print(
        f"{_count(total, 'submission')} in {seconds:.1f} s with {_count(workers, 'worker')}."
    )


def _count(number, noun):
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _check(options):
    from nbjudge._check import check

    _engine.warm_up()
    grading, coursedir, settings = _load()
    good = True
    for name in options.assignment:
        assignment = grading.Assignment(name, coursedir, settings)
        for line, fine in check(assignment, options.isolation):
            report.print(line, markup=False, style=None if fine else "red")
            good &= fine
    return OK if good else NOT_GRADED


def _configured(settings):
    """Whether nbgrader's own commands grade with nbjudge as well."""
    return "nbjudge" in str(settings.config.get("Autograde", {}).get("exporter_class", ""))


def _doctor_(options):
    _probe.start()
    _, coursedir, settings = _load()
    for line in _doctor.machine():
        report.print(line, markup=False)
    for level, reason in settings.missing(coursedir).items():
        text = f"cannot be had: {reason}" if reason else "works"
        report.print(f"{level:<8} {text}", markup=False, style="red" if reason else None)
        for line in _doctor.MEANING[level]:
            report.print(f"         {line}", markup=False)
    report.print(f"Configured: c.NbJudge.isolation = {settings.isolation!r}")
    if not _configured(settings):
        report.print(NOT_CONFIGURED, style="yellow")
    level, _ = settings.level(coursedir)
    problem = _doctor.attempt(settings.orders(coursedir))
    report.print(
        f"A notebook cannot be judged at the level {level}: {problem}"
        if problem
        else f"A notebook was judged at the level {level}.",
        markup=False,
        style="red" if problem else None,
    )
    return NOT_GRADED if problem else OK


COMMANDS = {"autograde": _autograde, "feedback": _feedback, "check": _check, "doctor": _doctor_}
