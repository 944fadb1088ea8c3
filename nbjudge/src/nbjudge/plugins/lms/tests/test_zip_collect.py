"""`nbgrader zip_collect` with archives in the formats of Canvas, Moodle and Blackboard."""

import os
import stat
import zipfile

import pytest
from traitlets.config import Config

from nbjudge import configure
from nbjudge.course.outcome import MAX_LISTED
from nbjudge.plugins.lms.collecting import safe_id
from nbjudge.plugins.lms.platforms import read_archive, top_folder
from nbjudge.plugins.lms.tests.archives import collect, download, submitted, zipped
from nbjudge.plugins.lms.unpacking import unpack

pytestmark = pytest.mark.usefixtures("without_empty_folders")
CANVAS = {
    "müllerann_101_7001_ps1.ipynb": "ann",
    "müllerann_101_7002_data.csv": "1,2",
    "oneiljrcmd_LATE_102_7004_ps 1-1.ipynb": "bob",
    "yılmazcem_103_7005_ps1 (1).ipynb": "cem",
    "nilfay_9106_7006_ps1.ipynb": "fay",  # the gradebook has another number for fay
    "guestgus_999_7007_ps1.ipynb": "gus",
    "guestgus_998_7008_ps1.ipynb": "the other gus",
    "roedan_104_text.html": "typed into Canvas",
    "__MACOSX/._müllerann_101_7001_ps1.ipynb": "rubbish",
}
MOODLE = {
    "Ann Müller_11_assignsubmission_file_/ps1.ipynb": "ann",
    "Ann Müller_11_assignsubmission_file_/data/more.csv": "1",
    "=cmd O'Neil, Jr._12_assignsubmission_file/ps1.ipynb": "bob",
    "Dan Roe_14_assignsubmission_file_ps1-2.ipynb": "dan",
    "Gus Guest_15_assignsubmission_file_/ps1.ipynb": "gus",
    "Gus Guest_16_assignsubmission_file_/ps1.ipynb": "the other gus",
    "Eve Zoë_17_assignsubmission_onlinetext_/onlinetext.html": "typed into Moodle",
}
BLACKBOARD = {
    "PS_1_ann_attempt_2030-01-01-10-00-00.txt": "Name: Ann Müller (ann)",
    "PS_1_ann_attempt_2030-01-01-10-00-00_ps1.ipynb": "old",
    "PS_1_ann_attempt_2030-01-01-10-00-00_draft.ipynb": "draft",
    "PS_1_ann_attempt_2030-01-01-23-30-00.txt": "Name: Ann Müller (ann)",
    "PS_1_ann_attempt_2030-01-01-23-30-00_ps1 (1).ipynb": "ann",
    "PS_1_gus_attempt_2030-07-01-10-00-00_ps1.ipynb": "gus",
    "PS_1_eve_attempt_2030-01-01-11-00-00.txt": "no file",
}


def test_somebody_with_another_number_is_another_person_even_if_nobody_else_submits(school):
    download(school, {"nilfay_9106_7010_ps1.ipynb": "fay"})
    said = collect(school)
    assert list(submitted(school)) == ["nilfay_9106/ps1/ps1.ipynb"]
    assert "nilfay_9106: fay has this name, but the number 106" in said


def test_an_archive_of_canvas(school):
    download(school, CANVAS)
    said = collect(school)
    assert submitted(school) == {
        "ann/ps1/data.csv": "1,2",
        "ann/ps1/ps1.ipynb": "ann",
        "bob/ps1/marked_late.txt": "Marked as late by Canvas, without a submission time.\n",
        "bob/ps1/ps 1-1.ipynb": "bob",
        "cem/ps1/ps1 (1).ipynb": "cem",
        "guestgus_998/ps1/ps1.ipynb": "the other gus",
        "guestgus_999/ps1/ps1.ipynb": "gus",
        "nilfay_9106/ps1/ps1.ipynb": "fay",
    }
    assert "6 collected: ann, bob, cem, guestgus_998, guestgus_999, nilfay_9106" in said
    assert "nilfay_9106: fay has this name, but the number 106" in said
    assert "nilfay_9106 was assigned to nobody, because it may be the work of fay or of" in said
    assert "1 submission marked as late by the platform" in said
    assert "submitted/STUDENT/ps1/timestamp.txt, for example 2026-11-02 23:59:00 UTC: bob\n" in said
    assert "3 submissions of students who are not in the gradebook" in said
    assert "1 file not collected: a text or a link that a student entered on the platform" in said
    assert "submissions/roedan_104_text.html" in said and "Expected: Canvas:" not in said
    assert "rubbish" not in said
    assert (
        "ps1: 1 of 6 may have submitted guestgus_998, guestgus_999 (no such id on the class list); "
        "submissions/roedan_104_text.html (not collected): dan (Dan Roe)"
    ) in said


