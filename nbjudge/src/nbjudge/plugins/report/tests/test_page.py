"""The report's page is complete, escapes its text and loads no external resources."""

import contextlib
import datetime
import re
from dataclasses import replace

from nbjudge.cli.main import main
from nbjudge.plugins.report.class_report import make_report
from nbjudge.plugins.report.identical import Identical
from nbjudge.plugins.report.page import render
from nbjudge.plugins.standings.reading import read_standings

NASTY = "<script>alert(1)</script>"


def write(school, *arguments):
    with contextlib.chdir(school.root):
        return main(["report", *arguments])


def page_of(school, *arguments):
    assert write(school, *arguments) == 0
    return (school.root / "report.html").read_text(encoding="utf-8")


def test_every_student_and_assignment_can_be_reached(school):
    page = page_of(school)
    names = re.findall(r' id="([^"]+)"', page)
    assert len(names) == len(set(names))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(names)
    assert len(re.findall(r'<article class="student"', page)) == 6
    assert "O&#39;Neil, Jr." in page
    assert "ps1.ipynb is missing" in page


def test_text_of_students_is_escaped(school):
    with school.gradebook() as gradebook:
        gradebook.update_or_create_student("eve", last_name=NASTY)
    lost = {"double_test": [f"no {NASTY}"]}
    school.grade("eve", "ps1", mistakes=lost, double_test=0, half_test=3, essay=4)
    school.fail(f"x{NASTY[:8]}", "ps1", NASTY)
    page = page_of(school)
    assert page.count("<script") == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_picture_of_the_totals_is_described_in_words(school):
    page = page_of(school)
    totals = page[page.index('id="totals"') : page.index('id="assignments"')]
    (words,) = re.findall(r'<svg[^>]* role="img"[^>]*><title>(.*?)</title>', totals)
    assert words.startswith("Students by total: ") and "with 0 to 10 %" in words


def test_a_mistake_is_listed_once(school):
    lost = {"double_test": ["no bias"]}
    school.grade("cem", "ps1", mistakes=lost, double_test=0, half_test=3, essay=4)
    page = page_of(school)
    assert page.count(">no bias</strong>") == 1
    (summary,) = re.findall(r"<summary><h3>ps1</h3>.*?</summary>", page, re.DOTALL)
    assert "most frequent: no bias (1 of 4 students)" in summary


def test_long_lists_are_folded_under_their_counts(school):
    coursedir, settings = school.course()
    report = make_report(read_standings(coursedir, parts=settings.parts))
    same = [Identical(("ann", "cem"), (), ("double",))] * 11
    at, folded = datetime.datetime(2030, 1, 1), "<summary>11 groups</summary>"
    assert folded in render(replace(report, identical=tuple(same)), at, datetime.UTC)
    page = render(replace(report, identical=tuple(same[:10])), at, datetime.UTC)
    assert "10 groups" not in page and page.count("<strong>1 function:</strong> double") == 10


def test_only_a_single_assignment_is_unfolded(school):
    folds = re.compile('<details class="assignment fold"( open)?>')
    assert folds.findall(page_of(school, "ps1")) == [" open"]
    assert set(folds.findall(page_of(school))) == {""}


def test_late_marks_of_canvas_are_distinguished_from_known_times(school):
    coursedir, settings = school.course()
    standings = read_standings(coursedir, parts=settings.parts)
    marked = tuple(
        replace(s, marked_late=True) if s.student.id in ("ann", "eve") else s for s in standings.all
    )
    report = make_report(replace(standings, all=marked), ["ps1"])
    page = " ".join(render(report, datetime.datetime(2030, 1, 1), datetime.UTC).split())
    assert "Late: 2 of ps1 marked late by the platform, time unknown." in page
    assert "<dd>2 (2 marked late by the platform, time unknown)</dd>" in page
    assert "2 late (2 marked late by the platform, time unknown)" in str(report.assignments[0])
    assert "marked late by the platform" not in page_of(school)


def test_nothing_is_loaded(school):
    page = page_of(school)
    assert not re.search(r"https?://|\bsrc=|@import|url\(", page)
    assert "default-src 'none'" in page


def test_work_that_waits_is_marked_and_not_zero(school):
    page = page_of(school, "ps1")
    (row,) = re.findall(r"<tr><td><a[^>]*>=cmd.*?</tr>", page, re.DOTALL)
    assert 'data-value="-1">?</td>' in row


def test_the_command_reports_its_results(school, capsys):
    assert write(school, "--output", "class.html") == 0
    said = capsys.readouterr()
    assert "ps1: 1 not submitted; 1 not graded yet; 1 not gradable; 1 waiting" in said.out
    assert "mean 4.2, median 4.25 of 9 points" in said.out
    assert "Wrote class.html: 6 students." in said.err
    assert (school.root / "class.html").exists()


def test_students_missing_from_the_class_list_are_named(school, capsys):
    said = "Not on the class list, so not counted: "
    assert said not in page_of(school)
    with school.gradebook() as gradebook:
        gradebook.add_student("x17")
    assert re.search(f'{said}<a href="#s7">x17</a>\\s*\\.', page_of(school))
    assert write(school) == 0
    assert f"{said}x17" in capsys.readouterr().out


def test_a_wrong_call_writes_nothing_and_says_why(school, capsys):
    assert write(school, "ps3") == 2
    assert "no assignment ps3; did you mean ps" in capsys.readouterr().err
    assert write(school, "--output", "nowhere/report.html") == 2
    assert "No such file or directory" in capsys.readouterr().err
    assert not list(school.root.glob("*.html"))
