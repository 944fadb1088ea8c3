"""Feedback pages named like the files of an archive from Canvas or Moodle."""

import contextlib
import zipfile

import pytest

from nbjudge.cli.main import main
from tests.support.graded_class import WHY

CANVAS = {
    "müllerann_101_7001_ps1.ipynb": "old",
    "müllerann_101_7002_ps1-1.ipynb": "new",
    "müllerann_101_7003_data.csv": "1",
    "oneiljrcmd_LATE_102_7004_homework_2.ipynb": "b",
    "roedan_104_7005_homework.ipynb": "d",
    "zoëeve_105_7006_ps1.ipynb": "e",
    "nilfay_9106_7010_ps1.ipynb": "?",  # the gradebook has another number for fay
    "nilfay_106_7007_ps1.ipynb": "f",
    "guestgus_999_7008_ps1.ipynb": "g",
    "readme.txt": "?",
    "__MACOSX/._müllerann_101_7001_ps1.ipynb": "",
}
MOODLE = {
    "Ann Müller_11_assignsubmission_file_/ps1.ipynb": "a",
    "Ann Müller_11_assignsubmission_file_/data/more.csv": "1",
    "=cmd O'Neil, Jr._12_assignsubmission_file/ps1.ipynb": "b",
    "Dan Roe_14_assignsubmission_file_homework.ipynb": "d",
    "Eve Zoë_15_assignsubmission_file_/ps1.ipynb": "e",
}


def pack(school, files, *arguments):
    """Return the contents of the zip file, or None if there is none."""
    with zipfile.ZipFile(school.root / "archive.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    with contextlib.chdir(school.root):
        status = main(["export", "feedback", "archive.zip", *(arguments or ["ps1"])])
    if status:
        return None
    with zipfile.ZipFile(school.root / "feedback-ps1.zip") as made:
        assert made.testzip() is None
        return {name: made.read(name).decode() for name in made.namelist()}


def page(student):
    return f"<title>ps1 of {student}</title>"


def test_canvas_gets_its_own_ids(school, capsys):
    assert pack(school, CANVAS) == {
        "müllerann_101_7002_ps1.html": page("ann"),
        "oneiljrcmd_LATE_102_7004_ps1.html": page("bob"),
        "roedan_104_7005_not-graded.txt": f"This submission could not be graded: {WHY}.\n",
        "zoëeve_105_7006_ps1.html": page("eve"),
    }
    said = capsys.readouterr().err
    assert "guestgus_999_7008: left out: nobody in the gradebook matches." in said
    assert "nilfay_9106_7010: left out: fay has this name, but the number 106." in said
    command = "run `nbjudge autograde ps1 --feedback`"
    assert f"There is no feedback page for fay (not graded yet): {command}." in said
    assert "readme.txt: the name matches no platform's pattern." in said
    assert "Wrote feedback-ps1.zip: feedback of 4 students." in said
    assert "MACOSX" not in said and "cem" not in said


def test_moodle_gets_its_folders(school, capsys):
    assert pack(school, MOODLE) == {
        "Ann Müller_11_assignsubmission_file_/ps1.html": page("ann"),
        "=cmd O'Neil, Jr._12_assignsubmission_file/ps1.html": page("bob"),
        "Dan Roe_14_assignsubmission_file_not-graded.txt": (
            f"This submission could not be graded: {WHY}.\n"
        ),
        "Eve Zoë_15_assignsubmission_file_/ps1.html": page("eve"),
    }
    assert "The archive has no submission from fay." in capsys.readouterr().err


def test_the_content_identifies_the_student_if_the_name_does_not(school, capsys):
    for student, text in (("ann", "one"), ("bob", "same"), ("eve", "same")):
        (school.root / "submitted" / student / "ps1" / "ps1.ipynb").write_text(text)
    files = {"anon_Xy1z9_7001_ps1.ipynb": "one", "LATE_anon_aB3d4_7002_ps1.ipynb": "same"}
    assert pack(school, files) == {"anon_Xy1z9_7001_ps1.html": page("ann")}
    assert "LATE_anon_aB3d4_7002: left out: nobody" in capsys.readouterr().err


class WithoutFlag(zipfile.ZipInfo):
    """A file name in UTF-8 without the archive's UTF-8 flag."""

    def _encodeFilenameFlags(self):
        return self.filename.encode(), self.flag_bits


def test_names_in_utf_8_are_read_where_the_archive_does_not_say_so(school):
    name = "Ann Müller_11_assignsubmission_file_/ps1"
    assert pack(school, {WithoutFlag(f"{name}.ipynb"): "a"}) == {f"{name}.html": page("ann")}


def test_two_of_one_name_are_left_out(school, capsys):
    with school.gradebook() as gradebook:
        gradebook.update_or_create_student("eve", first_name="Ann", last_name="Müller")
    assert "Ann Müller_11_assignsubmission_file_/ps1.html" not in pack(school, MOODLE)
    assert "left out: several students match: ann, eve." in capsys.readouterr().err


def test_the_same_pages_give_the_same_zip(school):
    pack(school, CANVAS)
    first = (school.root / "feedback-ps1.zip").read_bytes()
    pack(school, CANVAS)
    assert (school.root / "feedback-ps1.zip").read_bytes() == first


@pytest.mark.parametrize(
    ("files", "arguments", "said"),
    [
        ({"ps1.ipynb": ""}, ["ps1"], "contains no submission with a name of Canvas, Moodle or"),
        ({"../müllerann_101_7001_ps1.ipynb": ""}, ["ps1"], "contains no submission"),
        ({"guestgus_999_7008_ps1.ipynb": "g"}, ["ps1"], "Is this the archive of ps1"),
        (CANVAS, ["ps3"], "no assignment ps3; did you mean"),
    ],
)
def test_an_archive_that_does_not_fit_is_refused(school, capsys, files, arguments, said):
    assert pack(school, files, *arguments) is None
    assert said in capsys.readouterr().err
    assert not (school.root / "feedback-ps1.zip").exists()


def test_an_invalid_zip_file_is_rejected(school, capsys, monkeypatch):
    monkeypatch.chdir(school.root)
    (school.root / "archive.zip").write_text("no zip")
    assert main(["export", "feedback", "archive.zip", "ps1"]) == 2
    assert main(["export", "feedback", "nowhere.zip", "ps1"]) == 2
    said = capsys.readouterr().err
    assert (
        "archive.zip is not a readable zip file" in said
        and "nowhere.zip cannot be opened: No such file" in said
    )
