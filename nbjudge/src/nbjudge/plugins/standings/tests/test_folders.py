"""Standings and damaged folders: the others keep theirs, and messages say what is wrong."""

import contextlib
import errno
import os
import shutil

from nbjudge.cli import main
from nbjudge.course.loading import load_course
from nbjudge.plugins.standings.reading import read_standings, read_submissions
from nbjudge.plugins.standings.standings import State
from tests.support.command_line import available


def test_the_others_keep_their_standing_and_the_reason_is_reported(broken):
    school, text = broken
    coursedir = school.course()[0]
    why = f"its folder cannot be read: {text}"
    submissions = read_submissions(coursedir, ["ps1"])["ps1"]
    assert submissions.states["gil"] is State.NOT_GRADABLE and submissions.why["gil"] == why
    assert submissions.states["ann"] is State.GRADED
    standings = read_standings(coursedir)
    assert standings.by_student["gil"]["ps1"].why == why
    assert standings.by_student["ann"]["ps1"].points == 8.5


def test_an_assignment_is_not_assigned_by_a_folder_that_cannot_be_looked_into(broken):
    school, _ = broken
    before = [one.name for one in read_standings(school.course()[0]).assignments if one.is_assigned]
    assert before == ["ps1", "ps2", "whole"]
    school.fail("gil", "later", "its folder cannot be read")  # as a run over all assignments would
    standings = read_standings(school.course()[0])
    assert [one.name for one in standings.assignments if one.is_assigned] == before


def test_commands_go_on_and_say_the_reason(broken, capsys):
    school, text = broken
    why = f"its folder cannot be read: {text}"
    expected = {
        ("status", "ps1"): f"Not graded: ps1 of gil: {why}.\n",
        ("export", "totals"): f"Not gradable: ps1 of gil: {why}.\n",
        ("report",): "Wrote report.html: 7 students.\n",
    }
    for command in available(*expected):
        with contextlib.chdir(school.root):
            assert main.main([*command]) == 0
        assert expected[command] in capsys.readouterr().err
    assert all(why in page.read_text() for page in school.root.glob("report.html"))


def test_a_graded_notebook_that_cannot_be_read_is_named(school, capsys):
    damaged = school.root / "autograded" / "ann" / "ps1" / "ps1.ipynb"
    for content in ("{", "[]", "{}", "3"):
        damaged.write_text(content)
        for command in available(["report"], ["export", "mistakes"]):
            with contextlib.chdir(school.root):
                assert main.main(command) == 0
            said = capsys.readouterr().err
            assert said.count("ps1 of ann: the graded notebook ps1.ipynb cannot be read: ") == 1
    damaged.unlink()
    damaged.mkdir()
    for command in available(["report"]):
        with contextlib.chdir(school.root):
            assert main.main(command) == 0
        assert "ps1.ipynb cannot be read: Is a directory" in capsys.readouterr().err


def test_a_class_that_cannot_be_listed_is_reported_in_one_sentence(school, monkeypatch, capsys):
    def listdir(path):
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(os, "listdir", listdir)
    with contextlib.chdir(school.root):
        assert main.main(["status"]) == 2
    assert f"{school.root}/submitted/ cannot be listed: Permission denied. " in (
        capsys.readouterr().err
    )


# Points without a submission, and folders that are skipped


def test_points_of_a_submission_that_is_gone_are_named(school, capsys):
    old = school.root / "submitted" / "ann" / "ps1"
    old.rename(school.root / "submitted" / "eve" / "old")
    text = (
        "ps1: still counted, although their submissions are no longer in submitted/: ann. If a "
        "folder was renamed or the work was withdrawn, remove autograded/STUDENT/ps1.\n"
    )
    commands = ["status"], ["report"], ["export", "totals"], ["export", "moodle"]
    for command in available(*commands):
        with contextlib.chdir(school.root):
            assert main.main(command) == 0
        assert capsys.readouterr().err.count(text) == 1
    shutil.rmtree(school.root / "autograded" / "ann" / "ps1")
    assert read_submissions(school.course()[0], ["ps1"])["ps1"].remarks == []
    ann = read_standings(school.course()[0]).by_student["ann"]["ps1"]
    assert ann.state is State.UNSURE  # the gradebook still has her points
    assert ann.why == "ann (graded, but its folders are gone)"


def test_a_hidden_folder_is_named(school, capsys):
    for name in (".gil", ".git", "._ann"):
        school.submit(name, "ps1" if name != ".git" else "hooks")
    with contextlib.chdir(school.root):
        assert main.main(["status", "ps1"]) == 0
    text = (
        "ps1: skipped because their names begin with a dot: .gil. If these are students, rename "
        "their folders in submitted/.\n"
    )
    assert text in capsys.readouterr().err
    assert read_submissions(load_course(school.root)[0], ["ps1"])["ps1"].states.get(".gil") is None


def test_a_link_to_nowhere_is_not_graded(school, capsys):
    (school.root / "submitted" / "gil").symlink_to("nowhere")
    with contextlib.chdir(school.root):
        assert main.main(["status", "ps1"]) == 0
    why = "its folder cannot be read: it is a symbolic link"
    assert f"Not graded: ps1 of gil: {why}.\n" in capsys.readouterr().err
