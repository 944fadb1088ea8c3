"""Decompose pandas objects into plain data, and rebuild them in the other process.

Only instances of the classes in KINDS are decomposed; other objects, including instances of
subclasses, stay in their process. A process imports pandas only when it receives a pandas object.
"""

import datetime
import functools
import importlib
import sys
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import numpy as np

from nbjudge.errors import WireError

MAX_COLUMNS = 10_000  # columns of a table, because rebuilding each column takes time


def take_apart(value: Any) -> tuple[str, list[Any]] | None:
    """Return the class name and the parts of a pandas object; None for any other object.

    The parts are plain data, arrays, and pandas objects that can be decomposed too.
    """
    pd = sys.modules.get("pandas")
    name = type(value).__name__
    if pd is None or name not in KINDS or type(value) is not _class(pd, name):
        return None
    try:
        parts = KINDS[name].parts(value)
        return None if parts is None or _stays(pd, parts) else (name, parts)
    except Exception:  # the student's code may have changed pandas in its process
        return None


def put_together(name: str, parts: list[Any]) -> Any:
    """Rebuild a pandas object from its class name and the parts from `take_apart`.

    Raises
    ------
    WireError
        If the parts do not fit, or the object could not be decomposed again.
    """
    if not isinstance(name, str) or name not in KINDS:
        raise WireError("a malformed frame: an unknown kind of pandas object")
    rebuilt = KINDS[name].build(importlib.import_module("pandas"), *parts)
    if not take_apart(rebuilt):
        raise WireError(f"a malformed frame: a {name} that cannot be sent back")
    return rebuilt


def is_table(value: Any) -> bool:
    """True for a DataFrame or a Series, which are mutable."""
    pd = sys.modules.get("pandas")
    return pd is not None and type(value) in (pd.DataFrame, pd.Series)


def overwrite(table: Any, new: Any) -> None:
    """Replace the content of a table with that of another of the same type."""
    if type(table) is type(new):
        table._update_inplace(new)  # used by pandas' own methods with inplace=True


def _class(pd: Any, name: str) -> Any:
    """Return the public pandas class with this name; None if there is none."""
    homes = pd, pd.arrays, getattr(pd.api, "typing", None)  # the last is new in pandas 2.1
    return next((getattr(home, name) for home in homes if hasattr(home, name)), None)


def _stays(pd: Any, part: Any) -> bool:
    """True for an index or array that cannot be decomposed, or a list that contains one."""
    if isinstance(part, list):
        return any(_stays(pd, item) for item in part)
    return isinstance(part, (pd.Index, pd.api.extensions.ExtensionArray)) and not take_apart(part)


def _values(of: Any) -> Any:
    """Return the values of a Series or Index, as a NumPy array if the dtype is NumPy's."""
    return of.to_numpy() if isinstance(of.dtype, np.dtype) else of.array


