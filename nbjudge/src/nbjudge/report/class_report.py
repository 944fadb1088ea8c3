"""What the report says about a class, as plain data: `make_report`.

States and points are those of `nbjudge.course.standings`: who has submitted nothing, or whose work
waits or could not be graded, has no points, and is in no mean.
"""

import datetime
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nbjudge.course.standings import (
    Assigned,
    Person,
    Question,
    Standing,
    Standings,
    Total,
)
from nbjudge.feedback.questions import title_of
from nbjudge.report.anonymised import anonymised, shared_names
from nbjudge.report.overview import Overview, make_overview
from nbjudge.report.similarity import Hint, count_own, find_own, find_pairs
from nbjudge.report.statistics import Summary, discrimination, summarize
from nbjudge.report.work import Accident, Answer, Work, read_work

MOST_PLANNED = 15  # mistakes that are named for the next lecture


@dataclass(frozen=True)
class MistakeReport:
    """A mistake that cost points in a question.

    Attributes
    ----------
    question
        What the question is called.
    text
        What the student reads of it; "" where the mistake was not recognized, and `name` says
        only what happened.
    students
        Who lost points by it.
    of
        How many students have points in that question.
    sections
        What these students were told to read again: (section, notebook).
    example
        The function of one of them, anonymised; "" where there is none, or no text.
    """

    assignment: Assigned
    question: str
    name: str
    text: str
    students: tuple[Person, ...]
    of: int
    sections: tuple[tuple[str, str], ...] = ()
    example: str = ""


@dataclass(frozen=True)
class QuestionReport:
    """The points in a question, of the students that have some; `discrimination` as there.

    Attributes
    ----------
    own
        How many students have the course's own function, under whatever names.
    """

    question: Question
    title: str
    summary: Summary | None
    discrimination: float | None
    own: int = 0


@dataclass(frozen=True)
class AssignmentReport(Overview):
    """An assignment with its questions.

    Attributes
    ----------
    mistakes
        Most students first within a question; recognized ones before others.
    """

    questions: tuple[QuestionReport, ...]
    mistakes: tuple[MistakeReport, ...]
    accidents: tuple[tuple[Person, Accident], ...]


@dataclass(frozen=True)
class StudentReport:
    """A student's work in all assignments of the report, and the points in the whole course."""

    total: Total
    works: tuple[Work, ...]

    @property
    def person(self) -> Person:
        """Who it is."""
        return self.total.student


@dataclass(frozen=True)
class ClassReport:
    """What the report says about a class.

    Attributes
    ----------
    not_assigned
        The names of assignments that were not assigned.
    outside
        The students whom the class list lacks: they count in no statistics.
    plan
        The recognized mistakes that most students lost points by.
    last_run
        When the last grading began that changed anything, in UTC.
    changed
        Those whose points it changed, or whose work it could not grade, by student.
    first_graded
        How many submissions for an assignment it graded for the first time.
    pairs
        Students who have the same answers, where chance does not explain it.
    own
        Students who have answers of the course itself, likewise.
    titles
        What the questions are called that these name.
    """

    course: str
    assignments: tuple[AssignmentReport, ...]
    students: tuple[StudentReport, ...]
    not_assigned: tuple[str, ...] = ()
    outside: tuple[Person, ...] = ()
    plan: tuple[MistakeReport, ...] = ()
    last_run: datetime.datetime | None = None
    changed: tuple[Standing, ...] = ()
    first_graded: Mapping[str, int] = field(default_factory=dict)
    pairs: tuple[Hint, ...] = ()
    own: tuple[Hint, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)


def make_report(
    standings: Standings, names: Collection[str] = (), own: Collection[str] = ()
) -> ClassReport:
    """The report about a class.

    Parameters
    ----------
    standings
        Of the whole course, as discrimination compares a question with all others.
    names
        The assignments that are reported; all of the course where empty.
    own
        The fingerprints of the course's own functions.
    """
    shown = [one for one in standings.assignments if not names or one.name in names]
    assigned = [one for one in shown if one.is_assigned]
    works = {
        (one.assignment.name, one.student.id): read_work(standings, one)
        for one in standings.all
        if one.assignment.name in {assignment.name for assignment in assigned}
    }
    elsewhere, outside = _Elsewhere(standings), standings.outside
    assignments = tuple(
        _assignment(
            one,
            [works[one.name, person.id] for person in standings.students],
            frozenset(outside),
            elsewhere,
            own,
        )
        for one in assigned
    )
    answers = _fingerprints(works.values())
    students = tuple(
        StudentReport(
            standings.total(person), tuple(works[one.name, person.id] for one in assigned)
        )
        for person in standings.students
    )
    recognized = [m for one in assignments for m in one.mistakes if m.text]
    plan = sorted(recognized, key=lambda mistake: -len(mistake.students))[:MOST_PLANNED]
    left_out = tuple(one.name for one in shown if not one.is_assigned)
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
        plan=tuple(plan),
        last_run=last,
        changed=tuple(sorted(changed, key=lambda standing: standing.student.id)),
        first_graded=first_graded,
        pairs=tuple(find_pairs(answers, own)),
        own=tuple(find_own(answers, own)),
        titles={n: answer.title for work in works.values() for n, answer in work.answers.items()},
    )


