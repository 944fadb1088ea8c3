"""The operations of `nbjudge review`, independent of the web server."""

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeGuard

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from nbjudge.course.dates import time_text, utc_now
from nbjudge.course.penalties import configured_policy, keep_penalties
from nbjudge.feedback.prose import markdown
from nbjudge.files import digest_of
from nbjudge.plugins.review.answers import Answers
from nbjudge.plugins.review.claims import Claims, Clock, HeldError, Seat
from nbjudge.plugins.review.gradings import Grading, Gradings, Kind, unanswered
from nbjudge.plugins.review.manual_grades import ChangedError, ManualGrade
from nbjudge.plugins.review.regrade import RegradeRequest
from nbjudge.plugins.review.requests import RequestFolder
from nbjudge.plugins.review.rubric import RubricItem, start_points

LONGEST_COMMENT = 20_000  # characters
LONGEST_ITEM = 500
ANSWERS, REQUESTS = "answers", "requests"
TITLES = {  # lists of answers, in the order in which the page offers them
    ANSWERS: "To grade",
    REQUESTS: "Regrade requests",
}
REQUESTED = "The student asks for a regrade. Saving answers the request, also with the same points."
GONE = "Another grader has dealt with this answer meanwhile. Nothing was saved."

Listed = dict[str, bool]  # ids of answers in display order; True if an answer is waiting


class GoneError(LookupError):
    """An answer is not in the grader's list, or no longer: another grader has dealt with it."""