def _check(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise WireError(f"a malformed frame: a {type(value).__name__}, not a {kind.__name__}")
    return value


def _array(pd: Any, value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value
    return _check(value, pd.api.extensions.ExtensionArray)


def _table(value: Any) -> list[Any] | None:
    if value.shape[1] > MAX_COLUMNS:
        return None
    columns = [_values(value.iloc[:, number]) for number in range(value.shape[1])]
    return [value.columns, value.index, columns]


def _build_table(pd: Any, columns: Any, index: Any, arrays: Any) -> Any:
    if len(_check(arrays, list)) > MAX_COLUMNS:
        raise WireError(f"a table with more than {MAX_COLUMNS:,} columns")
    arrays = [_array(pd, array) for array in arrays]
    made = pd.DataFrame(dict(enumerate(arrays)), index=_check(index, pd.Index))
    made.columns = _check(columns, pd.Index)
    return made


def _build_series(pd: Any, array: Any, index: Any, name: Any) -> Any:
    array, index = _array(pd, array), _check(index, pd.Index)
    return pd.Series(array, index, array.dtype, name, copy=True)


def _build_index(pd: Any, array: Any, name: Any) -> Any:
    return pd.Index(_array(pd, array), dtype=array.dtype, name=name)


def _build_range(pd: Any, start: Any, stop: Any, step: Any, name: Any) -> Any:
    return pd.RangeIndex(*(_check(number, int) for number in (start, stop, step)), name=name)


def _build_levels(pd: Any, levels: Any, codes: Any, names: Any) -> Any:
    levels = [_check(level, pd.Index) for level in _check(levels, list)]
    codes = [_check(code, np.ndarray) for code in _check(codes, list)]
    return pd.MultiIndex(levels, codes, names=_check(names, list))


def _build_categories(pd: Any, codes: Any, categories: Any, ordered: Any) -> Any:
    codes, categories = _check(codes, np.ndarray), _check(categories, pd.Index)
    return pd.Categorical.from_codes(codes, categories, ordered=_check(ordered, bool))


def _build_strings(pd: Any, name: Any, values: Any) -> Any:
    if name not in ("string", "str") or np.ndim(values) != 1:
        raise WireError("a malformed frame: an unknown kind of array")
    return pd.array(_check(values, np.ndarray), dtype=name)


def _masked(name: str) -> "_Kind":
    """Return the `_Kind` of a masked array: numbers or booleans with missing values."""
    return _Kind(
        lambda value: [value.to_numpy(value.dtype.numpy_dtype, na_value=0), value.isna()],
        lambda pd, values, missing: getattr(pd.arrays, name)(
            _check(values, np.ndarray), _check(missing, np.ndarray)
        ),
    )


def _frequency(index: Any) -> str | None:
    """Return the frequency of an index as text; None if pandas cannot parse the text."""
    try:
        text: str | None = index.freqstr
        offset = sys.modules["pandas"].tseries.frequencies.to_offset(text)
        return text if offset == index.freq else None
    except ValueError:  # such as "<DateOffset: months=1>"
        return None


def _build_periods(pd: Any, numbers: Any, frequency: Any) -> Any:
    dtype = pd.PeriodDtype(_check(frequency, str))
    return pd.arrays.PeriodArray(_check(numbers, np.ndarray), dtype=dtype)


def _build_period(pd: Any, number: Any, frequency: Any) -> Any:
    return pd.Period(ordinal=_check(number, int), freq=_check(frequency, str))


def _build_intervals(pd: Any, left: Any, right: Any, closed: Any) -> Any:
    left, right = _check(left, pd.Index), _check(right, pd.Index)
    return pd.arrays.IntervalArray.from_arrays(left, right, closed)


def _zone(zone: Any) -> list[Any]:
    """Return the parts of a time zone for `_in_zone`: offset or name, and True for a ZoneInfo.

    A time zone that is neither a fixed offset nor in the IANA database raises an exception.
    """
    if zone is None:
        return [None, False]
    if isinstance(zone, datetime.timezone):
        offset = zone.utcoffset(None)
        if str(zone) != str(datetime.timezone(offset)):
            raise WireError(f"a time zone named {zone}")
        return [offset, False]
    parts = [str(zone), isinstance(zone, zoneinfo.ZoneInfo)]
    _in_zone(sys.modules["pandas"].Timestamp(0), *parts)
    return parts


def _in_zone(times: Any, zone: Any, is_zoneinfo: Any) -> Any:
    """Convert times from UTC to a time zone; without one, return them unchanged."""
    if zone is None:
        return times
    if isinstance(zone, datetime.timedelta):
        zone = datetime.timezone(zone)
    elif _check(zone, str) not in _zone_names():  # pandas reads files and devices for other names
        raise WireError("a malformed frame: an unknown time zone")
    elif is_zoneinfo:
        zone = zoneinfo.ZoneInfo(zone)
    return times.tz_localize("UTC").tz_convert(zone)


_zone_names = functools.cache(zoneinfo.available_timezones)


def _build_times(pd: Any, times: Any, *zone: Any) -> Any:
    return _in_zone(pd.DatetimeIndex(_check(times, np.ndarray)), *zone).array


def _build_timestamp(pd: Any, time: Any, *zone: Any) -> Any:
    return _in_zone(pd.Timestamp(_check(time, np.datetime64)), *zone)


@dataclass(frozen=True)
class _Kind:
    """A pandas class whose instances can be decomposed and rebuilt.

    Attributes
    ----------
    parts
        Returns the parts of an object; None if the object cannot be decomposed.
    build
        Validates the parts and returns the object, given pandas and the parts.
    """

    parts: Callable[[Any], list[Any] | None]
    build: Callable[..., Any]


_INDEX = _Kind(lambda value: [_values(value), value.name], _build_index)
_BOUNDS = attrgetter("left", "right", "closed")
_STRINGS = _Kind(lambda value: [str(value.dtype), value.to_numpy(object)], _build_strings)
KINDS = {
    "DataFrame": _Kind(_table, _build_table),
    "Series": _Kind(lambda value: [_values(value), value.index, value.name], _build_series),
    "Index": _INDEX,
    "CategoricalIndex": _INDEX,
    "PeriodIndex": _INDEX,
    "IntervalIndex": _INDEX,
    "DatetimeIndex": _Kind(
        lambda value: [_values(value), value.name, _frequency(value)],
        lambda pd, array, name, freq: pd.DatetimeIndex(
            _array(pd, array), freq=freq and _check(freq, str), name=name
        ),
    ),
    "TimedeltaIndex": _Kind(
        lambda value: [_values(value), value.name, _frequency(value)],
        lambda pd, array, name, freq: pd.TimedeltaIndex(
            _array(pd, array), freq=freq and _check(freq, str), name=name
        ),
    ),
    "RangeIndex": _Kind(
        lambda value: [value.start, value.stop, value.step, value.name], _build_range
    ),
    "MultiIndex": _Kind(
        lambda value: [
            list(value.levels),
            [np.asarray(code) for code in value.codes],
            list(value.names),
        ],
        _build_levels,
    ),
    "Categorical": _Kind(
        lambda value: [np.asarray(value.codes), value.categories, bool(value.ordered)],
        _build_categories,
    ),
    "DatetimeArray": _Kind(
        lambda value: [
            (value.tz_convert(None) if value.tz else value).to_numpy(),
            *_zone(value.tz),
        ],
        _build_times,
    ),
    "PeriodArray": _Kind(lambda value: [value.asi8, value.freqstr], _build_periods),
    "IntervalArray": _Kind(lambda value: [*_BOUNDS(value)], _build_intervals),
    "IntegerArray": _masked("IntegerArray"),
    "FloatingArray": _masked("FloatingArray"),
    "BooleanArray": _masked("BooleanArray"),
    "StringArray": _STRINGS,
    "ArrowStringArray": _STRINGS,
    "Timestamp": _Kind(lambda value: [value.asm8, *_zone(value.tz)], _build_timestamp),
    "Timedelta": _Kind(
        lambda value: [value.asm8], lambda pd, time: pd.Timedelta(_check(time, np.timedelta64))
    ),
    "Period": _Kind(lambda value: [value.ordinal, value.freqstr], _build_period),
    "Interval": _Kind(lambda value: [*_BOUNDS(value)], lambda pd, *bounds: pd.Interval(*bounds)),
    "NaTType": _Kind(lambda value: [], lambda pd: pd.NaT),
    "NAType": _Kind(lambda value: [], lambda pd: pd.NA),
}