class _Elsewhere:
    """The share of the points that a student has in all questions but one."""

    def __init__(self, standings: Standings):
        self.points: dict[str, dict[str, tuple[float, float]]] = {}
        for person in standings.students:
            mine = self.points[person.id] = {}
            # An assignment that repeats others is not counted beside them.
            for standing in standings.counted(standings.by_student[person.id]):
                for graded in standing.questions:
                    if graded.points is not None:
                        earned, out_of = mine.get(graded.question.name, (0.0, 0.0))
                        sums = earned + graded.points, out_of + graded.question.out_of
                        mine[graded.question.name] = sums
        self.sums = {
            student: (sum(e for e, _ in mine.values()), sum(o for _, o in mine.values()))
            for student, mine in self.points.items()
        }

    def share(self, student: str, question: Question) -> float | None:
        """None where the student has no points in any other question."""
        earned, out_of = self.sums[student]
        # By its name: two assignments can ask the same question.
        own_earned, own_out_of = self.points[student].get(question.name, (0.0, 0.0))
        rest = out_of - own_out_of
        return (earned - own_earned) / rest if rest > 0 else None


def _assignment(
    assigned: Assigned,
    all_works: Sequence[Work],
    outside: Collection[Person],
    elsewhere: _Elsewhere,
    own: Collection[str],
) -> AssignmentReport:
    works = [work for work in all_works if work.standing.student not in outside]
    standings = [work.standing for work in works]
    overview = make_overview(assigned, standings)
    titles = {name: answer.title for work in works for name, answer in work.answers.items()}
    counted_own = count_own(_fingerprints(works), own)
    questions, mistakes = list[QuestionReport](), list[MistakeReport]()
    for question in assigned.questions:
        title = titles.get(question.name) or title_of(question.name)
        graded = {
            standing.student.id: one.points
            for standing in standings
            for one in standing.questions
            if one.question == question and one.points is not None
        }
        shares = {student: elsewhere.share(student, question) for student in graded}
        pairs = [(graded[student], share) for student, share in shares.items() if share is not None]
        summary = summarize(graded.values(), question.out_of)
        questions.append(
            QuestionReport(
                question, title, summary, discrimination(pairs), counted_own.get(question.name, 0)
            )
        )
        mistakes += _mistakes(assigned, question, title, works, len(graded))
    accidents = [(work.standing.student, one) for work in all_works for one in work.accidents]
    return AssignmentReport(
        assigned,
        overview.states,
        overview.summary,
        tuple(questions),
        tuple(mistakes),
        tuple(accidents),
    )


def _mistakes(
    assigned: Assigned, question: Question, title: str, works: Sequence[Work], of: int
) -> list[MistakeReport]:
    """The mistakes of a question, recognized ones first, most students first."""
    who: dict[str, list[tuple[Person, Answer]]] = {}
    for work in works:
        if answer := work.answers.get(question.name):
            for name in answer.mistakes:
                who.setdefault(name, []).append((work.standing.student, answer))
    kept = _kept_names(question, works) if who else frozenset()
    found = list[MistakeReport]()
    for name, made in who.items():
        answers = [answer for _, answer in made]
        # What others are told can be about their other mistakes.
        alone = [answer for answer in answers if answer.mistakes == (name,)]
        text = next((answer.texts[name] for answer in answers if answer.texts.get(name)), "")
        sections = dict.fromkeys(place for one in alone or answers for place in one.sections)
        found.append(
            MistakeReport(
                assigned,
                title,
                name,
                text,
                tuple(person for person, _ in made),
                of,
                tuple(sections),
                _example(title, alone, kept) if text else "",
            )
        )
    return sorted(found, key=lambda one: (not one.text, -len(one.students), one.name))


def _kept_names(question: Question, works: Iterable[Work]) -> frozenset[str]:
    """The names in the answers to a question that say nothing about who wrote them."""
    answers = [work.answers[question.name] for work in works if question.name in work.answers]
    people = {
        part
        for work in works
        for text in (work.standing.student.id, work.standing.student.name)
        for part in (text, *text.split())
    }
    return shared_names((answer.code for answer in answers), people)


def _example(title: str, answers: Iterable[Answer], kept: frozenset[str]) -> str:
    """The function of the shortest answer that has one, anonymised."""
    codes = sorted((answer.code for answer in answers), key=len)
    return next(filter(None, (anonymised(code, title, kept) for code in codes)), "")


def _fingerprints(works: Iterable[Work]) -> dict[str, dict[str, set[str]]]:
    """The fingerprints of each student's answers: {student: {question: fingerprints}}.

    Assignments that ask the same question ask it under the same name.
    """
    found: dict[str, dict[str, set[str]]] = {}
    for work in works:
        for question, answer in work.answers.items():
            if answer.functions:
                mine = found.setdefault(work.standing.student.id, {})
                mine.setdefault(question, set()).update(answer.functions)
    return found
