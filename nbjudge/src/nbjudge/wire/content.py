"""Read and replace the content of builtin containers without running code of their classes."""

import collections
from collections.abc import Mapping, Sequence
from typing import Any

_KINDS: tuple[Any, ...] = list, tuple, collections.deque, set, frozenset, bytearray
_DICTS: tuple[Any, ...] = collections.OrderedDict, dict


def is_a(value: Any, kinds: type | tuple[type, ...]) -> bool:
    """True if a value is an instance of one of the classes, whatever its `__class__` says."""
    return issubclass(type(value), kinds)


def pairs_of(value: dict[Any, Any]) -> Sequence[tuple[Any, Any]]:
    """Return the keys and values of a dict in its order."""
    return list(_base(value, _DICTS).items(value))


def items_of(value: Any) -> Sequence[Any]:
    """Return the items of a list, tuple, deque, set or bytearray, or the values of a dict."""
    if is_a(value, dict):
        return list(_base(value, _DICTS).values(value))
    return list(_base(value, _KINDS).__iter__(value))


def replace(old: Any, new: Any) -> None:
    """Replace the content of a mutable container by that of another of the same kind."""
    base = _base(old, _DICTS + _KINDS)
    content = pairs_of(new) if is_a(old, dict) else items_of(new)
    base.clear(old)
    if is_a(old, dict):
        for key, item in content:
            base.__setitem__(old, key, item)
    else:
        (base.update if base is set else base.extend)(old, content)


def with_parts(value: Any, parts: Mapping[int, Any]) -> Any:
    """Return a copy of a list, dict or deque, with some of its objects replaced, also in tuples.

    Parameters
    ----------
    parts
        The replacements, by the id of the replaced object.
    """

    def replaced(item: Any) -> Any:
        if id(item) not in parts and is_a(item, tuple):
            return getattr(type(item), "_make", tuple)(map(replaced, items_of(item)))
        return parts.get(id(item), item)

    if is_a(value, dict):
        return {key: replaced(item) for key, item in pairs_of(value)}
    if is_a(value, (list, collections.deque)):
        return _base(value, _KINDS)(map(replaced, items_of(value)))
    return value


def _base(value: Any, kinds: tuple[Any, ...]) -> Any:
    """Return the first of the builtin types that a value is an instance of."""
    kind = type(value)
    for base in kinds:
        if issubclass(kind, base):
            return base
    raise TypeError(f"{kind.__name__} is not a builtin container")
