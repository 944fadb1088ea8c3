"""Match the rows and columns of a platform's file to students and assignments."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nbjudge.plugins.lms.platform import UploadName
from nbjudge.plugins.shared.text import folded_name, plain

if TYPE_CHECKING:
    from nbjudge.plugins.standings.standings import Person, Standings


# Keys of what a platform knows about a student, in two steps: the second if nobody has the first.
STEPS = ("id", "lms_user_id", "email"), ("name", "sortable")
SURNAME_FIRST = "surname first"
_NOT_IN_FILE_NAMES = re.compile(r"""[&<>"`|':\\/]""")  # Moodle removes them


class SeveralMatchError(ValueError):
    """Several students match."""

    def __init__(self, students: "Collection[Person]"):
        super().__init__(f"several students match: {', '.join(one.id for one in students)}")
        self.students = students


@dataclass(frozen=True)
class Match:
    """The student who submitted a file.

    Attributes
    ----------
    student
        None if nobody is certain.
    candidates
        Students who may have submitted it, if it is unsure.
    why
        Reason why it is unsure; "" if nobody matches.
    """

    student: "Person | None" = None
    candidates: "tuple[Person, ...]" = ()
    why: str = ""


def check_known(known: Iterable[tuple[str, str]]) -> None:
    """Raise ValueError if `Roster.find` does not know a key, which would match nobody."""
    keys = [key for step in STEPS for key in step]
    for key, _ in known:
        if key not in keys:
            raise ValueError(f"unknown key {key!r} in known: use {', '.join(keys)}")


class Roster:
    """Finds students in the gradebook by their ids, addresses and names on a learning platform.

    Parameters
    ----------
    students
        All students of the course.
    """

    def __init__(self, students: "Iterable[Person]"):
        self.full_name = "name"  # the kind in the index for full names, or SURNAME_FIRST
        self.index: dict[tuple[str, str], list[Person]] = {}
        for student in students:
            for kind, value in (
                ("id", student.id),
                ("lms_user_id", student.lms_user_id),
                ("email", student.email),
                ("name", student.name),
                ("name", _NOT_IN_FILE_NAMES.sub("", student.name)),
                (SURNAME_FIRST, f"{student.last_name} {student.first_name}"),
                ("sortable", plain(student.last_name + student.first_name)),
            ):
                if value:
                    self.index.setdefault((kind, folded_name(value)), []).append(student)

    def find(self, *known: tuple[str, str]) -> "Person | None":
        """Return the student who matches; None if nobody does.

        Parameters
        ----------
        known
            Pairs of a key and a value. The keys are "id", "lms_user_id" and "email", and "name"
            (in the order of the platform) and "sortable" (last and first name, letters and digits
            only), which are used only if the others match nobody.

        Raises
        ------
        SeveralMatchError
            If several students match.
        """
        for kinds in STEPS:
            fitting = {
                student.id: student
                for kind, value in known
                if kind in kinds and value.strip()
                for student in self._with(kind, folded_name(value))
            }
            if len(fitting) > 1:
                raise SeveralMatchError(fitting.values())
            if fitting:
                return next(iter(fitting.values()))
        return None

    def _with(self, kind: str, value: str) -> "list[Person]":
        return self.index.get((self.full_name if kind == "name" else kind, value), [])

    def has_number(self, number: str) -> bool:
        """True if a student has this number on the platform."""
        return any((kind, folded_name(number)) in self.index for kind in ("lms_user_id", "id"))

    def choose_order(self, names: Iterable[UploadName]) -> None:
        """Read full names with the surname first if that order alone fits, for several names.

        A platform writes all names in one order, so no single student can choose it.
        """
        pairs = {pair for name in names for pairs in name.known for pair in pairs}
        full = {folded_name(value) for kind, value in pairs if kind == "name"}
        usual, other = (sum((k, n) in self.index for n in full) for k in ("name", SURNAME_FIRST))
        self.full_name = SURNAME_FIRST if other > 1 and not usual else "name"

    def settle(self, name: UploadName) -> UploadName:
        """Return a name without the readings whose number belongs to no student.

        If the other readings identify different students, the name belongs to none of them, and
        gets a key of its own.
        """
        others = tuple(
            other
            for other in name.others
            if other.number == name.number or self.has_number(other.number)
        )
        if all(other.number == name.number for other in others):
            return replace(name, others=others)
        longest = max(others, key=lambda other: len(other.name))
        label = f"{longest.name}_{longest.number}"
        return UploadName(
            platform=name.platform,
            prefix=name.prefix,
            file=name.file,
            name=label,
            labels=((label, ""),),
            others=(name, *others),
        )

    def match(self, names: Collection[UploadName]) -> Match:
        """Return the student who submitted some files.

        Somebody with another number on the platform is another person, even with the same name.

        Parameters
        ----------
        names
            Names of files of the same person.
        """
        first = min(names, key=lambda name: (not name.known, len(name.known)))
        if first.is_of_several:
            readings = [self.match([one]) for one in first.others]
            return _unsure(person for one in readings for person in (one.student, *one.candidates))
        fitting: dict[str, Person] = {}
        several: list[Person] = []
        for pairs in first.known:
            try:
                if student := self.find(*pairs):
                    fitting[student.id] = student
            except SeveralMatchError as error:
                several += error.students
        if len(fitting) != 1:  # none or several
            return _unsure(fitting.values() or several)
        (student,) = fitting.values()
        numbers = student.lms_user_id, student.id
        if student.lms_user_id and _is_numbered(first) and first.number not in numbers:
            why = f"{student.id} has this name, but the number {student.lms_user_id}"
            return Match(None, (student,), why)
        return Match(student)


