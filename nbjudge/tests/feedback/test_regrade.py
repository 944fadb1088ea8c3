"""Regrade requests: the links on a page, and the texts that come back, however they were sent."""

import email.message
import email.policy
import html
import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from nbjudge.feedback.about import About, CellGrade
from nbjudge.feedback.page import render
from nbjudge.feedback.regrade import RegradeRequest, parse_request

MAIL = "mailto:staff@example.org?cc=a@example.org&subject=Old"
REQUEST = RegradeRequest("ps1", "nb", "why", "ada", "I name it.\n\nIn line 2.")

NESTED = b"\n".join(
    b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d' % (n, n) for n in range(5_000)
)


def links(points=1.0, **about):
    """Return the addresses of the request links on a page with one question."""
    nbgrader = {"grade_id": "why", "grade": True, "solution": True, "locked": False}
    cell = {"cell_type": "markdown", "metadata": {"nbgrader": nbgrader}, "source": "Since."}
    grades = {"why": CellGrade(points, 4.0, manual=True)}
    page = render({"cells": [cell]}, About("ps1", "nb", "ada", cells=grades, **about))
    found = re.findall(r'<a href="([^"]*)"( download="[^"]*")?>Request', page)
    return [html.unescape(address) for address, _ in found]


def text_of(address):
    """Return the text in a link."""
    parts = urlsplit(address)
    if parts.scheme == "data":
        return unquote(address.partition(",")[2])
    return parse_qs(parts.query)["body"][0]


def completed(text, reason=REQUEST.reason):
    return f"{text}{reason}\n"


def test_links_are_an_option_and_only_on_questions_that_lost_points():
    assert links() == links(contact=MAIL) == []
    assert links(points=4.0, regrades=True) == links(points=None, regrades=True) == []
    assert [urlsplit(a).scheme for a in links(regrades=True)] == ["data"]
    https = links(regrades=True, contact="https://example.org/regrades")
    assert [urlsplit(a).scheme for a in https] == ["data"]
    assert [urlsplit(a).scheme for a in links(regrades=True, contact=MAIL)] == ["mailto", "data"]


def test_an_email_goes_to_the_contact_with_its_own_subject():
    (address, _) = links(regrades=True, contact=MAIL)
    assert address.startswith("mailto:staff@example.org?cc=a@example.org&subject=Regrade%20request")
    assert parse_qs(urlsplit(address).query)["subject"] == ["Regrade request: ps1, why, ada"]


@pytest.mark.parametrize("number", [0, 1], ids=["email", "file"])
def test_a_completed_text_is_a_request(number):
    text = text_of(links(regrades=True, contact=MAIL, course="cnn")[number])
    assert "Course: cnn" in text and "Points: 1 of 4" in text
    assert parse_request(completed(text).encode(), False) == REQUEST
    with pytest.raises(ValueError, match="it gives no reason"):
        parse_request(text.encode(), False)


@pytest.mark.parametrize("encoding", ["7bit", "quoted-printable", "base64"])
def test_an_email_is_a_request_with_its_attachments_and_quotes(encoding):
    text = text_of(links(regrades=True, contact=MAIL)[0]).replace("\r\n", "\n")
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["Subject"], message["From"] = "Fwd: Regrade", "ada@example.org"
    body = completed(text).replace("\u201c", '"').replace("\u201d", '"')
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
    text = text_of(links(regrades=True)[0])
    assert len(parse_request(completed(text, "x" * 99_999).encode(), False).reason) == 10_000
    assert parse_request(completed(text, "a\0b").encode(), False).reason == "ab"
