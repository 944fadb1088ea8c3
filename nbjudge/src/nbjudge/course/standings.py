"""Where each student of a course stands: the one source of tables, reports and exports.

Read in bulk from nbgrader's gradebook, and from which folders there are in `submitted/` and
`autograded/`. nbgrader does not record whom an assignment was given to, so an assignment counts as
assigned, to everybody, once it has a due date or somebody has submitted it.
"""

import datetime
import enum
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
from nbjudge.files import reason_of
from nbjudge.wording import as_sentence, did_you_mean, nearest


class State(enum.StrEnum):
    """What has become of a student's work for an assignment; zero points are GRADED."""

    NOT_ASSIGNED = "not assigned"
    NOT_SUBMITTED = "not submitted"
    NOT_GRADED = "not graded yet"
    NOT_GRADABLE = "not gradable"
    WAITING = "waiting for a person"
    GRADED = "graded"


@dataclass(frozen=True)
class Person:
    """A student, as the gradebook knows them; "" where it does not."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_on_class_list(self) -> bool:
        """Whether more is known than the id, which is all that grading adds of who submits."""
        return bool(self.name or self.email or self.lms_user_id)


@dataclass(frozen=True)
class Question:
    """A graded cell of an assignment: its grade id and its points."""

    notebook: str
    name: str
    out_of: float


@dataclass(frozen=True)
class GradedQuestion:
    """What a student has earned in a question.

    Attributes
    ----------
    points
        With extra credit; None while a person has to grade.
    by_hand
        "waits" where a person has to grade, "graded" where one has; "again" where one has, and
        the work was graded again since.
    """

    question: Question
    points: float | None
    by_hand: str = ""

    @property
    def lost(self) -> bool:
        """Whether points were lost, as far as they are known."""
        return self.points is not None and self.points < self.question.out_of


@dataclass(frozen=True)
class Assigned:
    """An assignment of the course."""

    name: str
    questions: tuple[Question, ...]
    duedate: datetime.datetime | None = None
    is_assigned: bool = True

    @property
    def out_of(self) -> float:
        """The most points."""
        return sum(question.out_of for question in self.questions)


@dataclass(frozen=True)
class Standing:
    """Where a student stands with an assignment.

    Attributes
    ----------
    why
        It could not be graded; "" in other states.
    questions
        Of graded work; empty in states other than WAITING and GRADED.
    penalty
        Points that are deducted for late work.
    submitted
        When, in UTC, if that is known.
    late
        Seconds after it was due, an extension included; 0 where one of the times is not known.
    marked_late
        True if a platform has marked it as late, and it is not known when it was submitted.
    change
        How its points were changed last by a run of grading, if that is known.
    """

    student: Person
    assignment: Assigned
    state: State
    why: str = ""
    questions: tuple[GradedQuestion, ...] = ()
    penalty: float = 0.0
    submitted: datetime.datetime | None = None
    late: float = 0.0
    marked_late: bool = False
    change: Change | None = None

    @property
    def earned(self) -> float:
        """The points that are known, before the late penalty."""
        return sum(question.points or 0.0 for question in self.questions)

    @property
    def known(self) -> float:
        """The points that are known, after the late penalty."""
        return max(0.0, self.earned - self.penalty)

    @property
    def points(self) -> float | None:
        """The points after the late penalty; None unless the work is graded."""
        return self.known if self.state is State.GRADED else None


@dataclass(frozen=True)
class Total:
    """A student's points in the whole course.

    Attributes
    ----------
    points
        Those that are known.
    counted
        The standings that count; assignments that were not assigned do not.
    """

    student: Person
    points: float
    out_of: float
    counted: tuple[Standing, ...]

    @property
    def open(self) -> tuple[Standing, ...]:
        """Those whose points may still change: submitted, and not graded to the end."""
        final = (State.GRADED, State.NOT_SUBMITTED)
        return tuple(standing for standing in self.counted if standing.state not in final)


@dataclass(frozen=True)
class Standings:
    """All students and assignments of a course, and where each student stands with each.

    Attributes
    ----------
    remarks
        What a person should know about the folders, a sentence each; `cells` adds the graded
        notebooks that cannot be read.
    """

    coursedir: CourseDirectory
    students: tuple[Person, ...]
    assignments: tuple[Assigned, ...]
    all: tuple[Standing, ...]
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    @property
    def outside(self) -> tuple[Person, ...]:
        """Those whom the class list lacks; nobody where there is no such list."""
        there = tuple(person for person in self.students if not person.is_on_class_list)
        return there if len(there) < len(self.students) else ()

    @cached_property
    def by_student(self) -> dict[str, dict[str, Standing]]:
        """The standings: {student: {assignment: standing}}."""
        found: dict[str, dict[str, Standing]] = {person.id: {} for person in self.students}
        for standing in self.all:
            found[standing.student.id][standing.assignment.name] = standing
        return found

    def has_work(self, student: str, assignment: str) -> bool:
        """True if the student has submitted something for the assignment."""
        standing = self.by_student.get(student, {}).get(assignment)
        without = (State.NOT_SUBMITTED, State.NOT_ASSIGNED)
        return standing is not None and standing.state not in without

    def only(self, names: Collection[str]) -> "Standings":
        """The same for some assignments; totals are then of these."""
        return replace(
            self,
            assignments=tuple(one for one in self.assignments if one.name in names),
            all=tuple(one for one in self.all if one.assignment.name in names),
        )

    def cells(self, standing: Standing) -> list[dict[str, Any]]:
        """Return the cells of the graded notebooks of a submission, as JSON has them.

        A notebook that cannot be read has none, and the remarks say so.
        """
        coursedir, cells = self.coursedir, list[dict[str, Any]]()
        student, assignment = standing.student.id, standing.assignment.name
        folder = Path(folder_of(coursedir, coursedir.autograded_directory, student, assignment))
        for name in dict.fromkeys(q.notebook for q in standing.assignment.questions):
            try:
                cells += json.loads((folder / f"{name}.ipynb").read_bytes())["cells"]
            except FileNotFoundError:
                continue
            except (OSError, ValueError, TypeError, KeyError) as error:
                remark = (
                    f"{assignment} of {student}: the graded notebook {name}.ipynb cannot be read: "
                    f"{reason_of(error)}. Its points are in the gradebook; what it says of "
                    "mistakes is left out."
                )
                if remark not in self.remarks:
                    self.remarks.append(remark)
        return cells

    def counted(self, standings: Mapping[str, Standing]) -> tuple[Standing, ...]:
        """The standings that a student's total counts, of all that the student has.

        Where an assignment is the whole of others (`c.NbJudge.parts`), either the whole counts or
        its parts, whichever gives this student more points; the parts, where both give the same
        and where an assignment of either was not read.
        """
        mine = {
            name: standing
            for name, standing in standings.items()
            if standing.state is not State.NOT_ASSIGNED
        }
        for whole, names in self.parts.items():
            parts = [mine[name] for name in names if name in mine]
            if whole in mine and parts:
                if mine[whole].known > sum(part.known for part in parts):
                    for part in parts:
                        del mine[part.assignment.name]
                else:
                    del mine[whole]
        return tuple(mine.values())

    def total(self, student: Person) -> Total:
        """A student's points in all assignments that count."""
        counted = self.counted(self.by_student[student.id])
        points, out_of = sum(s.known for s in counted), sum(s.assignment.out_of for s in counted)
        return Total(student, points, out_of, counted)


