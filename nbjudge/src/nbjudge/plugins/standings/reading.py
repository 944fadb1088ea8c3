"""Read the standings of a course's students in bulk, from the gradebook and the folders.

nbgrader does not record which students received an assignment. An assignment therefore counts as
assigned to the whole class once it has a due date or a submission.
"""

import datetime
import json
import os
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from nbgrader.coursedir import CourseDirectory

from nbjudge.course import schema
from nbjudge.course.database import check_file, missing_file, open_database, read_only
from nbjudge.course.dates import seconds_late
from nbjudge.course.folders import folder_of, list_class
from nbjudge.course.gradebook import Change, not_generated
from nbjudge.course.outcome import listed
from nbjudge.files import read_submission
from nbjudge.plugins.shared import tables
from nbjudge.plugins.standings.standings import (
    Assigned,
    GradedQuestion,
    Person,
    Question,
    Standing,
    Standings,
    State,
    Unassigned,
    why_unsure,
)
from nbjudge.plugins.standings.unassigned import find_unassigned
from nbjudge.wording import as_sentence, did_you_mean, nearest


def read_standings(
    coursedir: CourseDirectory,
    assignments: Collection[str] = (),
    students: Collection[str] = (),
    parts: Mapping[str, Sequence[str]] | None = None,
) -> Standings:
    """Read the standings of the students of a course.

    Parameters
    ----------
    assignments, students
        Names to read; all of the course if empty.
    parts
        Assignments that combine others, as in `c.NbJudge.parts`.

    Raises
    ------
    LookupError
        If there is no gradebook, or one of the names is not in the course.

    Examples
    --------
    >>> import nbjudge
    >>> from nbjudge.plugins.standings import read_standings
    >>> coursedir, _ = nbjudge.load_course()
    >>> for standing in read_standings(coursedir, assignments=["ps1"]).all:
    ...     print(standing.student.id, standing.state, standing.points)
    ann graded 5.0
    bob graded 2.0
    cem not submitted None
    """
    check_file(coursedir.db_url)
    engine = open_database(coursedir.db_url)
    try:
        with engine.connect() as db:
            return _read(db, coursedir, assignments, students, parts or {})
    finally:
        engine.dispose()


@dataclass(frozen=True)
class Submissions:
    """The states of an assignment's submissions.

    Attributes
    ----------
    states
        State by student, for students who have submitted something.
    why
        Reason by student, for submissions that are NOT_GRADABLE.
    remarks
        Messages to the instructor about the folders, one sentence each.
    """

    states: Mapping[str, State]
    why: Mapping[str, str]
    remarks: Sequence[str] = ()

    @cached_property
    def counts(self) -> Mapping[State, int]:
        """Number of submissions in each state."""
        return Counter(self.states.values())


def read_submissions(
    coursedir: CourseDirectory, assignments: Collection[str] = ()
) -> dict[str, Submissions]:
    """Return the states of submissions, by assignment: a fast summary of `read_standings`.

    Points are not loaded, so that a class of thousands of students takes a few seconds, in which
    the submitted files are read. Nothing is written to the database.

    Parameters
    ----------
    assignments
        Assignments to read; all of the course if empty.

    Raises
    ------
    LookupError
        If there is no gradebook, or it does not have one of the assignments.
    """
    engine, table = read_only(coursedir.db_url), schema.assignments
    try:
        with engine.connect() as db:
            recorded = list(db.execute(sql.select(table.c.name).order_by(table.c.name)).scalars())
            check_names("assignment", assignments, recorded)
            waits, why = _read_waits(db), defaultdict[str, dict[str, str]](dict)
            generated, attempts = _read_generated(db), _read_attempts(db)
            if sql.inspect(db).has_table(schema.failures.name):
                for row in db.execute(sql.select(schema.failures)):
                    why[row.assignment][row.student] = row.why
            submissions = {}
            for name in assignments or recorded:
                folders = _read_folders(
                    coursedir, name, waits[name], why[name], name in generated, attempts[name]
                )
                reasons = {s: folders.why[s] for s in sorted(folders.students & set(folders.why))}
                states = {
                    student: _state(
                        True,
                        student in reasons,
                        None if student in folders.newer else waits[name].get(student),
                    )
                    for student in sorted(folders.students)
                }
                remarks = _remarks(db, coursedir, name, folders)
                submissions[name] = Submissions(states, reasons, remarks)
    finally:
        engine.dispose()
    return submissions


