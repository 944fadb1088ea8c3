"""Detect changed values: by snapshots within a process, and by digests across processes."""

import builtins
import collections
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from nbjudge.errors import WireError
from nbjudge.wire import tables
from nbjudge.wire.decoding import Known, split_payload
from nbjudge.wire.encoding import encode
from nbjudge.wire.format import Ref

MUTABLE = np.ndarray, list, set, dict, collections.deque, bytearray


def public(value: Any) -> Ref | None:
    """Return a Ref to a builtin or a NumPy class, which all processes have; None for others."""
    name = str(getattr(value, "__name__", ""))
    if getattr(builtins, name, None) is value:
        return Ref(0, name, "builtin")
    if isinstance(value, type) and getattr(np, name, None) is value:
        return Ref(0, name, "numpy")
    return None


def refer_to_public(value: Any) -> Ref:
    """Return the Ref from `public`; raise WireError for any other object."""
    ref = public(value)
    if ref is None:
        raise WireError("an object that stays where it is")
    return ref


def snapshot(value: Any) -> bytes | None:
    """Return an encoding of a value, to detect changes in the same process; None if it has none."""
    try:
        return encode(value, lambda part: Ref(id(part), "", "object"))
    except WireError:
        return None


def digest(value: Any) -> bytes | None:
    """Return a hash of a value that is the same in every process; None if the value has none.

    Objects that cannot be encoded have no digest. Neither do values with a slash in a string: paths
    differ between processes.
    """
    try:
        payload = encode(value, refer_to_public)
    except WireError:
        return None
    return None if b"/" in split_payload(payload)[0] else hashlib.sha256(payload).digest()


def mutable_parts(args: Iterable[Any], kwargs: Mapping[str, Any]) -> Known:
    """Return the mutable objects in the arguments of a call, such as arrays and lists, each once.

    Both processes list the objects in the same order, so an index identifies an object.
    """
    parts, seen = Known(), set[int]()
    waiting = [*args, *kwargs.values()][::-1]
    while waiting:
        item = waiting.pop()
        is_mutable = isinstance(item, MUTABLE) or tables.is_table(item)
        if id(item) in seen or not (is_mutable or isinstance(item, tuple)):
            continue
        seen.add(id(item))
        if type(item) is tuple:
            waiting += item[::-1]
        elif is_mutable:
            parts.append(item)
            if isinstance(item, (list, dict, collections.deque)):
                waiting += list(item.values() if isinstance(item, dict) else item)[::-1]
    return parts
