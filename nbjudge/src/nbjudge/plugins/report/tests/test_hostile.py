"""Hostile work affects nothing but its own part of a report or an export."""

import json

import pytest

from nbjudge.plugins.lms.students_code import code_in
from nbjudge.plugins.lms.tables import questions
from nbjudge.plugins.report.class_report import make_report
from nbjudge.plugins.report.reading import read_answers
from nbjudge.plugins.standings.reading import read_standings
from nbjudge.sandbox import box as box_module

CELL = {"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": []}


def notebook(*cells):
    return json.dumps({"cells": [CELL, *cells]})


DAMAGED = {
    "too deep": "[" * 200_000,
    "no cells": "[]",
    "metadata": notebook(CELL | {"metadata": 5}),
    "a giant number": '{"cells": 1' + "0" * 5_000 + "}",
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_notebook_affects_one_student(school, kind):
    coursedir, settings = school.course()
    before = make_report(read_standings(coursedir, parts=settings.parts))
    (path,) = (school.root / "autograded" / "ann" / "ps1").glob("*.ipynb")
    path.write_text(DAMAGED[kind])
    standings = read_standings(coursedir, parts=settings.parts)
    after = make_report(standings)
    (remark,) = [remark for remark in standings.remarks if "cannot be read" in remark]
    assert remark.startswith("ps1 of ann: the graded ") and "in the gradebook" in remark
    works = {s.person.id: s.works for s in after.students}
    assert not works["ann"][0].answers
    assert works.pop("ann") and works == {
        s.person.id: s.works for s in before.students if s.person.id in works
    }
    assert [row["score"] for row in questions(standings)]


def test_work_that_exceeds_the_limit_is_reported(school, monkeypatch):
    coursedir, settings = school.course()
    standings = read_standings(coursedir, parts=settings.parts)
    (path,) = (school.root / "autograded" / "ann" / "ps1").glob("*.ipynb")
    path.write_text(
        notebook(*[CELL | {"source": f"def f{n}(): {'-' * 200}1"} for n in range(5_000)])
    )
    call = box_module.Box.call

    def impatient(box, function, *arguments, seconds):
        seconds = 0.1 if function in (code_in, read_answers) and arguments[0] else seconds
        return call(box, function, *arguments, seconds=seconds)

    monkeypatch.setattr(box_module.Box, "call", impatient)
    standing = standings.by_student["ann"]["ps1"]
    assert standings.read(standing, code_in) == ""
    assert standings.read(standing, read_answers, []).answers == {}
    (remark,) = standings.remarks
    assert "the graded work cannot be read: it exceeds the limits of 0.1 s" in remark
