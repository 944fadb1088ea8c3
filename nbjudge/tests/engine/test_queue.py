"""What is graded next, how many at a time, and that no thread waits for another for ever."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from nbjudge import EngineError
from nbjudge.course import queue
from nbjudge.course.queue import MOST, Queue, in_parallel
from nbjudge.engine import engine as engine_module
from nbjudge.engine.engine import Engine
from nbjudge.settings import NbJudge
from tests.support.engines import LIMITS, cells_of, no_longer_than, notebook_bytes, plan


def queue_of(known, suspects=(), **work):
    known = {name: known.get(name, {}) for name in work}
    return Queue(work, known, lambda assignment, student: student in suspects)


def taken(queue):
    return list(iter(queue.take, None))


def test_what_took_longest_goes_first_whatever_its_assignment():
    known = {"a": {"ann": 1.0, "ben": 9.0}, "b": {"ann": 5.0}}
    queue = queue_of(known, a=["ann", "ben"], b=["ann"])
    assert taken(queue) == [("a", "ben"), ("b", "ann"), ("a", "ann")]


def test_one_submission_of_each_new_assignment_is_tried_then_the_slowest_go_first():
    queue = queue_of({}, a=["ann", "ben", "cid"], b=["dora", "eve"])
    first = {queue.take()[0], queue.take()[0]}
    assert first == {"a", "b"}
    queue.done("a", 1.0)
    queue.done("b", 7.0)
    assert [assignment for assignment, _ in taken(queue)] == ["b", "a", "a"]


def test_what_may_be_endless_goes_before_all():
    queue = queue_of({"a": {"ann": 50.0}}, suspects=["eve"], a=["ann"], b=["dora", "eve"])
    assert queue.take() == ("b", "eve")


def test_a_student_without_a_time_is_expected_to_take_the_mean():
    known = {"a": {"ann": 2.0, "ben": 8.0}, "b": {"cid": 4.0}}
    queue = queue_of(known, a=["ann", "ben", "new"], b=["cid"])
    assert taken(queue)[0] == ("a", "ben")
    assert sorted(taken(queue_of(known, a=["new"], b=["cid"]))) == [("a", "new"), ("b", "cid")]


# How many at a time.


class Counted:
    """Pieces of work that say how many of them were done at once."""

    def __init__(self, number, seconds=0.0):
        self.left, self.lock = list(range(number)), threading.Lock()
        self.seconds, self.running, self.most = seconds, 0, 0

    def take(self):
        with self.lock:
            return self.left.pop() if self.left else None

    def do(self, piece):
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        time.sleep(self.seconds)
        with self.lock:
            self.running -= 1
        return piece


@pytest.fixture
def processors(monkeypatch):
    """Says how many processors the work uses, as a function of the time."""

    def use(share):
        monkeypatch.setattr(queue._processes, "seconds", lambda _: 1 + share * time.monotonic())
        monkeypatch.setattr(queue, "PAUSE", 0.02)

    return use


def test_everything_is_done_once():
    work = Counted(100)
    assert sorted(in_parallel(work.take, work.do, 3, list)) == list(range(100))


@pytest.mark.parametrize("share, most", [(2.0, 2), (1.0, 2 * MOST)], ids=["busy", "half idle"])
def test_more_than_the_workers_run_only_while_a_processor_is_idle(processors, share, most):
    processors(share)
    work = Counted(30, 0.2)
    list(in_parallel(work.take, work.do, 2, lambda: [1]))
    assert work.most <= most and (work.most > 2) == (most > 2)


def test_where_the_use_of_processors_is_not_known_there_are_only_the_workers(monkeypatch):
    monkeypatch.setattr(queue, "PAUSE", 0.02)
    monkeypatch.setattr(queue._processes, "seconds", lambda _: 0.0)
    work = Counted(12, 0.1)
    list(in_parallel(work.take, work.do, 2, lambda: [1]))
    assert work.most == 2


def test_work_that_waits_lets_other_work_begin(processors):
    processors(0.0)
    came, pieces = threading.Event(), iter(["waits", "comes"])

    def do(piece):
        if piece == "waits":
            assert came.wait(60)
        came.set()
        return piece

    with no_longer_than(90):
        found = list(in_parallel(lambda: next(pieces, None), do, 1, lambda: [1]))
    assert sorted(found) == ["comes", "waits"]


def test_an_error_ends_the_work_and_is_raised():
    work = Counted(1000)

    def do(piece):
        if piece == 990:
            raise KeyboardInterrupt
        return piece

    with pytest.raises(KeyboardInterrupt):
        list(in_parallel(work.take, do, 2, list))
    assert work.left


def test_limits_may_differ_by_assignment():
    settings = NbJudge(cell_seconds=5, cell_seconds_of={"lenet": 30})
    assert settings.limits("padding")["cell_seconds"] == 5
    assert settings.limits("lenet")["cell_seconds"] == 30


# The engine, asked by several threads.


def job_of(number, version):
    """A job of one of several assignments, which needs a version of a module."""
    planned = plan((f"x = {number}", "solution", "s"), (f"assert x == {number}", "test", "t"))
    return {
        "notebook": notebook_bytes(cells_of(planned)),
        "files": {},
        "plan_key": f"{number}",
        "plan": planned.to_json(),
        "modules": {"helper": version},
        "master_files": {},
        "seed": 1,
        "mark": {},
        "draw_all": False,
        "limits": LIMITS,
    }


@pytest.fixture
def engine(judge):
    one = Engine()
    one.orders = judge.orders
    yield one
    one.stop()


def test_threads_with_different_modules_do_not_wait_for_each_other_for_ever(engine):
    jobs = [job_of(n % 4, str(n % 2)) for n in range(16)]
    with no_longer_than(200), ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda job: engine.judge(engine.orders, job), jobs))
    assert [answer["scores"] for answer in answers] == [{"t": 1.0}] * 16
    assert len(engine.templates) == 2 and not engine.busy


def test_there_are_as_many_workers_as_threads_and_not_as_assignments(engine):
    for number in range(6):
        assert engine.judge(engine.orders, job_of(number, "1"))["scores"] == {"t": 1.0}
    assert len(engine.idle) == 1 and len(engine.templates) == 1


def test_templates_that_are_not_used_end(engine, monkeypatch):
    monkeypatch.setattr(engine_module, "MAX_TEMPLATES", 1)
    for version in range(3):
        engine.judge(engine.orders, job_of(1, str(version)))
        assert len(engine.templates) == 1


def test_who_waits_for_a_worker_that_is_stopped_gets_an_error(engine):
    job = job_of(1, "1")
    planned = plan(("import time\ntime.sleep(100)", "plain"))
    job |= {"plan": planned.to_json(), "notebook": notebook_bytes(cells_of(planned))}
    with no_longer_than(90), ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(engine.judge, engine.orders, job)
        while not engine.busy:
            time.sleep(0.01)
        engine.stop()
        with pytest.raises(EngineError):
            waiting.result()


def test_a_page_that_cannot_be_made_costs_that_page_only(engine):
    about = {"assignment": "a", "notebook": "n", "student": "s", "cells": {}}
    about |= {"marks": ["a", "b"], "scheme": ["c", "d"]}
    good = notebook_bytes(cells_of(plan(("1 + 1", "plain"))))
    for bad in (b"{", b"[]", b'{"cells": 5}', b"[" * 100_000):
        with pytest.raises(EngineError):
            engine.make_page({"do": "page", "notebook": bad, "about": about})
        page = engine.make_page({"do": "page", "notebook": good, "about": about})["page"]
        assert page.startswith("<!DOCTYPE html>") or page.startswith("<!doctype html>")