class Review:
    """The review of an assignment by one person or by several graders.

    Several graders work through one list. A page claims the answer that it opens, so that no other
    page opens it. In a review by one person, nothing is claimed.

    Parameters
    ----------
    names
        True to show the students' names.
    graders
        Names of the graders; none for a review by one person.

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
        clock: Clock = utc_now,
    ):
        self.answers, self.names, self.graders, self.clock = answers, names, graders, clock
        self.claims = Claims(answers.grades.engine, clock)
        self.log = Gradings(answers.assignment.records)
        records, root = answers.assignment.records, Path(answers.assignment.coursedir.root)
        self.folder = RequestFolder(root, records.assignments, answers.assignment.name, answers.box)
        self.graded: set[str] = set()
        self.opened: set[tuple[str, str, str]] = set()  # (page, list, answer), since the start

    def lists(self, seat: Seat) -> dict[str, Listed]:
        """Return the lists of a grader, by name.

        The answers that other graders have graded are in no list.
        """
        grades = {row.id: row for row in self.answers.grades.all()}
        gradings = self.log.all()
        lists: dict[str, Listed] = {name: {} for name in TITLES}
        for key in self.answers.order:
            if key not in grades:
                continue
            waiting = grades[key].waiting
            last = gradings.get(key, [])[-1:]
            if seat.grader and not waiting and not (last and last[0].grader == seat.grader):
                continue
            lists[ANSWERS][key] = waiting
        requests, places = self.folder.requests(grades.values()).by_answer, self.answers.places
        for key in sorted(requests.keys() & places, key=lambda key: places[key]):
            if unanswered(requests[key], gradings.get(key, ())):
                lists[REQUESTS][key] = True
        return lists

    def problems(self) -> list[str]:
        """Return messages about files in the folder of requests that are not used."""
        found = self.folder.requests(self.answers.grades.all())
        return found.unread + found.problems

    def has_work(self) -> bool:
        """True if an answer is waiting in a list of any grader."""
        seats = [Seat(grader) for grader in self.graders or ("",)]
        lists = [listed for seat in seats for listed in self.lists(seat).values()]
        return any(itertools.chain(*(listed.values() for listed in lists)))

    def overview(self, seat: Seat, name: str = ANSWERS) -> dict[str, Any]:
        """Return the state of all lists, and the answers in one of them."""
        lists = self.lists(seat)
        listed = self._list(lists, name)
        return {
            **self._state(seat, lists, name),
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
        lists = self.lists(seat)
        listed, held = self._list(lists, name), self._held(seat)
        problem: LookupError | None = None
        for key in self._order(listed, start, by, waiting):
            if key in held or (waiting and not listed[key]):
                continue
            try:
                answer, lists = self.open(seat, name, key, waiting)
            except (HeldError, GoneError):
                continue
            except LookupError as error:
                problem = problem or error
                continue
            return {**self._state(seat, lists, name, key), "answer": answer}
        if problem:
            raise problem
        return {**self._state(seat, lists, name), "answer": None}

    def _order(self, listed: Listed, start: str | None, by: int, around: bool) -> Iterator[str]:
        """Return the answers of a list in the order in which to try them."""
        places = self.answers.places
        here = places.get(start or "")
        if here is None:
            return iter(listed)
        earlier = [key for key in listed if places[key] < here]
        after = [key for key in listed if places[key] > here]
        if by < 0:
            return reversed(earlier)
        return (
            itertools.chain(after, earlier, [start] if start in listed else [])
            if around
            else iter(after)
        )

    def _held(self, seat: Seat) -> set[str]:
        """Return the answers that other pages have open; none in a review by one person."""
        held = self.claims.held().items() if seat.grader else ()
        return {key for key, holder in held if holder.page != seat.page}

    def _state(
        self, seat: Seat, lists: Mapping[str, Listed], name: str, key: str | None = None
    ) -> dict[str, Any]:
        """Return the state of all lists.

        Parameters
        ----------
        name, key
            The list in use, and the open answer.
        """
        listed = self._list(lists, name)
        waiting = {key for key, is_waiting in listed.items() if is_waiting}
        return {
            "assignment": self.answers.assignment.name,
            "grader": seat.grader,
            "list": name,
            "number": list(listed).index(key) + 1 if key in listed else None,
            "total": len(listed),
            "waiting": len(waiting),
            "held": len(waiting & self._held(seat)),
            "lists": [
                {"name": other, "title": title, "waiting": sum(lists[other].values())}
                for other, title in TITLES.items()
                if other in (ANSWERS, name) or any(lists[other].values())
            ],
        }

    def _listed(self, seat: Seat, name: str) -> Listed:
        return self._list(self.lists(seat), name)

    @staticmethod
    def _list(lists: Mapping[str, Listed], name: str) -> Listed:
        if name not in lists:
            raise LookupError(f"There is no list {name} here: reload the page")
        return lists[name]

    def open(
        self, seat: Seat, name: str, key: str, waiting: bool = False
    ) -> tuple[dict[str, Any], dict[str, Listed]]:
        """Claim an answer.

        Parameters
        ----------
        waiting
            True to open the answer only if it awaits a grade.

        Returns
        -------
        answer
            All data that the page shows for the answer.
        lists
            The lists of the grader.

        Raises
        ------
        HeldError
            If another page has the answer open.
        GoneError
            If the list does not have the answer, or no longer.
        LookupError
            If the notebook of the answer cannot be read.
        """
        self.claims.take(key, seat)
        try:
            lists = self.lists(seat)  # another server may have changed them until now
            if not self._check(lists, name, key) and waiting:
                raise GoneError("Another grader has just graded this answer")
            answer = self.show(seat, name, key)
            self.opened.add((seat.page, name, key))
            return answer, lists
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
        if key in self.answers.places:
            self.claims.take(key, seat)
        return {}

    def _check(self, lists: Mapping[str, Listed], name: str, key: str) -> bool:
        """True if an answer in a list is waiting; raise GoneError if it is not there."""
        listed = self._list(lists, name)
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
        gradings = self.log.of(key)
        ticked = set(self.answers.grades.ticked(grade))
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
            "note": REQUESTED if name == REQUESTS else "",
            "requests": [
                {"key": request.key, "reason": request.reason}
                for request in (self._requests(grade, gradings) if name == REQUESTS else ())
            ],
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

    def _requests(
        self, grade: ManualGrade, gradings: Sequence[Grading]
    ) -> Sequence[RegradeRequest]:
        """Return the unanswered requests for an answer."""
        return unanswered(self.folder.requests([grade]).by_answer.get(grade.id, ()), gradings)

    def _by(self, grade: ManualGrade, gradings: Sequence[Grading]) -> str:
        """Return the grader and the time of an answer's points; "" if another tool gave them."""
        if not gradings or gradings[-1].points != grade.manual_score:
            return ""
        last = gradings[-1]
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
        GoneError
            If another grader has dealt with the answer meanwhile.
        """
        grade = self._grade(key)
        if key not in self._listed(seat, name) and not self._was_open(seat, name, key):
            raise GoneError(GONE)
        points, comment, ticked = data.get("points"), data.get("comment"), data.get("ticked")
        if not _is_number(points) or not 0 <= points <= grade.out_of:
            raise ValueError(
                f"Points must be a number from 0 to {grade.out_of:g}, not {points!r}. "
                "You can give extra credit in the formgrader."
            )
        if not _is_text(comment) or len(comment) > LONGEST_COMMENT:
            raise ValueError(f"A comment must be text of at most {LONGEST_COMMENT:,} characters.")
        known = {item.key for item in self._items(grade)}
        if not isinstance(ticked, list) or not known.issuperset(map(str, ticked)):
            raise ValueError("The rubric has changed: reload the page.")
        gradings = self.log.of(key)
        if data.get("version") != _version(grade, self.answers.show(grade), gradings):
            raise ChangedError
        grading = Grading(
            key,
            Kind.REGRADE if name == REQUESTS else Kind.GRADE,
            seat.grader,
            self.clock(),
            float(points),
            comment.strip(),
            self.answers.work(grade),
            _answered(data, self._requests(grade, gradings)) if name == REQUESTS else (),
        )

        def record(db: Connection) -> None:
            if seat.grader:
                self.claims.claim(db, key, seat)
            self.log.add(db, grading)
            self.claims.drop(db, seat)
            self._update_penalties(db, grade.student)

        try:
            self.answers.grades.save(grade, grading.points, grading.comment, ticked, record)
        except IntegrityError:  # claimed or graded on another server at the same time
            raise ChangedError from None
        self.graded.add(key)
        return self.show(seat, name, key)

    def _was_open(self, seat: Seat, name: str, key: str) -> bool:
        """True if the page opened an answer to grade it, so that a grade given since is a conflict.

        After a restart, the page's claim shows it.
        """
        if name != ANSWERS:
            return False
        if (seat.page, name, key) in self.opened or not seat.grader:
            return True
        return self.claims.has(key, seat)

    def _update_penalties(self, db: Connection, student: str) -> None:
        """Recompute a student's late penalties, which depend on the points given by hand."""
        assignment = self.answers.assignment
        try:
            policy = configured_policy(assignment.settings)
            assignment.records.apply_penalties(db, [student], policy)
        except SQLAlchemyError:
            raise
        except Exception:  # from a plug-in; autograde reports it
            assignment.records.apply_penalties(db, [student], keep_penalties)

    def add_item(self, seat: Seat, name: str, key: str, data: dict[str, Any]) -> dict[str, Any]:
        """Add a rubric item to the question of an answer, for all answers to the question.

        Raises
        ------
        ValueError
            If the text or the points are missing or invalid.
        """
        points, text = data.get("points"), data.get("text")
        if not _is_text(text) or not 0 < len(text.strip()) <= LONGEST_ITEM:
            raise ValueError(f"A rubric item needs text of at most {LONGEST_ITEM} characters.")
        self._check(self.lists(seat), name, key)
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
        self._check(self.lists(seat), name, key)
        self.answers.grades.remove_item(self._grade(key).cell_id, item)
        return self.show(seat, name, key)

    def _grade(self, key: str) -> ManualGrade:
        if key not in self.answers.places:
            raise LookupError(f"There is no answer {key} here: reload the page")
        return self.answers.grades.one(key)

    def _items(self, grade: ManualGrade) -> list[RubricItem]:
        own = self.answers.grades.items(grade.cell_id)
        return [*self.answers.question(grade).items, *own]


def _answered(data: Mapping[str, Any], requests: Sequence[RegradeRequest]) -> tuple[str, ...]:
    """Return the keys of the requests that the page has shown; others may have arrived since."""
    shown = data.get("requests")
    keys = shown if isinstance(shown, list) else []
    return tuple(request.key for request in requests if request.key in keys)


def _is_text(value: object) -> TypeGuard[str]:
    """True if a JSON value is text without lone surrogates, which no database can store."""
    return isinstance(value, str) and not re.search("[\ud800-\udfff]", value)


def _is_number(value: object) -> TypeGuard[float]:
    """True if a JSON value is a finite number."""
    if isinstance(value, float):
        return math.isfinite(value)
    return type(value) is int  # of any size, unlike a bool


def _version(grade: ManualGrade, shown: str, gradings: Sequence[Grading]) -> str:
    """Return a hash of everything that a person sees when deciding."""
    state = grade.auto_score, grade.manual_score, grade.waiting, grade.comment, len(gradings)
    return digest_of([("grade", repr(state).encode()), ("answer", shown.encode())])