def _is_numbered(name: UploadName) -> bool:
    """True if the platform's number of the person is the same in all assignments."""
    return any(("lms_user_id", name.number) in pairs for pairs in name.known if name.number)


def _unsure(people: "Iterable[Person | None]") -> Match:
    candidates = {person.id: person for person in people if person}
    if not candidates:
        return Match()
    if len(candidates) == 1:
        why = f"it may be of {next(iter(candidates))}, or of somebody else"
    else:
        why = f"several students match: {', '.join(candidates)}"
    return Match(None, tuple(candidates.values()), why)


def match_columns(
    titles: Mapping[str, int],
    standings: "Standings",
    chosen: Mapping[str, str],
    bare: Callable[[str], str],
) -> dict[str, int]:
    """Find the columns of assignments: {assignment: index}.

    Parameters
    ----------
    titles
        Indices of the columns that can be filled, by title.
    chosen
        Titles chosen by the instructor, by assignment. Other columns are found by the assignments'
        names, ignoring everything except letters and digits.
    bare
        Function that returns a title without what the platform adds to an assignment's name.

    Raises
    ------
    ValueError
        If a chosen title does not exist, a name matches several columns, or no name matches.
    """
    names = [assignment.name for assignment in standings.assignments]
    columns: dict[str, int] = {}
    for name in names:
        if name in chosen:
            wanted = chosen[name]
            fitting = [title for title in titles if wanted in (title, bare(title))]
        else:
            fitting = [title for title in titles if plain(bare(title)) == plain(name)]
        if len(fitting) > 1:
            raise ValueError(
                f"Several columns match {name}: {', '.join(fitting)}. "
                f'Choose one: --column "{name}={fitting[0]}".'
            )
        if not fitting and name in chosen:
            raise ValueError(
                f"There is no column {chosen[name]} for {name}; there are {', '.join(titles)}."
            )
        if fitting:
            columns[name] = titles[fitting[0]]
    for name in sorted(set(chosen) - set(names)):
        raise ValueError(f"--column: there is no assignment {name}; there are {', '.join(names)}.")
    if not columns:
        raise ValueError(
            f"No column matches an assignment name. The assignments are {', '.join(names)}, and "
            f"the columns {', '.join(titles) or '(none)'}. "
            f'Choose a column: --column "{names[0] if names else "NAME"}=TITLE".'
        )
    return columns