def read_standings(
    coursedir: CourseDirectory,
    assignments: Collection[str] = (),
    students: Collection[str] = (),
    parts: Mapping[str, Sequence[str]] | None = None,
) -> Standings:
    """Where the students of a course stand, by student and assignment.

    Parameters
    ----------
    assignments, students
        Only these; all of the course where empty.
    parts
        Assignments that are the whole of others, as in `c.NbJudge.parts`.

    Raises
    ------
    LookupError
        Where there is no gradebook, or one of these names is not in the course.
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
    """What has become of what was submitted for an assignment.

    Attributes
    ----------
    states
        By student, of those who have submitted something.
    why
        The reasons of those that are NOT_GRADABLE, by student.
    remarks
        What else a person should know about the folders, a sentence each.
    """

    states: Mapping[str, State]
    why: Mapping[str, str]
    remarks: Sequence[str] = ()

    @cached_property
    def counts(self) -> Mapping[State, int]:
        """How many submissions are in each state."""
        return Counter(self.states.values())


def read_submissions(
    coursedir: CourseDirectory, assignments: Collection[str] = ()
) -> dict[str, Submissions]:
    """What has become of what was submitted, by assignment: `read_standings` in short.

    The points stay in the database, so that a class of thousands takes a second; nothing is
    written there.

    Parameters
    ----------
    assignments
        Only these; all of the course where empty.

    Raises
    ------
    LookupError
        Where there is no gradebook, or it does not have one of these assignments.
    """
    engine, table = read_only(coursedir.db_url), schema.assignments
    try:
        with engine.connect() as db:
            recorded = list(db.execute(sql.select(table.c.name).order_by(table.c.name)).scalars())
            check_names("assignment", assignments, recorded)
            waits, why = _read_waits(db), defaultdict[str, dict[str, str]](dict)
            generated = _read_generated(db)
            if sql.inspect(db).has_table(schema.failures.name):
                for row in db.execute(sql.select(schema.failures)):
                    why[row.assignment][row.student] = row.why
            found = {}
            for name in assignments or recorded:
                folders = _read_folders(coursedir, name, waits[name], why[name], name in generated)
                reasons = {s: folders.why[s] for s in sorted(folders.students & set(folders.why))}
                states = {
                    student: _state(True, student in reasons, waits[name].get(student))
                    for student in sorted(folders.students)
                }
                remarks = _remarks(db, coursedir, name, folders)
                found[name] = Submissions(states, reasons, remarks)
    finally:
        engine.dispose()
    return found


def folder_remarks(coursedir: CourseDirectory, assignments: Collection[str]) -> list[str]:
    """Return what a person should know about the folders of assignments, a sentence each."""
    found = read_submissions(coursedir, assignments).values()
    return [remark for submissions in found for remark in submissions.remarks]


def _read_waits(db: sql.Connection) -> Mapping[str, Mapping[str, bool]]:
    """Whether a person has to grade some of a submission: {assignment: {student: it waits}}."""
    submitted, notebook, grade = schema.submissions, schema.submitted_notebooks, schema.grades
    # Not joined with the rest: nbgrader's tables have no index for that.
    waits = sql.select(grade.c.notebook_id).where(schema.score.is_(None))
    waiting = set(db.execute(waits).scalars())
    query = sql.select(
        schema.assignments.c.name, submitted.c.student_id, notebook.c.id
    ).select_from(schema.submitted)
    found = defaultdict[str, dict[str, bool]](dict)
    for name, student, key in db.execute(query):
        found[name][student] = found[name].get(student, False) or key in waiting
    return found


def read_people(coursedir: CourseDirectory) -> list[Person]:
    """The students of the gradebook, by id; none where there is no gradebook yet."""
    if missing_file(coursedir.db_url):
        return []
    engine = open_database(coursedir.db_url)
    try:
        with engine.connect() as db:
            return sorted(_read_people(db).values(), key=lambda person: person.id)
    finally:
        engine.dispose()


def who_is_missing(coursedir: CourseDirectory, assignment: str) -> str:
    """A line that says who on the class list has submitted nothing; "" where that is nobody.

    On the class list are the students of the gradebook that have a name, an e-mail address or a
    number in a learning platform: grading adds those who submit, and knows none of these. The line
    is "" as well where there is no such list, and where nobody has submitted anything.
    """
    known = [one for one in read_people(coursedir) if one.is_on_class_list]
    there = list_class(coursedir, coursedir.submitted_directory, assignment).students
    missing = [person for person in known if person.id not in there]
    if not there or not missing:
        return ""
    who = listed(f"{one.id} ({one.name})" if one.name else one.id for one in missing)
    line = f"{assignment}: {len(missing)} of {len(known)} have submitted nothing: {who}"
    others = len(set(there) - {one.id for one in known})
    if others:
        are = "submission is of a student" if others == 1 else "submissions are of students"
        line += f"; {others} {are} who {'is' if others == 1 else 'are'} not on the class list"
    return line


def _read(
    db: sql.Connection,
    coursedir: CourseDirectory,
    assignments: Collection[str],
    students: Collection[str],
    parts: Mapping[str, Sequence[str]],
) -> Standings:
    people, questions = _read_people(db), _read_questions(db)
    submissions = _read_submissions(db, questions)
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
    generated = _read_generated(db)
    found, folders, remarks = list[Assigned](), dict[str, _Folders](), list[str]()
    graded_students = dict[str, set[str]]()
    for name, student in submissions:
        graded_students.setdefault(name, set()).add(student)
    for name, duedate in recorded:
        there = _read_folders(
            coursedir, name, graded_students.get(name, ()), why[name], name in generated
        )
        folders[name] = there
        people |= {student: Person(student) for student in there.students if student not in people}
        asked = tuple(questions.get(name, {}).values())
        is_assigned = duedate is not None or there.is_assigned
        if not assignments or name in assignments:
            found.append(Assigned(name, asked, duedate, is_assigned))
            remarks += _remarks(db, coursedir, name, there)
    check_names("student", students, list(people))
    chosen = [people[s] for s in sorted(people) if not students or s in students]
    standings = []
    for person in chosen:
        for assigned in found:
            key = assigned.name, person.id
            work = submissions.get(key)
            waits = None if work is None else work.waits
            there = folders[assigned.name]
            state = _state(person.id in there.students, person.id in there.why, waits)
            if not assigned.is_assigned:
                standing = Standing(person, assigned, State.NOT_ASSIGNED)
            elif work is not None and state in (State.WAITING, State.GRADED):
                cells = questions.get(assigned.name, {})
                standing = _graded_standing(person, assigned, state, work, cells)
            else:
                reason = there.why[person.id] if state is State.NOT_GRADABLE else ""
                standing = Standing(person, assigned, state, reason)
            standings.append(replace(standing, change=changed.get(key)))
    return Standings(coursedir, tuple(chosen), tuple(found), tuple(standings), parts, remarks)


@dataclass(frozen=True)
class _Folders:
    """The students who have submitted an assignment, by its folders and the gradebook.

    Attributes
    ----------
    students
        Who has submitted something, also where only the graded folder is left of it.
    why
        Why it cannot be graded: {student: reason}, also of others.
    gone
        Students of whom only the graded folder is left.
    hidden
        Folders that are skipped, since their names begin with a dot.
    is_assigned
        Whether a submission shows that the assignment was handed out. A student's folder that
        cannot be looked into shows nothing.
    """

    students: set[str]
    why: Mapping[str, str]
    gone: Collection[str]
    hidden: Collection[str]
    is_assigned: bool


def _read_folders(
    coursedir: CourseDirectory,
    assignment: str,
    recorded: Collection[str],
    failed: Mapping[str, str],
    is_generated: bool,
) -> _Folders:
    """Return who has submitted an assignment.

    A student's folder that cannot be looked into counts as a submission where the gradebook knows
    of one, or others have submitted the assignment.

    Parameters
    ----------
    recorded
        Students whose submission the gradebook has.
    failed
        Why the last grading of a submission failed: {student: reason}.
    is_generated
        Whether the gradebook has the assignment's notebooks; without them nothing can be graded.
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
    why = {**unreadable, **failed}
    if not is_generated:
        why = dict.fromkeys(students, not_generated(assignment))
    return _Folders(students, why, sorted(gone), submitted.hidden, is_assigned)


