"""The control socket of a fork server."""

import os
import socket

import pytest

from nbjudge.sandbox import control_socket

# The control socket.


def test_messages_stay_apart_and_bring_descriptors():
    ours, theirs = control_socket.pair()
    read, write = os.pipe()
    control_socket.send(ours, {"load": ["a\nb"]})
    control_socket.send(ours, {"start": 1}, write)
    control_socket.send(ours, {"interrupt": 1})
    os.close(write)
    assert control_socket.receive(theirs) == ({"load": ["a\nb"]}, [])
    message, descriptors = control_socket.receive(theirs)
    assert message == {"start": 1}
    os.write(*descriptors, b"x")
    os.close(*descriptors)
    assert os.read(read, 5) == b"x"
    assert not control_socket.is_gone(theirs)  # which drops the last message
    with pytest.raises(BlockingIOError):
        control_socket.receive(theirs, socket.MSG_DONTWAIT)
    ours.close()
    assert control_socket.receive(theirs) == (None, []) and control_socket.is_gone(theirs)
    with pytest.raises(ValueError, match="32768 are allowed"):
        control_socket.send(theirs, {"load": ["x" * 40_000]})
    theirs.close()
    os.close(read)


def test_what_was_sent_before_an_end_still_comes():
    ours, theirs = control_socket.pair()
    control_socket.send(ours, {"never": "read"})
    control_socket.send(theirs, {"refused": "why"})
    theirs.close()
    assert control_socket.receive(ours) == ({"refused": "why"}, [])
    assert control_socket.receive(ours) == (None, [])
    ours.close()
