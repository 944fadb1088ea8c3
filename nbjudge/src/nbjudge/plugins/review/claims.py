"""Claims: each answer is open in the page of one grader at a time.

Claims are rows of the gradebook whose primary key is the answer, so neither several servers nor a
restart can give an answer to two graders. A claim ends when the answer is saved, when its page
moves on or is closed, or when its grader has been away for CLAIM_MINUTES.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sql

from nbjudge.course.database import transaction
from nbjudge.plugins.shared import tables

CLAIM_MINUTES = 10

Clock = Callable[[], datetime.datetime]  # returns the current time in UTC, without a time zone


class HeldError(Exception):
    """Another grader has the answer open.

    Attributes
    ----------
    grader
        Name of that grader.
    """

    def __init__(self, grader: str):
        super().__init__(f"{grader} is grading this answer")
        self.grader = grader


@dataclass(frozen=True)
class Seat:
    """A grader's page in a browser.

    Attributes
    ----------
    grader
        Name of the grader; "" in a review by one person, which makes no claims.
    page
        Random id that the page chooses when it is loaded.
    """

    grader: str = ""
    page: str = ""


class Claims:
    """The claims in a gradebook."""

    def __init__(self, engine: sql.Engine, clock: Clock):
        self.engine, self.clock = engine, clock

    def take(self, key: str, seat: Seat) -> None:
        """Claim an answer for a page, or renew its claim; release the page's other claims.

        Raises
        ------
        HeldError
            If another page has claimed the answer; the page's own claims do not change.
        """
        if not seat.grader:
            return
        try:
            with transaction(self.engine) as db:
                self.claim(db, key, seat)
        except sql.exc.IntegrityError:  # claimed on another server at the same time
            raise HeldError(self.held().get(key, Seat("Another grader")).grader) from None

    def claim(self, db: sql.Connection, key: str, seat: Seat) -> None:
        """Claim an answer in a transaction, as `take` does."""
        table, now = tables.claims, self.clock()
        if holder := self._holder(db, key, seat):
            raise HeldError(holder)
        db.execute(
            sql.delete(table).where(
                sql.or_(table.c.page == seat.page, table.c.grade_id == key)  # own or expired
            )
        )
        until = now + datetime.timedelta(minutes=CLAIM_MINUTES)
        row = {"grade_id": key, "grader": seat.grader, "page": seat.page, "until": until}
        db.execute(sql.insert(table).values(row))

    def _holder(self, db: sql.Connection, key: str, seat: Seat) -> str | None:
        """Return the grader whose page has claimed an answer, unless it is the given page."""
        table = tables.claims
        query = sql.select(table.c.grader).where(
            table.c.grade_id == key, table.c.page != seat.page, table.c.until > self.clock()
        )
        holder: str | None = db.execute(query).scalar()
        return holder

    def drop(self, db: sql.Connection, seat: Seat) -> None:
        """Release all claims of a page in a transaction."""
        db.execute(sql.delete(tables.claims).where(tables.claims.c.page == seat.page))

    def release(self, seat: Seat) -> None:
        """Release all claims of a page."""
        with transaction(self.engine) as db:
            self.drop(db, seat)

    def has(self, key: str, seat: Seat) -> bool:
        """True if a page has claimed an answer, even if the claim has expired since."""
        table = tables.claims
        query = sql.select(table).where(table.c.grade_id == key, table.c.page == seat.page)
        with self.engine.connect() as db:
            return db.execute(query).first() is not None

    def held(self) -> dict[str, Seat]:
        """Return the page that has claimed each answer, by the answer's id."""
        table = tables.claims
        query = sql.select(table).where(table.c.until > self.clock())
        with self.engine.connect() as db:
            return {row.grade_id: Seat(row.grader, row.page) for row in db.execute(query)}
