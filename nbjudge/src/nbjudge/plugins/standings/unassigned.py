"""Find work whose author is unknown.

Work lies under an id that is on no class list if a name on a platform fits several students or
nobody, if submissions are anonymous, or if somebody has renamed a folder. Until such work has an
author, a student without work may have submitted it, and must not get 0 points for missing work.
"""

from collections.abc import Collection, Iterable, Sequence

from nbgrader.coursedir import CourseDirectory

from nbjudge.plugins.shared.text import folded_name, plain
from nbjudge.plugins.standings.collection_record import Record, read_left_out, read_records
from nbjudge.plugins.standings.standings import Person, Unassigned


def find_unassigned(
    coursedir: CourseDirectory,
    assignment: str,
    people: Iterable[Person],
    with_work: Collection[str],
    hidden: Collection[str] = (),
    recorded: Collection[str] = (),
) -> tuple[Unassigned, ...]:
    """Return an assignment's submissions by unknown authors.

    Parameters
    ----------
    people
        Students in the gradebook. Without a class list, all ids belong to nobody.
    with_work
        Ids under which there is work.
    hidden
        Folders that are skipped because their names begin with a dot.
    recorded
        Students with a submission in the gradebook.
    """
    people = list(people)
    records = [each for each in read_records(coursedir) if each.assignment == assignment]
    on_list = [person for person in people if person.is_on_class_list]
    known = {person.id for person in on_list}
    works = [
        Unassigned(
            student,
            "no such id on the class list",
            _authors(on_list, [record for record in records if record.student == student]),
            has_id=True,
        )
        for student in sorted(set(with_work) - known)
    ]
    works += [Unassigned(name, "skipped, as the name begins with a dot") for name in hidden]
    files = read_left_out(coursedir).get(assignment, ())
    works += [Unassigned(file, "not collected") for file in files]
    reasons = dict.fromkeys(recorded, "graded, but its folders are gone")
    reasons |= {record.student: "collected, but its folder is gone" for record in records}
    members = {person.group: person.id for person in people if person.id in with_work}
    for person in people:
        if person.id in with_work:
            continue
        if person.id in reasons:
            works.append(Unassigned(person.id, reasons[person.id], frozenset({person.id})))
        if person.group and person.group in members:
            member = members[person.group]
            works.append(Unassigned(member, "of the same group", frozenset({person.id})))
    return tuple(works)


def _authors(people: Iterable[Person], records: Sequence[Record]) -> frozenset[str] | None:
    """Return the students who may have submitted collected work; None if it may be anybody.

    They are the candidates that were found when it was collected, and the students with its name:
    Moodle's archives have the full name, Canvas's the last and first name in one word.
    """
    candidates = {student for record in records for student in record.candidates}
    names = {folded_name(record.name) for record in records}
    same = {
        person.id
        for person in people
        if {folded_name(person.name), plain(person.last_name + person.first_name)} & names
    }
    return frozenset(same | candidates) or None
