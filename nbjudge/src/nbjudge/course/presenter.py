"""Present a run of grading to a person: its progress, its outcomes, the notes and its status.

`nbjudge autograde`, `nbgrader autograde`, `nbjudge grade` and the course's own tools present a run
in the same words; a sink shows them in a terminal or writes them to a log.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from shlex import quote
from typing import Protocol, TypeVar

from nbjudge.course.assignment import Assignment
from nbjudge.course.class_remarks import describe_missing, folder_remarks
from nbjudge.course.outcome import (
    MAX_LINES,
    GradingOutcome,
    limits_met,
    listed,
    printable,
    shortened,
    with_students,
)
from nbjudge.wording import as_sentence

T = TypeVar("T")
FEW = 3  # a test that nobody passes is reported from this number of submissions on


class Sink(Protocol):
    """Destination of a run's messages: a terminal or a log."""

    def say(self, level: int, text: str) -> object:
        """Show a message with its logging level, verbatim."""

    def track(
        self, pieces: Iterable[T], totals: Mapping[str, int], name: Callable[[T], str]
    ) -> Iterable[T]:
        """Yield pieces of work as they are done, and show the progress.

        Parameters
        ----------
        totals
            {name: number of pieces}, for example by assignment.
        name
            Function that returns the name to which a piece belongs.
        """


class Presenter:
    """Presents a run of grading to a person.

    Parameters
    ----------
    sink
        Where the run is presented.
    most
        Maximum number of messages of one kind to show.
    place
        Where the other messages are, such as " in grading.txt"; "" if nowhere.

    Attributes
    ----------
    lines
        All messages given to `show`, also those that were not shown.
    outcomes
        Outcomes of the submissions that were followed, by assignment.
    status
        Exit status: 0, or 1 after an error was presented.

    Examples
    --------
    >>> import nbjudge
    >>> coursedir, settings = nbjudge.load_course()
    >>> ps1 = nbjudge.Assignment("ps1", coursedir, settings)
    >>> work = {ps1: ps1.students()}
    >>> presenter = nbjudge.Presenter(nbjudge.Terminal())
    >>> with nbjudge.Engine() as engine:
    ...     graded = nbjudge.grade(engine, work, workers=2)
    ...     done = [outcome.student for _, outcome in presenter.follow(work, graded)]
    >>> presenter.show_notes()
    >>> presenter.lines
    ['Missing: ps1: 1 of 3 have submitted nothing: cem (Cem).']
    >>> presenter.status
    0
    >>> ps1.close()
    """

    def __init__(self, sink: Sink, most: int = MAX_LINES, place: str = ""):
        self.sink, self.most, self.place = sink, most, place
        self.outcomes: dict[Assignment, list[GradingOutcome]] = {}
        self.status = 0
        self.lines = list[str]()

    def say(self, text: str, level: int = logging.INFO) -> None:
        """Show a message on one line, printable; an ERROR makes the run a failure."""
        if level >= logging.ERROR:
            self.status = 1
        self.sink.say(level, printable(text))

    def say_not_graded(self, work: str, why: str) -> None:
        """Show that a submission was not graded."""
        self.say(f"Not graded: {work}: {as_sentence(why)}", logging.ERROR)

    def show(self, lines: Sequence[str], level: int = logging.INFO, is_whole: bool = False) -> None:
        """Show messages of one kind: the first `most`, or all if the kind must be whole."""
        self.lines += map(printable, lines)
        for line in shortened(lines, len(lines) if is_whole else self.most, self.place):
            self.say(line, level)

    def follow(
        self,
        work: Mapping[Assignment, Sequence[str]],
        graded: Iterable[tuple[Assignment, GradingOutcome]],
    ) -> Iterator[tuple[Assignment, GradingOutcome]]:
        """Yield the first outcome of each submission, and show the progress.

        The last outcomes are kept, sorted at the end.

        Parameters
        ----------
        work
            {assignment: students}.
        """
        for assignment in work:
            self.outcomes.setdefault(assignment, [])
        totals = {assignment.name: len(students) for assignment, students in work.items()}
        yield from self.sink.track(self._keep(graded), totals, lambda piece: piece[0].name)
        for outcomes in self.outcomes.values():
            outcomes.sort(key=lambda outcome: outcome.student)

    def _keep(
        self, graded: Iterable[tuple[Assignment, GradingOutcome]]
    ) -> Iterator[tuple[Assignment, GradingOutcome]]:
        """Keep the last outcome of each submission; yield the first."""
        places = dict[tuple[Assignment, str], int]()
        for assignment, outcome in graded:
            outcomes, work = self.outcomes[assignment], (assignment, outcome.student)
            if work in places:
                outcomes[places[work]] = outcome
            else:
                places[work] = len(outcomes)
                outcomes.append(outcome)
                yield assignment, outcome

    def show_failures(self) -> None:
        """Show why submissions were not graded, or have no feedback page, by kind."""
        why = self._of_work("Not graded", lambda outcome: [outcome.why])
        self.show(why, logging.ERROR)
        self.show_missing_pages()

    def show_missing_pages(self) -> None:
        """Show why submissions have no feedback page."""
        feedback = self._of_work("No feedback", lambda outcome: [outcome.feedback])
        self.show(feedback, logging.ERROR)

    def show_notes(self, is_whole_class: bool = True) -> None:
        """Show the other messages to the instructor after a run, by kind.

        Parameters
        ----------
        is_whole_class
            False if only some students' work was graded; missing students are then not reported.
        """
        missing, remarks = list[str](), list[str]()
        if is_whole_class and self.outcomes:
            coursedir = next(iter(self.outcomes)).coursedir
            names = [assignment.name for assignment in self.outcomes]
            missing = [line for name in names if (line := describe_missing(coursedir, name))]
            remarks = folder_remarks(coursedir, names)
        self.show([*self._lines("Changed", _changes), *self._changes_elsewhere()])
        self.show(self._of_work("Repaired", lambda outcome: outcome.judgment.repairs))
        self.show(self._of_work("Note", lambda outcome: outcome.judgment.remarks))
        suspicions = self._of_work("Note", lambda outcome: outcome.judgment.suspicions)
        self.show(suspicions, is_whole=True)
        self.show([f"Missing: {line}." for line in missing])
        self.show(self._lines("Times", _times), logging.WARNING)
        self.show([f"Folders: {as_sentence(line)}" for line in remarks], logging.WARNING)
        self.show(self._lines("The grader", _limits), logging.WARNING)
        self.show(self._lines("The assignment itself", _problems), logging.WARNING)

    def _changes_elsewhere(self) -> Iterator[str]:
        """Yield the changes in other assignments, except those that their own outcomes report."""
        outcomes = [(each.name, one) for each, done in self.outcomes.items() for one in done]
        own = {
            (name, one.student) for name, one in outcomes if one.total is not None and one.change
        }
        elsewhere = {
            (name, outcome.student): text
            for _, outcome in outcomes
            for name, text in (outcome.recorded.elsewhere.items() if outcome.recorded else ())
        }
        for (name, student), text in elsewhere.items():
            if (name, student) not in own:
                yield f"Changed: {name} of {student}: {text}"

    def _of_work(
        self, kind: str, sentences: Callable[[GradingOutcome], Iterable[str]]
    ) -> list[str]:
        """Return the sentences about submissions, each after the names of its students."""
        return self._lines(
            kind, lambda _, done: (f" of {line}" for line in with_students(done, sentences))
        )

    def _lines(
        self, kind: str, texts: Callable[[Assignment, list[GradingOutcome]], Iterable[str]]
    ) -> list[str]:
        """Return texts about each assignment's outcomes, after their kind and its name."""
        return [
            f"{kind}: {assignment.name}{text}"
            for assignment, done in self.outcomes.items()
            for text in texts(assignment, done)
        ]