def folder_remarks(coursedir: CourseDirectory, assignments: Collection[str]) -> list[str]:
    """Return messages to the instructor about the folders of assignments, one sentence each."""
    by_assignment = read_submissions(coursedir, assignments)
    return [remark for submissions in by_assignment.values() for remark in submissions.remarks]


def _read_waits(db: sql.Connection) -> Mapping[str, Mapping[str, bool]]:
    """Return which submissions need manual grading: {assignment: {student: True if so}}."""
    submitted, notebook, grade = schema.submissions, schema.submitted_notebooks, schema.grades
    # A separate query is faster: nbgrader's tables have no index for a join.
    waits = sql.select(grade.c.notebook_id).where(schema.score.is_(None))
    waiting = set(db.execute(waits).scalars())
    query = sql.select(
        schema.assignments.c.name, submitted.c.student_id, notebook.c.id
    ).select_from(schema.submitted)
    waits_of = defaultdict[str, dict[str, bool]](dict)
    for name, student, key in db.execute(query):
        waits_of[name][student] = waits_of[name].get(student, False) or key in waiting
    return waits_of


def read_people(coursedir: CourseDirectory) -> list[Person]:
    """Return the students in the gradebook, sorted by id; none if there is no gradebook."""
    if missing_file(coursedir.db_url):
        return []
    engine = open_database(coursedir.db_url)
    try:
        with engine.connect() as db:
            return sorted(_read_people(db).values(), key=lambda person: person.id)
    finally:
        engine.dispose()


def describe_missing(coursedir: CourseDirectory, assignment: str) -> str:
    """Return a line about students on the class list without work; "" if there are none.

    Students who may be the authors of work without an author are distinguished from those who
    have submitted nothing.

    The class list consists of the students in the gradebook who have a name, an e-mail address or a
    learning platform's id; students added by grading have none of these. The line is also "" if
    there is no class list, or if nobody has submitted anything.
    """
    if missing_file(coursedir.db_url):
        return ""
    engine = open_database(coursedir.db_url)
    try:
        with engine.connect() as db:
            people, recorded = _read_people(db), _read_waits(db).get(assignment, {})
    finally:
        engine.dispose()
    class_list = [person for person in people.values() if person.is_on_class_list]
    folders = _read_folders(coursedir, assignment, recorded, {}, True, {})
    unassigned = find_unassigned(
        coursedir, assignment, class_list, folders.students, folders.hidden, recorded
    )
    if not (folders.students or unassigned) or not class_list:
        return ""
    class_list.sort(key=lambda person: person.id)
    missing = [person for person in class_list if person.id not in folders.students]
    unsure = {person.id: why_unsure(person.id, unassigned) for person in missing}
    names = {person.id: f"{person.id} ({person.name})".removesuffix(" ()") for person in missing}
    parts = []
    if nothing := [name for student, name in names.items() if not unsure[student]]:
        number = f"{len(nothing)} of {len(class_list)}"
        parts.append(f"{number} have submitted nothing: {listed(nothing)}")
    for why in dict.fromkeys(filter(None, unsure.values())):
        some = [name for student, name in names.items() if unsure[student] == why]
        who = "" if len(some) == len(class_list) else f": {listed(some)}"
        parts.append(f"{len(some)} of {len(class_list)} may have submitted {why}{who}")
    return f"{assignment}: {'; '.join(parts)}" if parts else ""


