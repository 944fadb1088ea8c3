"""What both sides can say of a value: whether it changed, and what of it a call can change."""

import builtins
import collections
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from nbjudge.errors import WireError
from nbjudge.wire.decoding import Known, split_payload
from nbjudge.wire.encoding import encode
from nbjudge.wire.format import Ref

MUTABLE = np.ndarray, list, set, dict, collections.deque, bytearray


def public(value: Any) -> Ref | None:
    """A Ref for what both sides have: a builtin, or a class of NumPy's; None for all else."""
    name = str(getattr(value, "__name__", ""))
    if getattr(builtins, name, None) is value:
        return Ref(0, name, "builtin")
    if isinstance(value, type) and getattr(np, name, None) is value:
        return Ref(0, name, "numpy")
    return None


def snapshot(value: Any) -> bytes | None:
    """What a value is now, for a comparison in the same process; None where it cannot be said."""
    try:
        return encode(value, lambda part: Ref(id(part), "", "object"))
    except WireError:
        return None


def digest(value: Any) -> bytes | None:
    """A hash of a value that is the same in every process; None for what cannot travel by value.

    None as well for what holds a text with a slash: a path is not the same everywhere.
    """

    def refer(part: Any) -> Ref:
        found = public(part)
        if found is None:
            raise WireError("an object that stays where it is")
        return found

    try:
        payload = encode(value, refer)
    except WireError:
        return None
    return None if b"/" in split_payload(payload)[0] else hashlib.sha256(payload).digest()


def mutable_parts(args: Iterable[Any], kwargs: Mapping[str, Any]) -> Known:
    """The arguments that a call could change: arrays, lists, dicts, sets; each once, in order.

    Both sides of a call list them in the same order, so that a place in it names one.
    """
    found, seen = Known(), set[int]()
    waiting = [*args, *kwargs.values()][::-1]
    while waiting:
        item = waiting.pop()
        if id(item) in seen or not isinstance(item, (tuple, *MUTABLE)):
            continue
        seen.add(id(item))
        if type(item) is tuple:
            waiting += item[::-1]
        elif isinstance(item, MUTABLE):
            found.append(item)
            if isinstance(item, (list, dict, collections.deque)):
                waiting += list(item.values() if isinstance(item, dict) else item)[::-1]
    return found
