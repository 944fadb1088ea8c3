"""Doors: platforms to which assignments go as packs, and to which results return.

A door is a module with the three functions of `Door`, named by an entry point in `nbjudge.doors`.
`nbjudge pack --for NAME` and `nbjudge grade --for NAME` use it.
"""

import argparse
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from nbjudge import plugins

if TYPE_CHECKING:
    from nbjudge.course.assignment import Assignment

__all__ = ["DEFAULT", "GROUP", "Door", "Packed", "load_doors", "no_options", "plain_pack"]

GROUP, DEFAULT = "nbjudge.doors", "json"


@dataclass(frozen=True)
class Packed:
    """A file to write for a platform.

    Attributes
    ----------
    ending
        End of the file's name, after the name of the assignment.
    advice
        Sentences for the instructor.
    """

    content: bytes
    ending: str
    advice: Sequence[str] = ()


class Door(Protocol):
    """The functions of a door.

    If the module has the constant `ONE_WORK` = True, `report` takes the results of one submission,
    and `nbjudge grade --for NAME` refuses more.
    """

    def add_options(self, group: "argparse._ArgumentGroup") -> None:
        """Add the door's options to `nbjudge pack`."""

    def pack(
        self, assignment: "Assignment", options: argparse.Namespace, changed: Mapping[str, Any]
    ) -> Packed:
        """Return the file for a platform that grades the assignment.

        Parameters
        ----------
        options
            The command's options, among them the door's.
        changed
            Settings of `NbJudge` to pack instead of the course's.

        Raises
        ------
        ValueError
            If the assignment cannot be packed; the message is a sentence.
        """

    def report(self, document: Mapping[str, Any]) -> str:
        """Return the results of a run in the platform's form.

        Parameters
        ----------
        document
            The results; `results.schema.json` defines their form.
        """


def load_doors() -> dict[str, Door]:
    """Return all doors, by name.

    Raises
    ------
    ValueError
        If one of them does not work: a function must be found wrong before anything is graded.
    """
    doors = plugins.load_all(GROUP)
    for name, door in doors.items():
        with plugins.naming(GROUP, name):
            _check(door)
    return doors


def _check(door: Door) -> None:
    """Raise TypeError if a function of a door cannot be called with the arguments of `Door`."""
    for name in ("add_options", "pack", "report"):
        _, *expected = inspect.signature(getattr(Door, name)).parameters
        actual = inspect.signature(getattr(door, name))
        try:
            actual.bind(*expected)
        except TypeError:
            names = f"{name}({', '.join(expected)})"
            raise TypeError(f"expected the function {names}, not {name}{actual}") from None


def no_options(group: "argparse._ArgumentGroup") -> None:
    """Add no options: `add_options` of a door that has none."""


def plain_pack(
    assignment: "Assignment", options: argparse.Namespace, changed: Mapping[str, Any]
) -> Packed:
    """Return the pack alone, as a file that `nbjudge grade --assignment` reads: a door's `pack`."""
    from nbjudge.plugins.standalone.pack_file import SUFFIX, make_pack

    return Packed(make_pack(assignment, changed), SUFFIX)
