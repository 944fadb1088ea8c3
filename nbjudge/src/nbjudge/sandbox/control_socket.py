"""The socket over which a fork server is told what to do: short messages, some with a descriptor.

A message is a line of JSON on a stream, which every system has; Linux alone has sockets that keep
messages apart. A judge may be killed at any moment, and another goes on with the same socket: a
message is sent by one call and taken off by one call, so that never a part of one is left.
"""

import json
import os
import socket

from nbjudge.wire.messages import M, Message, pack, unpack

MOST = 1 << 15  # bytes of a message: what Linux keeps in one piece


def pair() -> tuple[socket.socket, socket.socket]:
    """Both ends of a control socket."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)


def send(control: socket.socket, message: Message, *descriptors: int) -> None:
    """Send a message; the receiver gets duplicates of the descriptors.

    Raises
    ------
    OSError
        Where nobody holds the other end.
    """
    line = json.dumps(pack(message)).encode() + b"\n"
    if len(line) > MOST:
        raise ValueError(f"a message of {len(line)} bytes; {MOST} are allowed")
    socket.send_fds(control, [line], descriptors)


def receive(
    control: socket.socket, *expected: type[M], flags: int = 0
) -> tuple[M | None, list[int]]:
    """Wait for a message; returns it and its descriptors, or (None, []) where no more will come.

    Parameters
    ----------
    expected
        The messages that it may be.
    flags
        As for `socket.recv`.

    Raises
    ------
    BlockingIOError
        Where none has come and `flags` say not to wait.
    WireError
        For another message than those expected.
    """
    line, descriptors = _take(control, flags)
    return (unpack(json.loads(line), *expected) if line else None), descriptors


def _take(control: socket.socket, flags: int) -> tuple[bytes, list[int]]:
    """Take a message off the socket: its line, and its descriptors; nothing where no more come."""
    try:
        length = control.recv(MOST, socket.MSG_PEEK | flags).find(b"\n") + 1
        if not length:
            return b"", []
        line, descriptors, _, _ = socket.recv_fds(control, length, 1)
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
    except ConnectionError:
        return b"", []
    return line, descriptors


def is_gone(control: socket.socket) -> bool:
    """Whether nobody holds the other end any more; messages that nobody took are dropped."""
    while True:
        try:
            if not _take(control, socket.MSG_DONTWAIT)[0]:
                return True
        except BlockingIOError:
            return False
