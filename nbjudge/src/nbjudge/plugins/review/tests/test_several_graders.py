"""Several graders on one server: no answer twice, whatever expires, restarts or is closed."""

import csv
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack

import pytest

from nbjudge.plugins.review.claims import CLAIM_MINUTES
from nbjudge.plugins.review.graders import (
    LIFETIME,
    key_file,
    parse_graders,
    read_key,
    tokens_of,
)
from nbjudge.plugins.review.tests.review_client import Client, Clock, serving
from tests.support.small_course import environment

FIVE = ("ana", "ben", "cleo", "dan", "eva")


def log(course):
    """Return the log of gradings: [(id, kind, grader, points)]."""
    return course.rows("select grade_id, kind, grader, points from nbjudge_grading order by time")


def at_once(clients, work):
    """Run a function for each client in its own thread, all at the same time."""
    barrier, errors = threading.Barrier(len(clients)), []

    def run(client):
        try:
            barrier.wait(60)
            work(client)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert errors == []


def grade_all(opened):
    """Return a function that grades until nothing is left, and notes the answers it opened."""

    def work(client):
        shown = client.next()
        while shown:
            opened.append((client, shown["id"]))
            status, saved = client.save(shown)
            assert status == 200, saved
            shown = client.next(shown)

    return work


@pytest.mark.parametrize("graders", [FIVE[:2], FIVE])
def test_22_answers_are_graded_once_each(larger_class, graders):
    opened = []
    with serving(larger_class, graders=graders) as clients:
        at_once(clients, grade_all(opened))
        assert [client.next() for client in clients] == [None] * len(clients)
    assert len(opened) == 22
    assert set(Counter(key for _, key in opened).values()) == {1}, "no answer was given twice"
    assert set(Counter(row[0] for row in log(larger_class)).values()) == {1}
    assert larger_class.rows("select count(*) from nbjudge_grading") == [(22,)]
    waiting = "select count(*) from grade where needs_manual_grade or manual_score is null"
    assert larger_class.rows(waiting) == [(0,)]
    assert larger_class.rows("select count(*) from nbjudge_claim") == [(0,)]


def test_two_servers_on_one_gradebook_give_no_answer_twice(larger_class):
    opened = []
    with ExitStack() as stack:
        servers = [serving(larger_class, graders=FIVE[:2]) for _ in range(2)]
        clients = [client for server in servers for client in stack.enter_context(server)]
        at_once(clients, grade_all(opened))
    assert sorted(Counter(key for _, key in opened).values()) == [1] * 22


def test_open_answers_are_given_to_nobody_else(larger_class):
    with serving(larger_class, graders=FIVE) as clients:
        shown = [client.next() for client in clients]
        assert len({answer["id"] for answer in shown}) == 5
        state = clients[0].ask("answers")[1]
        assert (state["waiting"], state["held"], state["grader"]) == (22, 4, "ana")
        window = Client(clients[0].address)  # a second window of the same grader
        assert window.next()["id"] not in {answer["id"] for answer in shown}


def start_command(course, port):
    """Start `nbjudge review` with two graders; return the process and the addresses."""
    command = [sys.executable, "-m", "nbjudge", "review", "halves", "--graders", "ana,ben"]
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        cwd=course.root,
        env=environment(XDG_STATE_HOME=str(course.root / "state"), PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        text=True,
    )
    addresses = []
    for line in process.stdout:
        if found := re.match(r"  (\w+): (http\S+)", line):
            addresses.append(found[2])
        if len(addresses) == 2:
            break
    return process, addresses


def test_a_killed_server_continues_where_it_was(larger_class):
    opened = []
    process, addresses = start_command(larger_class, 0)
    ana, ben = map(Client, addresses)
    try:
        for client in (ana, ben, ana, ben, ana):
            shown = client.next()
            opened.append((client, shown["id"]))
            assert client.save(shown)[0] == 200
        in_hand = ana.next(), ben.next()
    finally:
        process.kill()
        process.communicate()
    port = addresses[0].split(":")[2].partition("/")[0]
    process, again = start_command(larger_class, port)
    try:
        assert again == addresses, "the links are still valid"
        other = Client(addresses[1])
        held = {shown["id"] for shown in in_hand}
        seen = other.next()
        assert seen["id"] not in held | {key for _, key in opened}
        other.leave(seen)
        for client, shown in zip((ana, ben), in_hand, strict=True):
            opened.append((client, shown["id"]))
            assert client.save(shown, comment="Typed before the end.")[0] == 200
        at_once([ana, ben], grade_all(opened))
    finally:
        process.kill()
        process.communicate()
    assert sorted(Counter(key for _, key in opened).values()) == [1] * 22
    assert len(log(larger_class)) == 22
    comments = "select count(*) from comment where manual_comment = 'Typed before the end.'"
    assert larger_class.rows(comments) == [(2,)]


