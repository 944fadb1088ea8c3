"""Frames on a stream socket: a length, the number of a request, and a payload."""

import select
import socket
import struct
import time
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from nbjudge.errors import WireError
from nbjudge.wire.decoding import Resolve, decode
from nbjudge.wire.encoding import Refer, encode
from nbjudge.wire.format import MAX_FRAME
from nbjudge.wire.messages import M, Message, pack, unpack

_HEAD = struct.Struct("<IQ")  # before a frame: its length, and which request it belongs to


class Receiver(Protocol):
    """The receiving end of a stream socket."""

    def recv(self, size: int, /) -> bytes:
        """Receive at most so many bytes; none where no more will come."""


def send(
    connection: socket.socket,
    value: Any,
    refer: Refer | None = None,
    known: Sequence[Any] = (),
    limit: int = MAX_FRAME,
    number: int = 0,
) -> None:
    """Send one frame over a stream socket.

    Parameters
    ----------
    refer, known, limit
        As for `encode`.
    number
        Of the request that it belongs to.

    Raises
    ------
    WireError
        Where the value cannot travel.
    """
    payload = encode(value, refer, known, limit)
    connection.sendall(_HEAD.pack(len(payload), number))
    connection.sendall(payload)


def receive(
    connection: Receiver,
    resolve: Resolve | None = None,
    known: Iterable[Any] = (),
    limit: int = MAX_FRAME,
    number: int = 0,
    **options: Any,
) -> Any:
    """Receive one frame from a stream socket.

    Parameters
    ----------
    limit
        Bytes that it may have.
    number
        Of the request; frames of another one are dropped.
    options
        Of `decode`, as `resolve` and `known` are.

    Raises
    ------
    EOFError
        Where the other side is gone.
    WireError
        For a frame that is too large or wrong.
    """
    while True:
        length, found = _HEAD.unpack(_read(connection, _HEAD.size))
        if length > limit:
            raise WireError(f"a frame of {length:,} bytes; at most {limit:,} are read")
        payload = _read(connection, length)
        if found == number:
            return decode(payload, resolve, known, limit, **options)


def send_message(connection: socket.socket, message: Message, **options: Any) -> None:
    """Send a message in one frame; options: of `send`."""
    send(connection, pack(message), **options)


def receive_message(connection: Receiver, *expected: type[M], **options: Any) -> M:
    """Receive a message in one frame; options: of `receive`.

    Raises
    ------
    EOFError
        Where the other side is gone.
    WireError
        Where something else comes than a message that is expected.
    """
    return unpack(receive(connection, **options), *expected)


def readable(sock: socket.socket, deadline: float) -> bool:
    """Wait until something can be received, if only the end; whether it can by the deadline."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(max(0.0, deadline - time.monotonic()) * 1000))


def _read(connection: Receiver, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        part = connection.recv(min(length - len(data), 1 << 20))
        if not part:
            raise EOFError("the other side closed the connection")
        data += part
    return bytes(data)
