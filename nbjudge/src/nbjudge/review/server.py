"""Serve the `nbjudge review` page and answer its requests for a single local user.

The server listens on 127.0.0.1 only. Every path begins with a random token, the Host header must
name this server, and requests that change data must come from the server's own page. The content
security policy of each response allows only the page's own script, and no other resource.
"""

import json
import math
import re
import secrets
from pathlib import Path
from typing import Any, TypeGuard

from sqlalchemy.exc import OperationalError
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler

from nbjudge import feedback
from nbjudge.feedback.prose import markdown
from nbjudge.files import digest_of
from nbjudge.review.answers import Answers
from nbjudge.review.manual_grades import ChangedError, ManualGrade
from nbjudge.review.rubric import RubricItem, start_points

LONGEST_COMMENT = 20_000  # characters
LONGEST_ITEM = 500
_HERE = Path(__file__).parent
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FILES = {  # parts of the page: {name: (type, files to concatenate)}
    "": ("text/html", [_HERE / "page.html"]),
    "page.js": ("text/javascript", [_HERE / "page.js"]),
    "page.css": ("text/css", [Path(feedback.__file__).parent / "page.css", _HERE / "page.css"]),
}


class Review:
    """The operations that the review page can request, independent of the web server.

    Attributes
    ----------
    graded
        Ids of the answers saved in this review.
    """

    def __init__(self, answers: Answers, names: bool = False):
        self.answers, self.names = answers, names
        self.graded: set[str] = set()

    def overview(self) -> dict[str, Any]:
        """Return the answers in display order; those that await a grade are marked."""
        waiting = self.answers.waiting()
        return {
            "assignment": self.answers.assignment.name,
            "answers": [{"id": key, "waiting": key in waiting} for key in self.answers.order],
        }

    def show(self, key: str) -> dict[str, Any]:
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
            "version": _version(grade, shown),
        }

    def save(self, key: str, data: dict[str, Any]) -> dict[str, Any]:
        """Save a person's input, and return the updated answer.

        Raises
        ------
        ValueError
            If a value is invalid, for example if the points are not from 0 to the maximum.
        ChangedError
            If the answer or its grade has changed since the person saw it.
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
        if data.get("version") != _version(grade, self.answers.show(grade)):
            raise ChangedError
        self.answers.grades.save(grade, float(points), comment.strip(), ticked)
        self.graded.add(key)
        return self.show(key)

    def add_item(self, key: str, data: dict[str, Any]) -> dict[str, Any]:
        """Add a rubric item to the question of an answer, for all answers to the question.

        Raises
        ------
        ValueError
            If the text or the points are missing or invalid.
        """
        points, text = data.get("points"), data.get("text")
        if not isinstance(text, str) or not 0 < len(text.strip()) <= LONGEST_ITEM:
            raise ValueError(f"A rubric item needs text of at most {LONGEST_ITEM} characters.")
        grade = self._grade(key)
        if not _is_number(points) or abs(points) > grade.out_of:
            raise ValueError(
                f"A rubric item must have points from {-grade.out_of:g} to {grade.out_of:g}, "
                f"not {points!r}."
            )
        self.answers.grades.add_item(grade.cell_id, float(points), text.strip())
        return self.show(key)

    def remove_item(self, key: str, item: str) -> dict[str, Any]:
        """Remove a rubric item that a grader has added; points already given do not change."""
        self.answers.grades.remove_item(self._grade(key).cell_id, item)
        return self.show(key)

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


def _version(grade: ManualGrade, shown: str) -> str:
    """Return a hash of everything that a person sees when deciding."""
    seen = grade.auto_score, grade.manual_score, grade.waiting, grade.comment
    return digest_of([("grade", repr(seen).encode()), ("answer", shown.encode())])


class _Handler(RequestHandler):
    """Base class of the request handlers: security headers, checks and errors."""

    def initialize(self, review: Review, host: str) -> None:
        self.review, self.host = review, host

    def set_default_headers(self) -> None:
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")
        self.clear_header("Server")

    def prepare(self) -> None:
        if self.request.host != self.host:  # prevents DNS rebinding
            raise HTTPError(403, f"Use the address with {self.host} that nbjudge review printed")
        if self.request.method not in ("GET", "HEAD"):
            origin = self.request.headers.get("Origin", "")
            kind = self.request.headers.get("Content-Type", "")
            if origin != f"http://{self.host}" or kind != "application/json":
                raise HTTPError(403, "Only the page of nbjudge review can change grades")

    def check_xsrf_cookie(self) -> None:
        """Do nothing: there are no cookies, and `prepare` checks the origin."""

    def body(self) -> dict[str, Any]:
        try:
            data = json.loads(self.request.body)
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise HTTPError(400, "The request must be a JSON object")
        return data

    def write_error(self, status_code: int, **options: Any) -> None:
        error = options.get("exc_info", (None, None))[1]
        message = "An unexpected error occurred; see the terminal of nbjudge review."
        if isinstance(error, HTTPError):
            message = error.log_message or self._reason
        elif isinstance(error, LookupError):
            self.set_status(404)
            message = str(error.args[0])
        elif isinstance(error, ValueError):
            self.set_status(400)
            message = str(error)
        elif isinstance(error, OperationalError):
            self.set_status(503)
            message = "The gradebook is unavailable; nothing was saved. Try again."
        self.finish({"message": message})

    def log_exception(self, kind: Any, value: Any, traceback: Any) -> None:
        """Print only unexpected errors; the page shows the others."""
        if not isinstance(value, HTTPError | LookupError | ValueError):
            super().log_exception(kind, value, traceback)


class _FileHandler(_Handler):
    def get(self, name: str) -> None:
        kind, files = _FILES[name]
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        self.finish("\n".join(file.read_text(encoding="utf-8") for file in files))


class _OverviewHandler(_Handler):
    def get(self) -> None:
        self.finish(self.review.overview())


class _AnswerHandler(_Handler):
    def get(self, key: str) -> None:
        self.finish(self.review.show(key))

    def put(self, key: str) -> None:
        try:
            self.finish(self.review.save(key, self.body()))
        except ChangedError:
            self.set_status(409)
            self.finish(self.review.show(key))


class _ItemsHandler(_Handler):
    def post(self, key: str) -> None:
        self.finish(self.review.add_item(key, self.body()))


class _ItemHandler(_Handler):
    def delete(self, key: str, item: str) -> None:
        self.finish(self.review.remove_item(key, item))


def start(review: Review, port: int = 0) -> tuple[HTTPServer, str]:
    """Serve a review on this machine, in the running event loop.

    Parameters
    ----------
    port
        Port number; 0 for a free port.

    Returns
    -------
    server
        The running server, which the caller stops.
    address
        Address of the page, to open in a browser.

    Raises
    ------
    ValueError
        If the port is in use.
    """
    try:
        (socket,) = bind_sockets(port, "127.0.0.1")
    except OSError as error:
        raise ValueError(
            f"Port {port} cannot be used: {error.strerror}. Choose another one, or omit --port"
        ) from None
    host = f"127.0.0.1:{socket.getsockname()[1]}"
    token = secrets.token_urlsafe(32)
    arguments = {"review": review, "host": host}
    application = Application(
        [
            (f"/{token}/({'|'.join(map(re.escape, _FILES))})", _FileHandler, arguments),
            (f"/{token}/answers", _OverviewHandler, arguments),
            (f"/{token}/answers/([0-9a-f]+)", _AnswerHandler, arguments),
            (f"/{token}/answers/([0-9a-f]+)/items", _ItemsHandler, arguments),
            (f"/{token}/answers/([0-9a-f]+)/items/([0-9a-f]+)", _ItemHandler, arguments),
        ],
        log_function=lambda handler: None,  # the default would print the token with each request
    )
    server = HTTPServer(application, max_body_size=1_000_000)
    server.add_sockets([socket])
    return server, f"http://{host}/{token}/"
