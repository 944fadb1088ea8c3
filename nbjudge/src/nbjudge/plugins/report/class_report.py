"""Build the content of a class report as plain data: `make_report`.

States and points are those of the standings: students without a submission, and students whose work
is waiting or could not be graded, have no points and are excluded from means.
"""

import datetime
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nbjudge.feedback.questions import title_of
from nbjudge.plugins.report.functions import Function
from nbjudge.plugins.report.identical import Identical, find_identical
from nbjudge.plugins.report.overview import Overview, make_overview
from nbjudge.plugins.report.reading import Accident, Answer
from nbjudge.plugins.report.statistics import Summary, discrimination, summarize
from nbjudge.plugins.report.work import Work, read_work
from nbjudge.plugins.standings.standings import (
    Assigned,
    Person,
    Question,
    Standing,
    Standings,
    Total,
)


@dataclass(frozen=True)
class MistakeReport:
    """A mistake that cost points in a question.

    Attributes
    ----------
    question
        Title of the question.
    text
        Diagnosis that the student reads; "" for an unrecognized mistake, whose `name` states only
        the symptom.
    students
        Students who lost points because of the mistake.
    of
        Number of students with points in the question.
    sections
        Sections recommended to these students: (section, notebook).
    """

    question: str
    name: str
    text: str
    students: tuple[Person, ...]
    of: int
    sections: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class QuestionReport:
    """Statistics of the graded answers to a question.

    Attributes
    ----------
    discrimination
        Corrected item-total correlation, see `nbjudge.plugins.report.statistics.discrimination`.
    """

    question: Question
    title: str
    summary: Summary | None
    discrimination: float | None


@dataclass(frozen=True)
class AssignmentReport(Overview):
    """An assignment with its questions.

    Attributes
    ----------
    mistakes
        Recognized mistakes, then the others; the most frequent ones first.
    """

    questions: tuple[QuestionReport, ...]
    mistakes: tuple[MistakeReport, ...]
    accidents: tuple[tuple[Person, Accident], ...]

    @property
    def most_frequent(self) -> MistakeReport | None:
        """The recognized mistake that most students made; None without a recognized mistake."""
        recognized = (mistake for mistake in self.mistakes if mistake.text)
        return max(recognized, key=lambda mistake: len(mistake.students), default=None)


@dataclass(frozen=True)
class StudentReport:
    """A student's work in all reported assignments, and the total points in the course."""

    total: Total
    works: tuple[Work, ...]

    @property
    def person(self) -> Person:
        """The student."""
        return self.total.student


@dataclass(frozen=True)
class ClassReport:
    """Content of the report about a class.

    Attributes
    ----------
    not_assigned
        Names of assignments that were not assigned.
    outside
        Students who are not on the class list; they are excluded from statistics.
    totals
        Summary of the students' totals, as percentages of the points in the whole course.
    last_run
        Start of the last grading run that changed anything, in UTC.
    changed
        Standings that the last run changed or could not grade, by student.
    first_graded
        Number of submissions per assignment that the last run graded for the first time.
    identical
        Students with identical work.
    """

    course: str
    assignments: tuple[AssignmentReport, ...]
    students: tuple[StudentReport, ...]
    not_assigned: tuple[str, ...] = ()
    outside: tuple[Person, ...] = ()
    totals: Summary | None = None
    last_run: datetime.datetime | None = None
    changed: tuple[Standing, ...] = ()
    first_graded: Mapping[str, int] = field(default_factory=dict)
    identical: tuple[Identical, ...] = ()


def make_report(
    standings: Standings, names: Collection[str] = (), own: Collection[str] = ()
) -> ClassReport:
    """Build the report about a class.

    Parameters
    ----------
    standings
        Standings of the whole course: discrimination compares a question with all others.
    names
        Assignments to report; all assignments if empty.
    own
        Fingerprints of the course's own functions.
    """
    shown = [
        assignment for assignment in standings.assignments if not names or assignment.name in names
    ]
    assigned = [assignment for assignment in shown if assignment.is_assigned]
    assigned_names = {assignment.name for assignment in assigned}
    works = {
        (standing.assignment.name, standing.student.id): read_work(standings, standing)
        for standing in standings.all
        if standing.assignment.name in assigned_names
    }
    elsewhere, outside = _Elsewhere(standings), standings.outside
    assignments = tuple(
        _assignment(
            assignment,
            [works[assignment.name, person.id] for person in standings.students],
            frozenset(outside),
            elsewhere,
        )
        for assignment in assigned
    )
    groups = {person.id: person.group for person in standings.students if person.group}
    students = tuple(
        StudentReport(
            standings.total(person),
            tuple(works[assignment.name, person.id] for assignment in assigned),
        )
        for person in standings.students
    )
    left_out = tuple(assignment.name for assignment in shown if not assignment.is_assigned)
    last = max((s.change.run for s in standings.all if s.change), default=None)
    changed, first_graded = list[Standing](), Counter[str]()
    for work in works.values():
        standing, change = work.standing, work.standing.change
        if change and change.run == last and change.is_first:
            first_graded[standing.assignment.name] += 1
        elif change and change.run == last:
            changed.append(standing)
    return ClassReport(
        standings.coursedir.course_id or "The course",
        assignments,
        students,
        not_assigned=left_out,
        outside=outside,
        totals=_summarize_totals(s.total for s in students if s.person not in outside),
        last_run=last,
        changed=tuple(sorted(changed, key=lambda standing: standing.student.id)),
        first_graded=first_graded,
        identical=tuple(_identical(works.values(), own, groups)),
    )