def test_an_anonymous_archive_of_canvas(school):
    download(school, {"LATE_anon_x7Kd2_7001_ps1.ipynb": "a", "anon_Q1_7002_ps1.ipynb": "b"})
    collect(school)
    assert set(submitted(school)) == {
        "anon_x7Kd2/ps1/marked_late.txt",
        "anon_x7Kd2/ps1/ps1.ipynb",
        "anon_Q1/ps1/ps1.ipynb",
    }


def test_an_archive_of_moodle(school):
    download(school, MOODLE)
    said = collect(school)
    assert submitted(school) == {
        "Gus-Guest_15/ps1/ps1.ipynb": "gus",
        "Gus-Guest_16/ps1/ps1.ipynb": "the other gus",
        "ann/ps1/data/more.csv": "1",
        "ann/ps1/ps1.ipynb": "ann",
        "bob/ps1/ps1.ipynb": "bob",
        "dan/ps1/ps1-2.ipynb": "dan",
    }
    assert "Gus-Guest_15 (Gus Guest), Gus-Guest_16 (Gus Guest)" in said
    typed = "Eve Zoë_17_assignsubmission_onlinetext_/onlinetext.html"
    assert typed in said and "no platform's pattern" not in said


def surname_first(*names):
    return {f"{name}_{n}_assignsubmission_file_/ps1.ipynb": name for n, name in enumerate(names)}


def test_an_archive_of_moodle_with_the_surname_first(school):
    download(school, surname_first("Müller Ann", "Roe Dan", "Nobody Known"))
    collect(school)
    assert submitted(school) == {
        "Nobody-Known/ps1/ps1.ipynb": "Nobody Known",
        "ann/ps1/ps1.ipynb": "Müller Ann",
        "dan/ps1/ps1.ipynb": "Roe Dan",
    }


@pytest.mark.parametrize("others", [("Dan Roe", "Roe Dan"), ()])
def test_no_student_chooses_the_order_of_names(school, others):
    download(school, surname_first("Müller Ann", *others))
    collect(school)
    assert submitted(school)["Müller-Ann/ps1/ps1.ipynb"] == "Müller Ann"
    assert "Roe-Dan/ps1/ps1.ipynb" in submitted(school) or not others


def test_an_archive_of_blackboard(school):
    download(school, BLACKBOARD)
    said = collect(school, NbGraderAPI={"timezone": "Europe/Berlin"})
    assert submitted(school) == {
        "ann/ps1/ps1 (1).ipynb": "ann",
        "ann/ps1/timestamp.txt": "2030-01-01 22:30:00 UTC",
        "gus/ps1/ps1.ipynb": "gus",
        "gus/ps1/timestamp.txt": "2030-07-01 08:00:00 UTC",
    }
    newest = "ann: 2 attempts; the newest (2030-01-01 23:30) is collected"
    assert f"{newest}, which lacks draft.ipynb, ps1.ipynb of an earlier one" in said
    assert "eve: the attempt of 2030-01-01 11:00 has no file" in said


@pytest.mark.parametrize(("ann", "bob"), [("", "canvas"), ("moodle", ""), ("moodle", "canvas")])
def test_archives_that_were_unpacked_by_hand(school, ann, bob):
    folder = school.root / "downloaded/ps1/archive"
    (folder / ann / "Ann Müller_11_assignsubmission_file_").mkdir(parents=True)
    (folder / ann / "Ann Müller_11_assignsubmission_file_/ps1.ipynb").write_text("ann")
    (folder / bob).mkdir(exist_ok=True)
    (folder / bob / "oneiljrcmd_102_7004_ps1.ipynb").write_text("bob")
    collect(school)
    assert submitted(school) == {"ann/ps1/ps1.ipynb": "ann", "bob/ps1/ps1.ipynb": "bob"}


