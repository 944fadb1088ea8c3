"""Dates, extensions and penalties that change after grading, and the scores they affect."""

import json
import shutil

import pytest

from nbjudge.course.dates import utc_now
from nbjudge.course.loading import load_course
from nbjudge.plugins.report.overview import overviews
from nbjudge.plugins.standings.reading import read_standings
from tests.support.classes import PENALTIES, WRONG, statuses
from tests.support.small_course import SmallCourse

DUE = "[due]\nps1 = 2030-01-01 12:00:00\n"  # UTC
LATER = "[due]\nps1 = 2030-01-02 12:00:00\n"
TIMES = {
    "ann": "2030-01-01 11:00:00 UTC",
    "ben": "2030-01-01 14:00:00 UTC",
    "cid": "2030-01-02 13:00:00 UTC",
}
BERLIN = "c.NbGraderAPI.timezone = 'Europe/Berlin'\n"
ON_TIME = {
    "date": "Thu Jul  2 14:29:00 CEST 2026",
    "git": "2026-07-02 14:29:00 +0200",
    "iso": "2026-07-02 14:29:00 +02:00",
    "mail": "Thu, 02 Jul 2026 14:29:00 +0200",
    "mark": "\ufeff2026-07-02 14:29:00 Europe/Berlin",
    "nbjudge": "2026-07-02 14:30 CEST",
    "utc": "2026-07-02 12:29:00.000000 UTC",
}
REFUSED = {
    "eastern": ("2026-07-02 14:29:00 EDT", "unknown time zone EDT; write CEST, UTC"),
    "india": ("2026-07-02 14:29:00 IST", "unknown time zone IST; write CEST, UTC"),
    "typo": ("2026-07-02 14:29:00 Europa/Berlin", "did you mean Europe/Berlin?"),
    "half": ("2026-07-02 14:29:00 UTC or so", "expected a date and a time of day"),
    "day": ("02.07.2026 14:29:00", "02.07.2026 is not a date such as 2026-11-02"),
}
ZERO = "c.LateSubmissionPlugin.penalty_method = 'zero'\n"


@pytest.fixture
def late(course):
    """A graded class: ann is on time, ben is two hours late, cid a day and an hour."""
    course.configure(PENALTIES)
    write(course, DUE)
    for student, time in TIMES.items():
        course.submit(student, files={"timestamp.txt": time})
    course.submit("dora")
    course.totals = {s: o.total for s, o in course.grade(feedback=True).items()}
    return course


def write(course, text):
    (course.root / "dates.toml").write_text(text)


def pages(course):
    return {p: p.read_text() for p in sorted((course.root / "feedback").rglob("*.html"))}


def grade(course, text=None):
    """Grade again without judging; return the changed scores and the students with new pages."""
    if text is not None:
        write(course, text)
    before = pages(course)
    done = course.grade(feedback=True)
    assert set(statuses(done).values()) == {"unchanged"}
    after = pages(course)
    assert before.keys() == after.keys()
    written = {page.parent.parent.name for page in after if after[page] != before[page]}
    return {s: o.score_change for s, o in done.items() if o.score_change}, written


def penalties(course):
    return {row[1]: row[4] for row in course.tables()["notebooks"] if row[0] == "ps1"}


def test_the_first_grading_moves_nobody(late):
    assert late.totals == {"ann": 5, "ben": 2, "cid": 0, "dora": 5}
    assert penalties(late) == {"ann": None, "ben": 3, "cid": 5, "dora": None}
    assert grade(late) == ({}, set())


def test_a_due_date_that_changes_moves_those_who_were_late(late):
    moved, written = grade(late, LATER)
    assert moved == {
        "ben": "2 -> 5 points (on time)",
        "cid": "0 -> 3.5 points (1 hour late)",
    }
    assert written == {"ann", "ben", "cid", "dora"}, "every page has the due date"
    assert penalties(late) == {"ann": None, "ben": None, "cid": 1.5, "dora": None}
    assert grade(late) == ({}, set())


def test_the_gradebook_keeps_what_the_last_run_changed(late):
    def changes():
        return late.rows("select student, before, after, text, run from nbjudge_change")

    first = {row[0]: row[1:4] for row in changes()}
    assert first["ben"] == (None, 2, "2 points (graded for the first time)")
    assert len({row[4] for row in changes()}) == 1 and len(first) == 4
    grade(late, LATER)
    again = {row[0]: row[1:4] for row in changes()}
    assert again == first | {
        "ben": (2, 5, "2 -> 5 points (on time)"),
        "cid": (0, 3.5, "0 -> 3.5 points (1 hour late)"),
    }
    late.submit("dora", notebooks=[])
    grade_dora = late.grade(students=["dora"])["dora"]
    for _ in range(2):  # the second run repeats the result of the first
        late.grade(students=["dora"])
    (dora,) = (row for row in changes() if row[0] == "dora")
    assert dora[1:4] == (5, None, f"not graded: {grade_dora.why}")


