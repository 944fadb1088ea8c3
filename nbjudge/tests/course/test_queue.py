"""The order of grading, and the number of concurrent submissions."""

import threading
import time

import pytest

from nbjudge.course import queue
from nbjudge.course.queue import MAX_PER_WORKER, Queue, in_parallel
from nbjudge.settings import NbJudge
from tests.support.engines import no_longer_than


def queue_of(known, suspects=(), **work):
    known = {name: known.get(name, {}) for name in work}
    return Queue(work, known, lambda assignment, student: student in suspects)


def taken(queue):
    return list(iter(queue.take, None))


def test_the_slowest_go_first_across_assignments():
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


def test_submissions_that_may_hang_go_first():
    queue = queue_of({"a": {"ann": 50.0}}, suspects=["eve"], a=["ann"], b=["dora", "eve"])
    assert queue.take() == ("b", "eve")


def test_a_student_without_a_time_is_expected_to_take_the_mean():
    known = {"a": {"ann": 2.0, "ben": 8.0}, "b": {"cid": 4.0}}
    queue = queue_of(known, a=["ann", "ben", "new"], b=["cid"])
    assert taken(queue)[0] == ("a", "ben")
    assert sorted(taken(queue_of(known, a=["new"], b=["cid"]))) == [("a", "new"), ("b", "cid")]


# Concurrency.


class Counted:
    """Work that records how many pieces ran at the same time."""

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
    """A function that sets the number of processors in use."""

    def use(share):
        monkeypatch.setattr(queue._processes, "seconds", lambda _: 1 + share * time.monotonic())
        monkeypatch.setattr(queue, "PAUSE", 0.02)

    return use


def test_everything_is_done_once():
    work = Counted(100)
    assert sorted(in_parallel(work.take, work.do, lambda: 3, list)) == list(range(100))


# The shares are far from the limit: on a busy machine the two clocks are read at different times.
@pytest.mark.parametrize(
    "share, most", [(4.0, 2), (1.0, 2 * MAX_PER_WORKER)], ids=["busy", "half idle"]
)
def test_more_than_the_workers_run_only_while_a_processor_is_idle(processors, share, most):
    processors(share)
    work = Counted(30, 0.2)
    list(in_parallel(work.take, work.do, lambda: 2, lambda: [1]))
    assert work.most <= most and (work.most > 2) == (most > 2)


def test_only_the_workers_run_if_processor_use_is_unknown(monkeypatch):
    monkeypatch.setattr(queue, "PAUSE", 0.02)
    monkeypatch.setattr(queue._processes, "seconds", lambda _: 0.0)
    work = Counted(12, 0.1)
    list(in_parallel(work.take, work.do, lambda: 2, lambda: [1]))
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
        found = list(in_parallel(lambda: next(pieces, None), do, lambda: 1, lambda: [1]))
    assert sorted(found) == ["comes", "waits"]


def test_an_error_ends_the_work_and_is_raised():
    work = Counted(1000)

    def do(piece):
        if piece == 990:
            raise KeyboardInterrupt
        return piece

    with pytest.raises(KeyboardInterrupt):
        list(in_parallel(work.take, do, lambda: 2, list))
    assert work.left


def test_limits_may_differ_by_assignment():
    settings = NbJudge(cell_seconds=5, cell_seconds_of={"lenet": 30})
    assert settings.limits("padding").cell_seconds == 5
    assert settings.limits("lenet").cell_seconds == 30
