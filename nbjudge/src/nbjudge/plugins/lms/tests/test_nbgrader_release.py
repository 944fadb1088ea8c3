"""`nbgrader release_feedback` for submissions that did not come through the exchange."""

import contextlib
import io
import logging

import pytest
from nbgrader.apps import ReleaseFeedbackApp
from nbgrader.exchange import default
from nbgrader.utils import notebook_hash
from traitlets.config import Config

from nbjudge import configure

SECRET = "submission_secret.txt"


def release(school, *arguments):
    """Run ReleaseFeedbackApp for ps1; return its log and the pages in the exchange."""
    root = school.root / "exchange"
    root.mkdir(exist_ok=True)
    config = Config()
    configure(config)
    config.CourseDirectory.root, config.CourseDirectory.course_id = str(school.root), "small"
    config.Exchange.root = str(root)
    log = io.StringIO()
    with contextlib.chdir(school.root):
        app = ReleaseFeedbackApp(config=config)
        app.initialize(["ps1", *arguments])
        app.log.addHandler(handler := logging.StreamHandler(log))
        try:
            app.start()
        finally:
            app.log.removeHandler(handler)
            ReleaseFeedbackApp.clear_instance()
    folder = root / "small" / "feedback"
    return log.getvalue(), {path.name: path.read_text() for path in folder.iterdir()}


def key(secret):
    return notebook_hash(secret=secret, notebook_id="ps1") + ".html"


@pytest.fixture
def school(school):
    """A class: ann submitted through the exchange; bob has only a timestamp, eve not even that."""
    (school.root / "feedback/ann/ps1" / SECRET).write_text("ann's")
    (school.root / "feedback/bob/ps1/timestamp.txt").write_text("2030-01-01 12:00:00 UTC")
    return school


def test_students_who_submitted_another_way_are_named_and_stop_nobody(school):
    said, released = release(school)
    assert released == {key("ann's"): "<title>ps1 of ann</title>"}
    assert "ps1 of ann: feedback released" in said
    assert f"ps1: the feedback of bob, eve was not released: it has no {SECRET}" in said
    assert f"the pages in {school.root}/feedback/STUDENT/ps1 another way" in said


def test_an_unreadable_page_affects_one_student(school):
    (school.root / "feedback/bob/ps1" / SECRET).write_text("bob's")
    (school.root / "feedback/bob/ps1/ps1.html").unlink()
    (school.root / "feedback/bob/ps1/ps1.html").mkdir()
    (school.root / "feedback/ann/ps1/._ps1.html").write_bytes(b"\0\5\x16\7")
    (school.root / "feedback/cem").symlink_to("cem")  # a loop, which even root cannot follow
    said, released = release(school)
    assert released == {key("ann's"): "<title>ps1 of ann</title>"}
    assert "ps1 of bob was not released: Is a directory" in said
    assert "ps1 of cem was not released: Too many levels of symbolic links" in said


def test_a_changed_page_replaces_the_previous_one(school):
    release(school)
    (school.root / "feedback/ann/ps1/ps1.html").write_text("another page")
    assert release(school)[1] == {key("ann's"): "another page"}


@pytest.mark.parametrize("secret", [b"", b"\xff\xfe"])
def test_a_damaged_secret_is_none(school, secret):
    (school.root / "feedback/ann/ps1" / SECRET).write_bytes(secret)
    said, released = release(school)
    assert released == {} and "the feedback of ann, bob, eve was not released" in said


def test_one_student_alone(school):
    (school.root / "feedback/eve/ps1" / SECRET).write_text("eve's")
    said, released = release(school, "--student", "eve")
    assert set(released) == {key("eve's")}
    assert "not released" not in said


def test_nothing_to_release_is_reported(school):
    said, released = release(school, "--student", "cem")
    assert released == {}
    assert f"there are no feedback pages to release in {school.root}/feedback/cem/ps1" in said
    assert "`nbjudge feedback ps1`" in said


def test_the_courses_own_exchange_stays():
    config = Config()
    config.ExchangeFactory.release_feedback = default.ExchangeReleaseFeedback
    configure(config)
    assert config.ExchangeFactory.release_feedback is default.ExchangeReleaseFeedback