def test_an_extension_moves_one_student_and_its_end_moves_them_back(late):
    moved, written = grade(late, DUE + "[extensions.ps1]\ncid = '1 day'\n")
    assert moved == {"cid": "0 -> 3.5 points (1 hour late)"} and written == {"cid"}
    (page,) = (late.root / "feedback" / "cid").rglob("*.html")
    text = " ".join(page.read_text().split())
    assert "<strong>3.5 of 20 points</strong>" in text
    assert "Submitted 1 hour late: 1.5 of 5 points deducted." in text
    assert "due 2030-01-02 12:00 UTC, which includes an extension of 1 day" in text
    moved, written = grade(late, DUE)
    assert moved == {"cid": "3.5 -> 0 points (1 day 1 hour late)"} and written == {"cid"}


def test_an_extension_holds_for_work_that_comes_later(late):
    write(late, DUE + "[extensions.ps1]\nxaver = '1 day'\n")
    late.submit("xaver", files={"timestamp.txt": TIMES["cid"]})
    done = late.grade()
    assert done["xaver"].lateness == "1 hour late: 1.5 of 5 points deducted; extension of 1 day"
    assert not any(outcome.score_change for outcome in done.values())


def test_a_plugin_that_changes_moves_those_who_were_late(late):
    late.configure(PENALTIES.replace("1.5", "0.5"))
    assert grade(late) == ({"ben": "2 -> 4 points (2 hours late)"}, {"ben"})
    late.configure(ZERO)
    moved, written = grade(late)
    assert moved == {"ben": "4 -> 0 points (2 hours late)"} and written == {"ben"}
    late.configure()
    moved, written = grade(late)
    assert moved["ben"] == "0 -> 5 points (2 hours late)" and written == {"ben", "cid"}


def test_manual_points_change_the_penalty(late):
    late.configure(ZERO)
    late.grade()
    late.write(
        "update grade set manual_score = 4, needs_manual_grade = 0 "
        "where cell_id in (select id from base_cell where name = 'essay')"
    )
    done = late.grade()
    assert done["ben"].recorded.penalty == 9 and done["ben"].total == 0
    assert done["ann"].total == 9


def test_work_that_is_graded_again_says_so(late):
    late.submit("ben", WRONG, files={"timestamp.txt": TIMES["ann"]})
    done = late.grade()
    assert statuses(done)["ben"] == "graded"
    assert done["ben"].score_change == (
        "2 -> 1 points (graded again, on time; a new submission: double_test 2 -> 0, "
        "half_test 3 -> 1)"
    )


def test_only_those_who_are_graded_are_moved(late):
    write(late, LATER)
    assert late.grade(students=["ben"])["ben"].score_change
    assert penalties(late) == {"ann": None, "ben": None, "cid": 5, "dora": None}


def test_a_failing_plugin_is_reported_and_leaves_the_grade(late):
    late.configure(PENALTIES.replace("return 1.5", "return 1 / 0"))
    done = late.grade()
    assert statuses(done) == {
        "ann": "unchanged",
        "ben": "failed",
        "cid": "failed",
        "dora": "unchanged",
    }
    assert done["ben"].why == (
        "its late penalty cannot be computed: ZeroDivisionError: division by zero"
    )
    assert penalties(late) == {"ann": None, "ben": 3, "cid": 5, "dora": None}


def test_a_plugin_that_returns_no_number_is_reported_and_leaves_the_grade(late):
    late.configure(PENALTIES.replace("return 1.5", "return float('nan')"))
    done = late.grade()
    assert statuses(done)["ben"] == statuses(done)["cid"] == "failed"
    assert "returned nan instead of a number" in done["ben"].why
    assert penalties(late) == {"ann": None, "ben": 3, "cid": 5, "dora": None}


def test_a_setting_that_misspells_an_assignment_is_reported(late):
    late.configure(PENALTIES + "c.NbJudge.cell_seconds_of = {'ps11': 9, 'ps2': 9, 'final': 9}\n")
    done = late.nbjudge("autograde", "ps1")
    assert done.returncode == 0, done.stderr
    said = (
        "c.NbJudge.cell_seconds_of names ps11, which is not an assignment of this course; did you"
    )
    assert f"{said} mean ps1?" in done.stderr and done.stderr.count("cell_seconds_of") == 1