def _read(
    db: sql.Connection,
    coursedir: CourseDirectory,
    assignments: Collection[str],
    students: Collection[str],
    parts: Mapping[str, Sequence[str]],
) -> Standings:
    people, questions = _read_people(db), _read_questions(db)
    submissions = _read_submissions(db, questions)
    has_class_list = any(person.is_on_class_list for person in people.values())
    why = defaultdict[str, dict[str, str]](dict)
    for row in db.execute(sql.select(schema.failures)):
        why[row.assignment][row.student] = row.why
    changed = {
        (row.assignment, row.student): Change(row.run, row.before, row.after, row.text)
        for row in db.execute(sql.select(schema.changes))
    }
    table = schema.assignments
    recorded = db.execute(sql.select(table.c.name, table.c.duedate).order_by(table.c.name)).all()
    check_names("assignment", assignments, [row.name for row in recorded])
    generated, attempts = _read_generated(db), _read_attempts(db)
    selected, folders, remarks = list[Assigned](), dict[str, _Folders](), list[str]()
    graded_students = dict[str, set[str]]()
    unassigned = dict[str, tuple[Unassigned, ...]]()
    for name, student in submissions:
        graded_students.setdefault(name, set()).add(student)
    for name, duedate in recorded:
        work_folders = _read_folders(
            coursedir,
            name,
            graded_students.get(name, ()),
            why[name],
            name in generated,
            attempts[name],
        )
        folders[name] = work_folders
        people |= {
            student: Person(student) for student in work_folders.students if student not in people
        }
        asked = tuple(questions.get(name, {}).values())
        is_assigned = duedate is not None or work_folders.is_assigned
        if not assignments or name in assignments:
            unassigned[name] = find_unassigned(
                coursedir,
                name,
                people.values(),
                work_folders.students,
                work_folders.hidden,
                graded_students.get(name, ()),
            )
            selected.append(Assigned(name, asked, duedate, is_assigned))
            remarks += _remarks(db, coursedir, name, work_folders)
    check_names("student", students, list(people))
    chosen = [people[s] for s in sorted(people) if not students or s in students]
    standings = []
    for person in chosen:
        for assigned in selected:
            key = assigned.name, person.id
            unsure = [w for w in unassigned[assigned.name] if has_class_list or not w.has_id]
            cells = questions.get(assigned.name, {})
            work = submissions.get(key)
            standing = _standing(person, assigned, folders[assigned.name], work, cells, unsure)
            standings.append(replace(standing, change=changed.get(key)))
    return Standings(
        coursedir, tuple(chosen), tuple(selected), tuple(standings), parts, remarks, unassigned
    )


@dataclass(frozen=True)
class _Folders:
    """The students who have submitted an assignment, according to its folders and the gradebook.

    Attributes
    ----------
    students
        Students who have submitted something, even if only the graded folder is left.
    why
        Why work cannot be graded: {student: reason}, not limited to `students`.
    newer
        Students whose submitted files have changed since the last grading.
    gone
        Students with only a graded folder left.
    hidden
        Folders skipped because their names begin with a dot.
    is_assigned
        True if a submission shows that the assignment was released. A student's unreadable folder
        alone does not show it.
    """

    students: set[str]
    why: Mapping[str, str]
    newer: Collection[str]
    gone: Collection[str]
    hidden: Collection[str]
    is_assigned: bool


def _read_folders(
    coursedir: CourseDirectory,
    assignment: str,
    recorded: Collection[str],
    failed: Mapping[str, str],
    is_generated: bool,
    attempts: Mapping[str, str],
) -> _Folders:
    """Return the students who have submitted an assignment.

    A student's unreadable folder counts as a submission if the gradebook has a submission or a
    failure of the student, or if others have submitted the assignment.

    Parameters
    ----------
    recorded
        Students with a submission in the gradebook.
    failed
        Why submissions failed in their last grading: {student: reason}.
    is_generated
        True if the gradebook has the assignment's notebooks; otherwise nothing can be graded.
    attempts
        Files of submissions at their last grading: {student: hash}.
    """
    submitted = list_class(coursedir, coursedir.submitted_directory, assignment)
    graded = list_class(coursedir, coursedir.autograded_directory, assignment)
    present, closed = set(submitted.present), set(submitted.unreadable)
    gone = set(graded.students) & set(recorded) - present - closed
    counted = closed if present else closed & {*recorded, *failed}
    unreadable = {
        student: f"its folder cannot be read: {submitted.unreadable[student]}"
        for student in counted.difference(recorded)
    }
    is_assigned = bool(present or gone or counted & set(recorded))
    students = present | counted | gone
    files = {student: _files(coursedir, assignment, student) for student in present & set(attempts)}
    newer = {student for student in files if files[student] not in ("", attempts[student])}
    why = {**unreadable, **{s: reason for s, reason in failed.items() if s not in newer}}
    if not is_generated:
        why = dict.fromkeys(students, not_generated(assignment))
    return _Folders(students, why, newer, sorted(gone), submitted.hidden, is_assigned)


def _files(coursedir: CourseDirectory, assignment: str, student: str) -> str:
    """Return the hash of a submission's files; "" if they cannot be read."""
    path = folder_of(coursedir, coursedir.submitted_directory, student, assignment)
    try:
        return read_submission(Path(path), coursedir.ignore).digest()
    except OSError:
        return ""


