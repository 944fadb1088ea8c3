"""Compute each student's standing in a course, for all tables, reports and exports.

Standings are read in bulk from nbgrader's gradebook and from the folders in `submitted/` and
`autograded/`. nbgrader does not record to whom an assignment was given. An assignment therefore
counts as assigned to the whole class once it has a due date or a submission.
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
    """The state of a student's work for an assignment; zero points count as GRADED."""

    NOT_ASSIGNED = "not assigned"
    NOT_SUBMITTED = "not submitted"
    NOT_GRADED = "not graded yet"
    NOT_GRADABLE = "not gradable"
    WAITING = "waiting for a person"
    GRADED = "graded"


@dataclass(frozen=True)
class Person:
    """A student in the gradebook; fields that the gradebook lacks are ""."""

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
        """True if more than the id is known; grading adds students by id only."""
        return bool(self.name or self.email or self.lms_user_id)


@dataclass(frozen=True)
class Question:
    """A graded cell of an assignment: its grade id and its points."""

    notebook: str
    name: str
    out_of: float


@dataclass(frozen=True)
class GradedQuestion:
    """A student's points in a question.

    Attributes
    ----------
    points
        Points with extra credit; None before manual grading.
    by_hand
        "waits" before manual grading, "graded" after it, "again" if the work has been regraded
        since.
    """

    question: Question
    points: float | None
    by_hand: str = ""

    @property
    def lost(self) -> bool:
        """True if points are known and were lost."""
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
        """Maximum points."""
        return sum(question.out_of for question in self.questions)


