"""Detect changed values: by snapshots within a process, and by digests across processes."""

import builtins
import collections
import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from nbjudge.errors import WireError
from nbjudge.wire import tables
from nbjudge.wire.content import is_a, items_of, replace, with_parts
from nbjudge.wire.decoding import Known, split_payload
from nbjudge.wire.encoding import encode
from nbjudge.wire.format import Ref
from nbjudge.wire.requests import Apply, Call, Raised, Returned

MOST_KEPT, LARGEST_KEPT = 4, 1 << 20  # calls whose values are kept, and bytes of their content
MUTABLE = np.ndarray, list, set, dict, collections.deque, bytearray


def public(value: Any) -> Ref | None:
    """Return a Ref to a builtin or a NumPy class, which all processes have; None for others."""
    name = str(getattr(value, "__name__", ""))
    if getattr(builtins, name, None) is value:
        return Ref(0, name, "builtin")
    if is_a(value, type) and getattr(np, name, None) is value:
        return Ref(0, name, "numpy")
    return None


def refer_to_public(value: Any) -> Ref:
    """Return the Ref from `public`; raise WireError for any other object."""
    ref = public(value)
    if ref is None:
        raise WireError(f"an object that cannot leave its process, of type {type(value).__name__}")
    return ref


def snapshot(value: Any) -> bytes | None:
    """Return an encoding of a value, to detect changes in the same process; None if it has none."""
    try:
        return encode(value, lambda part: Ref(id(part), "", "object"))
    except WireError:
        return None


class Kept:
    """The values of the latest calls, to tell the other process when they change.

    Both processes number the mutable parts of a value in the same order, so that a part stays the
    same object when its place changes.

    Parameters
    ----------
    assign
        Function that replaces the content of a mutable object with that of another.
    """

    def __init__(self, assign: Callable[[Any, Any], None]):
        self.assign = assign
        # By call: arguments and result, their mutable parts, and a snapshot.
        self.values: dict[int, tuple[Any, Known, bytes | None]] = {}

    def keep(self, key: int, arguments: tuple[Any, ...], result: Any) -> None:
        """Keep the values of a call, and forget older ones if there are too many."""
        value = arguments, result
        if parts := mutable_parts([value], {}):
            self.values[key] = value, parts, snapshot(value)
        sizes = [len(content or b"") for _, _, content in self.values.values()]
        while len(sizes) > 1 and (len(sizes) > MOST_KEPT or sum(sizes) > LARGEST_KEPT):
            del self.values[next(iter(self.values))], sizes[0]

    def keep_call(self, request: Call | Apply, answer: Returned | Raised) -> None:
        """Keep the arguments and the result of a call, unless the request's key is 0."""
        if request.key:
            arguments = *request.args, *getattr(request, "kwargs", {}).values()
            result = answer.value if isinstance(answer, Returned) else None
            self.keep(request.key, arguments, result)

    def changes(
        self, is_sendable: Callable[[Any], bool] = lambda value: True
    ) -> list[tuple[int, list[int], Any]]:
        """Return the values that have changed since they were kept, sent or received, by call.

        The numbers are those of the value's mutable parts before the change; -1 for a new part.
        """
        changed = []
        for key, (value, parts, before) in self.values.items():
            now = snapshot(value)
            if now != before and is_sendable(value):
                numbers = {id(part): number for number, part in enumerate(parts)}
                current = mutable_parts([value], {})
                changed.append((key, [numbers.get(id(part), -1) for part in current], value))
                self.values[key] = value, current, now
        return changed

    def take(self, changes: Iterable[tuple[int, list[int], Any]]) -> None:
        """Apply the changes that the other process has reported."""
        last = {change[0]: change for change in changes}  # a forged answer may repeat a call
        for key, numbers, new in last.values():
            if key not in self.values:
                continue
            value, parts, _ = self.values[key]
            pairs = [
                (parts[number], part)
                for number, part in zip(numbers, mutable_parts([new], {}), strict=False)
                if 0 <= number < len(parts)
            ]
            olds = {id(part): old for old, part in pairs}
            for old, part in pairs:
                self.assign(old, with_parts(part, olds))
            self.values[key] = value, mutable_parts([value], {}), snapshot(value)


def assign(old: Any, new: Any) -> None:
    """Replace the content of a mutable object with that of another of the same kind."""
    if is_a(old, np.ndarray):
        if is_a(new, np.ndarray) and new.shape == old.shape and old.flags.writeable:
            np.copyto(old, new, casting="unsafe")
    elif any(is_a(old, kind) and is_a(new, kind) for kind in MUTABLE):
        replace(old, new)
    elif tables.is_table(old):
        tables.overwrite(old, new)


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
    parts, ids = Known(), set[int]()
    waiting = [*args, *kwargs.values()][::-1]
    while waiting:
        item = waiting.pop()
        kind = type(item)
        is_mutable = issubclass(kind, MUTABLE) or tables.is_table(item)
        if id(item) in ids or not (is_mutable or issubclass(kind, tuple)):
            continue
        ids.add(id(item))
        if is_mutable:
            parts.append(item)
        if issubclass(kind, (list, tuple, dict, collections.deque)):
            waiting += items_of(item)[::-1]
    return parts
