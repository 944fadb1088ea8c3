"""What to store of the sheets: the same bytes on every machine.

np.exp, np.mean and matrix products end in other digits on other processors and in other versions of
NumPy. What is stored stays as it is while the sheets differ from it in such digits alone.
"""

from dataclasses import fields, is_dataclass

import numpy as np

from public_tests._sheet import dump_sheets, load_sheets

__all__ = ["same", "to_store"]

ROUNDINGS = 100  # sums of a few hundred products, in another order


def to_store(sheets, stored: bytes = b"") -> bytes:
    """The bytes of a `cases.npz` for the sheets: those stored, where they say the same."""
    built = {sheet.name: sheet for sheet in sheets}
    try:
        unchanged = same(load_sheets(stored), built, ROUNDINGS)
    except Exception:  # none yet, or of another version's form
        unchanged = False
    return stored if unchanged else dump_sheets(built.values())


def same(a, b, roundings: int = 0) -> bool:
    """Whether two sheets, or parts of them, are equal: types, shapes, dtypes, order, nan included.

    roundings: by how many times the precision of its dtype an array's number may differ, relative
        to the largest number of the array (at least 1)
    """
    if isinstance(b, np.ndarray):
        return isinstance(a, np.ndarray) and _same_array(a, b, roundings)
    if is_dataclass(b):
        return type(a) is type(b) and all(
            same(getattr(a, field.name), getattr(b, field.name), roundings) for field in fields(b)
        )
    if isinstance(b, tuple):
        return (
            type(a) is tuple
            and len(a) == len(b)
            and all(same(*pair, roundings) for pair in zip(a, b, strict=True))
        )
    if hasattr(b, "keys"):
        return list(a) == list(b) and all(same(a[key], b[key], roundings) for key in b)
    return type(a) is type(b) and a == b


def _same_array(a, b, roundings):
    if (a.dtype, a.shape) != (b.dtype, b.shape):
        return False
    if not roundings or b.dtype.kind != "f":
        return a.tobytes() == b.tobytes()
    finite = np.isfinite(b)
    largest = np.max(np.abs(b), where=finite, initial=1.0)
    allowed = roundings * np.finfo(b.dtype).eps * largest
    return np.array_equal(a[~finite], b[~finite], equal_nan=True) and bool(
        np.all(np.abs(a[finite] - b[finite]) <= allowed)
    )