def test_junk_files_are_not_collected(school):
    folder = school.root / "downloaded/ps1/archive"
    work = folder / "Ann Müller_11_assignsubmission_file_"
    (folder / "__MACOSX" / work.name).mkdir(parents=True)
    (folder / "__MACOSX" / work.name / "ps1.ipynb").write_text("rubbish")
    (work / ".ipynb_checkpoints").mkdir(parents=True)
    (work / ".ipynb_checkpoints" / "ps1-checkpoint.ipynb").write_text("rubbish")
    for name in ("._ps1.ipynb", "ps1.ipynb~", "Desktop.ini"):
        (work / name).write_text("rubbish")
    (work / "ps1.ipynb").write_text("ann")
    bob = "=cmd O'Neil, Jr._12_assignsubmission_file_"
    files = (f"{bob}/ps1.ipynb", f"{bob}/._ps1.ipynb", f"{bob}/.ipynb_checkpoints/a.ipynb")
    download(school, dict.fromkeys(files, "bob"))
    assert "rubbish" not in collect(school)
    assert submitted(school) == {"ann/ps1/ps1.ipynb": "ann", "bob/ps1/ps1.ipynb": "bob"}


def test_an_unwritable_folder_affects_one_student(school):
    (school.root / "submitted" / "cem").symlink_to("cem")  # a loop, which even root cannot follow
    download(school, CANVAS)
    said = collect(school)
    assert f"cem: not collected: {school.root}/submitted/cem/ps1 cannot be written: " in said
    assert "5 collected: ann, bob, guestgus_998, guestgus_999, nilfay_9106" in said


def test_a_zip_that_a_student_has_submitted(school):
    inner = zipped({"work/ps1.ipynb": "ann", "work/data.csv": "1", "../../evil": "!", "/evil": "!"})
    download(school, {"müllerann_101_7001_work.zip": inner, "oneil_102_7002_a.zip": b"PK no zip"})
    said = collect(school)
    found = [path for path in school.root.rglob("*") if path.is_file()]
    assert not [path for path in found if path.name == "evil"]
    place = school.root / "submitted"
    assert {str(p.relative_to(place)) for p in place.rglob("*/*") if p.is_file()} == {
        "ann/ps1/work.zip",
        "ann/ps1/work/work/data.csv",
        "ann/ps1/work/work/ps1.ipynb",
        "bob/ps1/a.zip",
    }
    assert (
        "../../evil: the path '../../evil' leaves its folder" in said
        and "/evil: the path '/evil' leaves its folder" in said
    )
    assert "a.zip is not a readable zip file" in said


def test_a_second_download_changes_nothing_by_itself(school):
    download(school, {"müllerann_101_7001_ps1.ipynb": "old", "oneil_102_7002_ps1.ipynb": "bob"})
    collect(school)
    (school.root / "submitted/bob/ps1/ps1.ipynb").rename(school.root / "submitted/bob/ps1/b.ipynb")
    before = submitted(school)
    download(school, {"müllerann_101_7009_ps1-1.ipynb": "new", "oneil_102_7002_ps1.ipynb": "bob"})
    assert "Directory not empty" in collect(school)  # nbgrader's message
    assert submitted(school) == before
    said = collect(school, "--force")
    after = submitted(school)
    assert after == {"ann/ps1/ps1-1.ipynb": "new", "bob/ps1/b.ipynb": "bob"}  # the rename is kept
    assert "1 collected: ann" in said and "1 unchanged: bob" in said
    kept = school.root / "downloaded/ps1/replaced/ann/1/ps1.ipynb"
    assert kept.read_text() == "old"


def test_work_that_was_there_before_stays_without_force(school):
    place = school.root / "submitted/ann/ps1"
    place.mkdir(parents=True)
    (place / "ps1.ipynb").write_text("by the exchange")
    download(school, CANVAS)
    said = collect(school)
    assert (place / "ps1.ipynb").read_text() == "by the exchange"
    assert "1 submission not collected: another submission is in" in said and ": ann\n" in said


