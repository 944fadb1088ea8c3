"""Feedback and grades return under the names in the collected archive, anonymous ones included."""

import contextlib
import csv
import io
import json
import shutil
import zipfile

import pytest

from nbjudge.cli.main import main
from nbjudge.plugins.lms.tests.archives import collect, download, submitted, zipped
from tests.support.graded_class import GradedClass

pytestmark = pytest.mark.usefixtures("without_empty_folders")
FULL = {"double_test": 2, "half_test": 3, "essay": 4}
PREFIXES = {  # by the id of the collected submission
    "Canvas, anonymous": {"anon_x7Kd2": "LATE_anon_x7Kd2_7001_", "anon_Q1abc": "anon_Q1abc_7002_"},
    "Canvas, groups": {"group3_201": "group3_201_7001_", "group4_202": "group4_LATE_202_7002_"},
    "Moodle, anonymous": {
        "Participant_101": "Participant_101_assignsubmission_file_/",
        "Participant_555": "Participant_555_assignsubmission_file/",
    },
    "Moodle, anonymous, in German": {
        "Teilnehmerin_101": "Teilnehmerin_101_assignsubmission_file_",
        "Teilnehmerin_555": "Teilnehmerin_555_assignsubmission_file_",
    },
    "Moodle, groups with members": {
        "ann": "Group 3-Ann Müller_103_assignsubmission_file_/",
        "Group-3-Jean-Luc-Picard_104": "Group 3-Jean-Luc Picard_104_assignsubmission_file_/",
        "Group-3-Participant_105": "Group 3-Participant_105_assignsubmission_file_/",
    },
    "Moodle, groups": {
        "Group-3_77": "Group 3_77_assignsubmission_file/",
        "Red-Team": "Red Team_78_assignsubmission_file/",
        "Default-group": "Default group_assignsubmission_file/",
    },
    "Moodle, one name twice": {
        "Ada-Lovelace_103": "Ada Lovelace_103_assignsubmission_file_/",
        "Ada-Lovelace_104": "Ada Lovelace_104_assignsubmission_file_/",
    },
    "Blackboard, anonymous and groups": {
        "Group-3": "PS 1_Group 3_attempt_2030-01-01-10-00-00_",
        "8231": "PS 1_8231_attempt_2030-01-01-11-00-00_",
    },
}
BLIND = (
    'Identifier,Status,Grade,"Maximum Grade","Grade can be changed","Last modified (grade)"\n'
    '"Participant 101",Submitted,,9.00,Yes,-\n"Participant 555",Submitted,,9.00,Yes,-\n'
)
TEAMS = (
    'Identifier,"Full name",Status,Group,Grade,"Last modified (grade)"\n'
    '"Participant 1","Ann Müller",Submitted,"Group 3",,-\n'
    '"Participant 2","Bob Builder",Submitted,"Group 3",,-\n'
    '"Participant 77","Cem Yılmaz",Submitted,"Group 9",,-\n'
)
CANVAS = "Student,ID,SIS Login ID,Section,PS 1 (5)\n"


def archive(prefixes, content="the same"):
    """Return an archive whose files do not identify their authors."""
    return {f"{prefix}ps1.ipynb": content for prefix in prefixes}


def feedback(school, files, name="again.zip"):
    """Return the feedback pages by their names in the zip file."""
    (school.root / name).write_bytes(zipped(files))
    with contextlib.chdir(school.root):
        if main(["export", "feedback", name, "ps1"]):
            return None
        with zipfile.ZipFile("feedback-ps1.zip") as made:
            return {each: made.read(each).decode() for each in made.namelist()}


def page(student):
    return f"<title>ps1 of {student}</title>"


def export(school, kind, text, *arguments):
    """Return the rows of the exported file, or the exit status if there is none."""
    (school.root / "export.csv").write_text(text)
    with contextlib.chdir(school.root):
        if status := main(["export", kind, "export.csv", "--assignment", "ps1", *arguments]):
            return status
    written = (school.root / f"{kind}-import.csv").read_text()
    return list(csv.DictReader(io.StringIO(written)))


@pytest.mark.parametrize("prefixes", PREFIXES.values(), ids=PREFIXES)
def test_feedback_goes_back_under_the_names_of_the_archive(school, prefixes):
    download(school, archive(prefixes.values()))
    collect(school)
    work = {path.partition("/")[0] for path in submitted(school)}
    assert work == set(prefixes)
    for student in work:
        school.grade(student, "ps1", **FULL)
    expected = {f"{prefix}ps1.html": page(student) for student, prefix in prefixes.items()}
    assert feedback(school, archive(prefixes.values())) == expected


