"""Take pandas objects apart into plain data, and put them together on the other side.

Only exact types of pandas are taken apart; a subclass, or an object of a kind that is not listed
here, stays where it is. pandas itself is imported on a side that gets such an object, not before.
"""

import importlib
import sys
import zoneinfo
from collections.abc import Callable
from typing import Any

import numpy as np

from nbjudge.errors import WireError

MAX_COLUMNS = 10_000  # columns of a table, because each costs time to put together
EXTENSIONS = {"boolean", "string", "str", "Float32", "Float64"}
EXTENSIONS |= {f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)}


def take_apart(value: Any) -> tuple[str, list[Any]] | None:
    """Return the kind of a pandas object and its parts; None for any other object.

    The parts are plain data, arrays, and pandas objects that can be taken apart in their turn.
    """
    pd = sys.modules.get("pandas")
    name = type(value).__name__
    if pd is None or name not in _PARTS or type(value) is not _class(pd, name):
        return None
    try:
        parts = _PARTS[name](value)
    except Exception:  # the student's code may have changed pandas in its process
        return None
    return None if parts is None else (name, parts)


def put_together(kind: str, parts: list[Any]) -> Any:
    """Return the pandas object that `take_apart` has taken apart.

    Raises
    ------
    WireError
        If the parts do not fit.
    """
    if not isinstance(kind, str) or kind not in _BUILDERS:
        raise WireError("a malformed frame: an unknown kind of pandas object")
    return _BUILDERS[kind](importlib.import_module("pandas"), *parts)


def is_table(value: Any) -> bool:
    """True for a DataFrame or a Series, whose content code can change."""
    pd = sys.modules.get("pandas")
    return pd is not None and type(value) in (pd.DataFrame, pd.Series)


def overwrite(table: Any, new: Any) -> None:
    """Replace the content of a table with that of another of the same type."""
    if type(table) is type(new):
        table._update_inplace(new)


def _class(pd: Any, name: str) -> Any:
    """Return the public class of a name."""
    homes = pd, pd.arrays, getattr(pd.api, "typing", None)  # the last is new in pandas 2.1
    return next((getattr(home, name) for home in homes if hasattr(home, name)), None)


def _values(of: Any) -> Any:
    """Return the values of a Series or Index: a NumPy array where pandas uses one."""
    return of.to_numpy() if isinstance(of.dtype, np.dtype) else of.array


def _multi_index(value: Any) -> list[Any]:
    return [list(value.levels), [np.asarray(code) for code in value.codes], list(value.names)]


def _extension(value: Any) -> list[Any] | None:
    name = str(value.dtype)
    return [name, value.to_numpy(object)] if name in EXTENSIONS else None


def _times(value: Any) -> list[Any]:
    """Return the times in UTC, and the time zone."""
    return [value.tz_convert(None).to_numpy(), *_zone(value.tz)]


def _zone(zone: Any) -> list[Any]:
    """Return the name of a time zone, None without one, and whether it is a ZoneInfo."""
    return [None if zone is None else str(zone), isinstance(zone, zoneinfo.ZoneInfo)]


def _array_index(value: Any) -> list[Any]:
    return [_values(value), value.name]


_PARTS: dict[str, Callable[[Any], list[Any] | None]] = {
    "DataFrame": lambda value: [
        value.columns,
        value.index,
        [_values(value.iloc[:, number]) for number in range(value.shape[1])],
    ],
    "Series": lambda value: [_values(value), value.index, value.name],
    "Index": _array_index,
    "CategoricalIndex": _array_index,
    "DatetimeIndex": lambda value: [*_array_index(value), value.freqstr],
    "TimedeltaIndex": lambda value: [*_array_index(value), value.freqstr],
    "RangeIndex": lambda value: [value.start, value.stop, value.step, value.name],
    "MultiIndex": _multi_index,
    "Categorical": lambda value: [
        np.asarray(value.codes),
        value.categories,
        bool(value.ordered),
    ],
    "DatetimeArray": _times,
    "IntegerArray": _extension,
    "FloatingArray": _extension,
    "BooleanArray": _extension,
    "StringArray": _extension,
    "ArrowStringArray": _extension,
    "Timestamp": lambda value: [value.asm8, *_zone(value.tz)],
    "Timedelta": lambda value: [value.asm8],
    "NaTType": lambda value: [],
    "NAType": lambda value: [],
}


