"""Regrade requests in a folder become a list in the review, and are answered once."""

import contextlib
import errno
import json
import os
from pathlib import Path

import pytest

from nbjudge.course.loading import load_course
from nbjudge.plugins.review import requests
from nbjudge.plugins.review.answers import Answers
from nbjudge.plugins.review.claims import CLAIM_MINUTES, Seat
from nbjudge.plugins.review.operations import REQUESTS, Review
from nbjudge.plugins.review.requests import FOLDER, open_requests
from nbjudge.plugins.review.tests.review_client import Clock, serving
from tests.support.reviewed import STUDENTS

GRADED = "update grade set manual_score = 1, needs_manual_grade = 0"


@pytest.fixture
def course(course):
    course.write(GRADED)
    return course


def write_request(course, student="ada", question="essay", reason="I name it.", name="", **fields):
    """Put a request into the folder, as an instructor does."""
    values = {"Assignment": "halves", "Notebook": "halves", "Question": question, **fields}
    lines = [f"{key}: {value}" for key, value in {**values, "Student": student}.items()]
    folder = course.root / FOLDER
    folder.mkdir(exist_ok=True)
    text = "\n".join([*lines, "", "Reason:", reason])
    (folder / (name or f"{student}-{question}.txt")).write_text(text)


def reasons(shown):
    return [request["reason"] for request in shown["requests"]]


def answer(client, shown, points, comment=""):
    keys = [request["key"] for request in shown["requests"]]
    return client.save(shown, points, comment, name="requests", requests=keys)


def test_a_request_is_shown_and_answered_once(course):
    write_request(course, reason="I name it.\n<script>alert(1)</script>")
    write_request(course, "ben", "drawing")
    with serving(course) as (client,):
        lists = {one["name"]: one["waiting"] for one in client.ask("answers")[1]["lists"]}
        assert lists == {"answers": 0, "requests": 2}
        shown = client.next(name="requests")
        assert reasons(shown) == ["I name it.\n<script>alert(1)</script>"]
        assert (shown["points"], shown["title"]) == (1, "essay")
        assert answer(client, shown, 3, "Right.")[0] == 200
        assert course.grade_of("ada") == (3, None, 0, "Right.")
        shown = client.next(name="requests")
        assert shown["title"] == "drawing"
        assert answer(client, shown, 1, "No change.")[0] == 200
        assert client.next(name="requests") is None
    rows = course.rows("select kind, points, requests from nbjudge_grading order by time")
    assert [row[:2] for row in rows] == [("regrade", 3), ("regrade", 1)]
    assert all(len(json.loads(row[2])) == 1 for row in rows)
    with serving(course) as (client,):
        assert client.next(name="requests") is None, "after a restart as well"
        write_request(course, reason="But look at line 2.")
        assert reasons(client.next(name="requests")) == ["But look at line 2."]


def test_the_same_request_twice_is_one_and_a_new_one_is_not_answered_unseen(course):
    write_request(course)
    write_request(course, name="again.txt")
    with serving(course) as (client,):
        shown = client.next(name="requests")
        assert reasons(shown) == ["I name it."]
        write_request(course, reason="A second thought.", name="later.txt")
        assert answer(client, shown, 2)[0] == 200
        assert reasons(client.next(name="requests")) == ["A second thought."]


def test_a_request_is_open_in_one_page(course):
    write_request(course)
    write_request(course, "ben")
    with serving(course, graders=("ana", "ben")) as (ana, ben):
        shown = [client.next(name="requests") for client in (ana, ben)]
        assert len({one["id"] for one in shown}) == 2
        assert ana.next(name="requests", start=shown[0])["id"] == shown[0]["id"]


def test_a_claim_on_any_graded_cell_can_be_renewed(course):
    """Such as a question graded by a test, which is in no list but that of the requests."""
    course.write("update grade set auto_score = 0, needs_manual_grade = 0")
    write_request(course)
    clock = Clock()
    with serving(course, graders=("ana", "ben"), clock=clock) as (ana, ben):
        assert ana.answers() == []
        shown = ana.next(name="requests")
        for _ in range(2):
            clock.wait(CLAIM_MINUTES - 1)
            assert ana.ask(f"requests/{shown['id']}/claim", "PUT", {}) == (200, {})
            assert ben.next(name="requests") is None


def test_files_that_are_no_requests_are_named(course):
    write_request(course, "zoe", name="zoe.txt")
    write_request(course, Assignment="ps9", name="ps9.txt")
    (course.root / FOLDER / "note.txt").write_text("Please look again.")
    (course.root / FOLDER / "link.txt").symlink_to("/etc/passwd")
    (course.root / FOLDER / "picture.png").write_bytes(b"x")
    done = course.nbjudge("review", "halves")
    assert done.returncode == 0, done.stderr
    assert "No answer of halves is waiting" in done.stdout
    for line in (
        "link.txt is not used: it is a symbolic link",
        "note.txt is not used: it has no line that begins with Reason:",
        "ps9.txt is not used: the course has no assignment 'ps9'",
        "zoe.txt is not used: the gradebook has no such notebook, question or student",
    ):
        assert f"{FOLDER}/{line}" in done.stderr
    assert "picture" not in done.stderr


def test_what_cannot_be_read_is_reported_and_hides_no_other_request(course, monkeypatch):
    write_request(course)
    for name in ("gone.txt", "locked.txt"):
        write_request(course, "ben", name=name)
    gone, locked = (course.root / FOLDER / name for name in ("gone.txt", "locked.txt"))

    def is_rubbish(name):  # a file is removed while the folder is listed
        gone.unlink(missing_ok=True)
        return False

    def read_file(path):
        if path == str(locked):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return Path(path).read_bytes()

    monkeypatch.setattr(requests, "is_rubbish", is_rubbish)
    monkeypatch.setattr(requests, "read_file", read_file)
    assignment = course.assignment()
    with contextlib.closing(assignment), contextlib.closing(Answers(assignment)) as answers:
        review = Review(answers, False, ())
        assert review.problems() == [f"{FOLDER}/locked.txt cannot be read: Permission denied"]
        assert len(review.lists(Seat())[REQUESTS]) == 1
        monkeypatch.undo()  # the same file, whose permissions have changed
        assert review.problems() == []
        assert len(review.lists(Seat())[REQUESTS]) == 2


@pytest.mark.parametrize("name", [FOLDER, f"{FOLDER}/late.txt"])
def test_nobody_counts_the_requests_of_an_unreadable_folder(course, monkeypatch, name):
    write_request(course, name="late.txt")

    def refuse(path):
        if str(path) == str(course.root / name):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    scandir = os.scandir
    coursedir = load_course(course.root)[0]
    assert open_requests(coursedir, "halves") == 1
    monkeypatch.setattr(requests.os, "scandir", refuse)
    monkeypatch.setattr(requests, "read_file", refuse)
    with pytest.raises(ValueError, match=f"There may be .*: {name} cannot be read: Perm"):
        open_requests(coursedir, "halves")


def test_a_request_changes_no_grade(course):
    before = course.tables()
    for student in STUDENTS:
        write_request(course, student)
    with serving(course) as (client,):
        assert len(client.answers("requests")) == 3
    assert course.tables() == before
