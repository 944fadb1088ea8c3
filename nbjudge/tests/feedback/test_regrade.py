"""The links of regrade requests on a page, and their texts."""

import html
import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from nbjudge.feedback.about import About, CellGrade
from nbjudge.feedback.page import render

MAIL = "mailto:staff@example.org?cc=a@example.org&subject=Old"


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
def test_the_text_names_the_question_and_ends_with_the_reason(number):
    lines = text_of(links(regrades=True, contact=MAIL, course="cnn")[number]).splitlines()
    fields = (
        "Course: cnn\nAssignment: ps1\nNotebook: nb\nQuestion: why\nStudent: ada\nPoints: 1 of 4"
    )
    assert lines[2:] == [*fields.splitlines(), "", "Reason:", ""]
