"""Regrade requests: the texts of feedback pages come back, however they were sent."""

import email.message
import email.policy

import pytest

from nbjudge.feedback.about import About, CellGrade
from nbjudge.feedback.questions import PageCell, ShownQuestion
from nbjudge.feedback.regrade import _request_text
from nbjudge.plugins.review.regrade import RegradeRequest, parse_request

REQUEST = RegradeRequest("ps1", "nb", "why", "ada", "I name it.\n\nIn line 2.")
CELL = PageCell(0, {"cell_type": "markdown", "metadata": {"nbgrader": {"grade_id": "why"}}})
QUESTION = ShownQuestion(1, CELL, CellGrade(1.0, 4.0), [])
TEXT = _request_text(About("ps1", "nb", "ada", course="cnn"), QUESTION)  # as a page offers it
NESTED = b"\n".join(
    b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d' % (n, n) for n in range(5_000)
)


def completed(text, reason=REQUEST.reason):
    return f"{text}{reason}\n"


@pytest.mark.parametrize("end_of_line", ["\n", "\r\n"])
def test_a_completed_text_is_a_request(end_of_line):
    text = TEXT.replace("\n", end_of_line)
    assert parse_request(completed(text).encode(), False) == REQUEST
    with pytest.raises(ValueError, match="it gives no reason"):
        parse_request(text.encode(), False)


@pytest.mark.parametrize("encoding", ["7bit", "quoted-printable", "base64"])
def test_an_email_is_a_request_with_its_attachments_and_quotes(encoding):
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["Subject"], message["From"] = "Fwd: Regrade", "ada@example.org"
    body = completed(TEXT).replace("\u201c", '"').replace("\u201d", '"')
    body = "\n".join(f"> {line}" for line in body.splitlines())
    message.set_content(f"Forwarded:\n\n{body}", cte=encoding)
    message.add_alternative("<p>Assignment: other</p>", subtype="html")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png")
    assert parse_request(message.as_bytes(), True) == REQUEST


@pytest.mark.parametrize(
    ("content", "is_email", "message"),
    [
        (b"Please look again.", False, "no line that begins with Reason:"),
        (b"Assignment: ps1\nReason: x", False, "no line that begins with Notebook:"),
        (b"\xff\xfe\x00", False, "no line that begins with Reason:"),
        (b"Content-Type: text/html\n\n<p>Reason: x</p>", True, "no plain text"),
        (b"Content-Type: text/plain; charset=unknown-8\n\nx\xff", True, "cannot be read|Reason"),
        (NESTED, True, "cannot be read: RecursionError"),
        (b"", True, "Reason"),
    ],
)
def test_other_files_are_no_requests(content, is_email, message):
    with pytest.raises(ValueError, match=message):
        parse_request(content, is_email)


def test_long_lines_are_parsed_in_linear_time():
    """A quadratic search would take minutes and be killed by the timeout of the tests."""
    long = " " * 1_000_000
    text = f"Assignment:{long}x\n{long}\n{'>' * 1_000_000}\nReason: x"
    with pytest.raises(ValueError, match="no line that begins with Notebook:"):
        parse_request(text.encode(), False)


def test_a_reason_is_cut_and_keeps_no_null_characters():
    assert len(parse_request(completed(TEXT, "x" * 99_999).encode(), False).reason) == 10_000
    assert parse_request(completed(TEXT, "a\0b").encode(), False).reason == "ab"