@dataclass(frozen=True)
class Standing:
    """A student's standing in an assignment.

    Attributes
    ----------
    why
        Why the work could not be graded; "" in other states.
    questions
        Questions of graded work; empty in states other than WAITING and GRADED.
    penalty
        Points deducted for late work.
    submitted
        Time of the submission in UTC; None if unknown.
    late
        Seconds from the due date, with the extension, to the submission; 0 if either time is
        unknown.
    marked_late
        True if a platform has marked the work as late and its time is unknown.
    change
        Last change of the points by a grading run, if known.
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
        """Points known so far, before the late penalty."""
        return sum(question.points or 0.0 for question in self.questions)

    @property
    def known_points(self) -> float:
        """Points known so far, after the late penalty."""
        return max(0.0, self.earned - self.penalty)

    @property
    def points(self) -> float | None:
        """Points after the late penalty; None unless the work is graded."""
        return self.known_points if self.state is State.GRADED else None


@dataclass(frozen=True)
class Total:
    """A student's points in the whole course.

    Attributes
    ----------
    points
        Points known so far.
    counted
        Standings that count; assignments that were not assigned do not.
    """

    student: Person
    points: float
    out_of: float
    counted: tuple[Standing, ...]

    @property
    def open(self) -> tuple[Standing, ...]:
        """Standings whose points may still change: submitted, but not completely graded."""
        final = (State.GRADED, State.NOT_SUBMITTED)
        return tuple(standing for standing in self.counted if standing.state not in final)


@dataclass(frozen=True)
class Standings:
    """All students and assignments of a course, and the standing of each student in each.

    Attributes
    ----------
    remarks
        Messages to the instructor about the folders, one sentence each; `cells` adds unreadable
        graded notebooks.
    """

    coursedir: CourseDirectory
    students: tuple[Person, ...]
    assignments: tuple[Assigned, ...]
    all: tuple[Standing, ...]
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    @property
    def outside(self) -> tuple[Person, ...]:
        """Students who are not on the class list; nobody if there is no class list."""
        unlisted = tuple(person for person in self.students if not person.is_on_class_list)
        return unlisted if len(unlisted) < len(self.students) else ()

    @cached_property
    def by_student(self) -> dict[str, dict[str, Standing]]:
        """Standings by student and assignment: {student: {assignment: standing}}."""
        standings: dict[str, dict[str, Standing]] = {person.id: {} for person in self.students}
        for standing in self.all:
            standings[standing.student.id][standing.assignment.name] = standing
        return standings

    def has_work(self, student: str, assignment: str) -> bool:
        """True if the student has submitted something for the assignment."""
        standing = self.by_student.get(student, {}).get(assignment)
        without = (State.NOT_SUBMITTED, State.NOT_ASSIGNED)
        return standing is not None and standing.state not in without

    def only(self, names: Collection[str]) -> "Standings":
        """Return the standings of some assignments; totals then cover only these assignments."""
        return replace(
            self,
            assignments=tuple(assigned for assigned in self.assignments if assigned.name in names),
            all=tuple(standing for standing in self.all if standing.assignment.name in names),
        )

    def cells(self, standing: Standing) -> list[dict[str, Any]]:
        """Return the cells of a submission's graded notebooks, parsed from JSON.

        Unreadable notebooks are skipped and reported in `remarks`.
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
                    f"{reason_of(error)}. Its points are in the gradebook, but its diagnoses are "
                    "omitted."
                )
                if remark not in self.remarks:
                    self.remarks.append(remark)
        return cells

    def counted(self, standings: Mapping[str, Standing]) -> tuple[Standing, ...]:
        """Return the standings that count for a student's total.

        If an assignment combines other assignments (`c.NbJudge.parts`), either the whole or its
        parts count, whichever gives the student more points. The parts count in a tie. If only the
        whole or only parts are in `standings`, these count.

        Parameters
        ----------
        standings
            All standings of the student.
        """
        mine = {
            name: standing
            for name, standing in standings.items()
            if standing.state is not State.NOT_ASSIGNED
        }
        for whole, names in self.parts.items():
            parts = [mine[name] for name in names if name in mine]
            if whole in mine and parts:
                if mine[whole].known_points > sum(part.known_points for part in parts):
                    for part in parts:
                        del mine[part.assignment.name]
                else:
                    del mine[whole]
        return tuple(mine.values())

    def total(self, student: Person) -> Total:
        """Return a student's points in all assignments that count."""
        counted = self.counted(self.by_student[student.id])
        points = sum(standing.known_points for standing in counted)
        out_of = sum(standing.assignment.out_of for standing in counted)
        return Total(student, points, out_of, counted)


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

    Points are not loaded, so that a class of thousands of students takes about a second. Nothing is
    written to the database.

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
            generated = _read_generated(db)
            if sql.inspect(db).has_table(schema.failures.name):
                for row in db.execute(sql.select(schema.failures)):
                    why[row.assignment][row.student] = row.why
            submissions = {}
            for name in assignments or recorded:
                folders = _read_folders(coursedir, name, waits[name], why[name], name in generated)
                reasons = {s: folders.why[s] for s in sorted(folders.students & set(folders.why))}
                states = {
                    student: _state(True, student in reasons, waits[name].get(student))
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
    """Return a line about students on the class list who have submitted nothing; "" if none.

    The class list consists of the students in the gradebook who have a name, an e-mail address or a
    learning platform's id; students added by grading have none of these. The line is also "" if
    there is no class list, or if nobody has submitted anything.
    """
    class_list = [person for person in read_people(coursedir) if person.is_on_class_list]
    submitted = list_class(coursedir, coursedir.submitted_directory, assignment).students
    missing = [person for person in class_list if person.id not in submitted]
    if not submitted or not missing:
        return ""
    names = listed(
        f"{person.id} ({person.name})" if person.name else person.id for person in missing
    )
    line = f"{assignment}: {len(missing)} of {len(class_list)} have submitted nothing: {names}"
    others = len(set(submitted) - {person.id for person in class_list})
    if others:
        are = "submission is from a student" if others == 1 else "submissions are from students"
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
    selected, folders, remarks = list[Assigned](), dict[str, _Folders](), list[str]()
    graded_students = dict[str, set[str]]()
    for name, student in submissions:
        graded_students.setdefault(name, set()).add(student)
    for name, duedate in recorded:
        work_folders = _read_folders(
            coursedir, name, graded_students.get(name, ()), why[name], name in generated
        )
        folders[name] = work_folders
        people |= {
            student: Person(student) for student in work_folders.students if student not in people
        }
        asked = tuple(questions.get(name, {}).values())
        is_assigned = duedate is not None or work_folders.is_assigned
        if not assignments or name in assignments:
            selected.append(Assigned(name, asked, duedate, is_assigned))
            remarks += _remarks(db, coursedir, name, work_folders)
    check_names("student", students, list(people))
    chosen = [people[s] for s in sorted(people) if not students or s in students]
    standings = []
    for person in chosen:
        for assigned in selected:
            key = assigned.name, person.id
            work = submissions.get(key)
            waits = None if work is None else work.waits
            work_folders = folders[assigned.name]
            state = _state(person.id in work_folders.students, person.id in work_folders.why, waits)
            if not assigned.is_assigned:
                standing = Standing(person, assigned, State.NOT_ASSIGNED)
            elif work is not None and state in (State.WAITING, State.GRADED):
                cells = questions.get(assigned.name, {})
                standing = _graded_standing(person, assigned, state, work, cells)
            else:
                reason = work_folders.why[person.id] if state is State.NOT_GRADABLE else ""
                standing = Standing(person, assigned, state, reason)
            standings.append(replace(standing, change=changed.get(key)))
    return Standings(coursedir, tuple(chosen), tuple(selected), tuple(standings), parts, remarks)


@dataclass(frozen=True)
class _Folders:
    """The students who have submitted an assignment, according to its folders and the gradebook.

    Attributes
    ----------
    students
        Students who have submitted something, even if only the graded folder is left.
    why
        Why work cannot be graded: {student: reason}, not limited to `students`.
    gone
        Students of whom only the graded folder is left.
    hidden
        Folders skipped because their names begin with a dot.
    is_assigned
        True if a submission shows that the assignment was released. A student's unreadable folder
        alone does not show it.
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
    """Return hashes of the files that were graded: {student: hash}."""
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


def _graded_standing(
    person: Person, assigned: Assigned, state: State, work: "_RecordedWork", cells: Iterable[str]
) -> Standing:
    """Return the standing of recorded work; its questions are in the order of the cells."""
    graded = tuple(work.graded[cell] for cell in cells if cell in work.graded)
    late = seconds_late(work.timestamp, assigned.duedate, work.extension)
    marked = work.marked_late and work.timestamp is None
    return Standing(person, assigned, state, "", graded, work.penalty, work.timestamp, late, marked)


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
    return {row[0]: Person(*row) for row in db.execute(query)}


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
    for row in db.execute(sql.select(grade)):
        name, _ = whose = keys[row.notebook_id]
        works[whose].graded[row.cell_id] = _graded(questions[name][row.cell_id], row)
    return works


def _graded(question: Question, row: Any) -> GradedQuestion:
    """Return a question with the points from its row in the gradebook."""
    score = row.auto_score if row.manual_score is None else row.manual_score
    points = None if score is None else score + (row.extra_credit or 0.0)
    if row.manual_score is None:
        by_hand = "waits" if score is None else ""
    else:
        by_hand = "again" if row.needs_manual_grade else "graded"
    return GradedQuestion(question, points, by_hand)
