"""Filling in a gradebook exported from Canvas: all states, the file format, matching students."""

import contextlib
import csv
import io

import pytest

from nbjudge.cli.main import main
from nbjudge.plugins.lms.canvas import gradebook
from nbjudge.plugins.lms.filling import Choices, fill_file
from nbjudge.plugins.lms.platform import Platform
from nbjudge.plugins.lms.platforms import PLATFORMS
from nbjudge.plugins.shared.csv_files import read_csv
from nbjudge.plugins.standings.reading import read_standings

# Canvas's format: a row for posting policies, one for the maximum points, the test student last.
EXPORTED = """\
Student,ID,SIS User ID,SIS Login ID,Section,Notes,PS 1 (555),PS-2 (556),Final exam (557),Final Score
,,,,,,Manual Posting,,,
    Points Possible,,,,,,9.00,9.00,50.00,(read only)
"Müller, Ann",101,,ann,Group 1,likes tea,,,41.00,12.50
"O'Neil, Jr., Bob",102,,bob,Group 1,,3.00,,,
"Yılmaz, Cem",103,,cem@example.org,Group 1,,,,,
"Roe, Dan",104,,,Group 2,,,N/A,,
"Zoë, Eve",9105,,eve,Group 2,,,N/A,,
"Nil, Fay",9106,,,Group 2,,1.00,,,
"Guest, Gus",999,,gus,Group 2,,7.00,8.00,,
"Student, Test",998,,,Group 1,,,,,
"""


def fill(school, *arguments, exported=EXPORTED, encoding="utf-8"):
    (school.root / "exported.csv").write_bytes(exported.encode(encoding))
    with contextlib.chdir(school.root):
        status = main(["export", "canvas", "exported.csv", *arguments])
    path = school.root / "canvas-import.csv"
    return path.read_bytes() if status == 0 else None


def column(content, title):
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    return {row["Student"].partition(",")[0]: row[title] for row in rows[2:]}


def test_only_graded_work_changes_a_cell(school, capsys):
    assert column(fill(school), "PS 1 (555)") == {
        "Müller": "8.50",  # graded
        "O'Neil": "3.00",  # awaits grading: an empty cell would delete Canvas's grade
        "Yılmaz": "",  # not submitted
        "Roe": "",  # cannot be graded
        "Zoë": "0.00",  # graded, with 0 points
        "Nil": "1.00",  # not graded yet
        "Guest": "7.00",  # not in the gradebook
        "Student": "",
    }
    said = capsys.readouterr().err
    assert (
        "Gus Guest: row skipped: no student in the gradebook matches it, and no work for ps1, "
        "ps2 was collected under it."
    ) in said
    assert "Wrote canvas-import.csv: 3 grades; 9 cells without." in said
    assert "  1 not gradable\n" in said


def test_zeros_are_named(school, capsys):
    fill(school, "--zero", "not-gradable")
    said = " ".join(capsys.readouterr().err.split())
    assert '0 points for work in the state "not gradable": ps1 of dan.' in said


def test_all_else_stays_as_canvas_wrote_it(school):
    before, after = EXPORTED.splitlines(), fill(school).decode().splitlines()
    assert after[:3] == before[:3]
    assert after[3] == before[3].replace("likes tea,,,", "likes tea,8.50,9.00,")
    assert [line for line in after if "N/A" in line][0] == before[6]
    assert after[9:] == before[9:]


@pytest.mark.parametrize(("mark", "end"), [("", "\n"), ("\ufeff", "\r\n")])
def test_the_form_of_the_file_is_kept(school, mark, end):
    exported = mark + EXPORTED.replace("\n", end)
    content = fill(school, exported=exported).decode()
    assert content.startswith(mark + "Student,ID")
    assert content.count(end) == len(EXPORTED.splitlines())
    assert (content.count("\r") > 0) == (end == "\r\n")


def test_semicolons_and_decimal_commas_are_read(school):
    rows = csv.reader(io.StringIO(EXPORTED.replace("9.00", "9,00").replace("9,00,9,00", "9,9")))
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\n").writerows(rows)
    content = fill(school, exported=text.getvalue()).decode()
    assert "Müller, Ann;101;;ann;Group 1;likes tea;8.50;9.00" in content


