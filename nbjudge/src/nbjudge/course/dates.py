"""Times and durations: the course's time zone, lateness, and their texts.

As in the gradebook, times without a time zone are in UTC.
"""

import datetime
from collections.abc import Mapping
from typing import Any

from nbjudge.course.times import zone_named

_UNITS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}


def utc_now() -> datetime.datetime:
    """Return the current time in UTC, without a time zone, as in the gradebook."""
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


def course_zone(config: Mapping[str, Any], section: str = "NbGraderAPI") -> datetime.tzinfo:
    """Return the time zone of a course from nbgrader's setting `c.NbGraderAPI.timezone`.

    Parameters
    ----------
    section
        Section of nbgrader's settings to read instead. "Exchange" has the time zone of
        `timestamp.txt`.

    Raises
    ------
    ValueError
        If there is no such time zone.
    """
    try:
        return zone_named(config.get(section, {}).get("timezone") or "UTC")
    except ValueError as error:
        raise ValueError(f"c.{section}.timezone: {error}") from None


def seconds_late(
    timestamp: datetime.datetime | None,
    due: datetime.datetime | None,
    extension: datetime.timedelta | None,
) -> float:
    """Return the seconds past the extended due date; 0 if on time or a time is unknown."""
    if timestamp is None or due is None:
        return 0.0
    return max(0.0, (timestamp - due - (extension or datetime.timedelta())).total_seconds())


def time_text(when: datetime.datetime, zone: datetime.tzinfo) -> str:
    """Format a UTC time in a time zone: "2026-11-02 23:59 CET"."""
    return f"{when.replace(tzinfo=datetime.UTC).astimezone(zone):%Y-%m-%d %H:%M %Z}"


def duration_text(seconds: float) -> str:
    """Format a duration in its two largest units: "2 days 3 hours"."""
    parts, rest = [], max(1, round(seconds))
    for unit, size in _UNITS.items():
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}" + ("" if count == 1 else "s"))
    return " ".join(parts[:2])
