"""Archives in which students chose the names: who, when and where is said by the platform alone."""

import contextlib
import json
import os
import zipfile

import pytest

from nbjudge.cli.main import main
from nbjudge.files import inside
from nbjudge.plugins.lms.platforms import read_archive
from nbjudge.plugins.lms.tests.archives import collect, download, submitted, zipped

pytestmark = pytest.mark.usefixtures("without_empty_folders")
TIME = "2026-11-02-23-59-00"
ANN, BOB = "müllerann_101_7001_", "oneiljrcmd_102_7002_"  # as Canvas writes them
FORGED = "x_bob_attempt_2030-01-01-00-00-00_ps1.ipynb"  # a file in Blackboard's form


def loose(school, files, folder=""):
    """Put files into the folder of downloads, as if the browser had unpacked the archive."""
    for name, content in files.items():
        path = school.root / "downloaded/ps1/archive" / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def candidates(school):
    """Return the recorded candidates of uncertain work, by the id of the work."""
    records = json.loads((school.root / "submitted/collected.json").read_text())
    return {r["student"]: r["candidates"] for r in records if r["candidates"]}


def outside(school):
    """Return the files that collecting must not change."""
    ours = "submitted", "downloaded", "gradebook.db"
    paths = (path for path in school.root.parent.rglob("*") if path.is_file())
    relative = {path: path.relative_to(school.root.parent).parts for path in paths}
    return {p: p.read_bytes() for p, parts in relative.items() if not {*ours} & {*parts[:2]}}


# zips of students


@pytest.mark.parametrize(
    "prefix",
    [ANN, f"PS 1_ann_attempt_{TIME}_", "Ann Müller_11_assignsubmission_file_"],
    ids=["Canvas", "Blackboard", "Moodle"],
)
@pytest.mark.parametrize("name", [".zip", "..zip", "....zip", "x.zip", ".ZIP"])
def test_a_zip_writes_only_into_its_own_submission(school, prefix, name):
    """Whatever a student calls a zip, its paths stay below the submission."""
    target = school.root.parent / "owned.txt"
    inner = {str(target): "!", str(target).lstrip("/"): "own", "../../../../owned.txt": "!"}
    before = outside(school)
    download(school, {f"{prefix}{name}": zipped(inner), f"{prefix}ps1.ipynb": "ann"})
    said = collect(school)
    assert outside(school) == before and not target.exists()
    files = submitted_bytes(school)
    assert {path.partition("/")[0] for path in files} == {"ann"}
    assert files["ann/ps1/ps1.ipynb"] == b"ann"
    assert [path for path in files if path.endswith(str(target))]
    assert said.count("leaves its folder") == 2