def test_notes_say_the_states_and_are_replaced(school):
    first = column(content := fill(school, "--notes"), "Notes")
    states = {
        "Müller": "likes tea",
        "O'Neil": "[nbjudge: ps1: waiting for a person; ps2: not submitted]",
        "Yılmaz": "[nbjudge: ps1: not submitted; ps2: not submitted]",
        "Roe": "[nbjudge: ps1: not gradable; ps2: not submitted]",
        "Zoë": "[nbjudge: ps2: not submitted]",
        "Nil": "[nbjudge: ps1: not graded yet; ps2: not submitted]",
        "Guest": "",
        "Student": "",
    }
    assert first == states
    school.grade_by_hand("bob", "ps1", essay=4)
    again = column(fill(school, "--notes", exported=content.decode()), "Notes")
    assert again["O'Neil"] == "[nbjudge: ps2: not submitted]"


def test_zero_is_written_on_request_only(school):
    found = column(fill(school, "--zero", "not-submitted"), "PS 1 (555)")
    assert (found["Yılmaz"], found["Roe"], found["O'Neil"]) == ("0.00", "", "3.00")
    found = column(fill(school, "--zero", "not-gradable"), "PS 1 (555)")
    assert (found["Yılmaz"], found["Roe"]) == ("", "0.00")


def test_no_zero_is_written_for_work_that_is_not_due_yet(school, capsys):
    dates = school.root / "dates.toml"
    (school.root / "source" / "ps1").mkdir(parents=True)

    def cem(text):
        dates.write_text(text)
        return column(fill(school, "--zero", "not-submitted"), "PS 1 (555)")["Yılmaz"]

    assert cem("[due]\nps1 = 2020-01-02\n") == "0.00"
    assert "not due yet" not in capsys.readouterr().err
    assert cem("[due]\nps1 = 5020-01-02\n") == ""
    assert "Not submitted but not due yet, so without a 0: 1." in capsys.readouterr().err
    assert cem("[due]\nps1 = 2020-01-02\n[extensions.ps1]\ncem = 5020-01-02\n") == ""
    assert cem("[due]\nps1 = 2020-01-02\n[extensions.ps1]\nann = 5020-01-02\n") == "0.00"


@pytest.mark.parametrize("words", ["Final Grade", "Current Score", "Override Status"])
def test_columns_that_canvas_does_not_import_are_named(school, capsys, words):
    fill(school)
    assert "ignores" not in capsys.readouterr().err
    exported = EXPORTED.replace("PS 1 (555)", f"PS 1 {words} (555)")
    assert fill(school, "--column", f"ps1=PS 1 {words}", exported=exported)
    said = f"Canvas ignores the column PS 1 {words} (555) when it imports the file, because of "
    assert f"{said}the words {words}: rename" in " ".join(capsys.readouterr().err.split())


def test_uncounted_assignments_are_excused(school):
    exported = EXPORTED.replace("Final exam (557)", "whole (557)").replace("50.00", "18.00")
    content = fill(school, exported=exported)
    assert column(content, "whole (557)")["Müller"] == "EX"
    assert column(content, "PS 1 (555)")["Müller"] == "8.50"
    school.grade("ann", "whole", all_test=18)
    content = fill(school, exported=exported)
    assert column(content, "whole (557)")["Müller"] == "18.00"
    assert column(content, "PS 1 (555)")["Müller"] == "EX"
    only = fill(school, "--assignment", "whole", exported=exported)
    assert column(only, "PS 1 (555)")["Müller"] == ""


def test_other_maxima_are_refused_or_converted(school, capsys):
    exported = EXPORTED.replace("9.00,9.00", "90.00,9.00")
    assert fill(school, exported=exported) is None
    assert "ps1 has 9 points here and 90 on the platform" in capsys.readouterr().err
    assert column(fill(school, "--scale", exported=exported), "PS 1 (555)")["Müller"] == "85.00"


@pytest.mark.parametrize(
    "maximum, message",
    [
        ('"9,00"', ""),
        ("9.000", ""),
        ("9.00000", ""),
        ("", ""),
        ("9E0", "'9E0' on the platform, which is not a number such as 10 or 7.5"),
        ("1_0", "'1_0' on the platform, which is not a number"),
        ('"1.000,00"', "'1.000,00' on the platform, which is not a number"),
        ("-9", "'-9' on the platform, which is not a number"),
        ('"9,000"', ""),
        ('"1,000"', "ps1 has 9 points here, but the platform's 1,000 is ambiguous"),
    ],
)
def test_a_maximum_is_a_number_that_can_be_read_in_one_way(school, capsys, maximum, message):
    exported = EXPORTED.replace("9.00,9.00", f"{maximum},9.00")
    content = fill(school, "--scale", exported=exported)
    assert (content is None) == bool(message)
    assert message in capsys.readouterr().err
    assert message or column(content, "PS 1 (555)")["Müller"] == "8.50"