def _remarks(
    db: sql.Connection, coursedir: CourseDirectory, assignment: str, folders: _Folders
) -> list[str]:
    """Return what a person should know about an assignment's folders, a sentence each."""
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
            f"{assignment}: skipped, since their names begin with a dot: "
            f"{listed(folders.hidden)}. If these are students, rename their folders in {submitted}"
        )
    return remarks


def _works(db: sql.Connection, assignment: str) -> dict[str, str]:
    """Return hashes of all files that were graded: {student: hash}."""
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
    """The state of a student's work for an assignment that is assigned.

    Parameters
    ----------
    is_there, is_failed
        Whether something was submitted, and whether grading it failed the last time.
    waits
        Whether a person has to grade some of it; None where the gradebook has no submission.
    """
    if not is_there:
        return State.NOT_SUBMITTED
    if is_failed:
        return State.NOT_GRADABLE
    if waits is None:
        return State.NOT_GRADED
    return State.WAITING if waits else State.GRADED


def _graded_standing(
    person: Person, assigned: Assigned, state: State, work: "_RecordedWork", cells: Iterable[str]
) -> Standing:
    """The standing of work that the gradebook has; its questions in the order of the cells."""
    graded = tuple(work.graded[cell] for cell in cells if cell in work.graded)
    late = seconds_late(work.timestamp, assigned.duedate, work.extension)
    marked = work.marked_late and work.timestamp is None
    return Standing(person, assigned, state, "", graded, work.penalty, work.timestamp, late, marked)


