"""The operations of `nbjudge review`, independent of the web server."""

import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from nbjudge.course.dates import time_text, utc_now
from nbjudge.feedback.prose import markdown
from nbjudge.files import digest_of
from nbjudge.review.answers import Answers
from nbjudge.review.claims import Claims, Clock, HeldError, Seat
from nbjudge.review.graders import split_by_question, split_by_share
from nbjudge.review.gradings import Grading, Gradings, Kind, decisive
from nbjudge.review.manual_grades import ChangedError, ManualGrade
from nbjudge.review.rubric import RubricItem, start_points

LONGEST_COMMENT = 20_000  # characters
LONGEST_ITEM = 500
ANSWERS, OTHERS = "answers", "others"
TITLES = {  # lists of answers, in the order in which the page offers them
    ANSWERS: "To grade",
    OTHERS: "Other graders\u2019 answers",
}

Listed = dict[str, bool]  # ids of answers in display order; True if an answer is waiting


class GoneError(LookupError):
    """An answer is not in the grader's list, or no longer: another grader has graded it."""


class Review:
    """The review of an assignment by one person or by several graders.

    Several graders work on lists of answers. A page claims the answer that it opens, so that no
    other page opens it. In a review by one person, the only list has all answers, and nothing is
    claimed.

    Parameters
    ----------
    names
        True to show the students' names.
    graders
        Names of the graders; none for a review by one person.
    split
        One of `graders.SPLITS`, or "" if all graders share one list.

    Attributes
    ----------
    graded
        Ids of the answers saved in this review.
    """

    def __init__(
        self,
        answers: Answers,
        names: bool = False,
        graders: Sequence[str] = (),
        split: str = "",
        clock: Clock = utc_now,
    ):
        self.answers, self.names, self.graders, self.clock = answers, names, graders, clock
        self.claims = Claims(answers.grades.engine, clock)
        self.log = Gradings(answers.assignment.records)
        self.graded: set[str] = set()
        self.graders_of = self._split(split)

    def _split(self, split: str) -> Mapping[str, Collection[str]]:
        """Return the graders of each answer; an answer without graders is for all of them."""
        listed = self.answers.listed
        if not self.graders or not split:
            return {}
        if split == "question":
            questions = {key: (row.notebook, row.cell) for key, row in listed.items()}
            return split_by_question(questions, self.graders)
        students = {key: row.student for key, row in listed.items()}
        return split_by_share(students, self.graders, self.answers.assignment.name)

    def lists(self, seat: Seat) -> dict[str, Listed]:
        """Return the lists of a grader, by name.

        The answers that other graders have graded are in no list.
        """
        grades = {row.id: row for row in self.answers.grades.all()}
        lists: dict[str, Listed] = {ANSWERS: {}, OTHERS: {}}
        gradings = self.log.all() if seat.grader else {}
        for key in self.answers.order:
            if key not in grades:
                continue
            waiting = grades[key].waiting
            last = decisive(gradings.get(key, ()))
            if seat.grader and not waiting and not (last and last.grader == seat.grader):
                continue
            own = seat.grader in self.graders_of.get(key, (seat.grader,))
            lists[ANSWERS if own else OTHERS][key] = waiting
        return lists

    def has_work(self) -> bool:
        """True if an answer is waiting in a list of any grader."""
        seats = [Seat(grader) for grader in self.graders or ("",)]
        lists = [listed for seat in seats for listed in self.lists(seat).values()]
        return any(itertools.chain(*(listed.values() for listed in lists)))

    def overview(self, seat: Seat, name: str = ANSWERS) -> dict[str, Any]:
        """Return the state of all lists, and the answers in one of them."""
        listed = self._list(self.lists(seat), name)
        return {
            **self._state(seat, name),
            "answers": [{"id": key, "waiting": waiting} for key, waiting in listed.items()],
        }

    def step(
        self, seat: Seat, name: str, start: str | None, by: int, waiting: bool
    ) -> dict[str, Any]:
        """Open the next or previous answer in a list that no other page has open.

        Parameters
        ----------
        start
            Id of the current answer; None to begin at the first.
        by
            1 for the next answer, -1 for the previous one.
        waiting
            True to open only answers that await a grade; after the last, continue at the first.

        Returns
        -------
        dict
            The state of all lists, and the `answer`, which is None if there is no such answer.

        Raises
        ------
        LookupError
            If the only such answers cannot be read.
        """
        listed = self._list(self.lists(seat), name)
        problem: LookupError | None = None
        for key in self._order(listed, start, by, waiting):
            if waiting and not listed[key]:
                continue
            try:
                answer = self.open(seat, name, key, waiting)
            except (HeldError, GoneError):
                continue
            except LookupError as error:
                problem = problem or error
                continue
            return {**self._state(seat, name, key), "answer": answer}
        if problem:
            raise problem
        return {**self._state(seat, name), "answer": None}

    def _order(self, listed: Listed, start: str | None, by: int, around: bool) -> Iterator[str]:
        """Return the answers of a list in the order in which to try them."""
        places = {key: place for place, key in enumerate(self.answers.order)}
        here = places.get(start or "")
        if here is None:
            return iter(listed)
        before = [key for key in listed if places[key] < here]
        after = [key for key in listed if places[key] > here]
        if by < 0:
            return reversed(before)
        return (
            itertools.chain(after, before, [start] if start in listed else [])
            if around
            else iter(after)
        )

    def _state(self, seat: Seat, name: str, key: str | None = None) -> dict[str, Any]:
        """Return the state of all lists.

        Parameters
        ----------
        name, key
            The list in use, and the open answer.
        """
        lists = self.lists(seat)
        held = {key for key, holder in self.claims.held().items() if holder.page != seat.page}
        listed = self._list(lists, name)
        waiting = {key for key, is_waiting in listed.items() if is_waiting}
        return {
            "assignment": self.answers.assignment.name,
            "grader": seat.grader,
            "list": name,
            "number": list(listed).index(key) + 1 if key in listed else None,
            "total": len(listed),
            "waiting": len(waiting),
            "held": len(waiting & held) if seat.grader else 0,
            "lists": [
                {"name": other, "title": title, "waiting": sum(lists[other].values())}
                for other, title in TITLES.items()
                if other in (ANSWERS, name) or any(lists[other].values())
            ],
        }

    @staticmethod
    def _list(lists: Mapping[str, Listed], name: str) -> Listed:
        if name not in lists:
            raise LookupError(f"There is no list {name} here: reload the page")
        return lists[name]

    def open(self, seat: Seat, name: str, key: str, waiting: bool = False) -> dict[str, Any]:
        """Claim an answer and return all data that the page shows for it.

        Parameters
        ----------
        waiting
            True to open the answer only if it awaits a grade.

        Raises
        ------
        HeldError
            If another page has the answer open.
        GoneError
            If the list does not have the answer, or no longer.
        LookupError
            If the notebook of the answer cannot be read.
        """
        self._check(seat, name, key)
        self.claims.take(key, seat)
        try:
            # Another server may have saved the answer until it was claimed.
            if not self._check(seat, name, key) and waiting:
                raise GoneError("Another grader has just graded this answer")
            return self.show(seat, name, key)
        except LookupError:
            self.claims.release(seat)
            raise

    def hold(self, seat: Seat, key: str) -> dict[str, Any]:
        """Renew the claim of the page on an answer.

        Raises
        ------
        HeldError
            If another page has the answer open.
        """
        if key in self.answers.listed:
            self.claims.take(key, seat)
        return {}

    def _check(self, seat: Seat, name: str, key: str) -> bool:
        """Return True if an answer in a list is waiting; raise GoneError if it is not there."""
        listed = self._list(self.lists(seat), name)
        if key not in listed:
            raise GoneError(f"There is no answer {key} here: reload the page")
        return listed[key]

    def show(self, seat: Seat, name: str, key: str) -> dict[str, Any]:
        """Return all data that the page shows for an answer.

        Raises
        ------
        LookupError
            If there is no such answer.
        """
        grade = self._grade(key)
        question, shown = self.answers.question(grade), self.answers.show(grade)
        several = len(self.answers.assignment.specs) > 1
        items = self._items(grade)
        ticked = set(self.answers.grades.ticked(grade))
        gradings = self.log.of(key)
        return {
            "id": key,
            "title": f"{grade.notebook}: {question.title}" if several else question.title,
            "student": (grade.name or grade.student) if self.names else "",
            "question": question.prompt,
            "answer": shown,
            "scheme": question.scheme,
            "waiting": grade.waiting,
            "points": grade.points,
            "out_of": grade.out_of,
            "start": start_points(items, grade.out_of),
            "comment": None if grade.comment_id is None else grade.comment or "",
            "said": grade.auto_comment or "",
            "by": "" if grade.waiting else self._by(grade, gradings),
            "rubric": [
                {
                    "key": item.key,
                    "points": item.points,
                    "html": markdown(item.text),
                    "own": item.own,
                    "ticked": item.key in ticked,
                }
                for item in items
            ],
            "bank": self.answers.grades.comments(grade),
            "version": _version(grade, shown, gradings),
        }

    def _by(self, grade: ManualGrade, gradings: Sequence[Grading]) -> str:
        """Return who gave the points of an answer and when; "" if another tool gave them."""
        last = decisive(gradings)
        if last is None or last.points != grade.manual_score:
            return ""
        when = time_text(last.time, self.answers.assignment.zone)
        return f"{last.grader}, {when}" if last.grader else when

    def save(self, seat: Seat, name: str, key: str, data: dict[str, Any]) -> dict[str, Any]:
        """Save a person's input, release the answer, and return it as saved.

        Raises
        ------
        ValueError
            If a value is invalid, for example if the points are not from 0 to the maximum.
        ChangedError
            If the answer or its grade has changed since the person saw it.
        HeldError
            If another page has the answer open, after this page's claim has expired.
        """
        grade = self._grade(key)
        points, comment, ticked = data.get("points"), data.get("comment"), data.get("ticked")
        if not _is_number(points) or not 0 <= points <= grade.out_of:
            raise ValueError(
                f"Points must be a number from 0 to {grade.out_of:g}, not {points!r}. "
                "You can give extra credit in the formgrader."
            )
        if not isinstance(comment, str) or len(comment) > LONGEST_COMMENT:
            raise ValueError(f"A comment must be text of at most {LONGEST_COMMENT:,} characters.")
        known = {item.key for item in self._items(grade)}
        if not isinstance(ticked, list) or not known.issuperset(map(str, ticked)):
            raise ValueError("The rubric has changed: reload the page.")
        gradings = self.log.of(key)
        if data.get("version") != _version(grade, self.answers.show(grade), gradings):
            raise ChangedError
        grading = Grading(
            key,
            Kind.GRADE,
            seat.grader,
            self.clock(),
            float(points),
            comment.strip(),
            self.answers.work(grade),
        )

        def record(db: Connection) -> None:
            if seat.grader:
                self.claims.claim(db, key, seat)
            self.log.add(db, grading)
            self.claims.drop(db, seat)

        try:
            self.answers.grades.save(grade, grading.points, grading.comment, ticked, record)
        except IntegrityError:  # claimed or graded on another server at the same time
            raise ChangedError from None
        self.graded.add(key)
        return self.show(seat, name, key)

    def add_item(self, seat: Seat, name: str, key: str, data: dict[str, Any]) -> dict[str, Any]:
        """Add a rubric item to the question of an answer, for all answers to the question.

        Raises
        ------
        ValueError
            If the text or the points are missing or invalid.
        """
        points, text = data.get("points"), data.get("text")
        if not isinstance(text, str) or not 0 < len(text.strip()) <= LONGEST_ITEM:
            raise ValueError(f"A rubric item needs text of at most {LONGEST_ITEM} characters.")
        self._check(seat, name, key)
        grade = self._grade(key)
        if not _is_number(points) or abs(points) > grade.out_of:
            raise ValueError(
                f"A rubric item must have points from {-grade.out_of:g} to {grade.out_of:g}, "
                f"not {points!r}."
            )
        self.answers.grades.add_item(grade.cell_id, float(points), text.strip())
        return self.show(seat, name, key)

    def remove_item(self, seat: Seat, name: str, key: str, item: str) -> dict[str, Any]:
        """Remove a rubric item that a grader has added; points already given do not change."""
        self._check(seat, name, key)
        self.answers.grades.remove_item(self._grade(key).cell_id, item)
        return self.show(seat, name, key)

    def _grade(self, key: str) -> ManualGrade:
        if key not in self.answers.order:
            raise LookupError(f"There is no answer {key} here: reload the page")
        return self.answers.grades.one(key)

    def _items(self, grade: ManualGrade) -> list[RubricItem]:
        own = self.answers.grades.items(grade.cell_id)
        return [*self.answers.question(grade).items, *own]


def _is_number(value: object) -> TypeGuard[float]:
    """True if a JSON value is a finite number."""
    return isinstance(value, int | float) and type(value) is not bool and math.isfinite(value)


def _version(grade: ManualGrade, shown: str, gradings: Sequence[Grading]) -> str:
    """Return a hash of everything that a person sees when deciding."""
    count = sum(grading.kind is not Kind.SECOND for grading in gradings)
    seen = grade.auto_score, grade.manual_score, grade.waiting, grade.comment, count
    return digest_of([("grade", repr(seen).encode()), ("answer", shown.encode())])