def test_two_participants_are_two_people(school):
    """A participant's number in Moodle differs between assignments."""
    for assignment, number in (("ps1", 101), ("ps2", 555)):
        name = f"Participant_{number}_assignsubmission_file_/{assignment}.ipynb"
        download(school, {name: assignment}, assignment=assignment)
        collect(school, assignment=assignment)
    school.grade("Participant_101", "ps1", **FULL)
    school.grade("Participant_555", "ps2", square_test=9)
    with contextlib.chdir(school.root):
        assert main(["export", "totals"]) == 0
    rows = csv.DictReader((school.root / "totals.csv").read_text().splitlines())
    scores = {row["student_id"]: row["score"] for row in rows if "Part" in row["student_id"]}
    assert scores == {"Participant_101": "9", "Participant_555": "9"}


def test_a_name_joins_assignments_unless_several_have_it(school):
    for assignment, numbers in (("ps1", (11,)), ("ps2", (21,)), ("whole", (31, 32))):
        files = {
            f"Ada Lovelace_{number}_assignsubmission_file_/a.ipynb": str(number)
            for number in numbers
        }
        download(school, files, assignment=assignment)
        collect(school, assignment=assignment)
    assert [path.rpartition("/")[0] for path in submitted(school) if "Ada" in path] == [
        "Ada-Lovelace/ps1",
        "Ada-Lovelace/ps2",
        "Ada-Lovelace_31/whole",
        "Ada-Lovelace_32/whole",
    ]


def test_two_of_one_name_in_the_gradebook_keep_their_numbers(school):
    with school.gradebook() as gradebook:
        gradebook.update_or_create_student("eve", first_name="Ann", last_name="Müller")
    download(school, archive(["Ann Müller_11_assignsubmission_file_/"]))
    assert "several students match: ann, eve" in collect(school)
    assert set(submitted(school)) == {"Ann-Müller_11/ps1/ps1.ipynb"}


def test_a_made_id_is_nobodys_on_the_class_list(school):
    with school.gradebook() as gradebook:
        gradebook.add_student("gus-guest", first_name="Augusta", last_name="Guest")
    download(school, archive(["Gus Guest_15_assignsubmission_file_/"]))
    collect(school)
    assert set(submitted(school)) == {"Gus-Guest_15/ps1/ps1.ipynb"}


def test_grades_fill_a_blind_worksheet(school, capsys):
    """A worksheet without names is not compared with the class list."""
    download(school, archive(PREFIXES["Moodle, anonymous"].values()))
    collect(school)
    school.grade("Participant_101", "ps1", **FULL)
    school.grade("Participant_555", "ps1", **FULL | {"essay": 0})
    capsys.readouterr()
    rows = export(school, "moodle", BLIND)
    assert [row["Grade"] for row in rows] == ["9.00", "5.00"]
    assert "Not in the file: ann, bob, dan, eve, fay." not in capsys.readouterr().err
    named = BLIND.replace("Identifier", 'Identifier,"Full name"').replace('",Sub', '",Ann Ü,Sub')
    assert [row["Grade"] for row in export(school, "moodle", named)] == ["9.00", "5.00"]


def test_a_participant_without_this_assignment_is_not_unknown(school, capsys):
    download(school, archive(["Participant_101_assignsubmission_file_/"]))
    collect(school)
    school.grade("Participant_101", "ps1", **FULL)
    name = "Participant_555_assignsubmission_file_/ps2.ipynb"
    download(school, {name: "ps2"}, assignment="ps2")
    collect(school, assignment="ps2")
    capsys.readouterr()
    assert [row["Grade"] for row in export(school, "moodle", BLIND)] == ["9.00", ""]
    said = " ".join(capsys.readouterr().err.split())
    assert (
        "Participant 555: row skipped: no student in the gradebook matches it, and no work "
        "for ps1 was collected under it."
    ) in said


def test_a_group_has_its_grade_in_the_row_of_each_member(school, capsys):
    """Nobody else gets it, even if a participant's number equals the group's."""
    download(school, archive(["Group 3_77_assignsubmission_file/"]))
    collect(school)
    school.grade("Group-3_77", "ps1", **FULL)
    assert [row["Grade"] for row in export(school, "moodle", TEAMS)] == ["9.00", "9.00", ""]