def stock_of(course, place, config):
    """Return a copy of a course in which stock nbgrader has regraded ps1."""
    stock = SmallCourse(place / "stock")
    shutil.rmtree(stock.root, ignore_errors=True)
    shutil.copytree(course.root, stock.root)
    stock.write("update submitted_notebook set late_submission_penalty = 7")
    stock.configure(config)
    done = stock.python("-m", "nbgrader", "autograde", "ps1", "--force")
    assert done.returncode == 0, done.stderr
    return stock


def test_the_gradebook_equals_stock_nbgraders_with_these_dates(late, place):
    """Stock nbgrader regrades with the dates in the gradebook."""
    write(late, DUE + "[extensions.ps1]\ncid = '24 hours'\n")
    late.grade()
    stock = stock_of(late, place, PENALTIES)
    assert penalties(stock) == penalties(late) == {"ann": None, "ben": 3, "cid": 1.5, "dora": None}


def test_a_time_is_read_as_written_or_rejected(course):
    course.configure(BERLIN + PER_DAY)
    write(course, "[due]\nps1 = 2026-07-02 14:30:00\n")
    late = {"pacific": "2026-07-02 12:00:00 -0700", "rome": "2026-07-02 16:29 CEST"}
    texts = ON_TIME | late | {student: text for student, (text, _) in REFUSED.items()}
    for student, text in texts.items():
        course.submit(student, files={"timestamp.txt": text})
    done = course.grade()
    assert {student: o.late for student, o in done.items() if o.late} == {
        "pacific": 6.5 * 3600,
        "rome": 119 * 60,
    }
    assert {student for student, outcome in done.items() if outcome.recorded.penalty} == set(late)
    assert {student for student, outcome in done.items() if not outcome.has_time} == set(REFUSED)
    for student, outcome in done.items():
        shown, reason = REFUSED.get(student, ("", ""))
        named = [text for text in outcome.judgment.remarks if "timestamp.txt" in text]
        assert len(named) == bool(reason), outcome
        assert all(repr(shown) in text and reason in text for text in named)


def test_work_that_a_platform_has_marked_as_late_counts_as_late(late):
    mark = {"marked_late.txt": ""}
    late.submit("eve", files=mark)
    late.submit("fay", files=mark | {"timestamp.txt": TIMES["ann"]})
    for _ in range(2):  # graded, then unchanged
        done = late.nbjudge("autograde", "ps1")
        assert (
            "Times: ps1: marked late by the platform, without a time: 1 of 6 submissions (eve)."
            in (done.stderr)
        )
        untimed = "no time in timestamp.txt, so counted as on time: 1 of 6 submissions (dora)."
        assert untimed in done.stderr
    assert penalties(late)["eve"] is None, "nobody knows how late"
    with late.here():
        standings = read_standings(load_course()[0], ["ps1"])
    (overview,) = overviews(standings)
    assert {one.student.id for one in overview.late} == {"ben", "cid", "eve"}
    assert late.nbjudge("report", "--output", "report.html").returncode == 0
    page = " ".join((late.root / "report.html").read_text().split())
    assert "<summary>Late: 3</summary>" in page and "</a>: time unknown</li>" in page
    assert page.count("late, time unknown") == 1
    late.submit("eve", files=mark | {"timestamp.txt": TIMES["ben"]})
    assert late.grade()["eve"].late == 2 * 3600


def test_an_abbreviation_of_the_exchange_is_understood(course):
    """The exchange writes times in the time zone of its settings."""
    write(course, "[due]\nps1 = 2026-07-02 12:30:00\n")  # UTC
    course.submit("ann", files={"timestamp.txt": "2026-07-02 14:29:00.000000 CEST"})
    assert not course.grade()["ann"].has_time
    course.configure("c.Exchange.timezone = 'Europe/Berlin'\n")
    ann = course.grade()["ann"]
    assert ann.status == "graded" and ann.has_time and not ann.late
    course.configure("c.Exchange.timezone = 'Europa/Berlin'\n")
    done = course.nbjudge("autograde", "ps1")
    assert done.returncode == 2 and "c.Exchange.timezone: unknown time zone" in done.stderr


PER_DAY = """
c.AssignLatePenalties.plugin_class = "nbjudge.late.PerDay"
c.PerDay.percent = 10
c.PerDay.grace_minutes = 30
"""


def test_the_penalty_for_each_day_is_the_same_under_stock(late, place):
    late.configure(PER_DAY)
    assert grade(late)[0] == {
        "ben": "2 -> 4.5 points (2 hours late)",
        "cid": "0 -> 4 points (1 day 1 hour late)",
    }
    assert penalties(stock_of(late, place, PER_DAY)) == penalties(late)
    late.configure(PER_DAY + "c.PerDay.grace_minutes = 130")
    assert grade(late)[0] == {
        "ben": "4.5 -> 5 points (2 hours late)",
        "cid": "4 -> 4.5 points (1 day 1 hour late)",
    }


