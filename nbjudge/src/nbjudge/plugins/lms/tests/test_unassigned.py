"""Nobody gets 0 points for missing work while work without an author may be theirs."""

import contextlib
import csv
import shutil

import pytest

from nbjudge.cli.main import main
from nbjudge.plugins.lms.tests.archives import collect, download
from nbjudge.plugins.standings.reading import describe_missing, read_standings
from nbjudge.plugins.standings.standings import State

ZERO = ("--zero", "not-submitted")
FULL = {"double_test": 2, "half_test": 3, "essay": 4}
NAMES = {"ann": "Ann Müller", "an2": "Ann Müller", "cem": "Cem Yılmaz", "eve": "Eve Zoë"}
EXPORT = "First name,Last name,Email address,PS 1 (Real)\n" + "".join(
    f"{name.replace(' ', ',')},{student}@example.org,-\n" for student, name in NAMES.items()
)
WORKSHEET = "Identifier,Full name,Email address,Grade,Maximum Grade,Last modified (grade)\n" + (
    "".join(
        f"Participant {number},{NAMES[student]},{student}@example.org,,9.00,-\n"
        for number, student in enumerate(NAMES, 11)
    )
)


@pytest.fixture
def school(school):
    """Two namesakes, cem and eve are on the class list; nobody has submitted ps1."""
    for folder in ("submitted", "autograded"):
        shutil.rmtree(school.root / folder)
    with school.gradebook() as gradebook:
        for student in [person.id for person in gradebook.students]:
            gradebook.remove_student(student)
        for student, name in NAMES.items():
            first, last = name.split()
            email = f"{student}@example.org"
            gradebook.add_student(student, first_name=first, last_name=last, email=email)
    return school


def moodle(school, name, number, assignment="ps1"):
    """Collect a submission under a name and number of Moodle."""
    files = {f"{name}_{number}_assignsubmission_file_/ps1.ipynb": f"of {number}"}
    download(school, files, f"{number}.zip", assignment)
    return collect(school, "--force", assignment=assignment)


def states(school):
    standings = read_standings(school.course()[0], ["ps1"])
    return {standing.student.id: standing.state for standing in standings.all}


def grades(school, text=EXPORT, *options, title="PS 1 (Real)"):
    """Return the points that are exported to a file of Moodle, by e-mail address."""
    (school.root / "from_moodle.csv").write_text(text)
    arguments = ["export", "moodle", "from_moodle.csv", "--assignment", "ps1", *options]
    with contextlib.chdir(school.root):
        if status := main(arguments):
            return status
    with open(school.root / "moodle-import.csv", encoding="utf-8-sig") as file:
        return {row["Email address"].partition("@")[0]: row[title] for row in csv.DictReader(file)}


def test_one_of_two_namesakes(school, capsys):
    said = moodle(school, "Ann Müller", 11)
    line = (
        "ps1: 2 of 4 have submitted nothing: cem (Cem Yılmaz), eve (Eve Zoë); 2 of 4 may have "
        "submitted Ann-Müller_11 (no such id on the class list): an2 (Ann Müller), ann (Ann Müller)"
    )
    assert line in said and describe_missing(school.course()[0], "ps1") == line
    school.grade("Ann-Müller_11", "ps1", **FULL)
    both = {"ann": "-", "an2": "-"}
    assert grades(school, EXPORT, *ZERO) == both | {"cem": "0.00", "eve": "0.00"}
    said = " ".join(capsys.readouterr().err.split())
    assert "No 0 for an2, ann, who may have submitted ps1: Ann-Müller_11 (no such id" in said
    assert "fill in the assignment's own file (in Moodle, the grading worksheet)" in said
    assert '0 points for work in the state "not submitted": ps1 of cem, ps1 of eve.' in said
    # Moodle's worksheet has the participant's number, so the other one has submitted nothing.
    points = {"ann": "9.00", "an2": "0.00", "cem": "0.00", "eve": "0.00"}
    assert grades(school, WORKSHEET, *ZERO, title="Grade") == points
    wanted = grades(school, EXPORT, "--zero", "may-have-submitted")
    assert wanted == dict.fromkeys(both, "0.00") | {"cem": "-", "eve": "-"}