def check_names(kind: str, wanted: Iterable[str], known: Sequence[str]) -> None:
    """Refuse names that the course does not have.

    Parameters
    ----------
    kind
        Of what the names are: "assignment" or "student".

    Raises
    ------
    LookupError
        Where one of those wanted is not known.
    """
    for name in sorted(set(wanted) - set(known)):
        hint = did_you_mean(nearest(name, known))
        raise LookupError(as_sentence(f"The gradebook has no {kind} {name}{hint}"))


def _read_generated(db: sql.Connection) -> set[str]:
    """Return the assignments of which the gradebook has a notebook."""
    assignment, notebook = schema.assignments, schema.notebooks
    query = sql.select(assignment.c.name).join(
        notebook, notebook.c.assignment_id == assignment.c.id
    )
    return set(db.execute(query).scalars())


def _read_people(db: sql.Connection) -> dict[str, Person]:
    table = schema.students
    names = "first_name", "last_name", "email", "lms_user_id"
    query = sql.select(table.c.id, *(sql.func.coalesce(table.c[name], "") for name in names))
    return {row[0]: Person(*row) for row in db.execute(query)}


def _read_questions(db: sql.Connection) -> dict[str, dict[str, Question]]:
    """The questions of each assignment, in order: {assignment: {id of the cell: question}}."""
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
    return {  # the notebooks by name; within one, nbgrader has added the cells in order
        name: dict(sorted(cells.items(), key=lambda item: item[1].notebook))
        for name, cells in questions.items()
    }


