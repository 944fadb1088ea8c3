"""The judge's side of a session, with a fake sandbox."""

import socket

import pytest

from nbjudge.errors import SessionDiedError
from nbjudge.judging import session as session_module
from nbjudge.judging.messages import TimeLeft
from nbjudge.judging.session import Exchanged, Session
from nbjudge.sandbox.client import SandboxClient, Usage
from nbjudge.wire.requests import Begin, CellRan, Found, LookUp, RunCell, WriteFile


class _Client(SandboxClient):
    """Opens connections that nothing serves."""

    def __init__(self):
        self.other_ends = []

    def start(self, number, deadline):
        ours, other_end = socket.socketpair()
        self.other_ends.append(other_end)
        return ours

    def interrupt(self):
        pass

    def usage(self):
        return Usage(0.0, False)

    def why_it_ended(self):
        return "It ended."


@pytest.fixture
def session(monkeypatch):
    """A session that ran a cell, began a test and died; `fails`: request that is interrupted."""
    client = _Client()
    one = Session(client, {"data.csv": b"1"}, 1, TimeLeft(60, 60), 1000, False)
    one.fails, one.exchanged = None, []

    def exchange(self, request, limits, crossing=None):
        self.exchanged.append(type(request))
        if type(request) is self.fails:
            self.fails = None
            raise KeyboardInterrupt
        answer = CellRan(True, [], [], False) if isinstance(request, RunCell) else Found(None, None)
        return Exchanged(answer)

    monkeypatch.setattr(Session, "_exchange", exchange)
    one.run("x = 1", {}, 10)
    one.begin_test(60)
    one.close()
    one.exchanged.clear()
    yield one
    one.close()
    for other_end in client.other_ends:
        other_end.close()


@pytest.mark.parametrize("kind", [Begin, WriteFile, RunCell])
def test_a_session_interrupted_before_it_is_ready_is_restarted(session, kind):
    session.fails = kind
    with pytest.raises(KeyboardInterrupt):
        session.request(LookUp("x"))
    session.exchanged.clear()
    session.request(LookUp("x"))
    assert session.exchanged == [Begin, WriteFile, RunCell, LookUp]


def test_a_test_has_its_time_from_when_the_session_is_ready(session):
    ended = session.generation
    session.begin_test(5)
    assert session.exchanged == [Begin, WriteFile, RunCell]
    assert session.generation == ended + 1
    assert (session.test.processor, session.test.idle) == (5, 5)
    session.begin_test(5)  # the session is ready already
    assert session.exchanged == [Begin, WriteFile, RunCell]


def test_no_session_is_started_for_a_test_that_may_not_need_one():
    session = Session(_Client(), {}, 1, TimeLeft(60, 60), 1000, False)
    session.begin_test(5)
    assert session.connection is None and session.client.other_ends == []


def test_no_session_is_started_again_when_the_time_is_used_up(session):
    """Otherwise part of the student's code would seem not to have run."""
    session.submission.spend(60, 0)
    session.begin_test(5)
    assert session.exchanged == [] and not session.is_out_of_time


def test_a_session_that_cannot_be_started_again_is_no_error_of_the_judges(session):
    session.first -= session_module.MAX_RESTARTS + 1
    session.begin_test(5)
    with pytest.raises(SessionDiedError, match="ended too many times"):
        session.request(LookUp("x"))