def test_anonymous_work_may_be_anybodys(school, capsys):
    line = "ps1: 4 of 4 may have submitted Participant_12 (no such id on the class list)"
    assert line in moodle(school, "Participant", 12)
    assert states(school)["cem"] is State.UNSURE
    assert grades(school, EXPORT, *ZERO) == 2
    assert "the grading worksheet, which names the authors" in " ".join(
        capsys.readouterr().err.split()
    )
    school.grade("Participant_12", "ps1", **FULL)
    points = {"ann": "0.00", "an2": "9.00", "cem": "0.00", "eve": "0.00"}
    assert grades(school, WORKSHEET, *ZERO, title="Grade") == points
    short = "".join(WORKSHEET.splitlines(keepends=True)[:2])  # the author is in no row
    assert grades(school, short, *ZERO, title="Grade") == 2


@pytest.mark.parametrize(
    ("folder", "reason"),
    [
        ("Cem", "Cem (no such id on the class list)"),
        (".cem", ".cem (skipped, as the name begins with a dot)"),
    ],
)
def test_a_folder_that_somebody_has_named(school, folder, reason):
    school.submit("ann", "ps1")
    school.submit(folder, "ps1")
    found = read_standings(school.course()[0], ["ps1"]).by_student["cem"]["ps1"]
    assert (found.state, found.why) == (State.UNSURE, reason)
    (school.root / "submitted" / folder).rename(school.root / "submitted" / "cem")
    assert states(school) == {
        "ann": State.NOT_GRADED,
        "an2": State.NOT_SUBMITTED,
        "cem": State.NOT_GRADED,
        "eve": State.NOT_SUBMITTED,
    }


def test_files_that_were_not_collected(school):
    school.submit("ann", "ps1")
    download(school, {"Ann Müller_11_assignsubmission_onlinetext_/o.html": "a", "x.ipynb": "b"})
    collect(school)
    line = describe_missing(school.course()[0], "ps1")
    assert "submissions/Ann Müller_11_assignsubmission_onlinetext_/o.html, submissions/x.ip" in line
    assert states(school)["cem"] is State.UNSURE
    (school.root / "downloaded/ps1/archive/submissions.zip").unlink()
    moodle(school, "Eve Zoë", 14)
    assert states(school)["cem"] is State.NOT_SUBMITTED
    (school.root / "downloaded/ps1/archive/broken.zip").write_bytes(b"no zip")
    moodle(school, "Eve Zoë", 14)
    assert states(school)["cem"] is State.UNSURE
    # A further file of somebody whose work was collected concerns nobody else.
    (school.root / "downloaded/ps1/archive/broken.zip").unlink()
    download(school, {"Eve Zoë_14_assignsubmission_onlinetext_/o.html": "e"}, "eve.zip")
    moodle(school, "Eve Zoë", 14)
    assert states(school)["cem"] is State.NOT_SUBMITTED


def test_collected_work_whose_folder_is_gone(school):
    moodle(school, "Cem Yılmaz", 13)
    school.submit("ann", "ps1")
    shutil.rmtree(school.root / "submitted" / "cem")
    standing = read_standings(school.course()[0], ["ps1"]).by_student["cem"]["ps1"]
    assert (standing.state, standing.why) == (
        State.UNSURE,
        "cem (collected, but its folder is gone)",
    )


def test_work_of_a_member_of_the_same_group(school):
    (school.root / "class.csv").write_text(
        "Full name,Username,Team\nCem Yılmaz,cem,1\nEve Zoë,eve,1\nAnn Müller,ann,2\n"
    )
    with contextlib.chdir(school.root):
        assert main(["students", "class.csv", "--group", "Team"]) == 0
    school.submit("cem", "ps1")
    assert states(school)["eve"] is State.UNSURE
    assert states(school)["ann"] is State.NOT_SUBMITTED


def test_without_a_class_list_the_platforms_file_decides(school):
    with school.gradebook() as gradebook:
        for person in gradebook.students:
            person.first_name = person.last_name = None
            person.email = None
    school.submit("stranger", "ps1")
    school.submit("ann@example.org", "ps1")
    assert states(school)["cem"] is State.NOT_SUBMITTED
    school.grade("ann@example.org", "ps1", **FULL)
    rows = EXPORT.replace("cem@example.org", "cem")
    assert grades(school, rows, *ZERO)["cem"] == "-"
    shutil.rmtree(school.root / "submitted" / "stranger")
    assert grades(school, rows, *ZERO)["cem"] == "0.00"