def test_a_setting_of_the_penalty_that_does_not_exist(late):
    late.configure(PER_DAY + "c.PerDay.percnt = 20\n")
    done = late.nbjudge("autograde", "ps1")
    assert done.returncode == 2
    assert "c.PerDay.percnt is not a setting; did you mean percent?" in done.stderr
    late.configure("import nbjudge\nnbjudge.configure(c)\nc.NbJudge.test_secnds = 9\n")
    for command in ("autograde", "ps1"), ("export",):
        done = late.python("-m", "nbgrader", *command)
        assert done.returncode != 0
        assert "test_secnds is not a setting; did you mean test_seconds" in done.stderr


def test_the_command_names_whose_points_moved(late):
    write(late, LATER + "[extensions.ps1]\ncdi = '1 day'\n")
    done = late.nbjudge("autograde", "ps1", "--json")
    assert done.returncode == 0, done.stderr
    assert "ps1 of ben: 2 -> 5 points (on time)\n" in done.stderr
    assert "ps1 of cid: 0 -> 3.5 points (1 hour late)\n" in done.stderr
    assert "it is now due 2030-01-02 12:00 UTC, according to dates.toml; before, it was due" in (
        done.stderr
    )
    assert "has an extension for cdi, who is" in done.stderr and "mean cid?" in done.stderr
    assert "no time in timestamp.txt, so counted as on time: 1 of 4 submissions (dora)." in (
        done.stderr
    )
    outcomes = json.loads(done.stdout)["assignments"]["ps1"]
    assert [(o["before"], o["total"], o["late"]) for o in outcomes[:3]] == [
        (5, 5, 0),
        (2, 5, 0),
        (0, 3.5, 3600),
    ]


def test_the_command_that_shows_the_dates(late):
    exam = "exam = 2030-02-01\n"
    write(late, LATER + exam + "[extensions.ps1]\ncid = '1 day'\nxaver = 2030-01-04\n")
    late.configure(PENALTIES + "c.NbGraderAPI.timezone = 'Europe/Berlin'\n")
    done = late.nbjudge("dates")
    assert done.returncode == 0, done.stderr
    assert [" ".join(line.split()) for line in done.stdout.splitlines()[1:]] == [
        "ps1 2030-01-02 12:00 CET",
        "cid 2030-01-03 12:00 CET 1 day",
        "xaver 2030-01-04 23:59 CET 2 days 12 hours",
        "ps2 none",
        "exam 2030-02-01 23:59 CET; not in source/ yet",
    ]
    assert "extension for xaver, who is not in the gradebook" in done.stderr
    assert penalties(late)["ben"] == 3, "no grade is changed"
    moved = late.grade()["ben"].score_change
    assert moved == "2 -> 5 points (on time)"


def test_nbgraders_command_names_them_too(late):
    late.configure("import nbjudge\nnbjudge.configure(c)\n" + PENALTIES)
    write(late, LATER)
    done = late.python("-m", "nbgrader", "autograde", "ps1")
    assert done.returncode == 0, done.stderr
    assert "ps1 of ben: 2 -> 5 points (on time)" in done.stderr


def test_a_file_that_cannot_be_read_stops_the_command(late):
    write(late, "[due]\npps1 = 2030-01-02\n")
    done = late.nbjudge("autograde", "ps1")
    assert done.returncode == 2
    assert "'pps1', which is not an assignment of this course; did you mean ps1?" in done.stderr
    late.configure("import nbjudge\nnbjudge.configure(c)\n" + PENALTIES)
    done = late.python("-m", "nbgrader", "autograde", "ps1")
    assert done.returncode != 0 and "which is not an assignment of this course" in done.stderr
    assert penalties(late)["ben"] == 3


def test_a_page_names_the_day_of_grading_and_the_address_for_questions(course):
    course.configure("c.NbJudge.contact = 'mailto:staff@example.org'\n")
    days = {utc_now().date()}
    course.submit("ann")
    course.grade(feedback=True)
    days.add(utc_now().date())
    (page,) = pages(course).values()
    assert any(f", graded {day}</p>" in page for day in days)
    assert '<a href="mailto:staff@example.org"' in page
    course.configure("c.NbJudge.contact = 'https://example.org/regrades'\n")
    assert grade(course) == ({}, {"ann"}), "the page is written again, and nothing is graded"
    (page,) = pages(course).values()
    assert '<a href="https://example.org/regrades"' in page


def test_an_invalid_address_for_questions_stops_grading(course):
    course.configure("c.NbJudge.contact = 'staff@example.org'\n")
    course.submit("ann")
    done = course.nbjudge("autograde", "ps1")
    assert done.returncode == 2
    expected = "an address that begins with https://, http:// or mailto:"
    assert f"expected {expected}" in " ".join(done.stderr.split())
