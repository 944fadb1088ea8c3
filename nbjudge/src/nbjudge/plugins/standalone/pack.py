"""`nbjudge pack`: write everything that grading an assignment needs to one file."""

import argparse
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from nbjudge import plugins
from nbjudge.cli.console import OK, Commands, as_name, console, exit_statuses, load
from nbjudge.engine.engine import Engine
from nbjudge.plugins.standalone.door import DEFAULT, GROUP, Door, Packed, load_doors
from nbjudge.sandbox.levels import CHOICES
from nbjudge.wording import as_sentence, in_notebook

if TYPE_CHECKING:
    from nbjudge.course.assignment import Assignment


def add_parser(commands: Commands) -> None:
    """Add the subcommand to the parser."""
    doors = load_doors()
    parser = commands.add_parser(
        "pack",
        help="write an assignment to one file, for `nbjudge grade` on another machine",
        description="Write the hidden tests, the released notebooks, the settings and the course's "
        "modules that grading an assignment needs to one archive, without students and grades. "
        "The archive must be kept secret: it contains the hidden tests.",
        epilog=exit_statuses("the file is written"),
    )
    door_parsers: dict[str, _DoorParser] = {}
    parser.set_defaults(run=run, door_parsers=door_parsers)
    parser.add_argument("assignment", type=as_name, help="name of the folder below source/")
    parser.add_argument(
        "--for",
        dest="door",
        choices=doors,
        default=DEFAULT,
        help=f"platform that grades: {', '.join(doors)} [{DEFAULT}]",
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="[ASSIGNMENT and the platform's ending]"
    )
    parser.add_argument(
        "--isolation", choices=CHOICES, help="level for the machine that grades [as configured]"
    )
    for name, door in doors.items():
        with plugins.naming(GROUP, name):
            door_parsers[name] = _DoorParser(door)
            door.add_options(parser.add_argument_group(f"for {name}"))


class _DoorParser(argparse.ArgumentParser):
    """Parser of a door's options alone."""

    def __init__(self, door: Door):
        super().__init__(add_help=False)
        door.add_options(self.add_argument_group())
        self.defaults = vars(self.parse_args([]))

    def given(self, options: argparse.Namespace) -> list[str]:
        """Return the door's options whose values in the command's are not the defaults."""
        values = vars(options)
        return [
            "/".join(action.option_strings)
            for action in self._actions
            if action.dest in self.defaults and values[action.dest] != self.defaults[action.dest]
        ]

    def error(self, message: str) -> NoReturn:
        """Raise ValueError: an option of the door is required."""
        raise ValueError(message)


def _check_options(options: argparse.Namespace) -> None:
    """Raise ValueError if an option of another door is given."""
    from nbjudge.course.outcome import listed

    for name, parser in options.door_parsers.items():
        if name != options.door and (given := parser.given(options)):
            raise ValueError(f"{listed(given)}: only for {name}; add --for {name}.")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status.

    Raises
    ------
    LookupError, ValueError
        If nothing is written; the message says why.
    """
    _check_options(options)
    with Engine() as engine:
        engine.warm_up()
        coursedir, settings = load()
        from nbjudge.course.assignment import Assignment
        from nbjudge.plugins.shared.released_notebooks import released_notebooks
        from nbjudge.plugins.standalone.work import check_assignment

        check_assignment(options.assignment, coursedir, released_notebooks(coursedir.db_url))
        assignment = Assignment(options.assignment, coursedir, settings, for_reading=True)
        with contextlib.closing(assignment):
            _place(engine, assignment)
            changed = {"isolation": options.isolation} if options.isolation else {}
            with plugins.naming(GROUP, options.door, (ValueError,)):
                packed = load_doors()[options.door].pack(assignment, options, changed)
                if not isinstance(packed, Packed):
                    raise TypeError(f"pack must return a Packed, not {packed!r:.60}")
            _report(assignment)
    _write(options.output or Path(f"{options.assignment}{packed.ending}"), packed.content)
    for line in packed.advice:
        console.print(line, markup=False)
    return OK


def _place(engine: Engine, assignment: "Assignment") -> None:
    """Compare the tests as `nbjudge check` does, and decide where they are judged.

    A decision that is stored in the gradebook remains.
    """
    from nbjudge.course.placement import place_tests

    stored = {
        name: [cell.grade_id for cell in spec.cells if cell.in_child or cell.left_because]
        for name, spec in assignment.specs.items()
    }
    was_placed = assignment.is_placed
    assignment.forget_placement()
    place_tests(engine, assignment, assignment.settings.sandbox_config(assignment.coursedir))
    if was_placed:
        assignment.place(stored, store=False)


def of_child(assignment: "Assignment") -> str:
    """Return a warning about hidden tests that are judged in the child; "" if there are none."""
    from nbjudge.course.outcome import listed

    names = [
        in_notebook(test.grade_id, name, assignment.specs)
        for name, spec in assignment.specs.items()
        for test in spec.tests
        if test.in_child and test.hidden
    ]
    if not names:
        return ""
    return (
        "Code that attacks a test in the student's process can print its hidden lines: "
        f"{listed(names)}. Students who see results at once can then submit again."
    )


def _report(assignment: "Assignment") -> None:
    """Print remarks for the instructor about the packed assignment."""
    from nbjudge.course.outcome import printable

    remarks = [*assignment.slips(), *assignment.placement_remarks, *assignment.setting_remarks()]
    if differences := assignment.describe_differences():
        remarks.append(
            f"{differences}. The version in the gradebook was packed: {assignment.remedy()}, then "
            "pack it again"
        )
    remarks += filter(None, [of_child(assignment)])
    for remark in remarks:
        console.print(as_sentence(printable(remark)), markup=False, style="yellow")


def _write(path: Path, content: bytes) -> None:
    """Write a pack that only its owner can read, and name it.

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    from nbjudge.files import put_file

    try:
        put_file(path, content, 0o600)
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror}.") from None
    size = len(content) / 1000
    text = f"Wrote {path} ({size:,.0f} kB). Keep it secret: it contains the hidden tests."
    console.print(text, markup=False)