def test_a_worksheet_that_would_get_no_grade_is_refused(school, capsys):
    assert export(school, "moodle", BLIND) == 2
    assert "no student in it has work here" in capsys.readouterr().err
    cem = BLIND.replace("Identifier", 'Identifier,"Full name"').replace('",Sub', '",Cem Yılmaz,Sub')
    assert export(school, "moodle", cem) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert said.endswith("it would contain no grades: the work of its students is 1 not submitted.")
    assert export(school, "moodle", cem.replace("Cem Yılmaz", '"=cmd O\'Neil, Jr."')) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert said.endswith("is 1 waiting for a person. Grade it first (nbjudge review).")
    assert not (school.root / "moodle-import.csv").exists()
    assert export(school, "canvas", CANVAS + '"Yılmaz, Cem",103,cem,1,3\n') == 2
    assert not (school.root / "canvas-import.csv").exists()
    assert len(export(school, "moodle", cem, "--zero", "not-submitted")) == 2


def test_a_new_file_has_nobody_whom_moodle_does_not_know(school, capsys):
    download(school, archive(PREFIXES["Moodle, anonymous"].values()))
    collect(school)
    with contextlib.chdir(school.root):
        assert main(["export", "moodle"]) == 0
    assert "Participant" not in (school.root / "moodle-import.csv").read_text()
    assert "Left out, because their ids were generated when collecting" in capsys.readouterr().err


def test_canvas_shows_the_names_after_grading(school):
    """File numbers stay the same, so submissions keep their ids and Canvas's user ids find them."""
    hidden = {"anon_x7Kd2_7001_ps1.ipynb": "gus", "anon_Q1abc_7002_ps1.ipynb": "ann"}
    shown = {"guestgus_201_7001_ps1.ipynb": "gus", "müllerann_101_7002_ps1.ipynb": "ann"}
    download(school, hidden)
    collect(school)
    school.grade("anon_x7Kd2", "ps1", **FULL)
    school.grade("anon_Q1abc", "ps1", **FULL | {"essay": 1})
    assert feedback(school, shown) == {
        "guestgus_201_7001_ps1.html": page("anon_x7Kd2"),
        "müllerann_101_7002_ps1.html": page("anon_Q1abc"),
    }
    download(school, shown, "shown.zip")
    said = collect(school, "--force")
    assert set(submitted(school)) == {"anon_x7Kd2/ps1/ps1.ipynb", "anon_Q1abc/ps1/ps1.ipynb"}
    assert "müllerann_101 is ann in the gradebook, but was collected as anon_Q1abc" in said
    assert (
        "3 of 6 may have submitted anon_x7Kd2 (no such id on the class list): cem (Cem Yılmaz), "
        "dan (Dan Roe), fay (Fay Nil)"
    ) in said
    rows = '"Guest, Gus",201,gus,1,\n"Müller, Ann",101,ann,1,\n"Roe, Dan",104,dan,1,2\n'
    grades = [row["PS 1 (5)"] for row in export(school, "canvas", CANVAS + rows)]
    assert grades == ["9.00", "6.00", "2"]


def test_both_archives_of_canvas_belong_to_one_person(school):
    download(school, {"anon_Q1abc_7002_ps1.ipynb": "ann"}, "hidden.zip")
    download(school, {"müllerann_101_7002_ps1.ipynb": "ann"}, "shown.zip")
    collect(school)
    assert set(submitted(school)) == {"ann/ps1/ps1.ipynb"}


def test_an_id_stays_through_later_archives_and_in_a_copy(school, tmp_path):
    first, second = (f"Gus Guest_{n}_assignsubmission_file_/" for n in (15, 16))
    download(school, archive([first], "15"))
    collect(school)
    download(school, archive([second], "16"), "later.zip")
    collect(school, "--force")
    assert submitted(school) == {
        "Gus-Guest/ps1/ps1.ipynb": "15",
        "Gus-Guest_16/ps1/ps1.ipynb": "16",
    }
    before = (school.root / "submitted/collected.json").read_text()
    assert "2 unchanged: Gus-Guest, Gus-Guest_16" in collect(school, "--force")
    assert (school.root / "submitted/collected.json").read_text() == before
    for student in ("Gus-Guest", "Gus-Guest_16"):
        school.grade(student, "ps1", **FULL)
    shutil.copytree(school.root, tmp_path / "copy")
    copy = GradedClass(tmp_path / "copy")
    config = copy.root / "nbgrader_config.py"
    config.write_text(config.read_text().replace(str(school.root), str(copy.root)))
    shutil.rmtree(school.root)
    assert feedback(copy, archive([first, second])) == {
        f"{first}ps1.html": page("Gus-Guest"),
        f"{second}ps1.html": page("Gus-Guest_16"),
    }