def _check(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise WireError(f"a malformed frame: a {type(value).__name__}, not a {kind.__name__}")
    return value


def _array(pd: Any, value: Any) -> Any:
    return (
        value if isinstance(value, np.ndarray) else _check(value, pd.api.extensions.ExtensionArray)
    )


def _build_table(pd: Any, columns: Any, index: Any, arrays: list[Any]) -> Any:
    if len(arrays) > MAX_COLUMNS:
        raise WireError(f"a table with more than {MAX_COLUMNS:,} columns")
    arrays = [_array(pd, array) for array in arrays]
    made = pd.DataFrame(dict(enumerate(arrays)), index=_check(index, pd.Index))
    made.columns = _check(columns, pd.Index)
    return made


def _build_series(pd: Any, array: Any, index: Any, name: Any) -> Any:
    index = _check(index, pd.Index)
    return pd.Series(_array(pd, array), index, array.dtype, name, copy=True)


def _build_index(pd: Any, array: Any, name: Any) -> Any:
    return pd.Index(_array(pd, array), dtype=array.dtype, name=name)


def _in_zone(made: Any, name: Any, is_zoneinfo: Any) -> Any:
    if name is None:
        return made
    zone = zoneinfo.ZoneInfo(name) if is_zoneinfo else _check(name, str)
    return made.tz_localize("UTC").tz_convert(zone)


def _build_times(pd: Any, times: np.ndarray[Any, Any], *zone: Any) -> Any:
    return _in_zone(pd.DatetimeIndex(_check(times, np.ndarray)), *zone).array


def _build_timestamp(pd: Any, time: np.datetime64, *zone: Any) -> Any:
    return _in_zone(pd.Timestamp(_check(time, np.datetime64)), *zone)


def _build_extension(pd: Any, name: str, values: np.ndarray[Any, Any]) -> Any:
    if name not in EXTENSIONS:
        raise WireError("a malformed frame: an unknown kind of array")
    return pd.array(_check(values, np.ndarray), dtype=name)


_BUILDERS: dict[str, Callable[..., Any]] = {
    "DataFrame": _build_table,
    "Series": _build_series,
    "Index": _build_index,
    "CategoricalIndex": lambda pd, array, name: pd.CategoricalIndex(_array(pd, array), name=name),
    "DatetimeIndex": lambda pd, array, name, freq: pd.DatetimeIndex(
        _array(pd, array), freq=freq, name=name
    ),
    "TimedeltaIndex": lambda pd, array, name, freq: pd.TimedeltaIndex(
        _array(pd, array), freq=freq, name=name
    ),
    "RangeIndex": lambda pd, start, stop, step, name: pd.RangeIndex(start, stop, step, name=name),
    "MultiIndex": lambda pd, levels, codes, names: pd.MultiIndex(levels, codes, names=names),
    "Categorical": lambda pd, codes, categories, ordered: pd.Categorical.from_codes(
        _check(codes, np.ndarray), _check(categories, pd.Index), ordered=ordered
    ),
    "DatetimeArray": _build_times,
    **dict.fromkeys(
        ("IntegerArray", "FloatingArray", "BooleanArray", "StringArray", "ArrowStringArray"),
        _build_extension,
    ),
    "Timestamp": _build_timestamp,
    "Timedelta": lambda pd, time: pd.Timedelta(_check(time, np.timedelta64)),
    "NaTType": lambda pd: pd.NaT,
    "NAType": lambda pd: pd.NA,
}
