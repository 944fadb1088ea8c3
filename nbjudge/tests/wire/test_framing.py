"""Frames on a socket."""

import socket
import struct
import threading

import numpy as np
import pytest

from nbjudge.errors import WireError
from nbjudge.wire.decoding import decode
from nbjudge.wire.encoding import encode
from nbjudge.wire.format import MAX_FRAME
from nbjudge.wire.framing import receive, send
from tests.support.values import same


def test_frames_pass_a_socket_whole_and_in_order():
    here, there = socket.socketpair()
    values = [np.random.default_rng(0).normal(size=200_000), {"a": [1]}, None, "x" * 300_000]

    def send_all():
        for value in values:
            send(here, value)
        here.close()

    sender = threading.Thread(target=send_all)
    sender.start()
    try:
        for value in values:
            assert same(receive(there), value)
        with pytest.raises(EOFError):
            receive(there)
    finally:
        sender.join()
        there.close()


def test_frames_of_other_requests_are_dropped():
    here, there = socket.socketpair()
    with here, there:
        for number in (1, 3, 2, 1):
            send(here, f"answer {number}", number=number)
        here.sendall(struct.pack("<IQ", 4, 9) + b"junk")
        send(here, "the last", number=2)
        assert receive(there, number=2) == "answer 2"
        assert receive(there, number=2) == "the last"


def test_a_reader_takes_no_more_than_a_frame_may_have():
    here, there = socket.socketpair()
    with here, there:
        here.sendall(struct.pack("<IQ", MAX_FRAME + 1, 0))
        with pytest.raises(WireError, match="a frame of 67,108,865 bytes"):
            receive(there)


def test_a_frame_that_breaks_off_is_an_end():
    for sent in (b"", b"\5", b"\5" + b"\0" * 11, b"\5" + b"\0" * 11 + b"abc"):
        here, there = socket.socketpair()
        with there:
            here.sendall(sent)
            here.close()
            with pytest.raises(EOFError):
                receive(there)


def test_a_forged_depth_is_refused():
    document = '{"list": [' * 110 + "1" + "]}" * 110
    payload = struct.pack("<II", 1, len(document)) + document.encode()
    assert decode(payload)
    with pytest.raises(WireError, match="deep"):
        decode(payload, deepest=109)
    deepest = 1
    for _ in range(100):
        deepest = [deepest]
    assert decode(encode(deepest)) == deepest
