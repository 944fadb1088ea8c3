"""The control socket of a fork server."""

import os
import socket

import pytest

from nbjudge.errors import WireError
from nbjudge.sandbox import control_socket
from nbjudge.sandbox.messages import (
    COMMANDS,
    InterruptSession,
    LoadModules,
    Refused,
    SessionEnded,
    StartSession,
)


def test_messages_stay_apart_and_bring_descriptors():
    ours, theirs = control_socket.pair()
    read, write = os.pipe()
    control_socket.send(ours, LoadModules(("a\nb",)))
    control_socket.send(ours, StartSession(1), write)
    control_socket.send(ours, InterruptSession(1))
    os.close(write)
    assert control_socket.receive(theirs, *COMMANDS) == (LoadModules(("a\nb",)), [])
    message, descriptors = control_socket.receive(theirs, *COMMANDS)
    assert message == StartSession(1)
    os.write(*descriptors, b"x")
    os.close(*descriptors)
    assert os.read(read, 5) == b"x"
    assert not control_socket.is_gone(theirs)  # is_gone discards the pending message
    with pytest.raises(BlockingIOError):
        control_socket.receive(theirs, *COMMANDS, flags=socket.MSG_DONTWAIT)
    ours.close()
    assert control_socket.receive(theirs) == (None, []) and control_socket.is_gone(theirs)
    with pytest.raises(ValueError, match="the limit is 32768"):
        control_socket.send(theirs, LoadModules(("x" * 40_000,)))
    theirs.close()
    os.close(read)


def test_data_sent_before_the_end_still_arrive():
    ours, theirs = control_socket.pair()
    control_socket.send(ours, StartSession(1))
    control_socket.send(theirs, Refused("why"))
    theirs.close()
    assert control_socket.receive(ours, Refused) == (Refused("why"), [])
    assert control_socket.receive(ours, Refused) == (None, [])
    ours.close()


def test_a_message_that_is_not_expected_is_refused():
    ours, theirs = control_socket.pair()
    control_socket.send(ours, StartSession(1))
    with pytest.raises(WireError, match="expected SessionEnded"):
        control_socket.receive(theirs, SessionEnded)
    ours.close()
    theirs.close()