def _read_attempts(db: sql.Connection) -> Mapping[str, Mapping[str, str]]:
    """Return the files of submissions at their last grading: {assignment: {student: hash}}."""
    attempts = defaultdict[str, dict[str, str]](dict)
    if sql.inspect(db).has_table(schema.attempts.name):
        for row in db.execute(sql.select(schema.attempts)):
            attempts[row.assignment][row.student] = row.files
    return attempts


def _remarks(
    db: sql.Connection, coursedir: CourseDirectory, assignment: str, folders: _Folders
) -> list[str]:
    """Return messages to the instructor about an assignment's folders, one sentence each."""
    remarks, submitted = [], f"{coursedir.submitted_directory}/"
    if folders.gone:
        works = _works(db, assignment)
        texts = []
        for student in folders.gone:
            same = [s for s in works if works[s] == works.get(student) and s not in folders.gone]
            texts.append(f"{student} (the same work as {listed(same)})" if same else student)
        graded = os.path.relpath(
            folder_of(coursedir, coursedir.autograded_directory, "STUDENT", assignment),
            coursedir.root,
        )
        remarks.append(
            f"{assignment}: still counted, although their submissions are no longer in "
            f"{submitted}: {listed(texts)}. If a folder was renamed or the work was withdrawn, "
            f"remove {graded}"
        )
    if folders.hidden:
        remarks.append(
            f"{assignment}: skipped because their names begin with a dot: "
            f"{listed(folders.hidden)}. If these are students, rename their folders in {submitted}"
        )
    return remarks


def _works(db: sql.Connection, assignment: str) -> dict[str, str]:
    """Return the hash of each student's graded files: {student: hash}."""
    if not sql.inspect(db).has_table(schema.judgments.name):
        return {}
    submitted, table = schema.submissions, schema.assignments
    query = (
        sql.select(submitted.c.student_id, schema.judgments.c.work)
        .join(schema.judgments, schema.judgments.c.submission_id == submitted.c.id)
        .join(table, table.c.id == submitted.c.assignment_id)
        .where(table.c.name == assignment)
    )
    return {student: work for student, work in db.execute(query)}


def _state(is_there: bool, is_failed: bool, waits: bool | None) -> State:
    """Return the state of a student's work for an assigned assignment.

    Parameters
    ----------
    is_there, is_failed
        True if something was submitted; True if its last grading failed.
    waits
        True if part of the work needs manual grading; None if the gradebook has no submission.
    """
    if not is_there:
        return State.NOT_SUBMITTED
    if is_failed:
        return State.NOT_GRADABLE
    if waits is None:
        return State.NOT_GRADED
    return State.WAITING if waits else State.GRADED


def _standing(
    person: Person,
    assigned: Assigned,
    folders: "_Folders",
    work: "_RecordedWork | None",
    cells: Iterable[str],
    unassigned: Iterable[Unassigned],
) -> Standing:
    """Return a student's standing in an assignment.

    Parameters
    ----------
    work
        The submission in the gradebook, if any.
    cells
        Ids of the assignment's questions, in order.
    unassigned
        Work for the assignment that may be the student's.
    """
    if not assigned.is_assigned:
        return Standing(person, assigned, State.NOT_ASSIGNED)
    is_newer = person.id in folders.newer
    waits = None if work is None or is_newer else work.waits
    state, reason = _state(person.id in folders.students, person.id in folders.why, waits), ""
    if work is not None and state in (State.WAITING, State.GRADED):
        return _graded_standing(person, assigned, state, work, cells)
    if state is State.NOT_GRADABLE:
        reason = folders.why[person.id]
    elif state is State.NOT_GRADED and is_newer:
        reason = "changed since it was graded"
    elif state is State.NOT_SUBMITTED and (reason := why_unsure(person.id, unassigned)):
        state = State.UNSURE
    return Standing(person, assigned, state, why=reason)


def _graded_standing(
    person: Person, assigned: Assigned, state: State, work: "_RecordedWork", cells: Iterable[str]
) -> Standing:
    """Return the standing of recorded work; its questions are in the order of the cells."""
    graded = tuple(work.graded[cell] for cell in cells if cell in work.graded)
    late = seconds_late(work.timestamp, assigned.duedate, work.extension)
    return Standing(
        person,
        assigned,
        state,
        questions=graded,
        penalty=work.penalty,
        submitted=work.timestamp,
        late=late,
        marked_late=work.marked_late and work.timestamp is None,
    )


