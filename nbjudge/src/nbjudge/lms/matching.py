"""Which row and which column of a platform's file belong to which student and which assignment."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbjudge.course.standings import Person, Standings


class Roster:
    """Finds the students of a gradebook by what a learning platform says of them.

    Parameters
    ----------
    students
        All of the course.
    """

    def __init__(self, students: "Iterable[Person]"):
        self.found: dict[tuple[str, str], list[Person]] = {}
        for student in students:
            for kind, value in (
                ("id", student.id),
                ("lms_user_id", student.lms_user_id),
                ("email", student.email),
                ("name", student.name),
                ("sortable", plain(student.last_name + student.first_name)),
            ):
                if value:
                    self.found.setdefault((kind, _folded(value)), []).append(student)

    def find(self, *known: tuple[str, str]) -> "Person | None":
        """The student whom all that is known fits, None where nothing fits.

        Parameters
        ----------
        known
            Pairs of a kind and a value. The kinds are "id", "lms_user_id" and "email", and "name"
            and "sortable" (last and first name, letters and digits only), which are used only
            where nothing else fits.

        Raises
        ------
        ValueError
            Where several students fit.
        """
        for kinds in ({"id", "lms_user_id", "email"}, {"name", "sortable"}):
            fitting = {
                student.id: student
                for kind, value in known
                if kind in kinds and value.strip()
                for student in self.found.get((kind, _folded(value)), ())
            }
            if len(fitting) > 1:
                raise ValueError(f"several students fit: {', '.join(fitting)}")
            if fitting:
                return next(iter(fitting.values()))
        return None

    def find_first(
        self, known: Iterable[tuple[tuple[str, str], ...]]
    ) -> "tuple[Person | None, list[str]]":
        """Return the student whom the first of these fits, and why others before it fit nobody.

        Parameters
        ----------
        known
            What is known, as for `find`, the best first.
        """
        reasons: list[str] = []
        for pairs in known:
            try:
                if student := self.find(*pairs):
                    return student, []
            except ValueError as error:
                reasons.append(str(error))
        return None, reasons


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def match_columns(
    titles: Mapping[str, int], standings: "Standings", chosen: Mapping[str, str]
) -> dict[str, int]:
    """The columns of assignments: {assignment: place}.

    Parameters
    ----------
    titles
        The places of the columns that can be filled, by title.
    chosen
        Titles that the instructor has named, by assignment; the others are found by their names,
        where only letters and digits count.

    Raises
    ------
    ValueError
        Where a named title is not there, a name fits several columns, or none fits any.
    """
    names = [assignment.name for assignment in standings.assignments]
    columns: dict[str, int] = {}
    for name in names:
        if name in chosen:
            wanted = chosen[name]
            fitting = [title for title in titles if wanted in (title, _bare(title))]
        else:
            fitting = [title for title in titles if plain(_bare(title)) == plain(name)]
        if len(fitting) > 1:
            raise ValueError(
                f"Several columns are called as {name}: {', '.join(fitting)}. "
                f'Name one: --column "{name}={fitting[0]}".'
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
            f"No column is called as an assignment. The assignments are {', '.join(names)}, and "
            f"the columns {', '.join(titles) or '(none)'}. "
            f'Name them: --column "{names[0] if names else "NAME"}=TITLE".'
        )
    return columns


def _bare(title: str) -> str:
    """A title without what platforms add to it: Canvas's number, Moodle's kind of activity."""
    title = re.sub(r" \((?:\d+|Real)\)$", "", title)
    return re.sub(r"^\w+: ", "", title)


def plain(text: str) -> str:
    """Return the letters and digits of a text, in lower case."""
    return re.sub(r"[\W_]+", "", text).casefold()