def _changes(_: Assignment, outcomes: Iterable[GradingOutcome]) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.score_change:
            yield f" of {outcome.student}: {outcome.score_change}"


def _limits(_: Assignment, outcomes: Iterable[GradingOutcome]) -> Iterator[str]:
    yield from (f": {text}" for text in limits_met(outcomes))


def _problems(assignment: Assignment, outcomes: Sequence[GradingOutcome]) -> Iterator[str]:
    """Yield actual and possible problems with an assignment.

    Problems are errors in its tests, tests in which nobody earned a point, replaced dates and dates
    that `dates.toml` does not name, settings that may be meant for this assignment, and changes in
    source/ that were not released.
    """
    problems = sorted({error for outcome in outcomes for error in outcome.judgment.errors})
    problems += [*assignment.date_remarks, *assignment.setting_remarks()]
    problems += [*assignment.slips(), *assignment.placement_remarks]
    if differences := assignment.describe_differences():
        problems.append(f"{differences}. {assignment.describe_graded_version()}")
    for name, spec in assignment.specs.items():
        scores = [o.judgment.scores for o in outcomes]
        graded = [notebooks[name] for notebooks in scores if name in notebooks]
        for cell in spec.graded if len(graded) >= FEW else ():
            if cell.is_test and cell.points and all(s[cell.grade_id] == 0 for s in graded):
                problem = (
                    f"{cell.grade_id}: none of {len(graded)} students earned a point; `nbjudge "
                    f"check {quote(assignment.name)}` shows whether the assignment's own solution "
                    "does"
                )
                problems.append(assignment.named(name, problem))
    yield from (f": {as_sentence(text)}" for text in problems)


def _times(assignment: Assignment, outcomes: Sequence[GradingOutcome]) -> Iterator[str]:
    """Yield sentences about submissions whose times are unknown."""
    marked = [outcome.student for outcome in outcomes if outcome.marked_late]
    if marked:
        yield (
            f": marked late by the platform, without a time: {len(marked)} of {len(outcomes)} "
            f"submissions ({listed(marked)}). No late penalty is deducted until timestamp.txt has "
            "the time."
        )
    untimed = [o.student for o in outcomes if not (o.has_time or o.marked_late)]
    if untimed and assignment.records.duedate:
        yield (
            f": no time in timestamp.txt, so counted as on time: {len(untimed)} of {len(outcomes)} "
            f"submissions ({listed(untimed)})."
        )
