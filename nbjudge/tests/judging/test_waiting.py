"""Time limits of the student's process, with a clock and processes that the test controls."""

import multiprocessing
import os
import socket
import threading

import pytest

from nbjudge.judging import waiting
from nbjudge.judging.waiting import (
    LEAST,
    POLL,
    Budget,
    Meter,
    MeteredSocket,
    cell_budget,
    seconds_of_judge,
)
from nbjudge.sandbox.client import SandboxClient, Usage


class _Machine(SandboxClient):
    """A machine whose clock moves when the judge waits.

    Attributes
    ----------
    share
        Processor time that the student's processes get per second.
    is_running
        True if they are running or wait for a processor, at each measurement.
    judge_share
        Time per second in which the judge computes or waits for a processor.
    answers_at
        Time at which the student's process answers.
    """

    def __init__(self, share, is_running=True, judge_share=0.0, answers_at=float("inf")):
        self.share, self.is_running, self.judge_share = share, is_running, judge_share
        self.now, self.answers_at = 0.0, answers_at

    def start(self, number, deadline):
        raise NotImplementedError

    def interrupt(self):
        raise NotImplementedError

    def why_it_ended(self):
        raise NotImplementedError

    def usage(self):
        return Usage(self.share * self.now, self.is_running)

    def register(self, connection, event):
        pass

    def poll(self, milliseconds):
        assert self.now < 100_000, "the code is never ended"
        until = self.now + milliseconds / 1000
        self.now = min(until, max(self.now, self.answers_at))
        return self.now < until


@pytest.fixture
def ends(monkeypatch):
    """A function that returns when a budget ends on a machine, or None if the code answers."""

    def wait(machine, budget):
        monkeypatch.setattr(waiting.select, "poll", lambda: machine)
        whole = Budget(10_000, 10_000, "whole")
        own = lambda: machine.judge_share * machine.now  # noqa: E731
        meter = Meter(machine, whole, clock=lambda: machine.now, own=own)
        with meter.charging(budget, whole):
            if meter.wait(None):
                return None
        assert meter.exceeded() is None and budget.is_spent
        return machine.now

    return wait


def ten():
    """Return a budget of 10 seconds of processor time, and 30 to wait."""
    return Budget(10, 30, "what")


def test_code_that_gets_few_processors_loses_nothing(ends):
    """9 seconds of work, of which a busy machine does 1 in 50 seconds."""
    assert ends(_Machine(1 / 50, answers_at=450), ten()) is None


def test_code_that_computes_is_ended_by_its_processor_time(ends):
    assert ends(_Machine(1.0), ten()) == pytest.approx(10, abs=2 * POLL)
    assert ends(_Machine(1 / 50), ten()) == pytest.approx(500, abs=50 * POLL)
    # two processes of the student's; the first one may only wait for the second
    assert ends(_Machine(2.0), ten()) == pytest.approx(5, abs=2 * POLL)


def test_the_judge_interrupts_a_cell_only_if_its_session_did_not(ends):
    """A second interrupt would arrive while the session writes the traceback of its own."""
    interrupted_and_written = _Machine(1.0, answers_at=11)
    assert ends(interrupted_and_written, cell_budget(10)) is None
    assert ends(_Machine(1.0), cell_budget(10)) == pytest.approx(12, abs=2 * POLL)


def test_code_whose_processor_time_is_not_measured_is_ended(ends):
    """Its processes may always run when they are observed, and be lost with their time."""
    assert ends(_Machine(0.0), ten()) == pytest.approx(10 / LEAST, abs=2 * POLL)
    busy = _Machine(0.0, judge_share=0.5)
    assert ends(busy, ten()) == pytest.approx(20 / LEAST, abs=2 * POLL)


def test_code_that_waits_is_ended_by_the_clock(ends):
    assert ends(_Machine(0.0, False), ten()) == pytest.approx(30, abs=2 * POLL)


def test_code_that_waits_for_a_busy_judge_is_not(ends):
    """The judge answers its calls, or waits for a processor to do so."""
    busy = _Machine(0.01, False, judge_share=0.99, answers_at=500)
    assert ends(busy, ten()) is None


def test_a_judge_that_is_busy_half_of_the_time_leaves_the_other_half(ends):
    half = _Machine(0.0, False, judge_share=0.5)
    assert ends(half, ten()) == pytest.approx(60, abs=2 * POLL)


def test_moments_in_which_the_judge_is_late_are_no_samples(monkeypatch):
    """Code that has just been answered seems to wait, whatever it does."""
    machine = _Machine(0.1, False, answers_at=0.0)
    monkeypatch.setattr(waiting.select, "poll", lambda: machine)
    meter = Meter(machine, Budget(10, 10, "whole"), clock=lambda: machine.now, own=lambda: 0.0)
    budget = Budget(10, 10, "")
    with meter.charging(budget):
        for _ in range(20):
            machine.now += 2 * POLL  # the judge serves a call
            assert meter.wait(None)
    assert budget.idle == 10
    assert budget.processor == pytest.approx(10 - machine.share * machine.now)


def test_the_processor_time_of_a_new_sandbox_starts_at_zero():
    machine = _Machine(1.0)
    meter = Meter(machine, Budget(100, 100, "whole"), clock=lambda: machine.now, own=lambda: 0.0)
    budget = Budget(100, 100, "")
    with meter.charging(budget):
        machine.now = 5
        meter.measure()
        meter.charged, machine.now = 0.0, 2
        meter.measure()
    assert (meter.total, budget.processor) == (7, 93)


def test_an_answer_that_has_begun_may_end_after_its_time(ends, monkeypatch):
    ours, others = socket.socketpair()
    with ours, others:
        meter = Meter(_Machine(0.0), Budget(0, 0, "spent"))
        others.sendall(b"answer")
        with meter.charging(meter.submission):
            with pytest.raises(TimeoutError):
                MeteredSocket(ours, meter).recv(6)
            with meter.receiving():
                assert MeteredSocket(ours, meter).recv(6) == b"answer"


def test_data_for_a_process_that_does_not_read_end_by_the_clock():
    ours, others = socket.socketpair()
    with ours, others:
        machine = _Machine(0.0, False)
        budget = Budget(1, 2 * POLL, "transfer")
        meter = Meter(machine, Budget(10, 10, "whole"), own=lambda: 0.0)
        with meter.charging(budget), pytest.raises(TimeoutError):
            MeteredSocket(ours, meter).sendall(bytes(10_000_000))
        assert budget.is_spent


def test_the_judge_measures_its_own_thread_also_after_a_fork():
    """The statistics of another thread would count its waiting for a processor."""

    def statistics():
        seconds_of_judge()
        return os.readlink(f"/proc/self/fd/{waiting._statistics(threading.get_native_id())}")

    parent, (receiver, sender) = statistics(), multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(
        target=lambda: sender.send((os.getpid(), statistics()))
    )
    child.start()
    pid, path = receiver.recv()
    child.join()
    assert path == f"/proc/{pid}/task/{pid}/schedstat" != parent
