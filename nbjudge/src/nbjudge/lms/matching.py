"""Match the rows and columns of a platform's file to students and assignments."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from nbjudge.wording import folded_name, plain

if TYPE_CHECKING:
    from nbjudge.course.standings import Person, Standings


class Roster:
    """Finds students in the gradebook by their ids, addresses and names on a learning platform.

    Parameters
    ----------
    students
        All students of the course.
    """

    def __init__(self, students: "Iterable[Person]"):
        self.index: dict[tuple[str, str], list[Person]] = {}
        for student in students:
            for kind, value in (
                ("id", student.id),
                ("lms_user_id", student.lms_user_id),
                ("email", student.email),
                ("name", student.name),
                ("sortable", plain(student.last_name + student.first_name)),
            ):
                if value:
                    self.index.setdefault((kind, folded_name(value)), []).append(student)

    def find(self, *known: tuple[str, str]) -> "Person | None":
        """Return the student who matches; None if nobody does.

        Parameters
        ----------
        known
            Pairs of a kind and a value. The kinds are "id", "lms_user_id" and "email", and "name"
            and "sortable" (last and first name, letters and digits only), which are used only if
            the others match nobody.

        Raises
        ------
        ValueError
            If several students match.
        """
        for kinds in ({"id", "lms_user_id", "email"}, {"name", "sortable"}):
            fitting = {
                student.id: student
                for kind, value in known
                if kind in kinds and value.strip()
                for student in self.index.get((kind, folded_name(value)), ())
            }
            if len(fitting) > 1:
                raise ValueError(f"several students match: {', '.join(fitting)}")
            if fitting:
                return next(iter(fitting.values()))
        return None

    def find_first(
        self, known: Iterable[tuple[tuple[str, str], ...]]
    ) -> "tuple[Person | None, list[str]]":
        """Return the student found by the first successful search, or None with the failures.

        Parameters
        ----------
        known
            Arguments for `find`, the most reliable ones first.
        """
        reasons: list[str] = []
        for pairs in known:
            try:
                if student := self.find(*pairs):
                    return student, []
            except ValueError as error:
                reasons.append(str(error))
        return None, reasons


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
