"""Hostile answers, regrade requests and graders: the review serves everybody."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from nbjudge.plugins.review import answers as answers_module
from nbjudge.plugins.review import requests as requests_module
from nbjudge.plugins.review.operations import Review
from nbjudge.plugins.review.reading import TOO_SLOW
from nbjudge.plugins.review.requests import FOLDER
from nbjudge.plugins.review.tests.review_client import serving
from nbjudge.sandbox.box import Box
from tests.support.processor_time import finishes

GRADERS = ("ana", "ben")
COSTLY = "> * `a` *b* [c](d)\n" * 20_000  # no single cause, so it takes seconds
SLOW = {
    "blanks": "a" + " " * 200_000 + "b",
    "blanks in a heading": "# a" + " " * 200_000 + "b",
    "formulas": "$x_1$ " * 200_000,
    "ten megabytes": "Words, words, words. " * 500_000,
    "tags": "<b>" * 3_000_000,
}


def open_all(course):
    with serving(course) as (client,):
        for number in range(6):
            assert TOO_SLOW not in client.answer(number)["answer"]


@pytest.mark.parametrize("kind", SLOW)
def test_no_answer_takes_long(course, kind):
    course.answer("ada", essay=SLOW[kind])
    assert finishes(lambda: open_all(course), seconds=20)


def test_commands_beside_a_blank_answer_do_not_take_long(course):
    course.answer("ada", essay="")
    path = course.autograded("ada", "halves") / "halves.ipynb"
    graded = nbformat.read(path, as_version=4)
    graded.cells.append(new_code_cell("!a\n" * 3_000))
    nbformat.write(graded, path)
    assert finishes(lambda: open_all(course), seconds=20)


@pytest.fixture
def calls(monkeypatch):
    """The calls of functions in the box."""
    made, call = [], Box.call

    def recorded(box, function, *arguments, **options):
        made.append(function.__name__)
        return call(box, function, *arguments, **options)

    monkeypatch.setattr(Box, "call", recorded)
    return made


def test_an_answer_at_the_limit_is_shown_as_typed_and_read_once(course, monkeypatch, calls):
    for student in ("ada", "ben", "cem"):
        course.answer(student, essay=COSTLY)
    monkeypatch.setattr(answers_module, "SECONDS", 0.3)
    with serving(course) as (client,):
        shown = client.answer()
        assert TOO_SLOW in shown["answer"] and "<pre>&gt; * `a` *b*" in shown["answer"]
        assert calls == ["read_answer"] * 2, "rendered, and then as typed"
        assert client.save(shown, 3)[0] == 200
        assert client.answer(0)["answer"] == shown["answer"]
        assert len(calls) == 2


def test_answers_are_kept_up_to_a_number_of_characters(course, monkeypatch, calls):
    for student in ("ada", "ben", "cem"):
        course.answer(student, essay=student * 1_000)
    monkeypatch.setattr(answers_module, "MOST_KEPT", 7_000)
    with serving(course) as (client,):
        for number in (0, 1, 2, 2, 1):
            client.answer(number)
        assert len(calls) == 3, "two answers are kept"
        client.answer(0)
        assert len(calls) == 4, "the first one only until the third is read"


def test_a_slow_answer_delays_no_other_grader(course, monkeypatch):
    begun, go_on, call = threading.Event(), threading.Event(), Box.call

    def slow(box, function, *arguments, **options):
        if function.__name__ == "read_answer" and not begun.is_set():
            begun.set()
            assert go_on.wait(60)
        return call(box, function, *arguments, **options)

    monkeypatch.setattr(Box, "call", slow)
    with serving(course, graders=GRADERS) as (ana, ben), ThreadPoolExecutor(1) as threads:
        opening = threads.submit(ana.next)
        assert begun.wait(60)
        shown = ben.next()
        assert ben.save(shown, 2)[0] == 200 and not opening.done()
        go_on.set()
        assert opening.result()["id"] != shown["id"]


def mail(course, content, name="request.eml"):
    folder = course.root / FOLDER
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content.encode())


REQUEST = "Assignment: halves\nNotebook: halves\nQuestion: essay\nStudent: ada\nReason: please\n"
MAILS = {
    "semicolons": f"From: a@b.c\nContent-Type: text/plain{';' * 64_000}\n\n{REQUEST}",
    "parameters": f"Content-Type: text/plain{'; a=b' * 20_000}\n\n{REQUEST}",
    "folded": "Content-Type: text/plain" + ";\n a=b" * 20_000 + f"\n\n{REQUEST}",
    "in a part": "Content-Type: multipart/mixed; boundary=b\n\n--b\ncontent-DISPOSITION: inline"
    + ";" * 64_000
    + f"\n\n{REQUEST}\n--b--\n",
}


def problems(course):
    with serving(course) as (client,):
        assert client.answers()
        assert not [one for one in client.ask("answers")[1]["lists"] if one["name"] == "requests"]
        return client.review.problems()


@pytest.mark.parametrize("kind", MAILS)
def test_a_mail_with_a_long_header_is_not_used(course, kind):
    mail(course, MAILS[kind])
    (problem,) = problems(course)
    assert problem.startswith(f"{FOLDER}/request.eml is not used: the e-mail has a Content header")
    assert "more than 2,000; save its text as a .txt file instead" in problem


def test_a_mail_at_the_limit_is_not_used_and_read_once(course, monkeypatch, calls):
    part = "--b\nContent-Type: text/html\n\nx\n"
    head = "Content-Type: multipart/mixed; boundary=b\n\n"
    mail(course, head + part * 150_000)
    monkeypatch.setattr(requests_module, "SECONDS", 0.1)
    (problem,) = problems(course)
    assert "is not used: it exceeds the limits of 0.1 s of processor time" in problem
    assert calls.count("read_request") == 1


def test_a_request_names_things_in_a_few_words(course):
    mail(course, REQUEST.replace("halves", "x" * 1_000_000), "request.txt")
    (problem,) = problems(course)
    assert problem.endswith("its line Assignment: has more than 1000 characters")


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7"])
def test_a_mail_with_lone_surrogates_is_shown(course, charset):
    reason = {"unicode_escape": "\\ud800", "utf-7": "+2AA-"}[charset]
    mail(course, f"Content-Type: text/plain; charset={charset}\n\n{REQUEST[:-1]} {reason}\n")
    with serving(course, graders=GRADERS) as (ana, ben):
        shown = ana.next(name="requests")
        assert [request["reason"] for request in shown["requests"]] == ["please ?"]
        assert ben.next()["requests"] == []  # another answer: this one is open
        keys = [request["key"] for request in shown["requests"]]
        assert ana.save(shown, 3, name="requests", requests=keys)[0] == 200
        assert ana.next(name="requests") is None


HOSTILE = {
    "nested": '{"a": ' + "[" * 400_000 + "]" * 400_000 + "}",
    "nested a little": '{"version": "x", "comment": "", "ticked": [], "points": '
    + "[" * 900
    + "]" * 900
    + "}",
    "a giant number": '{"points": 1' + "0" * 400 + ', "comment": "", "ticked": []}',
    "a giant negative number": '{"points": -1' + "0" * 400 + ', "comment": "", "ticked": []}',
    "too many digits": '{"points": 1' + "0" * 5000 + ', "comment": "", "ticked": []}',
    "NaN": '{"points": NaN, "comment": "", "ticked": []}',
    "a lone surrogate": '{"points": 1, "comment": "\\ud800", "ticked": []}',
    "not UTF-8": b'{"points": 1, "comment": "\xff", "ticked": []}',
    "a list": "[]",
    "nothing": "",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_request_is_refused_without_a_token_in_the_log(course, capfd, caplog, kind):
    with serving(course, graders=GRADERS) as (ana, _):
        shown, before = ana.next(), course.tables()
        status, answer = ana.send(f"answers/{shown['id']}", "PUT", HOSTILE[kind])
        assert status == 400 and answer["message"]
        status, answer = ana.send(f"answers/{shown['id']}/items", "POST", HOSTILE[kind])
        assert status == 400 and answer["message"]
        assert course.tables() == before
    assert not caplog.records and ana.start.strip("/") not in "".join(capfd.readouterr())


def test_an_unexpected_error_prints_no_token(course, monkeypatch, caplog, capfd):
    def fail(*_):
        raise RuntimeError("unexpected")

    monkeypatch.setattr(Review, "overview", fail)
    with serving(course, graders=GRADERS) as (ana, _):
        status, answer = ana.ask("answers")
    assert status == 500 and "see the terminal" in answer["message"]
    assert "RuntimeError: unexpected" in caplog.text, "the instructor sees the cause"
    for text in (caplog.text, json.dumps(answer), *capfd.readouterr()):
        assert ana.start.strip("/") not in text