def _identical(
    works: Iterable[Work], own: Collection[str], groups: Mapping[str, str]
) -> list[Identical]:
    functions, files = dict[str, dict[str, Function]](), dict[str, dict[str, str]]()
    for work in works:
        student, assignment = work.standing.student.id, work.standing.assignment.name
        if work.functions:
            functions.setdefault(student, {}).update(work.functions)
        if work.functions and work.file:
            files.setdefault(student, {})[assignment] = work.file
    return find_identical(functions, own, files, groups)


def _summarize_totals(totals: Iterable[Total]) -> Summary | None:
    """Return the summary of the totals in percent; None if no total has points to earn."""
    shares = [100 * total.points / total.out_of for total in totals if total.out_of]
    return summarize(shares, 100)


class _Elsewhere:
    """Computes a student's share of the points in all other questions."""

    def __init__(self, standings: Standings):
        self.points: dict[str, dict[str, tuple[float, float]]] = {}
        for person in standings.students:
            by_question = self.points[person.id] = {}
            # An assignment that repeats others is not counted in addition to them.
            for standing in standings.counted(standings.by_student[person.id]):
                for graded in standing.questions:
                    if graded.points is not None:
                        earned, out_of = by_question.get(graded.question.name, (0.0, 0.0))
                        sums = earned + graded.points, out_of + graded.question.out_of
                        by_question[graded.question.name] = sums
        self.sums = {
            student: (
                sum(e for e, _ in by_question.values()),
                sum(o for _, o in by_question.values()),
            )
            for student, by_question in self.points.items()
        }

    def share(self, student: str, question: Question) -> float | None:
        """Return the share, or None if the student has no points in any other question."""
        earned, out_of = self.sums[student]
        # Compared by name, because two assignments can contain the same question.
        own_earned, own_out_of = self.points[student].get(question.name, (0.0, 0.0))
        other_points = out_of - own_out_of
        return (earned - own_earned) / other_points if other_points > 0 else None


def _assignment(
    assigned: Assigned,
    all_works: Sequence[Work],
    outside: Collection[Person],
    elsewhere: _Elsewhere,
) -> AssignmentReport:
    works = [work for work in all_works if work.standing.student not in outside]
    standings = [work.standing for work in works]
    overview = make_overview(assigned, standings)
    titles = {name: answer.title for work in works for name, answer in work.answers.items()}
    questions, mistakes = list[QuestionReport](), list[MistakeReport]()
    for question in assigned.questions:
        title = titles.get(question.name) or title_of(question.name)
        graded = {
            standing.student.id: answer.points
            for standing in standings
            for answer in standing.questions
            if answer.question == question and answer.points is not None
        }
        shares = {student: elsewhere.share(student, question) for student in graded}
        pairs = [(graded[student], share) for student, share in shares.items() if share is not None]
        summary = summarize(graded.values(), question.out_of)
        questions.append(QuestionReport(question, title, summary, discrimination(pairs)))
        mistakes += _mistakes(question, title, works, len(graded))
    accidents = [
        (work.standing.student, accident) for work in all_works for accident in work.accidents
    ]
    return AssignmentReport(
        assigned,
        overview.states,
        overview.summary,
        tuple(questions),
        tuple(sorted(mistakes, key=lambda mistake: (not mistake.text, -len(mistake.students)))),
        tuple(accidents),
    )


def _mistakes(
    question: Question, title: str, works: Sequence[Work], of: int
) -> list[MistakeReport]:
    """Return the mistakes in a question, by name."""
    cases_of: dict[str, list[tuple[Person, Answer]]] = {}
    for work in works:
        if answer := work.answers.get(question.name):
            for name in answer.mistakes:
                cases_of.setdefault(name, []).append((work.standing.student, answer))
    reports = list[MistakeReport]()
    for name, cases in cases_of.items():
        answers = [answer for _, answer in cases]
        # The sections of students with several mistakes may belong to the other mistakes.
        alone = [answer for answer in answers if answer.mistakes == (name,)]
        text = next((answer.texts[name] for answer in answers if answer.texts.get(name)), "")
        sections = dict.fromkeys(
            section for answer in alone or answers for section in answer.sections
        )
        reports.append(
            MistakeReport(
                title,
                name,
                text,
                tuple(person for person, _ in cases),
                of,
                tuple(sections),
            )
        )
    return sorted(reports, key=lambda report: report.name)
