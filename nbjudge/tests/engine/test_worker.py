"""The number of retries after a judge died."""

import os
import socket
from types import SimpleNamespace

import pytest

from nbjudge.engine import worker as worker_module
from nbjudge.engine.messages import Failed
from nbjudge.engine.worker import Watch, Worker, _JudgeEnd
from nbjudge.judging.messages import TimeLeft, Unreadable
from nbjudge.wire.framing import send_message
from tests.support.engines import make_job, spec

ANSWER = _JudgeEnd(Unreadable("an answer"), None, False, 0)
DIES, DIES_IN_TEST = _JudgeEnd(None, None, False, -9), _JudgeEnd(None, 4, False, -9)
HANGS_IN_TEST = _JudgeEnd(None, 4, True, -9)


@pytest.fixture
def tried(monkeypatch):
    """A function that runs a worker whose judges end in the given ways.

    It returns the worker's answer, the number of judges and the last Attempt.
    """
    monkeypatch.setattr(worker_module, "living_fork_server", lambda control, *_: control)

    def run(*ends, left=None):
        coming, attempts, lefts = list(ends), [], []

        def fork(submission, prepared, attempt):
            attempts.append(attempt)
            lefts.append(attempt.left)
            attempt.left, attempt.lefts = left or attempt.left, lefts
            return coming.pop(0)

        worker = object.__new__(Worker)
        worker.control = worker.config = worker.loaded = SimpleNamespace()
        submission = make_job(spec(("1", "plain"))).submission
        worker.prepared, worker.fork = {submission.key: None}, fork
        answer = worker.answer(submission)
        assert coming == []
        return answer, len(attempts), attempts[-1]

    return run


def test_a_judge_that_dies_outside_the_tests_is_retried_once(tried):
    assert tried(DIES, ANSWER)[0] == ANSWER.answer
    answer, _, _ = tried(DIES, DIES)
    assert answer == Failed(
        "the judge ended 2 times outside this submission's tests (Killed)", True
    )


def test_a_test_in_which_the_judge_dies_is_retried_once(tried):
    answer, count, attempt = tried(DIES_IN_TEST, ANSWER)
    assert (answer, count, attempt.unjudgeable) == (ANSWER.answer, 2, {})
    _, _, attempt = tried(DIES_IN_TEST, DIES_IN_TEST, ANSWER)
    reason = "the judge ended 2 times in this test of this submission (Killed)"
    assert attempt.unjudgeable == {4: reason}


def test_the_time_begins_again_once(tried):
    """Otherwise a hanging test would use up the time of the other questions."""
    _, _, attempt = tried(HANGS_IN_TEST, DIES, DIES_IN_TEST, ANSWER, left=TimeLeft(3, 4))
    limits = make_job(spec(("1", "plain"))).submission.limits
    assert attempt.lefts == [limits.of_submission] * 2 + [TimeLeft(3, 4)] * 2


@pytest.mark.parametrize(("size", "is_read"), [(1_000, True), (5_000, False)])
def test_an_answer_of_a_judge_is_limited(monkeypatch, tmp_path, size, is_read):
    """Even one whose judge does not limit it."""
    monkeypatch.setattr(worker_module, "MAX_CONFINED", 4_000)

    def be_judge(submission, prepared, attempt, folder, connection):
        send_message(connection, Unreadable("x" * size))
        os._exit(0)

    worker = object.__new__(Worker)
    worker.connection, other_end = socket.socketpair()
    worker.folder, worker._be_judge = tmp_path, be_judge
    notebook = spec(("1", "plain"))
    submission, prepared = make_job(notebook).submission, SimpleNamespace(spec=notebook)
    with worker.connection, other_end:
        end = worker.fork(submission, prepared, SimpleNamespace())
    assert (end.answer is not None) == is_read


class _Judge:
    """A judge whose processor time and clock the test sets."""

    def __init__(self):
        self.processor = self.now = 0.0
        self.watch = Watch(lambda: self.processor, lambda: self.now)
        self.watch.begin(70)

    def passes(self, seconds, processor):
        """Let time pass in steps of a second; return True if the judge hangs at any of them."""
        hangs = False
        for _ in range(seconds):
            self.now += 1
            self.processor += processor / seconds
            hangs |= self.watch.hangs()
        return hangs


def test_a_judge_that_gets_few_processors_does_not_hang():
    assert not _Judge().passes(2000, 60)


@pytest.mark.parametrize(("seconds", "processor"), [(80, 75), (2000, 75), (80, 0)])
def test_a_judge_that_computes_too_long_or_is_silent_hangs(seconds, processor):
    assert _Judge().passes(seconds, processor)


def test_a_judge_that_waits_for_a_session_and_says_so_does_not_hang():
    judge = _Judge()
    for _ in range(40):
        assert not judge.passes(60, 0)
        judge.watch.hear()


def test_deaths_in_a_test_and_outside_are_counted_apart(tried):
    answer, _, attempt = tried(DIES, DIES_IN_TEST, ANSWER)
    assert (answer, attempt.unjudgeable) == (ANSWER.answer, {})


def test_a_test_that_hangs_is_not_tried_again(tried):
    _, _, attempt = tried(HANGS_IN_TEST, ANSWER)
    assert (attempt.timed_out, attempt.unjudgeable) == ({4}, {})
