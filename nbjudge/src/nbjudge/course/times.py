"""Parse times strictly: reject any text that is not fully recognized.

dateutil and nbgrader's `parse_utc` guess instead. They read `02.11.2026` as 11 February and `+0200`
after a space as 200 seconds, and they replace unknown time zones with UTC.
"""

import datetime
import re
import zoneinfo
from collections.abc import Collection

from nbjudge.wording import did_you_mean, nearest

TIMESTAMP = "timestamp.txt"  # contains the time of a submission, as in nbgrader's exchange
LATE_MARK = "marked_late.txt"  # present if a platform has marked the work as late
_EXAMPLES = "2026-11-02 23:59:00 UTC or 2026-11-02 23:59:00 +0100"
_YEARS = range(1970, 9000)
_LONGEST = 100  # characters
_TIME = re.compile(
    r"(?P<before>[^:]+?)[T ](?P<clock>(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?)"
    r"(?: (?P<half>[AP]M))?(?: (?P<year>\d{4}))?"
    r"(?: ?(?P<zone>[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?|[A-Za-z][\w/+-]*))?"
    r"(?: (?P<last_year>\d{4}))?",
    re.ASCII,
)
_DATES = (
    "%Y-%m-%d",  # ISO 8601, and `git log --date=iso`
    "%a, %d %b %Y",  # RFC 2822, as in e-mail and `date -R`
    "%d %b %Y",
    "%a %d %b %Y",  # `date` in some locales, and `git log`
    "%a %b %d %Y",
)
_UTC = ("UTC", "GMT", "Z")


def zone_named(name: str) -> zoneinfo.ZoneInfo:
    """Return the time zone with an IANA name, such as "Europe/Berlin".

    Raises
    ------
    ValueError
        If the time zone database lacks the name; the message suggests the closest one.
    """
    try:
        return zoneinfo.ZoneInfo(name)
    except (LookupError, OSError, TypeError, ValueError):
        names = [other for other in zoneinfo.available_timezones() if "/" in other]
        hint = did_you_mean(nearest(str(name), names)) or "; expected a name such as Europe/Berlin"
        raise ValueError(f"unknown time zone {name!r}{hint}") from None


def check_year(date: datetime.date) -> None:
    """Raise ValueError if the year of a date is not in the range 1970 to 8999."""
    if date.year not in _YEARS:
        raise ValueError(f"expected a year from {_YEARS[0]} to {_YEARS[-1]}, not {date.year}")


def in_utc(time: datetime.datetime, zone: datetime.tzinfo) -> datetime.datetime:
    """Return a time in UTC without a time zone, as in the gradebook.

    A local time that occurs twice, when clocks are turned back, means the second occurrence. A
    local time that is skipped, when clocks are turned forward, is shifted by the change.

    Parameters
    ----------
    zone
        Time zone of a time without one.
    """
    zone = time.tzinfo or zone
    return max(
        time.replace(tzinfo=zone, fold=fold).astimezone(datetime.UTC).replace(tzinfo=None)
        for fold in (0, 1)
    )


def read_time(
    text: str, zone: datetime.tzinfo, zones: Collection[datetime.tzinfo]
) -> datetime.datetime:
    """Parse a time and return it in UTC, without a time zone.

    The text has a date and a time of day in the format of ISO 8601, RFC 2822, `date`, `git log` or
    Python.

    Parameters
    ----------
    zone
        Time zone of a text without one.
    zones
        Time zones whose abbreviations are accepted, such as CEST for Europe/Berlin. Other
        abbreviations are rejected because many are ambiguous, and so is an abbreviation that means
        different times in two of these zones.

    Raises
    ------
    ValueError
        If part of the text is not recognized; the message names it and the expected format.
    """
    words = " ".join(text.removeprefix("\ufeff").split())
    match = _TIME.fullmatch(words) if len(words) <= _LONGEST else None
    if match is None:
        raise ValueError(f"expected a date and a time of day such as {_EXAMPLES}")
    years = [match[name] for name in ("year", "last_year") if match[name]]
    date = _read_date(" ".join([match["before"], *years]))
    time = datetime.datetime.combine(date, _read_clock(match["clock"], match["half"]))
    return _read_zone(match["zone"], time, zone, zones)


def _read_date(text: str) -> datetime.date:
    for form in _DATES:
        try:
            date = datetime.datetime.strptime(text, form).date()
        except ValueError:
            continue
        check_year(date)
        if "%a" in form and f"{date:%a}" != text[:3].title():
            raise ValueError(f"{date} is a {date:%A}, not {text[:3]}")
        return date
    raise ValueError(f"{text} is not a date such as 2026-11-02")


def _read_clock(text: str, half: str | None) -> datetime.time:
    if half is None:
        return datetime.time.fromisoformat(text)
    try:
        return datetime.datetime.strptime(f"{text} {half}", "%I:%M:%S %p").time()
    except ValueError:
        raise ValueError(f"{text} {half} is not a time of day such as 02:30:00 PM") from None


def _read_zone(
    name: str | None,
    time: datetime.datetime,
    zone: datetime.tzinfo,
    zones: Collection[datetime.tzinfo],
) -> datetime.datetime:
    """Return a time in UTC, given an offset, a zone's name or abbreviation, or None for `zone`."""
    if name is None:
        return in_utc(time, zone)
    if name.upper() in _UTC:
        return time
    # Try abbreviations before offsets: that of America/Sao_Paulo is "-03".
    times = {other: utc for other in zones if (utc := _abbreviated(name, time, other))}
    if len(set(times.values())) > 1:
        raise ValueError(
            f"the time zone {name} is ambiguous: {' or '.join(map(str, times))}; write an offset "
            "such as +0200, or a name such as Europe/Berlin"
        )
    if times:
        return next(iter(times.values()))
    if name[0] in "+-":
        return in_utc(datetime.datetime.fromisoformat(f"{time}{name}"), zone)
    if "/" in name:
        return in_utc(time, zone_named(name))
    for other in zones:
        if any(_abbreviated(name, time.replace(month=month, day=1), other) for month in (1, 7)):
            raise ValueError(
                f"{other} uses {time.replace(tzinfo=other):%Z}, not {name}, on {time:%Y-%m-%d}; "
                "write the intended offset, such as +0200"
            )
    accepted = dict.fromkeys([*(f"{time.replace(tzinfo=other):%Z}" for other in zones), "UTC"])
    raise ValueError(
        f"unknown time zone {name}; write {', '.join(accepted)}, an offset such as "
        "+0200, or a name such as Europe/Berlin"
    )


def _abbreviated(
    name: str, time: datetime.datetime, zone: datetime.tzinfo
) -> datetime.datetime | None:
    """Return a time in UTC if the time zone has this abbreviation at that time."""
    for fold in (0, 1):
        local = time.replace(tzinfo=zone, fold=fold)
        if local.tzname() == name:
            return local.astimezone(datetime.UTC).replace(tzinfo=None)
    return None