@pytest.mark.parametrize("newer", ["first.zip", "second.zip"])
def test_the_later_of_two_moodle_archives_wins(school, newer):
    for name in ("first.zip", "second.zip"):
        files = {"Dan Roe_14_assignsubmission_file_/ps1.ipynb": name}
        download(school, files, name, when=(2030, 1, 3 if name == newer else 2, 8, 0, 0))
    said = collect(school)
    assert submitted(school) == {"dan/ps1/ps1.ipynb": newer}
    assert "dan: 2 attempts; the newest is collected" in said


@pytest.mark.parametrize("newer", ["first.zip", "second.zip"])
def test_the_larger_number_of_two_canvas_archives_wins(school, newer):
    for name in ("first.zip", "second.zip"):
        upload = 8000 if name == newer else 7000
        day = 2 if name == newer else 3  # the archive was saved again later
        download(school, {f"m_101_{upload}_ps1.ipynb": name}, name, when=(2030, 1, day, 8, 0, 0))
    collect(school)
    assert submitted(school) == {"ann/ps1/ps1.ipynb": newer}


def test_two_who_fit_one_student_are_not_mixed(school):
    files = {f"Ann Müller_{n}_assignsubmission_file_/ps1.ipynb": str(n) for n in (11, 12)}
    download(school, files)
    said = collect(school)
    assert submitted(school) == {
        "Ann-Müller_11/ps1/ps1.ipynb": "11",
        "Ann-Müller_12/ps1/ps1.ipynb": "12",
    }
    assert "ann: several submissions match this student, so none is assigned" in said


def test_a_student_cannot_say_when_the_work_was_submitted(school):
    name = "PS_1_ann_attempt_2030-01-01-10-00-00_"
    files = {f"{name}ps1.ipynb": "a", f"{name}timestamp.txt": "1999-01-01 00:00:00 UTC"}
    download(school, files)
    download(school, {"nilfay_106_7006_timestamp.txt": "1999-01-01 00:00:00 UTC"}, "canvas.zip")
    said = collect(school)
    assert submitted(school) == {
        "ann/ps1/ps1.ipynb": "a",
        "ann/ps1/timestamp.txt": "2030-01-01 10:00:00 UTC",
    }
    for student in ("ann", "fay"):
        assert f"{student}: the submitted file timestamp.txt is left out" in said


def test_an_archive_of_something_else_is_reported(school):
    download(school, {"holiday.jpg": "?"})
    said = collect(school)
    assert "submissions/holiday.jpg" in said and "Nothing was collected from " in said
    assert said.endswith("exit 1")
    download(school, {}, "empty.zip")
    (school.root / "downloaded/ps1/archive/broken.zip").write_bytes(b"PK")
    assert "broken.zip is not a readable zip file" in collect(school, "--force")


def test_a_course_keeps_its_own_plugins(school):
    download(school, {"by_ann_ps1.ipynb": "ann"})
    regexp = r".*by_(?P<student_id>\w+)_(?P<file_id>\w+)"
    collect(school, FileNameCollectorPlugin={"named_regexp": regexp})
    assert submitted(school) == {"ann/ps1/ps1.ipynb": "ann"}
    config = Config({"ZipCollectApp": {"collector_plugin": "own.Collector"}})
    configure(config)
    assert config.ZipCollectApp.collector_plugin == "own.Collector"
    assert config.ZipCollectApp.extractor_plugin.endswith("LmsExtractor")


# file names


@pytest.mark.parametrize("encoding", ["utf-8", "cp437"])
@pytest.mark.parametrize(
    "name", ["jörg_1_2_ps1.ipynb", "Jörg Groß_1_assignsubmission_file_/a.ipynb"]
)
def test_names_that_do_not_say_their_encoding(tmp_path, name, encoding):
    """Canvas writes UTF-8, and Windows the code page of its zip files."""
    placeholder = "x" * len(name.encode(encoding))
    content = zipped({placeholder: "a"}).replace(placeholder.encode(), name.encode(encoding))
    (tmp_path / "a.zip").write_bytes(content)
    assert unpack(tmp_path / "a.zip", tmp_path / "out") == []
    assert (tmp_path / "out" / name).read_text() == "a"