@dataclass
class _RecordedWork:
    """What the gradebook has of a submission."""

    timestamp: datetime.datetime | None
    extension: datetime.timedelta | None = None
    penalty: float = 0.0
    marked_late: bool = False
    graded: dict[str, GradedQuestion] = field(default_factory=dict)  # by the cell's id

    @property
    def waits(self) -> bool:
        """Whether a person has to grade some of it."""
        return any(question.points is None for question in self.graded.values())


def _read_submissions(
    db: sql.Connection, questions: Mapping[str, Mapping[str, Question]]
) -> dict[tuple[str, str], _RecordedWork]:
    """What the gradebook has of each submission: {(assignment, student): submission}."""
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
    found: dict[tuple[str, str], _RecordedWork] = {}
    keys: dict[str, tuple[str, str]] = {}
    for name, student, timestamp, extension, key, penalty, report in db.execute(query):
        keys[key] = name, student
        work = found.setdefault((name, student), _RecordedWork(timestamp, extension))
        work.penalty += penalty or 0.0
        work.marked_late = bool(report) and json.loads(report).get("marked_late", False)
    for row in db.execute(sql.select(grade)):
        name, _ = whose = keys[row.notebook_id]
        found[whose].graded[row.cell_id] = _graded(questions[name][row.cell_id], row)
    return found


def _graded(question: Question, row: Any) -> GradedQuestion:
    """A question with the points of its row in the gradebook."""
    score = row.auto_score if row.manual_score is None else row.manual_score
    points = None if score is None else score + (row.extra_credit or 0.0)
    if row.manual_score is None:
        by_hand = "waits" if score is None else ""
    else:
        by_hand = "again" if row.needs_manual_grade else "graded"
    return GradedQuestion(question, points, by_hand)
