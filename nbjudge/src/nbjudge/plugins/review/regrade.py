"""Parse regrade requests, the texts that feedback pages offer, from files and e-mails.

Anybody can write such a text in the name of a student. Therefore, no request changes a grade; only
a grader does.
"""

import email
import email.policy
import re
from dataclasses import dataclass
from email.message import EmailMessage

from nbjudge.files import digest_of

LONGEST_REASON = 10_000  # characters
LONGEST_FIELD = 1_000
LONGEST_HEADER = 2_000  # characters of a header such as Content-Type
_CONTENT_HEADER = re.compile(rb"^content-[a-z-]+:.*(?:\n[ \t].*)*", re.IGNORECASE | re.MULTILINE)
_FIELDS = ("Assignment", "Notebook", "Question", "Student")
_REASON = re.compile(r"^[> \t]*Reason:[ \t]*", re.MULTILINE)
_QUOTED = re.compile(r"^(?:>[ \t]?)+", re.MULTILINE)  # marks of a quoted e-mail


@dataclass(frozen=True)
class RegradeRequest:
    """A student's request to look at a grade again.

    Attributes
    ----------
    notebook, question
        Name of the notebook, and grade id.
    reason
        The student's own words; untrusted text.
    """

    assignment: str
    notebook: str
    question: str
    student: str
    reason: str

    @property
    def key(self) -> str:
        """A hash of the request: the same request, sent twice, is one."""
        values = (self.assignment, self.notebook, self.question, self.student, self.reason)
        return digest_of((str(n), value.encode()) for n, value in enumerate(values))[:32]


@dataclass(frozen=True)
class ReadRequest:
    """The request in a file; None with the problem if the file has none."""

    request: RegradeRequest | None
    problem: str


def read_request(content: bytes, is_email: bool) -> ReadRequest:
    """Return the request in a text file or an e-mail. Called in the box."""
    try:
        return ReadRequest(parse_request(content, is_email), "")
    except ValueError as error:
        return ReadRequest(None, str(error))


def parse_request(content: bytes, is_email: bool) -> RegradeRequest:
    """Return the request in a text file or an e-mail.

    Raises
    ------
    ValueError
        If the text is not a request, or has no reason.
    """
    text = _text_of_email(content) if is_email else content.decode("utf-8", "replace")
    # Some encodings of e-mails yield lone surrogates, which cannot be stored, sent or hashed.
    text = text.encode("utf-8", "replace").decode()
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\0", "")
    start = _REASON.search(text)
    if start is None:
        raise ValueError("it has no line that begins with Reason:")
    values = {}
    for name in _FIELDS:
        lines = re.findall(rf"^[> \t]*{name}:(.*)$", text[: start.start()], re.MULTILINE)
        values[name] = lines[-1].strip() if lines else ""
        if not values[name]:
            raise ValueError(f"it has no line that begins with {name}:")
        if len(values[name]) > LONGEST_FIELD:
            raise ValueError(f"its line {name}: has more than {LONGEST_FIELD} characters")
    reason = _QUOTED.sub("", text[start.end() :]).strip()[:LONGEST_REASON]
    if not reason:
        raise ValueError("it gives no reason")
    assignment, notebook, question, student = (values[name] for name in _FIELDS)
    return RegradeRequest(assignment, notebook, question, student, reason)


def _text_of_email(content: bytes) -> str:
    longest = max(map(len, _CONTENT_HEADER.findall(content)), default=0)
    if longest > LONGEST_HEADER:  # parsing takes quadratic time
        raise ValueError(
            f"the e-mail has a Content header of {longest:,} characters, more than "
            f"{LONGEST_HEADER:,}; save its text as a .txt file instead"
        )
    try:
        message = email.message_from_bytes(content, policy=email.policy.default)
        body = message.get_body(("plain",)) if isinstance(message, EmailMessage) else None
        text = None if body is None else str(body.get_content())
    except Exception as error:  # the parser raises many kinds, such as RecursionError
        raise ValueError(
            f"the e-mail cannot be read: {type(error).__name__}: {error}; save its text as a .txt "
            "file instead"
        ) from None
    if text is None:
        raise ValueError("the e-mail has no plain text; save its text as a .txt file instead")
    return text