@pytest.mark.parametrize(
    ("path", "platform", "file"),
    [
        ("a_1_2_b_3_4_c.ipynb", "Canvas", "b_3_4_c.ipynb"),
        ("_LATE_1_2_ps1.ipynb", "Canvas", "ps1.ipynb"),
        ("a_1_2_work/b_3_4_c.ipynb", "Canvas", "work/b_3_4_c.ipynb"),
        ("Participant_5_assignsubmission_file_/a/b.ipynb", "Moodle", "a/b.ipynb"),
        ("unpacked/A B_5_assignsubmission_file_/b.ipynb", "Moodle", "b.ipynb"),
        ("HW_1_2_3_a_attempt_2030-01-01-10-00-00_b.ipynb", "Blackboard", "b.ipynb"),
        ("a_attempt_2030-01-01-10-00-00.txt", "Blackboard", ""),
    ],
)
def test_what_a_name_says(path, platform, file):
    name = read_archive([path], folder=top_folder([path]))[path]
    assert (name.platform, name.file) == (platform, file)
    assert name.prefix + name.file == path or not file


def test_names_that_no_platform_writes():
    for path in ("ps1.ipynb", "a_1_b.ipynb", "x_attempt_2030-13-01-10-00-00_a.ipynb", "a_1_2_"):
        assert read_archive([path]) == {}


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("../../etc", "etc"),
        (".hidden", "hidden"),
        ("Jörg  Müller/ann", "Jörg-Müller-ann"),
        ("a@b.org", "a@b.org"),
        ("\x1b[2J", "2J"),
        ("...", "student"),
        ("x" * 300, "x" * 100),
    ],
)
def test_ids_that_are_made_of_names(name, student):
    assert safe_id(name) == student


# malicious archives


def test_nothing_but_files_of_the_archive_is_written(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("empty")
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc")
        archive.writestr("link/passwd", "!")
        archive.writestr("..\\..\\windows", "!")
        archive.writestr("C:\\evil", "!")
        archive.writestr("d/" * 60 + "deep", "!")
    left_out = unpack(tmp_path / "a.zip", tmp_path / "out")
    assert len(left_out) == 4
    found = [p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file()]
    assert sorted(map(str, found)) == ["a.zip", "out/link/passwd"]
    assert not os.path.islink(tmp_path / "out/link")


def test_a_zip_bomb_is_left_out(school, tmp_path, monkeypatch):
    monkeypatch.setattr("nbjudge.plugins.lms.unpacking.MAX_FILE", 1000)
    monkeypatch.setattr("nbjudge.plugins.lms.collecting.MAX_TOTAL", 2500)
    monkeypatch.setattr("nbjudge.plugins.lms.collecting.MAX_FILES", 5)
    many = zipped({f"{n}.txt": "x" for n in range(5)})
    large = zipped({"0": "x" * 900, "1": "x" * 900, "2": "x" * 900})
    small = zipped({"0": "x" * 900})
    files = {"a_1_1_many.zip": many, "b_2_2_large.zip": large, "a_1_3_one": "x" * 1001}
    files |= {f"c_3_{n}_{n}.zip": small for n in range(3, 6)}  # they share the limits
    download(school, files)
    said = collect(school)
    assert "submissions.zip: a_1_3_one: 1,001 bytes, more than 1,000" in said
    for name in ("a_1_1_many", "b_2_2_large", "c_3_5_5"):
        assert f"{name}.zip: exceeds the limits of a submission" in said
    root = school.root / "submitted"
    assert len(list((root / "a_1/ps1/many").iterdir())) == 4
    assert len(list((root / "b_2/ps1/large").iterdir())) == 2
    assert sorted(path.name for path in (root / "c_3/ps1").iterdir() if path.is_dir()) == ["3", "4"]


def test_one_submission_has_few_messages(school):
    download(school, {"a_1_1_w.zip": zipped({f"../{n}": "x" for n in range(100)})})
    said = collect(school)
    assert said.count("leaves its folder") == MAX_LISTED
    assert f"a_1: ... and {100 - MAX_LISTED} more." in said