def test_an_answer_comes_back_when_its_grader_has_been_away(course):
    clock = Clock()
    with serving(course, graders=FIVE[:2], clock=clock) as (ana, ben):
        shown = ana.next()
        clock.wait(CLAIM_MINUTES - 1)
        assert ben.next()["id"] != shown["id"]
        assert ana.ask(f"answers/{shown['id']}/claim", "PUT", {}) == (200, {}), "still here"
        clock.wait(CLAIM_MINUTES - 1)
        assert ben.next()["id"] != shown["id"]
        clock.wait(1)
        taken = ben.next()
        assert taken["id"] == shown["id"]

        before = course.tables()
        message = "ben is grading this answer. Your input is still here."
        assert ana.save(shown, 2) == (423, {"message": message})
        renewed = ana.ask(f"answers/{shown['id']}/claim", "PUT", {})
        assert renewed == (423, {"message": message})
        assert course.tables() == before
        assert ben.save(taken, 3, "Mine.")[0] == 200
        after = course.tables()
        status, current = ana.save(shown, 2, "Ours.")
        assert status == 409
        assert (current["points"], current["comment"]) == (3, "Mine.")
        assert current["by"] == "ben, 2026-11-02 12:19 UTC"
        assert course.tables() == after
        assert ana.save(current, 2, "Ours.")[0] == 200, "once it has been seen"
    assert [row[1:] for row in log(course)] == [("grade", "ben", 3), ("grade", "ana", 2)]


def test_a_late_save_succeeds_if_nobody_has_taken_the_answer(course):
    clock = Clock()
    with serving(course, graders=FIVE[:2], clock=clock) as (ana, _):
        shown = ana.next()
        clock.wait(60)
        assert ana.save(shown, 2)[0] == 200


def test_leaving_an_answer_releases_it(course):
    with serving(course, graders=FIVE[:2]) as (ana, ben):
        first = ana.next()
        second = ana.next(first)
        assert first["id"] != second["id"]
        assert ben.next()["id"] == first["id"], "ana has moved on without saving"
        ana.leave(second)
        third = ben.next(first)
        assert third["id"] == second["id"]


def test_graders_return_to_their_own_grades_and_not_to_those_of_others(course):
    with serving(course, graders=FIVE[:2]) as (ana, ben):
        own = ana.next()
        assert ana.save(own, 2)[0] == 200
        other = ben.next()
        assert ben.save(other, 3)[0] == 200
        listed = [one["id"] for one in ana.answers()]
        assert own["id"] in listed and other["id"] not in listed
        here = ana.next()
        back = ana.ask("answers", "POST", {"start": here["id"], "by": -1})[1]["answer"]
        assert back["id"] == own["id"]
        assert (back["points"], back["by"][:4]) == (2, "ana,")
        assert ana.save(back, 1)[0] == 200


def test_an_answer_that_cannot_be_read_is_passed_by(course):
    with serving(course, graders=FIVE[:1]) as (ana,):
        keys = [one["id"] for one in ana.answers()]
        query = """select s.student_id from grade g join submitted_notebook n on n.id =
        g.notebook_id join submitted_assignment s on s.id = n.assignment_id where g.id = ?"""
        ((student,),) = course.rows(query, keys[0])
        (course.autograded(student, "halves") / "halves.ipynb").unlink()
        assert ana.next()["id"] == keys[1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ana,", "expected names separated by commas"),
        ("a\x1bna,ben", "expected names"),
        ("x" * 41, "of at most 40 characters each"),
        ("Ana,ben,ana", "got Ana more than once .* in 'Ana,ben,ana'"),
    ],
)
def test_names_of_graders_are_checked(text, message):
    with pytest.raises(ValueError, match=message):
        parse_graders(text)
    assert parse_graders("Ana Ruiz , ben") == ("Ana Ruiz", "ben")


def test_a_link_names_its_grader_and_cannot_be_guessed_from_another():
    tokens = tokens_of(FIVE, b"1" * 32)
    assert len(set(tokens.values())) == 5
    assert tokens == tokens_of(FIVE, b"1" * 32)
    assert not set(tokens.values()) & set(tokens_of(FIVE, b"2" * 32).values())
    assert all(re.fullmatch(r"[\w-]{43}", token) for token in tokens.values())


def test_only_the_graders_of_this_start_are_let_in(course):
    with serving(course, graders=("ana", "ben")) as (ana, ben):
        ben.start = ana.start.replace(*(c.start.strip("/") for c in (ana, ben)))
        assert ben.ask("answers")[1]["grader"] == "ben"
        former = tokens_of(["cleo"], b"k" * 32)["cleo"]
        ana.start = f"/{former}/"
        assert ana.ask("answers")[0] == 404
        for path in ("", "page.js", "answers"):
            assert ana.ask(path)[0] == 404