def check_names(kind: str, wanted: Iterable[str], known: Sequence[str]) -> None:
    """Raise LookupError for names that the course does not have.

    Parameters
    ----------
    kind
        Kind of the names: "assignment" or "student".

    Raises
    ------
    LookupError
        If one of the wanted names is unknown.
    """
    for name in sorted(set(wanted) - set(known)):
        hint = did_you_mean(nearest(name, known))
        raise LookupError(as_sentence(f"The gradebook has no {kind} {name}{hint}"))


def _read_generated(db: sql.Connection) -> set[str]:
    """Return the assignments that have notebooks in the gradebook."""
    assignment, notebook = schema.assignments, schema.notebooks
    query = sql.select(assignment.c.name).join(
        notebook, notebook.c.assignment_id == assignment.c.id
    )
    return set(db.execute(query).scalars())


def _read_people(db: sql.Connection) -> dict[str, Person]:
    table = schema.students
    names = "first_name", "last_name", "email", "lms_user_id"
    query = sql.select(table.c.id, *(sql.func.coalesce(table.c[name], "") for name in names))
    groups = dict[str, str]()
    if sql.inspect(db).has_table(tables.groups.name):
        groups = {row.student: row.name for row in db.execute(sql.select(tables.groups))}
    people = (Person(*row) for row in db.execute(query))
    return {one.id: replace(one, group=groups.get(one.id, "")) for one in people}


def _read_questions(db: sql.Connection) -> dict[str, dict[str, Question]]:
    """Return the questions of each assignment, in order: {assignment: {cell id: question}}."""
    assignment, notebook, cell = schema.assignments, schema.notebooks, schema.cells
    query = (
        sql.select(assignment.c.name, notebook.c.name, cell.c.id, cell.c.name, schema.out_of)
        .select_from(schema.gradable)
        .join(notebook, notebook.c.id == cell.c.notebook_id)
        .join(assignment, assignment.c.id == notebook.c.assignment_id)
        .where(schema.out_of.is_not(None))
    )
    questions: dict[str, dict[str, Question]] = {}
    for name, file, key, grade_id, points in db.execute(query):
        questions.setdefault(name, {})[key] = Question(file, grade_id, points)
    return {  # sorted by notebook; within a notebook, nbgrader added the cells in order
        name: dict(sorted(cells.items(), key=lambda item: item[1].notebook))
        for name, cells in questions.items()
    }


@dataclass
class _RecordedWork:
    """A submission in the gradebook."""

    timestamp: datetime.datetime | None
    extension: datetime.timedelta | None = None
    penalty: float = 0.0
    marked_late: bool = False
    graded: dict[str, GradedQuestion] = field(default_factory=dict)  # by the cell's id

    @property
    def waits(self) -> bool:
        """True if part of the work needs manual grading."""
        return any(question.points is None for question in self.graded.values())


def _read_submissions(
    db: sql.Connection, questions: Mapping[str, Mapping[str, Question]]
) -> dict[tuple[str, str], _RecordedWork]:
    """Return the submissions in the gradebook: {(assignment, student): submission}."""
    submitted, notebook = schema.submissions, schema.submitted_notebooks
    assignment, grade = schema.assignments, schema.grades
    query = (
        sql.select(
            assignment.c.name,
            submitted.c.student_id,
            submitted.c.timestamp,
            submitted.c.extension,
            notebook.c.id,
            notebook.c.late_submission_penalty,
            schema.judgments.c.report,
        )
        .select_from(schema.submitted)
        .join(schema.judgments, schema.judgments.c.submission_id == submitted.c.id, isouter=True)
    )
    works: dict[tuple[str, str], _RecordedWork] = {}
    keys: dict[str, tuple[str, str]] = {}
    for name, student, timestamp, extension, key, penalty, report in db.execute(query):
        keys[key] = name, student
        work = works.setdefault((name, student), _RecordedWork(timestamp, extension))
        work.penalty += penalty or 0.0
        work.marked_late = bool(report) and json.loads(report).get("marked_late", False)
    for row in db.execute(sql.select(grade, schema.score.label("score"))):
        name, _ = whose = keys[row.notebook_id]
        works[whose].graded[row.cell_id] = _graded(questions[name][row.cell_id], row)
    return works


def _graded(question: Question, row: Any) -> GradedQuestion:
    """Return a question with the points from its row in the gradebook."""
    points = None if row.score is None else row.score + (row.extra_credit or 0.0)
    if row.manual_score is None:
        by_hand = "waits" if points is None else ""
    else:
        by_hand = "again" if points is None else "graded"
    return GradedQuestion(question, points, by_hand)
