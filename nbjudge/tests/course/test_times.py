"""Times in the formats of people and programs are read correctly, or rejected with a suggestion."""

import datetime

import pytest

from nbjudge.course.dates import time_text
from nbjudge.course.submission import read_timestamp
from nbjudge.course.times import TIMESTAMP, read_time, zone_named
from nbjudge.files import Folder

BERLIN = zone_named("Europe/Berlin")


def read(text, zone="Europe/Berlin"):
    """Read the time of a submission, in a course with this time zone."""
    return read_time(text, datetime.UTC, (zone_named(zone),))


@pytest.mark.parametrize(
    "text",
    [
        "2026-07-02 12:29:00.000000 UTC",  # nbgrader's exchange
        "2026-07-02 12:29:00 utc",
        "2026-07-02 12:29:00",  # nbgrader's zip_collect; UTC by default
        "2026-07-02 12:29",
        "2026-07-02T12:29:00",  # datetime.isoformat()
        "2026-07-02T12:29:00Z",
        "2026-07-02T12:29:00+00:00",
        "2026-07-02T14:29:00.000000+02:00",
        "2026-07-02T14:29:00,000000000+02:00",  # date --iso-8601=ns
        "2026-07-02 14:29:00+02",  # PostgreSQL
        "2026-07-02 14:29:00 +02:00",
        "2026-07-02 14:29:00 +0200",  # git log --date=iso
        "2026-07-02 05:29:00 -0700",
        "Thu, 2 Jul 2026 14:29:00 +0200",  # git log --date=rfc
        "Thu, 02 Jul 2026 14:29:00 +0200",  # date -R, email
        "02 Jul 2026 12:29 GMT",
        "Thu Jul 2 14:29:00 2026 +0200",  # git log
        "Thu Jul  2 14:29:00 CEST 2026",  # date
        "Thu Jul  2 02:29:00 PM CEST 2026",  # date in the United States
        "Thu 02 Jul 2026 02:29:00 PM CEST",
        "Thu  2 Jul 14:29:00 CEST 2026",  # date in the United Kingdom
        "2026-07-02 14:29 CEST",  # nbjudge dates
        "2026-07-02 14:29:00 Europe/Berlin",
        "2026-07-02 21:29:00 Asia/Tokyo",
        "\ufeff2026-07-02 12:29:00 UTC\r\n",
    ],
)
def test_times_written_by_programs_are_read_correctly(text):
    assert read(text) == datetime.datetime(2026, 7, 2, 12, 29)


def test_fractions_of_a_second_are_kept():
    assert read("2026-07-02 12:29:00.25 UTC").microsecond == 250_000


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Asia/Kolkata", "UTC"]
)
@pytest.mark.parametrize("month", [1, 7])
def test_what_nbjudge_writes_can_be_read_back(zone, month):
    time = datetime.datetime(2026, month, 2, 12, 29)
    assert read(time_text(time, zone_named(zone)), zone) == time


def test_an_abbreviation_is_that_of_the_course_at_that_time():
    assert read("2026-07-02 14:29 IST", "Europe/Dublin").hour == 13
    assert read("2026-07-02 14:29 IST", "Asia/Kolkata").hour == 8
    assert read("2026-10-25 02:30 CEST") == datetime.datetime(2026, 10, 25, 0, 30)
    assert read("2026-10-25 02:30 CET") == datetime.datetime(2026, 10, 25, 1, 30)


def test_an_abbreviation_of_two_zones_is_refused_if_the_times_differ():
    chicago, shanghai = zone_named("America/Chicago"), zone_named("Asia/Shanghai")
    for zones in ((chicago, shanghai), (shanghai, chicago)):
        with pytest.raises(ValueError) as caught:
            read_time("2026-01-02 14:29:00 CST", datetime.UTC, zones)
        assert str(caught.value) == (
            f"the time zone CST is ambiguous: {zones[0]} or {zones[1]}; write an offset such as "
            "+0200, or a name such as Europe/Berlin"
        )
        assert read_time("2026-07-02 14:29:00 CST", datetime.UTC, zones).hour == 6
        assert read_time("2026-07-02 14:29:00 CDT", datetime.UTC, zones).hour == 19
    zones = BERLIN, zone_named("Europe/Paris")
    assert read_time("2026-07-02 14:29 CEST", datetime.UTC, zones).hour == 12


def test_an_abbreviation_of_the_other_half_of_the_year_is_refused_with_the_one_of_the_date():
    with pytest.raises(ValueError, match="^Europe/Berlin uses CEST, not CET, on 2026-07-02; write"):
        read("2026-07-02 14:29:00 CET")
    with pytest.raises(ValueError, match="^Europe/Berlin uses CET, not CEST, on 2026-01-02; write"):
        read("2026-01-02 14:29:00 CEST")


@pytest.mark.parametrize("name", ["EDT", "PST", "BST", "IST", "JST", "MEZ", "cest", "UTC+2"])
def test_an_abbreviation_that_the_course_does_not_use_is_refused(name):
    with pytest.raises(ValueError) as caught:
        read(f"2026-07-02 14:29:00 {name}")
    assert str(caught.value) == (
        f"unknown time zone {name}; write CEST, UTC, an offset such as +0200, or a "
        "name such as Europe/Berlin"
    )


@pytest.mark.parametrize(
    "text, message",
    [
        ("2026-07-02 14:29:00 Europa/Berlin", "'Europa/Berlin'; did you mean Europe/Berlin?"),
        ("2026-07-02 14:29:00 etc/../passwd", "expected a date and a time of day such as 2026-"),
        ("Fri, 02 Jul 2026 14:29:00 +0200", "2026-07-02 is a Thursday, not Fri"),
        ("2026-07-02 14:29:00 PM", "14:29:00 PM is not a time of day"),
        ("2026-02-30 14:29:00 UTC", "2026-02-30 is not a date"),
        ("1026-07-02 14:29:00 UTC", "expected a year from 1970 to 8999, not 1026"),
        ("02.11.2026 12:00", "02.11.2026 is not a date"),
        ("10.11.26", "expected a date and a time of day"),
        ("11/10/2026 12:00 UTC", "11/10/2026 is not a date"),
        ("Do 2. Jul 14:29:00 CEST 2026", "Do 2. Jul 2026 is not a date"),
        *(
            (text, "expected a date and a time of day such as 2026-11-02 23:59:00 UTC or")
            for text in (
                "yesterday",
                "2026-07-02",
                "2026-07-02+02:00",
                "14:29:00",
                "1782995340",  # seconds since 1970
                "2026-07-02 24:00",
                "2026-07-02 23:59:60",
                "2026-07-02 14:29:00 +2",
                "2026-07-02 14:29:00 +9900",
                "2026-07-02 14:29:00 UTC or so",
                "2026-07-02 14:29:00 2026-07-03 14:29:00",
                "\uff12\uff10\uff12\uff16-07-02 1\uff14:29:00",
                "9" * 5000,
                "2026-07-02 14:29:00" + " " * 10 + "x" * 5000,
                "\xff\xfe" * 1000,
            )
        ),
    ],
)
def test_partly_understood_text_is_rejected(text, message):
    with pytest.raises(ValueError) as caught:
        read(text)
    assert message in str(caught.value) and len(str(caught.value)) < 200


def test_a_question_about_a_zone_has_one_end():
    folder = Folder({TIMESTAMP: b"2026-07-02 14:29:00 Europa/Berlin"})
    when, problem = read_timestamp(folder, (BERLIN,))
    assert when is None and "did you mean Europe/Berlin? Until the file is corrected" in problem