def test_work_that_was_removed_is_collected_under_the_id_of_the_class_list(school):
    download(school, {"guestgus_201_7001_ps1.ipynb": "gus"})
    collect(school)
    with school.gradebook() as gradebook:
        gradebook.add_student("gus", lms_user_id="201")
    said = collect(school, "--force")
    assert "guestgus_201 is gus in the gradebook" in said and "and collect again" in said
    shutil.rmtree(school.root / "submitted/guestgus_201")
    collect(school, "--force")
    assert set(submitted(school)) == {"gus/ps1/ps1.ipynb"}
    school.grade("gus", "ps1", **FULL)
    assert list(feedback(school, {"guestgus_201_7001_ps1.ipynb": "x"})) == [
        "guestgus_201_7001_ps1.html"
    ]


@pytest.mark.parametrize("content", ["[", "{}", '[{"who": 1}]', "[1]", '"ab"'])
def test_a_damaged_record_is_refused(school, capsys, content):
    download(school, archive(["Gus Guest_15_assignsubmission_file_/"]))
    path = school.root / "submitted/collected.json"
    path.write_text(content)
    said = collect(school)
    assert "collected.json is damaged" in said
    assert said.endswith("exit 1") and submitted(school) == {}
    assert feedback(school, archive(["Ann Müller_11_assignsubmission_file_/"])) is None
    assert "collected.json is damaged" in capsys.readouterr().err
    assert path.read_text() == content


def test_the_record_can_be_read(school):
    download(school, {"anon_x7Kd2_7001_ps1.ipynb": "a", "anon_x7Kd2_7002_data.csv": "1"})
    collect(school)
    (record,) = json.loads((school.root / "submitted/collected.json").read_text())
    assert record == {
        "assignment": "ps1",
        "student": "anon_x7Kd2",
        "platform": "Canvas",
        "name": "anon_x7Kd2",
        "number": "",
        "files": [7001, 7002],
        "candidates": [],
    }


@pytest.mark.parametrize("with_text", [True, False])
def test_user_names_of_blackboard_with_an_underscore(school, with_text):
    """The .txt file has the whole user name; without it, what all names share is the title."""
    files = {}
    for login in ("a_lee", "b_lee"):
        start = f"PS_1_{login}_attempt_2030-01-01-10-00-00"
        files[f"{start}_ps1.ipynb"] = login
        if with_text:
            files[f"{start}.txt"] = f"Name: Lee Lee ({login})\nAssignment: PS 1\n"
    download(school, files)
    collect(school)
    work = {p: text for p, text in submitted(school).items() if p.endswith("ipynb")}
    assert work == {
        "a_lee/ps1/ps1.ipynb": "a_lee",
        "b_lee/ps1/ps1.ipynb": "b_lee",
    }


def test_a_long_name_keeps_its_number(school):
    download(school, archive([f"{'x' * 120}_{n}_assignsubmission_file_/" for n in (11, 12)]))
    collect(school)
    assert {path.partition("/")[0] for path in submitted(school)} == {
        f"{'x' * 97}_11",
        f"{'x' * 97}_12",
    }


def test_a_page_never_goes_to_another_student_with_the_same_content(school, capsys):
    """Nobody collected this archive: two files match ann, and a stranger's equals ann's work."""
    (school.root / "submitted/ann/ps1").mkdir(parents=True)
    (school.root / "submitted/ann/ps1/ps1.ipynb").write_text("the same")
    stranger = "guestgus_999_7009_"
    ann = {"müllerann_101_7001_ps1.ipynb": "newer"}
    assert feedback(school, ann | archive([stranger])) == {
        "müllerann_101_7001_ps1.html": page("ann")
    }
    assert "guestgus_999_7009: left out: nobody" in capsys.readouterr().err
    two = [f"Ann Müller_{n}_assignsubmission_file_/" for n in (11, 12)]
    assert feedback(school, archive(two, "other")) is None
    assert "left out: several entries match ann." in capsys.readouterr().err