def test_cells_not_assigned_in_canvas_stay_so(school, capsys):
    school.grade("dan", "ps2", square_test=5)
    assert column(fill(school), "PS-2 (556)")["Roe"] == "N/A"
    assert "ps2 of dan: not assigned in Canvas." in capsys.readouterr().err


def test_columns_can_be_named(school):
    exported = EXPORTED.replace("50.00", "1.00")
    school.grade("ann", "later", later_test=1)
    content = fill(school, "--column", "later=Final exam", exported=exported)
    assert column(content, "Final exam (557)")["Müller"] == "1.00"


def test_indistinguishable_students_are_left_alone(school, capsys):
    exported = EXPORTED.replace('"Zoë, Eve",9105,,eve,', '"Zoë, Eve",9105,ann,eve,')
    exported = exported.replace('"Nil, Fay",9106,,,', '"Müller, Ann",9106,,,')
    found = column(fill(school, exported=exported), "PS 1 (555)")
    assert found["Zoë"] == ""
    said = capsys.readouterr().err
    assert "Eve Zoë: row skipped: several students match: ann, eve." in said
    assert "Ann Müller: row skipped: an earlier row belongs to ann as well." in said
    assert "Not in the file: eve, fay." in said


@pytest.mark.parametrize(
    ("arguments", "exported", "said"),
    [
        ((), "a,b\n1,2\n", "This is not a Canvas gradebook"),
        ((), "Student\n", "has no rows"),
        ((), 'Student,ID\n"', "is not a CSV file"),
        ((), EXPORTED.replace("PS-2", "ps_1"), "Several columns match ps1: PS 1 (555), ps"),
        ((), EXPORTED.replace("PS", "Week"), "No column matches an assignment name"),
        (("--column", "ps1=Exam"), EXPORTED, "There is no column Exam for ps1"),
        (("--column", "ps3=Final exam"), EXPORTED, "there is no assignment ps3"),
        (("--notes",), EXPORTED.replace("Notes", "Other"), "There is no column Notes"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(school, capsys, arguments, exported, said):
    assert fill(school, *arguments, exported=exported) is None
    assert said in capsys.readouterr().err
    assert not (school.root / "canvas-import.csv").exists()


def test_another_encoding_is_refused(school, capsys):
    exported = EXPORTED.replace("Yılmaz", "Yilmaz")
    assert fill(school, exported=exported, encoding="latin-1") is None
    assert "is not in UTF-8" in capsys.readouterr().err


def test_another_platform_with_canvas_gradebook_is_named(school, tmp_path, monkeypatch):
    """In errors, in remarks, and in the numbers of collected work."""
    monkeypatch.setitem(PLATFORMS, "Maple", Platform("Maple", grades=gradebook("Maple")))
    school.grade("dan", "ps2", square_test=5)
    exported = EXPORTED.replace("PS 1 (555)", "PS 1 Final Score (555)")
    standings = read_standings(school.course()[0])

    def fill_in(text, **options):
        (tmp_path / "maple.csv").write_text(text)
        file, choices = read_csv(tmp_path / "maple.csv"), Choices(**options)
        layout = gradebook("Maple").read_layout(file, standings, choices)
        return fill_file(file, layout, standings, choices)

    columns = {"ps1": "PS 1 Final Score (555)"}
    said = " ".join(fill_in(exported, columns=columns).said)
    for text, options in (
        ("a,b\n1,2\n", {}),
        (EXPORTED.replace("Notes", "Other"), {"notes": True}),
    ):
        with pytest.raises(ValueError, match="Maple") as raised:
            fill_in(text, **options)
        said += str(raised.value)
    assert "ps2 of dan: not assigned in Maple." in said
    assert "Maple ignores the column PS 1 Final Score (555)" in said
    assert "This is not a Maple gradebook" in said
    assert "show it in Maple (Grades > View > Notes)" in said
    assert "Canvas" not in said + gradebook("Maple").purpose
