"""The judge's client of a fork server, tested against a fake server."""

import contextlib
import socket
import threading
import time

import pytest

from nbjudge.errors import IsolationError
from nbjudge.sandbox import client as client_module
from nbjudge.sandbox import control_socket
from nbjudge.sandbox.client import ForkServerClient, Usage
from nbjudge.sandbox.messages import (
    COMMANDS,
    InterruptSession,
    Isolated,
    MeasureSession,
    Refused,
    SessionEnded,
    SessionMeasured,
    StartSession,
)
from nbjudge.wire.framing import send_message
from tests.support.engines import no_longer_than


class ForkServer:
    """A fake fork server: records each command and responds with the next reaction."""

    def __init__(self, control: socket.socket):
        self.control, self.commands, self.reactions = control, [], []
        self.session = None
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def serve(self):
        for react in self.reactions:
            command, descriptors = control_socket.receive(self.control, *COMMANDS)
            self.commands.append(command)
            if descriptors:
                self.session = socket.socket(fileno=descriptors[0])
            react(self)

    def close(self):
        self.thread.join(10)
        if self.session:
            self.session.close()

    def says(self, message):
        control_socket.send(self.control, message)

    def session_says(self, message):
        send_message(self.session, message)


@pytest.fixture
def asked():
    """A factory of a client and a fork server with the given reactions, one per command."""
    with contextlib.ExitStack() as stack:

        def make(*reactions):
            ours, other_end = map(stack.enter_context, control_socket.pair())
            server = ForkServer(other_end)
            server.reactions = reactions
            server.thread.start()
            stack.callback(server.close)
            return ForkServerClient(ours), server

        yield make


def isolated(server):
    server.session_says(Isolated("full"))


def nothing(server):
    """Do nothing, like a sandbox that has not started yet."""


def soon():
    return time.monotonic() + 10


def test_a_sandbox_is_started_interrupted_and_measured_by_its_number(asked):
    def measured(server):
        server.says(SessionEnded(3, "exit", 0))  # a stale message about an earlier session
        server.says(SessionMeasured(3, 20.0, True))  # also stale: the request was interrupted
        server.says(SessionMeasured(4, 1.5, True))

    client, server = asked(isolated, nothing, measured)
    with client.start(4, soon()) as connection:
        client.interrupt()
        assert client.usage() == Usage(1.5, True)
        server.session.sendall(b"x")
        assert connection.recv(5) == b"x"
    server.thread.join(10)
    assert server.commands == [StartSession(4), InterruptSession(4), MeasureSession(4)]
    assert not client.is_gone


def test_a_sandbox_that_cannot_be_isolated_says_why(asked):
    client, server = asked(lambda server: server.session_says(Refused("no namespaces")))
    with pytest.raises(IsolationError, match="could not be created:\nno namespaces"):
        client.start(1, soon())
    server.thread.join(10)
    assert server.session.recv(1) == b""  # every descriptor was closed


def test_a_sandbox_that_does_not_start_is_interrupted_and_can_say_where_it_is(asked, monkeypatch):
    client, _ = asked(nothing, lambda server: server.session_says(Refused("in mount()")))
    with pytest.raises(IsolationError, match="in mount"):
        client.start(1, time.monotonic())
    monkeypatch.setattr(client_module, "START_GRACE", 0.1)
    client, server = asked(nothing, nothing)
    with pytest.raises(TimeoutError):
        client.start(1, time.monotonic())
    server.thread.join(10)
    assert server.commands == [StartSession(1), InterruptSession(1)]


@pytest.mark.parametrize(
    ("cause", "status", "words"),
    [
        ("memory", 9, "more memory than a submission may"),
        ("signal", 9, "killed (signal 9), perhaps out of memory"),
        ("signal", 11, "crashed (segmentation fault)"),
        ("signal", 6, "terminated by signal 6"),
        ("exit", 3, "exited (exit status 3)"),
    ],
)
def test_the_reason_for_a_sandboxs_end_is_in_words(asked, cause, status, words):
    def ends(server):
        server.session.close()
        server.says(SessionEnded(1, "exit", 0))
        server.says(SessionEnded(2, cause, status))

    client, _ = asked(ends)
    with pytest.raises(EOFError):
        client.start(2, soon())
    assert words in client.why_it_ended()
    assert not client.is_gone


def test_a_dead_fork_server_is_noticed_at_once(asked):
    client, server = asked()
    server.control.close()
    with pytest.raises(OSError):
        client.start(1, soon())
    assert client.why_it_ended() == "The process that ran this code ended unexpectedly."
    assert client.is_gone


def test_a_fork_server_that_dies_during_a_request_is_noticed(asked):
    client, server = asked(isolated, lambda server: server.control.close())
    with client.start(1, soon()), pytest.raises(EOFError):
        client.usage()
    assert client.is_gone


def test_a_fork_server_that_does_not_answer_is_given_up(asked, monkeypatch):
    monkeypatch.setattr(client_module, "REPORT_SECONDS", 0.1, raising=False)
    client, server = asked(isolated, nothing)
    with client.start(1, soon()), no_longer_than(20), pytest.raises(EOFError, match="not answer"):
        client.usage()
    server.thread.join(10)
    assert server.commands == [StartSession(1), MeasureSession(1)]
    assert client.is_gone
