"""Send and receive frames on a stream socket: a length, a request number, and a payload."""

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

_HEAD = struct.Struct("<IQ")  # header of a frame: payload length, request number


class Sender(Protocol):
    """The sending end of a stream socket."""

    def sendall(self, data: bytes, /) -> None:
        """Send all data."""


class Receiver(Protocol):
    """The receiving end of a stream socket."""

    def recv(self, size: int, /) -> bytes:
        """Receive at most `size` bytes; return b"" at the end of the stream."""


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
        Arguments of `encode`.
    number
        Number of the request that the frame belongs to.

    Raises
    ------
    WireError
        If the value cannot be encoded.
    """
    send_payload(connection, encode(value, refer, known, limit), number)


def send_payload(connection: Sender, payload: bytes, number: int = 0) -> None:
    """Send a payload, as returned by `encode`, in one frame."""
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
        Maximum size of the payload in bytes.
    number
        Number of the request. Frames with another number are dropped.
    resolve, known, options
        Arguments of `decode`.

    Raises
    ------
    EOFError
        If the other side has closed the connection.
    WireError
        If the frame is too large or malformed.
    """
    while True:
        length, received = _HEAD.unpack(_read(connection, _HEAD.size))
        if length > limit:
            raise WireError(f"a frame of {length:,} bytes; the limit is {limit:,}")
        payload = _read(connection, length)
        if received == number:
            return decode(payload, resolve, known, limit, **options)


def send_message(connection: socket.socket, message: Message, **options: Any) -> None:
    """Send a message in one frame, with the options of `send`."""
    send(connection, pack(message), **options)


def receive_message(connection: Receiver, *expected: type[M], **options: Any) -> M:
    """Receive a message in one frame, with the options of `receive`.

    Parameters
    ----------
    expected
        The message classes to accept.

    Raises
    ------
    EOFError
        If the other side has closed the connection.
    WireError
        If anything other than an expected message arrives.
    """
    return unpack(receive(connection, **options), *expected)


def readable(sock: socket.socket, deadline: float) -> bool:
    """Wait until the socket has data or is closed; return False if the deadline passes first."""
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
