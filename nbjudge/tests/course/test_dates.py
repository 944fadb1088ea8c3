"""Times and durations: time zones, texts, and lateness."""

import datetime

import pytest
from traitlets.config import Config

from nbjudge.course.dates import course_zone, duration_text, seconds_late, time_text

HOUR = datetime.timedelta(hours=1)


def utc(text):
    """Return a UTC time without a zone, as in the gradebook."""
    return datetime.datetime.fromisoformat(text)


def test_times_are_shown_in_the_zone_that_holds_on_their_day():
    zone = course_zone({"NbGraderAPI": {"timezone": "Europe/Berlin"}})
    assert time_text(utc("2026-11-02 22:59"), zone) == "2026-11-02 23:59 CET"
    assert time_text(utc("2026-07-02 21:59"), zone) == "2026-07-02 23:59 CEST"
    assert time_text(utc("2026-07-02 21:59"), course_zone({})) == "2026-07-02 21:59 UTC"


@pytest.mark.parametrize("section", ["NbGraderAPI", "Exchange"])
@pytest.mark.parametrize(
    "zone, hint",
    [
        ("Europe/Berln", "did you mean Europe/Berlin?"),
        ("MEZ", "expected a name such as Europe/Berlin"),
        ("CEST-1", "expected a name such as Europe/Berlin"),
        ("/etc/localtime", "expected a name such as Europe/Berlin"),
        (2, "expected a name such as Europe/Berlin"),
    ],
)
def test_a_zone_that_does_not_exist(section, zone, hint):
    with pytest.raises(ValueError) as caught:
        course_zone(Config({section: {"timezone": zone}}), section)
    assert str(caught.value) == f"c.{section}.timezone: unknown time zone {zone!r}; {hint}"


def test_durations():
    texts = [duration_text(s) for s in (0.2, 1, 61, 3600, 90_061, 49 * 3600, 172_800)]
    assert texts == [
        "1 second",
        "1 second",
        "1 minute 1 second",
        "1 hour",
        "1 day 1 hour",
        "2 days 1 hour",
        "2 days",
    ]


def test_seconds_late():
    due = utc("2026-11-02 12:00")
    assert seconds_late(due + HOUR, due, None) == 3600
    assert seconds_late(due + HOUR, due, HOUR / 2) == 1800
    assert seconds_late(due + HOUR, due, HOUR) == seconds_late(due - HOUR, due, None) == 0
    assert seconds_late(None, due, None) == seconds_late(due, None, None) == 0
