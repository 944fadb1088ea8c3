"""Messages between processes: frozen dataclasses that both processes share, validated on receipt.

A message is sent as a dictionary of its fields plus its class name. The receiver lists the classes
it accepts. Each value is checked against the type of its field, and any mismatch, including an
unknown field, raises WireError: the sender may be student code.
"""

import functools
import types
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeVar

from nbjudge.errors import WireError

NAME = "is"  # the key of the class name; no field has this name


@dataclass(frozen=True)
class Message:
    """Base class of messages; the fields may hold plain data and other messages."""


M = TypeVar("M", bound=Message)


def to_plain(message: Message) -> dict[str, Any]:
    """Return a message's fields as plain data. Fields of type `object` are passed through."""
    kind: Any = type(message)
    kinds = _kinds(kind)
    return {name: write_value(kind, getattr(message, name)) for name, kind in kinds.items()}


def from_plain(kind: type[M], data: object) -> M:
    """Return the message of class `kind` whose fields `to_plain` produced.

    Raises
    ------
    WireError
        If the data do not fit the fields of the class.
    """
    if not isinstance(data, dict):
        raise WireError(f"expected a {kind.__name__}, not a {type(data).__name__}")
    kinds = _kinds(typing.cast(Any, kind))
    if data.keys() != kinds.keys():
        raise WireError(f"a {kind.__name__} with unknown or missing fields")
    return kind(
        **{name: read_value(k, data[name], f"{kind.__name__}.{name}") for name, k in kinds.items()}
    )


def pack(message: Message) -> dict[str, Any]:
    """Return a message as plain data, with its class name."""
    return {NAME: type(message).__name__, **to_plain(message)}


def unpack(data: object, *expected: type[M]) -> M:
    """Return the message that `pack` packed, if its class is expected.

    Raises
    ------
    WireError
        If the message belongs to none of the expected classes, or is malformed.
    """
    rest: dict[Any, Any] = dict(data) if isinstance(data, dict) else {}
    name = rest.pop(NAME, None)
    for kind in expected:
        if isinstance(name, str) and name == kind.__name__:
            return from_plain(kind, rest)
    raise WireError(f"expected {' or '.join(kind.__name__ for kind in expected)}")


@functools.cache
def _kinds(kind: Any) -> dict[str, Any]:
    """Return the types of a message's fields, by name."""
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


@functools.cache
def _parts(kind: Any) -> tuple[Any, tuple[Any, ...]]:
    return typing.get_origin(kind), typing.get_args(kind)


@functools.cache
def _holds_messages(kind: Any) -> bool:
    return is_dataclass(kind) or any(map(_holds_messages, _parts(kind)[1]))


def write_value(kind: Any, value: Any) -> Any:
    """Return a value of a type as plain data. Values that hold no messages are not copied."""
    if value is None or not _holds_messages(kind):
        return value
    if is_dataclass(kind):
        return to_plain(value)
    origin, (*_, inner) = _parts(kind)
    if origin is dict:
        return {key: write_value(inner, item) for key, item in value.items()}
    inner = _parts(kind)[1][0]
    if origin in (list, tuple):
        return [write_value(inner, item) for item in value]
    return write_value(inner, value)  # Optional


def read_value(kind: Any, value: Any, where: str) -> Any:
    """Return the value of a type that `write_value` wrote, after checking it.

    Raises
    ------
    WireError
        If the value does not fit the type; the message names its place, `where`.
    """
    if kind is object:
        return value
    if is_dataclass(kind):
        return from_plain(typing.cast(type[Message], kind), value)
    origin, inner = _parts(kind)
    reader = _READERS.get(origin or kind)
    if reader is None:
        raise TypeError(f"{where}: a message field cannot be a {kind}")
    return reader(inner, value, where)


def _wrong(value: Any, where: str) -> WireError:
    return WireError(f"{where} cannot be a {type(value).__name__}")


def _plain_reader(*kinds: type) -> Callable[..., Any]:
    def read(inner: Any, value: Any, where: str) -> Any:
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise _wrong(value, where)
        return value

    return read


def _read_float(inner: Any, value: Any, where: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _wrong(value, where)
    return float(value)


def _read_union(inner: Any, value: Any, where: str) -> Any:
    """Read an optional value, the only supported union."""
    if value is None and types.NoneType in inner:
        return None
    (kind,) = (kind for kind in inner if kind is not types.NoneType)
    return read_value(kind, value, where)


def _read_list(inner: Any, value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(value, where)
    if inner[0] is object:  # nothing to check, so the list is not copied
        return value
    return [read_value(inner[0], item, where) for item in value]


def _read_tuple(inner: Any, value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise _wrong(value, where)
    kinds = inner[:1] * len(value) if inner[-1] is Ellipsis else inner
    if len(kinds) != len(value):
        raise WireError(f"{where} has {len(kinds)} parts, not {len(value)}")
    return tuple(read_value(kind, item, where) for kind, item in zip(kinds, value, strict=True))


def _read_dict(inner: Any, value: Any, where: str) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise _wrong(value, where)
    key, item = inner
    return {read_value(key, k, where): read_value(item, v, where) for k, v in value.items()}


_READERS: dict[Any, Callable[..., Any]] = {
    bool: _plain_reader(bool),
    bytes: _plain_reader(bytes),
    dict: _read_dict,
    float: _read_float,
    int: _plain_reader(int),
    list: _read_list,
    Sequence: _read_list,
    str: _plain_reader(str),
    tuple: _read_tuple,
    types.UnionType: _read_union,
}
