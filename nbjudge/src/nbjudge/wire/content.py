"""Read and replace the content of builtin containers without running code of their classes."""

import collections
from collections.abc import Sequence
from typing import Any

_KINDS = list, tuple, collections.deque, set, frozenset, bytearray
CONTAINERS = *_KINDS, dict


def is_a(value: Any, kinds: type | tuple[type, ...]) -> bool:
    """True if a value is an instance of one of the classes, whatever its `__class__` says."""
    return issubclass(type(value), kinds)


def pairs_of(value: dict[Any, Any]) -> Sequence[tuple[Any, Any]]:
    """Return the keys and values of a dict in its order."""
    kind = collections.OrderedDict if is_a(value, collections.OrderedDict) else dict
    return list(kind.items(value))


def items_of(value: Any) -> Sequence[Any]:
    """Return the items of an instance of a class in CONTAINERS; of a dict, the values."""
    if is_a(value, dict):
        return [item for _, item in pairs_of(value)]
    return list(_kind(value).__iter__(value))


def replace(old: Any, new: Any) -> None:
    """Replace the content of a mutable container by that of another of the same kind."""
    if is_a(old, dict):
        kind: Any = collections.OrderedDict if is_a(old, collections.OrderedDict) else dict
        kind.clear(old)
        for key, item in pairs_of(new):
            kind.__setitem__(old, key, item)
        return
    kind, items = _kind(old), items_of(new)
    kind.clear(old)
    (set.update if kind is set else kind.extend)(old, items)


def _kind(value: Any) -> Any:
    return next(kind for kind in _KINDS if is_a(value, kind))