def test_a_request_without_a_page_claims_nothing(course):
    with serving(course, graders=("ana",)) as (ana,):
        for page in (None, "", "x" * 32):
            assert ana.ask("answers", "POST", {}, Nbjudge_Page=page)[0] == 400
    assert course.rows("select count(*) from nbjudge_claim") == [(0,)]


def test_the_key_of_the_links_is_kept_and_private(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    file = key_file(tmp_path, "ps1")
    key = read_key(file)
    assert read_key(file) == key and len(key) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert key_file(tmp_path, "ps2") != file != key_file(tmp_path / "course", "ps1")
    file.chmod(0o640)
    with pytest.raises(ValueError, match="only you can read"):
        read_key(file)
    file.unlink()
    assert read_key(file) != key
    os.truncate(file, 3)
    with pytest.raises(ValueError, match="32 bytes"):
        read_key(file)


def test_old_keys_are_replaced(tmp_path):
    file = tmp_path / "review.key"
    key, now = read_key(file), time.time()
    os.utime(file, times=(now, now - (LIFETIME - 1) * 24 * 3600))
    assert read_key(file) == key, "the same links after a restart"
    os.utime(file, times=(now, now - (LIFETIME + 1) * 24 * 3600))
    new = read_key(file)
    assert new != key and read_key(file) == new and len(new) == 32


def test_a_new_gradebook_has_new_links(course):
    def file():
        assignment = course.assignment()
        try:
            return key_file(course.root, assignment.records.id)
        finally:
            assignment.close()

    before = file()
    assert file() == before, "the same links after a restart"
    (course.root / "gradebook.db").unlink()
    course.release("halves")
    assert file() != before


def test_a_proxy_is_trusted_only_if_it_is_named(course):
    own = {"Host": "grading.example.org", "Origin": "https://grading.example.org"}
    with serving(course, graders=("ana",), url="https://grading.example.org/review/") as (page,):
        assert page.address.startswith("https://grading.example.org/review/")
        page.start = page.start.removeprefix("/review")
        assert page.ask("answers", "POST", {}, **own)[0] == 200
        for forged in ({"Host": "example.org"}, {"Origin": "https://example.org"}):
            assert page.ask("answers", "POST", {}, **own | forged)[0] == 403
    with serving(course, graders=("ana",)) as (page,):
        assert page.ask("answers", "POST", {}, **own)[0] == 403


WRONG = {
    ("--graders", "ana,ben", "--all"): "--all shows everyone's grades",
    ("--graders", "ana,ana"): "expected a different name for each grader, got ana more",
    ("--url", "http://grading.example.org"): "expected an address such as https://",
}


@pytest.mark.parametrize("options", WRONG)
def test_contradictory_options(course, options):
    done = course.nbjudge("review", "halves", *options)
    assert done.returncode == 2
    assert WRONG[options] in done.stderr


def test_nothing_is_waiting_for_the_graders(course):
    course.write("update grade set needs_manual_grade = 0, manual_score = 1")
    done = course.nbjudge("review", "halves", "--graders", "ana,ben")
    assert done.returncode == 0, done.stderr
    assert "No answer of halves is waiting for a manual grade." in done.stdout


@pytest.mark.parametrize("graders", [(), ("ana", "ben")])
def test_a_conflict_after_a_restart_shows_both_versions(course, graders):
    """The answer was graded in the formgrader while a page had it open."""
    with serving(course, graders=graders) as clients:
        page = clients[0].page
        shown = clients[0].next()
    change = "update grade set manual_score = 1, needs_manual_grade = 0 where id = ?"
    course.write(change, shown["id"])
    with serving(course, graders=graders) as clients:
        clients[0].page = page
        status, theirs = clients[0].save(shown, 2, "Mine.")
        assert (status, theirs["points"]) == (409, 1)
        status, saved = clients[0].save(theirs, 2, "Mine.")
        assert (status, saved["points"], saved["comment"]) == (200, 2, "Mine.")


def test_the_log_names_who_graded_what_and_when(course):
    with serving(course, graders=("ana", "ben")) as (ana, ben):
        assert ana.save(ana.next(), 2, "=1+1")[0] == 200
        assert ben.save(ben.next(), 3, "Both.")[0] == 200
    done = course.nbjudge("review", "halves", "--export", "log.csv")
    assert (done.returncode, done.stderr) == (0, "Wrote log.csv: 2 grades.\n")
    with open(course.root / "log.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    names = "kind", "grader", "score", "max_score", "counts", "comment"
    assert sorted([row[name] for name in names] for row in rows) == [
        ["grade", "ana", "2", "4", "yes", "'=1+1"],
        ["grade", "ben", "3", "4", "yes", "Both."],
    ]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", row["time"]) for row in rows)
    done = course.nbjudge("review", "halves", "--export", "missing/log.csv")
    assert done.returncode == 2 and "missing/log.csv cannot be written" in done.stderr
