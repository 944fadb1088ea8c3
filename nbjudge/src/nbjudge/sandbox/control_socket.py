"""The control socket of a fork server: short messages, some with a file descriptor.

A message is a line of JSON on a stream socket; sockets that preserve message boundaries exist only
on Linux. A judge may be killed at any moment while another continues with the same socket. Each
message is therefore sent by one call and received by one call, so that no partial message remains.
"""

import json
import os
import socket

from nbjudge.wire.messages import M, Message, pack, unpack

MOST = 1 << 15  # bytes; Linux never splits a message of this size


def pair() -> tuple[socket.socket, socket.socket]:
    """Return both ends of a new control socket."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)


def send(control: socket.socket, message: Message, *descriptors: int) -> None:
    """Send a message; the receiver gets duplicates of the descriptors.

    Raises
    ------
    OSError
        If the other end is closed.
    """
    line = json.dumps(pack(message)).encode() + b"\n"
    if len(line) > MOST:
        raise ValueError(f"a message of {len(line)} bytes; the limit is {MOST}")
    socket.send_fds(control, [line], descriptors)


def receive(
    control: socket.socket, *expected: type[M], flags: int = 0
) -> tuple[M | None, list[int]]:
    """Wait for a message; return it and its descriptors, or (None, []) at the end of the stream.

    Parameters
    ----------
    expected
        Message classes to accept.
    flags
        Flags for `socket.recv`.

    Raises
    ------
    BlockingIOError
        If there is no message and `flags` contain MSG_DONTWAIT.
    WireError
        If a message of another class arrives.
    """
    line, descriptors = _take(control, flags)
    return (unpack(json.loads(line), *expected) if line else None), descriptors


def _take(control: socket.socket, flags: int) -> tuple[bytes, list[int]]:
    """Remove a message from the socket; return its line and descriptors, both empty at the end."""
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
    """True if the other end is closed; discards the messages that have arrived."""
    while True:
        try:
            if not _take(control, socket.MSG_DONTWAIT)[0]:
                return True
        except BlockingIOError:
            return False