def submitted_bytes(school):
    root = school.root / "submitted"
    files = (path for path in sorted(root.rglob("*/*")) if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


@pytest.mark.parametrize("folder", ["", "submissions"])
def test_a_zip_in_an_archive_that_was_unpacked_is_content(school, folder):
    inner = zipped({"oneiljrcmd_102_9999_ps1.ipynb": "made by ann"})
    loose(school, {f"{ANN}w.zip": inner, f"{BOB}ps1.ipynb": "bob"}, folder)
    collect(school)
    assert {path: text for path, text in submitted_bytes(school).items() if "zip" not in path} == {
        "ann/ps1/w/oneiljrcmd_102_9999_ps1.ipynb": b"made by ann",
        "bob/ps1/ps1.ipynb": b"bob",
    }


def test_a_folder_that_was_unpacked_from_a_students_zip_is_content(school):
    loose(
        school,
        {
            f"{ANN}w/oneiljrcmd_102_9999_ps1.ipynb": "made by ann",
            f"{ANN}/home/x": "ann",
            f"{BOB}ps1.ipynb": "bob",
        },
    )
    collect(school)
    assert submitted(school) == {
        "ann/ps1/w/oneiljrcmd_102_9999_ps1.ipynb": "made by ann",
        "ann/ps1/home/x": "ann",
        "bob/ps1/ps1.ipynb": "bob",
    }


def test_a_zip_that_may_be_an_archive_or_an_upload_is_left_out(school):
    """A single student's zip in an unpacked archive looks like an archive with an odd name."""
    inner = zipped({f"{BOB}ps1.ipynb": "made by ann"})
    loose(school, {f"{ANN}w.zip": inner})
    said = collect(school)
    assert submitted(school) == {}
    assert f"{ANN}w.zip: not collected: it has the content of an archive and the name of" in said
    assert said.endswith("exit 1")


def test_a_zip_whose_content_is_no_archive_is_an_upload(school):
    loose(school, {f"{ANN}w.zip": zipped({"ps1.ipynb": "ann"})})
    collect(school)
    assert "ann/ps1/w/ps1.ipynb" in submitted_bytes(school)


def test_files_of_a_typed_text_are_content(school):
    """Moodle packs the images in a typed text beside it, under the names that students chose."""
    typed = "Ann Müller_11_assignsubmission_onlinetext_"
    files = {
        f"{typed}/onlinetext.html": "typed",
        f"{typed}/=cmd O'Neil, Jr._12_assignsubmission_file_x.ipynb": "made by ann",
    }
    download(school, files)
    said = collect(school)
    assert submitted(school) == {}
    for name in files:
        assert name in said


def test_files_that_need_the_same_path_are_all_collected(school):
    """On Windows and macOS, names that differ in case or in Unicode form are one name."""
    download(
        school,
        {
            f"{ANN}work": "1",
            "müllerann_101_7002_work.zip": zipped({"a": "2", "A": "3", "timestamp.txt": "4"}),
            "müllerann_101_7003_WORK": "5",
            "müllerann_101_7004_timestamp.txt.zip": zipped({"x": "6"}),
            "müllerann_101_7005_Timestamp.TXT": "1999-01-01 00:00:00 UTC",
        },
    )
    said = collect(school)
    files = submitted_bytes(school)
    assert sorted(text.decode() for path, text in files.items() if "zip" not in path) == [*"123456"]
    assert len({path.casefold() for path in files}) == len(files)
    assert not {path.casefold() for path in files} & {"ann/ps1/timestamp.txt"}
    assert "ann: the submitted file Timestamp.TXT is left out" in said


def test_names_that_no_folder_can_hold_cost_only_that_file(school):
    download(
        school,
        {
            f"{ANN}{'x' * 250}.ipynb": "too long",
            "müllerann_101_7002_ps1.ipynb": "ann",
            f"{BOB}w.zip": zipped({"con.ipynb": "!", "d/lpt1": "!", "ps1.ipynb": "bob"}),
        },
    )
    said = collect(school)
    assert {*submitted_bytes(school)} == {
        "ann/ps1/ps1.ipynb",
        "bob/ps1/w.zip",
        "bob/ps1/w/ps1.ipynb",
    }
    assert "has more than 255 bytes" in said and said.count("of a device on Windows") == 2


# files that are named like another platform's, or like another student's


@pytest.mark.parametrize(
    ("ann", "bob"),
    [
        (f"{ANN}{FORGED}", f"{BOB}ps1.ipynb"),
        (f"{ANN}Bob_1_assignsubmission_file_ps1.ipynb", f"{BOB}ps1.ipynb"),
        (
            f"Ann Müller_11_assignsubmission_file_{FORGED}",
            "=cmd O'Neil, Jr._12_assignsubmission_file_ps1.ipynb",
        ),
        (
            f"Ann Müller_11_assignsubmission_file_/{FORGED}",
            "=cmd O'Neil, Jr._12_assignsubmission_file_/ps1.ipynb",
        ),
        (
            f"PS 1_ann_attempt_{TIME}_oneiljrcmd_102_9_ps1.ipynb",
            f"PS 1_bob_attempt_{TIME}_ps1.ipynb",
        ),
        (f"PS 1_ann_attempt_{TIME}_{FORGED}", f"PS 1_bob_attempt_{TIME}_ps1.ipynb"),
    ],
)
def test_a_file_named_like_another_platforms_is_its_students(school, ann, bob):
    download(school, {ann: "ann", bob: "bob"})
    collect(school)
    work = {p: text for p, text in submitted(school).items() if p.endswith(".ipynb")}
    assert {path.partition("/")[0]: text for path, text in work.items()} == {
        "ann": "ann",
        "bob": "bob",
    }
    times = {text for path, text in submitted(school).items() if path.endswith("timestamp.txt")}
    assert times <= {"2026-11-02 23:59:00 UTC"}
    assert not candidates(school)


def test_names_that_are_not_utf_8_are_collected_and_recorded(school):
    """A program that unpacks an archive may write such names."""
    for name in (b"Ann M\xfcller_11_assignsubmission_file_", b"Bob_1\xff"):
        folder = os.fsencode(school.root / "downloaded/ps1/archive/submissions") + b"/" + name
        os.makedirs(folder)
        with open(folder + b"/\xff.txt", "wb") as file:
            file.write(b"work")
    for _ in range(2):
        said = collect(school, "--force")
        assert "exit" not in said and "Bob_1\\udcff" in said
        assert list(submitted(school).values()) == ["work"]
    assert "Ann M\\udcfcller" in (school.root / "submitted/collected.json").read_text()
    assert "Bob_1\\udcff" in (school.root / "submitted/not_collected.json").read_text()


def not_collected(school):
    """Return the names of files that the last collection has recorded as not collected."""
    path = school.root / "submitted/not_collected.json"
    return json.loads(path.read_text())["ps1"] if path.exists() else []


def test_a_lost_file_is_not_that_of_a_user_name_that_begins_it(school, monkeypatch):
    """Bob's work says nothing about bob_x, whose only file is too large."""
    monkeypatch.setattr("nbjudge.plugins.lms.unpacking.MAX_FILE", 1000)
    names = [f"PS 1_{login}_attempt_{TIME}_ps1.ipynb" for login in ("ann", "bob", "bob_x")]
    download(school, dict(zip(names, ["ann", "bob", "x" * 1001], strict=True)))
    collect(school)
    (lost,) = not_collected(school)
    assert names[2] in lost


def test_a_lost_file_of_collected_work_is_not_recorded(school, monkeypatch):
    monkeypatch.setattr("nbjudge.plugins.lms.unpacking.MAX_FILE", 1000)
    folder = "Zo\xeb Ng\u1ecdc_11_assignsubmission_file_"
    download(school, {f"{folder}/ps1.ipynb": "zoe", f"{folder}/data.csv": "x" * 1001})
    assert f"{folder}/data.csv: 1,001 bytes" in collect(school)
    assert not_collected(school) == []


@pytest.mark.parametrize(
    ("entry", "student"),
    [
        ("Mal X.swp_66_assignsubmission_file_/ps1.ipynb", "Mal-X.swp_66"),
        (f"PS 1_thumbs.db_attempt_{TIME}_ps1.ipynb", "PS-1_thumbs.db"),
        (f"PS 1_collected.json_attempt_{TIME}_ps1.ipynb", "PS-1_collected.json"),
    ],
)
def test_no_id_is_a_file_of_a_system_or_of_the_record(school, entry, student):
    """Grading skips the folders of editors, and a folder cannot replace the record."""
    download(school, {entry: "mal"})
    collect(school)
    assert submitted(school)[f"{student}/ps1/ps1.ipynb"] == "mal"
    assert len({path.partition("/")[0] for path in submitted(school)}) == 1


def test_a_file_name_does_not_hide_a_late_mark(school):
    late = "müllerann_LATE_101_7001_"
    download(
        school,
        {f"{late}x_ann_attempt_2026-01-01-00-00-00_ps1.ipynb": "ann"} | {f"{BOB}ps1.ipynb": "bob"},
    )
    collect(school)
    assert "ann/ps1/marked_late.txt" in submitted(school)
    assert "ann/ps1/timestamp.txt" not in submitted(school)


def test_the_first_time_is_blackboards(school):
    forged = "x_ann_attempt_2026-01-01-00-00-00"
    download(
        school,
        {
            f"PS 1_ann_attempt_{TIME}_{forged}_ps1.ipynb": "ann",
            f"PS 1_ann_attempt_{TIME}_{forged}.txt": "Name: Bob (bob)",
            f"PS 1_ann_attempt_{TIME}_.txt": "Name: Bob (bob)",
            f"PS 1_bob_attempt_{TIME}_ps1\n.ipynb": "bob",
        },
    )
    collect(school)
    files = submitted(school)
    assert {path.partition("/")[0] for path in files} == {"ann", "bob"}
    assert files["ann/ps1/timestamp.txt"] == "2026-11-02 23:59:00 UTC"
    assert f"ann/ps1/{forged}.txt" in files and files["bob/ps1/ps1\n.ipynb"] == "bob"


def test_a_user_name_that_ends_with_another_is_another(school):
    names = {f"PS_1_{login}_attempt_{TIME}_ps1.ipynb": login for login in ("x_ann", "bob")}
    download(school, names)
    collect(school)
    work = {p: text for p, text in submitted(school).items() if p.endswith(".ipynb")}
    assert work == {"x_ann/ps1/ps1.ipynb": "x_ann", "bob/ps1/ps1.ipynb": "bob"}


def test_a_name_that_ends_like_a_groups_member_is_another(school):
    """Only if all names have the form of Moodle's group copies, groups are meant."""
    names = "X-Dan Roe_9", "Ann Müller_8"
    download(school, {f"{name}_assignsubmission_file_/ps1.ipynb": name for name in names})
    collect(school)
    assert {*submitted(school)} == {"X-Dan-Roe/ps1/ps1.ipynb", "ann/ps1/ps1.ipynb"}


def test_an_archive_that_may_be_of_two_platforms_waits_for_the_instructor(school):
    """Ann is the only one who has submitted, so nothing shows that this is Canvas."""
    download(school, {f"{ANN}{FORGED}": "ann"})
    said = collect(school)
    assert submitted(school) == {} and said.endswith("exit 1")
    assert "may come from Canvas or Blackboard" in said
    collect(school, "--force", "--LmsCollector.platform=Canvas")
    assert submitted(school) == {f"ann/ps1/{FORGED}": "ann"}
    school.grade("ann", "ps1", double_test=2, half_test=3, essay=4)
    (school.root / "again.zip").write_bytes(zipped({f"{ANN}{FORGED}": "ann"}))
    with contextlib.chdir(school.root):
        assert main(["export", "feedback", "again.zip", "ps1"]) == 2
        assert main(["export", "feedback", "again.zip", "ps1", "--platform", "Canvas"]) == 0
        with zipfile.ZipFile("feedback-ps1.zip") as pages:
            assert pages.namelist() == [f"{ANN}ps1.html"]


# names of persons that contain the platform's separators


HIDDEN = "oneiljrcmd_102_7002_p"  # the name that Ann gave herself in Canvas


def test_a_name_with_numbers_takes_nothing_from_anybody(school):
    """Canvas's students may change their names; this one reads as a file of Bob's, or of Ann's."""
    download(school, {f"{HIDDEN}_101_7001_ps1.ipynb": "made by ann", f"{BOB}ps1.ipynb": "bob"})
    said = collect(school)
    held = "oneiljrcmd_102_7002_p_101"
    assert submitted(school) == {
        f"{held}/ps1/p_101_7001_ps1.ipynb": "made by ann",
        "bob/ps1/ps1.ipynb": "bob",
    }
    assert candidates(school) == {held: ["bob", "ann"]}
    assert f"{held} was assigned to nobody, because it may be the work of bob or ann or of" in said
    school.grade("bob", "ps1", double_test=2, half_test=3, essay=4)
    school.grade(held, "ps1", double_test=0, half_test=0, essay=0)
    archive = {f"{HIDDEN}_101_7001_ps1.ipynb": "made by ann", f"{BOB}ps1.ipynb": "bob"}
    (school.root / "again.zip").write_bytes(zipped(archive))
    with contextlib.chdir(school.root):
        assert main(["export", "feedback", "again.zip", "ps1"]) == 0
        with zipfile.ZipFile("feedback-ps1.zip") as pages:
            assert pages.namelist() == [f"{BOB}ps1.html"]
            assert pages.read(f"{BOB}ps1.html").decode() == "<title>ps1 of bob</title>"


@pytest.mark.parametrize("mark", ["\u24e7", "\u203f", "\U0001f150", "\U00031350"])
def test_no_letter_of_canvas_hides_the_students_number(school, mark):
    """Ruby has other letters than Python: Canvas keeps this one in a name that ends with it."""
    files = {f"{BOB}ps1.ipynb": "bob", f"oneiljrcmd_102_9999_{mark}_101_7001_ps1.ipynb": "ann"}
    download(school, files)
    collect(school)
    files = submitted(school)
    assert list(files.values()).count("ann") == 1 and files["bob/ps1/ps1.ipynb"] == "bob"
    assert [path for path in files if path.startswith("bob/")] == ["bob/ps1/ps1.ipynb"]
    assert list(candidates(school).values()) == [["bob", "ann"]]


def test_a_second_collection_finds_uncertain_work_again(school):
    files = {f"{HIDDEN}_101_7001_ps1.ipynb": "made by ann", f"{BOB}ps1.ipynb": "bob"}
    download(school, files)
    collect(school)
    before = submitted(school), candidates(school)
    said = collect(school, "--force")
    assert "2 unchanged" in said and (submitted(school), candidates(school)) == before


def test_uncertain_work_that_was_moved_stays_where_it_is(school):
    download(school, {f"{HIDDEN}_101_7001_ps1.ipynb": "made by ann", f"{BOB}ps1.ipynb": "bob"})
    collect(school)
    root = school.root / "submitted"
    (root / "ann").mkdir(exist_ok=True)
    (root / "oneiljrcmd_102_7002_p_101/ps1").rename(root / "ann/ps1")
    before = submitted(school)
    said = collect(school, "--force")
    assert submitted(school) == before and f"is already in {root}/ann/ps1" in said


def test_a_copy_of_somebodys_work_is_never_recorded_as_theirs(school):
    """Otherwise the next upload under the same name would be collected as theirs."""
    forged = f"{HIDDEN}_101_7001_ps1.ipynb"
    download(school, {forged: "bob", f"{BOB}ps1.ipynb": "bob"})
    collect(school)
    collect(school, "--force")
    download(school, {forged.replace("7001", "7009"): "made by ann", f"{BOB}ps1.ipynb": "bob"})
    collect(school, "--force")
    assert submitted(school)["bob/ps1/ps1.ipynb"] == "bob"


def test_a_file_of_a_partner_is_the_uploaders(school):
    """Bob's own upload shows his name in Canvas, which refutes the other reading."""
    download(school, {f"{ANN}{BOB}ps1.ipynb": "ann", f"{BOB}ps1.ipynb": "bob"})
    collect(school)
    assert submitted(school) == {
        f"ann/ps1/{BOB}ps1.ipynb": "ann",
        "bob/ps1/ps1.ipynb": "bob",
    }


def test_numbers_in_file_names_are_no_persons(school):
    names = ("12345678_ps1.ipynb", "ps_2026_11_02_final.ipynb", "p_12345678_20261102.ipynb")
    files = {f"müllerann_101_700{n}_{name}": str(n) for n, name in enumerate(names, 1)}
    download(school, files)
    collect(school)
    assert submitted(school) == {f"ann/ps1/{name}": str(n) for n, name in enumerate(names, 1)}


def test_a_name_hides_no_late_mark_and_takes_no_file_number(school):
    """Both readings are Ann's, but one is late, and one has the number of Bob's file."""
    download(school, {"anon_Q1_7002_ps1.ipynb": "bob"}, "hidden.zip")
    download(school, {"x_101_7002_y_LATE_101_7001_ps1.ipynb": "ann"}, "shown.zip")
    collect(school)
    files = submitted(school)
    assert files["anon_Q1/ps1/ps1.ipynb"] == "bob"
    assert "ann/ps1/marked_late.txt" in files


def test_the_number_of_a_file_joins_no_two_persons(school):
    download(school, {f"{ANN}ps1.ipynb": "ann", "oneiljrcmd_102_7001_ps1.ipynb": "bob"})
    collect(school)
    expected = {"ann/ps1/ps1.ipynb": "ann", "bob/ps1/ps1.ipynb": "bob"}
    assert submitted(school) == expected
    collect(school, "--force")
    assert submitted(school) == expected


def test_another_number_is_another_person(school):
    """Ann has taken Bob's name in Canvas, but not the number."""
    files = {"oneiljrcmd_999_7001_ps1.ipynb": "made by ann", "roedan_104_7003_ps1.ipynb": "dan"}
    download(school, files | {f"{BOB}ps1.ipynb": "bob"})
    collect(school)
    assert submitted(school) == {
        "oneiljrcmd_999/ps1/ps1.ipynb": "made by ann",
        "bob/ps1/ps1.ipynb": "bob",
        "dan/ps1/ps1.ipynb": "dan",
    }
    assert candidates(school) == {"oneiljrcmd_999": ["bob"]}


def test_namesakes_are_recorded_as_candidates(school):
    files = {f"Ann Müller_{n}_assignsubmission_file_/ps1.ipynb": str(n) for n in (11, 12)}
    download(school, files)
    collect(school)
    assert candidates(school) == {"Ann-Müller_11": ["ann"], "Ann-Müller_12": ["ann"]}


def test_a_student_cannot_change_an_archives_platform():
    """What one student uploads never changes how the names of others are read."""
    honest = {f"s{n}_{n + 100}_{n + 7000}_ps1.ipynb": f"s{n}" for n in range(1, 4)}
    forged = f"x_9_8000_{FORGED}", "x_9_8001_A_1_assignsubmission_file_b", "x_9_8002_anon_Q1_7001_b"
    names = read_archive([*honest, *forged])
    assert {names[path].name for path in forged} == {"x"}
    assert {path: names[path].name for path in honest} == honest
    assert {name.platform for name in names.values()} == {"Canvas"}


# paths


@pytest.mark.parametrize(
    "name",
    ["", ".", "./", "..", "a/../b", "/a", "\0", "a\0b", "..\\a", "a\\..\\b", "x" * 256, "é" * 128]
    + ["a/" * 50 + "b"],
)
def test_a_path_that_leaves_its_folder_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="leaves its folder|has no name|has more than|nested more"):
        inside(tmp_path, name)


@pytest.mark.parametrize("name", ["a", "./a", "a//b", "..a", "a..", "...", "a\\b", "C:a", "\udcff"])
def test_a_path_below_its_folder_is_joined(tmp_path, name):
    path = inside(tmp_path, name)
    assert tmp_path in path.parents
    assert os.path.normpath(path) == str(path)
