"""`nbjudge export`: write grades, questions, mistakes, totals and code for people and programs."""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nbjudge import plugins
from nbjudge.cli.console import OK, Commands, console, count_of, exit_statuses, print_remarks
from nbjudge.errors import PluginError
from nbjudge.plugins.lms.platforms import ARCHIVES, GROUP, PLATFORMS, POINTS

if TYPE_CHECKING:
    from nbjudge.plugins.lms.platform import GradesFile
    from nbjudge.plugins.standings.standings import Standing, Standings

TABLES = {
    "grades": "a row for each assignment and student, as nbgrader export writes it",
    "questions": "a row for each question and student",
    "mistakes": "a row for each mistake, with the students who lost points because of it",
    "totals": "a row for each student, with the points of all assignments",
}


def add_parser(commands: Commands) -> None:
    """Add the subcommand to the parser."""
    export = commands.add_parser(
        "export",
        help="write grades for a spreadsheet, a script or a learning platform",
        description="Write the grades in the gradebook. Work that is not assigned, not submitted, "
        "not graded yet, not gradable or waiting for a person has a state and no points; it is "
        "never written as 0.",
        epilog=exit_statuses("the file is written"),
    )
    export.set_defaults(run=run)
    kinds = export.add_subparsers(dest="kind", required=True, metavar="WHAT")
    for name, content in TABLES.items():
        table = kinds.add_parser(name, help=content, description=f"Write {content}.")
        table.add_argument("assignment", nargs="*", help="only these assignments [all]")
        table.add_argument(
            "--student", action="append", default=[], help="only this student (repeatable)"
        )
        ending = "file to write; its ending, .csv or .json, determines the format"
        table.add_argument("--output", type=Path, default=Path(f"{name}.csv"), help=ending)
        table.set_defaults(export=_write_table)
    code = kinds.add_parser(
        "code",
        help="the students' code in folders for JPlag and MOSS",
        description="Write the code of graded work into a new folder: for each assignment, "
        "submissions/STUDENT/ASSIGNMENT.py, without locked cells, and the released "
        "answer cells in base/ASSIGNMENT.py.",
    )
    code.add_argument("assignment", nargs="*", help="only these assignments [all]")
    code.add_argument("--output", type=Path, default=Path("code"), help="folder to write [code]")
    code.add_argument(
        "--pseudonyms",
        action="store_true",
        help="replace the students' ids; pseudonyms.csv in the folder lists both",
    )
    code.set_defaults(export=_write_code)
    pages = kinds.add_parser(
        "feedback",
        help="a zip of feedback pages for a learning platform",
        description="Write the feedback pages of an assignment to a zip file, with file names by "
        "which the learning platform recognizes the students.",
    )
    pages.add_argument("archive", type=Path, help="the platform's archive of submissions")
    pages.add_argument("assignment", help="name of the folder below source/")
    pages.add_argument("--output", type=Path, help="[feedback-ASSIGNMENT.zip]")
    pages.add_argument(
        "--platform", choices=ARCHIVES, help="[the one that can read all file names]"
    )
    pages.set_defaults(export=_write_feedback)
    for platform in PLATFORMS.values():
        if platform.grades:
            with plugins.naming(GROUP, POINTS[platform.name]):
                _add_platform(kinds, platform.name, platform.grades)


def _add_platform(kinds: Commands, name: str, grades: "GradesFile") -> None:
    purpose, nargs = grades.purpose, "?" if grades.new else None
    command = POINTS[name]
    if command in kinds.choices:
        (point,) = plugins.find(GROUP)[command]
        raise PluginError(plugins.in_use(point, "`nbjudge export`"))
    if len(command.split()) != 1:
        raise ValueError(
            f"expected an entry point without spaces for {name}, got {command!r}: rename it in "
            "pyproject.toml"
        )
    platform = kinds.add_parser(command, help=f"grades for {name}", description=purpose)
    platform.add_argument("file", type=Path, help=grades.file, nargs=nargs)
    platform.add_argument(
        "--assignment", action="append", default=[], help="only this assignment (repeatable)"
    )
    platform.add_argument(
        "--column",
        action="append",
        default=[],
        type=_pair,
        metavar="ASSIGNMENT=TITLE",
        help="title of an assignment's column, if the names differ (repeatable)",
    )
    platform.add_argument(
        "--scale", action="store_true", help="scale points to the platform's maximum"
    )
    platform.add_argument(
        "--zero",
        action="append",
        default=[],
        choices=("not-submitted", "may-have-submitted", "not-gradable"),
        help="write 0 for work in this state (repeatable)",
    )
    platform.set_defaults(notes=False)
    if grades.notes:
        platform.add_argument(
            "--notes",
            action="store_true",
            help=f"write the state of work without points to {grades.notes}",
        )
    default = Path(f"{command}-import.csv")
    platform.add_argument("--output", type=Path, default=default, help=f"[{default}]")
    platform.set_defaults(export=_write_platform, grades=grades, platform=name)


def _pair(text: str) -> tuple[str, str]:
    name, equals, title = text.partition("=")
    if not (name and equals and title):
        raise argparse.ArgumentTypeError(f"expected ASSIGNMENT=TITLE, not {text!r}")
    return name.strip(), title.strip()


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status.

    Raises
    ------
    LookupError, ValueError
        If nothing is written; the message says why.
    """
    try:
        options.export(options)
    except OSError as error:
        raise ValueError(f"{error.filename} cannot be opened: {error.strerror}.") from None
    return OK


def _write_table(options: argparse.Namespace) -> None:
    from nbjudge.plugins.lms.tables import write_table

    standings = _standings(options.assignment, options.student)
    wrote = _wrote(options.output)
    rows = write_table(options.kind, standings, options.output)
    console.print(f"{wrote}: {rows} rows.", markup=False)
    print_states(standings.all)
    print_remarks(standings.remarks)


def _write_platform(options: argparse.Namespace) -> None:
    from nbjudge.course.assignment import sources
    from nbjudge.course.outcome import listed, printable
    from nbjudge.files import put_file
    from nbjudge.plugins.dates.dates_file import read_dates
    from nbjudge.plugins.lms.filling import Choices, check_filled, check_layout, fill_file
    from nbjudge.plugins.shared.csv_files import read_csv
    from nbjudge.plugins.standings.standings import State

    zero = frozenset(State(name.replace("-", " ")) for name in options.zero)
    standings = _standings(options.assignment, [])
    coursedir = standings.coursedir
    known = {one.name for one in standings.assignments} | set(sources(coursedir))
    dates = read_dates(coursedir, known) if zero else None
    choices = Choices(dict(options.column), options.scale, zero, options.notes, dates or {})
    with plugins.naming(GROUP, POINTS[options.platform], (ValueError, OSError)):
        if options.file is None:
            filled = options.grades.new(standings, choices)
        else:
            file = read_csv(options.file)
            layout = options.grades.read_layout(file, standings, choices)
            check_layout(layout)
            filled = fill_file(file, layout, standings, choices)
    for sentence in filled.said:
        console.print(printable(sentence), markup=False, style="yellow")
    if State.NOT_SUBMITTED in zero and State.UNSURE not in zero:
        _print_unsure(filled.kept)
    check_filled(filled, choices)
    wrote = _wrote(options.output)
    put_file(options.output, filled.file.content())
    written, kept = len(filled.written), len(filled.kept)
    console.print(
        f"{wrote}: {count_of(written, 'grade')}; {count_of(kept, 'cell')} without.",
        markup=False,
    )
    print_states(filled.kept)
    for state in State:
        zeros = [one for one in filled.written if one.state is state and choices.is_zero(one)]
        if zeros:
            names = listed(f"{one.assignment.name} of {one.student.id}" for one in zeros)
            console.print(f'0 points for work in the state "{state}": {names}.', markup=False)
    not_due = sum(choices.can_wait(standing) for standing in filled.kept) if zero else 0
    if not_due:
        console.print(f"Not submitted but not due yet, so without a 0: {not_due}.", markup=False)
    print_remarks(standings.remarks)


def _print_unsure(standings: "Sequence[Standing]") -> None:
    """Print the students who get no 0 because they may have submitted work, and the remedy."""
    from nbjudge.course.outcome import listed, printable
    from nbjudge.plugins.standings.standings import State

    students: dict[str, list[str]] = {}
    for standing in standings:
        if standing.state is State.UNSURE:
            why = f"{standing.assignment.name}: {standing.why}"
            students.setdefault(why, []).append(standing.student.id)
    for why, names in students.items():
        text = f"No 0 for {listed(names)}, who may have submitted {printable(why)}."
        console.print(text, markup=False, style="yellow")
    if students:
        console.print(
            "Find the author of this work: fill in the assignment's own file (in Moodle, the "
            "grading worksheet), or rename the folder to the student's id and grade again. "
            "--zero may-have-submitted writes a 0 nevertheless.",
            markup=False,
        )


def _write_feedback(options: argparse.Namespace) -> None:
    from nbjudge.course.outcome import printable
    from nbjudge.files import put_file
    from nbjudge.plugins.lms.feedback_zip import pack_feedback

    standings = _standings([options.assignment], [])
    output = options.output or Path(f"feedback-{options.assignment}.zip")
    packed = pack_feedback(options.archive, standings, options.platform or "")
    wrote = _wrote(output)
    put_file(output, packed.content)
    for sentence in packed.said:
        console.print(printable(sentence), markup=False, style="yellow")
    students = count_of(len(packed.included), "student")
    console.print(f"{wrote}: feedback of {students}.", markup=False)
    print_states(packed.included)
    print_remarks(standings.remarks)


def _write_code(options: argparse.Namespace) -> None:
    from nbjudge.plugins.lms.code_export import write_code

    standings = _standings(options.assignment, [])
    files = write_code(standings, options.output, options.pseudonyms)
    console.print(f"Wrote {options.output}: {count_of(files, 'file')}.", markup=False)
    print_remarks(standings.remarks)


def _wrote(path: Path) -> str:
    """Return the beginning of a message about a file that will be written."""
    return f"Replaced {path}" if path.exists() else f"Wrote {path}"


def _standings(assignments: list[str], students: list[str]) -> "Standings":
    from nbjudge.course.loading import load_course
    from nbjudge.plugins.standings.reading import read_standings

    coursedir, settings = load_course()
    return read_standings(coursedir, assignments, students, settings.parts)


def print_states(standings: "Sequence[Standing]") -> None:
    """Print the number of submissions in each state, and those that are not gradable."""
    from nbjudge.course.outcome import printable
    from nbjudge.plugins.standings.standings import State

    counts = Counter(standing.state for standing in standings)
    for state in State:
        if counts[state]:
            console.print(f"  {counts[state]} {state}", markup=False)
    for standing in standings:
        if standing.state is State.NOT_GRADABLE:
            work = printable(f"{standing.assignment.name} of {standing.student.id}")
            console.print(f"Not gradable: {work}: {standing.why}.", markup=False)
