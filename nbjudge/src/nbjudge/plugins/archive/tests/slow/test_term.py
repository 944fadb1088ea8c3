"""A term with 24 students and the next one, with the commands that an instructor uses.

Every number in every exported file is compared with the truth.
"""

import contextlib
import csv
import io
import json
import shutil

import pytest

from nbjudge.cli.main import main
from nbjudge.course.assignment import Assignment
from nbjudge.course.loading import load_course
from nbjudge.plugins.lms.tests.archives import zipped
from nbjudge.plugins.review.manual_grades import ManualGrades
from nbjudge.plugins.standings.reading import read_standings
from nbjudge.plugins.standings.standings import State
from tests.support.small_course import RIGHT, answered, cell, questions, test_cell

FIRST = (
    "Ada Ben Cem Dora Eve Fay Gus Hal Ida Jan Kim Lea Max Nora Oli Pia Quin Rosa Sam Tom Una Vic"
)
NAMES = {name.lower(): f"{name} Roe" for name in FIRST.split()}
NAMES |= {"aschmid1": "Anna Schmidt", "aschmid2": "Anna Schmidt"}
NUMBERS = {student: number for number, student in enumerate(NAMES, 1801)}
SETTINGS = """
c.AssignLatePenalties.plugin_class = "nbjudge.late.PerDay"
c.PerDay.percent = 20
"""
DATES = """\
[due]
ps1 = 2026-01-10
ps2 = 2026-01-20

[extensions.ps1]
cem = "2 days"
"""
HALF_RIGHT = RIGHT | {"half": "def half(x):\n    return 2"}  # 1 of 3 points
EMPTY = "Because."
OLD_TEST = "assert square(3) == 9"
WRONG_TEST = "assert square(3) == 9 and square(4) == 15"  # the instructor's mistake


class Term:
    """A course and its commands."""

    def __init__(self, course):
        self.course, self.root = course, course.root

    def run(self, *command, status=0):
        """Run a command in the course's folder, and return its output in one line."""
        done = self.course.python("-m", *map(str, command), cwd=self.root)
        assert done.returncode == status, done.stdout + done.stderr
        return " ".join((done.stdout + done.stderr).split())

    def write_sources(self, square_test):
        essay = cell("essay", "Your answer.", "markdown", grade=True, solution=True, points=4)
        self.course.write_source("ps1", ps1=[*questions()[:7], essay])
        square = [
            cell(
                "square",
                "def square(x):\n    ### BEGIN SOLUTION\n    return x * x\n    ### END SOLUTION",
                solution=True,
            )
        ]
        self.course.write_source("ps2", two=[*square, test_cell("square_test", square_test, 5)])

    def collect(self, assignment, works, name, anonymous=False):
        """Collect works from an archive of Moodle: {student: answers}; return the output."""
        (path,) = sorted((self.root / "release" / assignment).glob("*.ipynb"))
        files = {}
        for student, answers in works.items():
            person = "Participant" if anonymous else NAMES[student]
            prefix = f"{person}_{NUMBERS[student]}_assignsubmission_file_/"
            files[f"{prefix}{path.name}"] = answered(path, answers)
        folder = self.root / "downloaded" / assignment / "archive"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.zip").write_bytes(
            zipped(files, (2030, 1, 1 + len(list(folder.iterdir())), 8, 0, 0))
        )
        return self.run("nbgrader", "zip_collect", assignment, "--force")

    def late(self, student, assignment, time):
        (self.root / "submitted" / student / assignment / "timestamp.txt").write_text(time)

    def grade_essays(self, points):
        """Give points to the essays that wait, as the formgrader does; {student: points}."""
        for student, given in points.items():
            self.course.write(
                "update grade set manual_score = ?, needs_manual_grade = 0 where cell_id in "
                "(select id from base_cell where name = 'essay') and notebook_id in (select n.id "
                "from submitted_notebook n join submitted_assignment s on s.id = n.assignment_id "
                "where s.student_id = ?)",
                given,
                student,
            )

    def table(self, name, *arguments):
        """Return the rows of an exported table."""
        self.run("nbjudge", "export", name, *arguments)
        return rows_of(self.root / f"{name}.csv")

    def grades(self, assignment):
        """Return the score, or else the state, of each student."""
        rows = self.table("grades", assignment)
        return {row["student_id"]: row["score"] or row["state"] for row in rows}

    def moodle(self, file, *arguments, column):
        """Return the cells of a column of a filled-in file of Moodle, by e-mail address."""
        (self.root / "moodle.csv").write_text(file)
        self.run("nbjudge", "export", "moodle", "moodle.csv", *arguments)
        found = rows_of(self.root / "moodle-import.csv")
        return {row["Email address"].partition("@")[0]: row[column] for row in found}


def rows_of(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def class_list():
    lines = ["First name,Last name,Username,Email address"]
    lines += [f"{name.replace(' ', ',')},{s},{s}@example.org" for s, name in NAMES.items()]
    return "\n".join(lines) + "\n"


def grade_export():
    lines = ["First name,Last name,Email address,ps1 (Real),ps2 (Real)"]
    lines += [f"{name.replace(' ', ',')},{s}@example.org,-,-" for s, name in NAMES.items()]
    return "\n".join(lines) + "\n"


def worksheet():
    lines = ["Identifier,Full name,Email address,Grade,Last modified (grade)"]
    lines += [f"Participant {NUMBERS[s]},{NAMES[s]},{s}@example.org,,-" for s in NAMES]
    return "\n".join(lines) + "\n"


@pytest.fixture
def term(course):
    course.configure(f"{SETTINGS}import nbjudge\nnbjudge.configure(c)\n")
    (course.root / "gradebook.db").unlink()
    for name in ("release", "source"):
        shutil.rmtree(course.root / name)
    return Term(course)


def test_a_term_and_the_next_one(term):
    root = term.root
    term.write_sources(WRONG_TEST)
    (root / "dates.toml").write_text(DATES)
    for name in ("ps1", "ps2"):
        term.run("nbgrader", "generate_assignment", name)
    (root / "class.csv").write_text(class_list())
    assert "24 new" in term.run("nbjudge", "students", "class.csv")
    term.run("nbjudge", "dates")
    assert term.grades("ps1") == dict.fromkeys(NAMES, "not submitted")

    # ps1: everybody but una, vic and aschmid2 submits; tom's function is wrong, sam is late.
    works = {student: RIGHT for student in NAMES if student not in ("una", "vic", "aschmid2")}
    works["tom"] = HALF_RIGHT
    said = term.collect("ps1", works, "first")
    anna = f"Anna-Schmidt_{NUMBERS['aschmid1']}"
    assert "2 of 24 have submitted nothing: una (Una Roe), vic (Vic Roe)" in said
    assert f"2 of 24 may have submitted {anna} (no such id on the class list): aschmid1" in said
    for student in ("ben", "cem", "sam"):
        term.late(student, "ps1", "2026-01-11 12:00:00 UTC")
    said = term.run("nbjudge", "autograde", "ps1")
    assert "ps1 21 0 0" in said and "2 of 24 may have submitted" in said
    waiting = dict.fromkeys([*works, anna], "waiting for a person")
    del waiting["aschmid1"]
    missing = {"una": "not submitted", "vic": "not submitted"}
    missing |= dict.fromkeys(("aschmid1", "aschmid2"), "may have submitted")
    assert term.grades("ps1") == waiting | missing
    essays = {student: 3 for student in waiting} | {"ada": 4, "tom": 0}
    term.grade_essays(essays)
    said = term.run("nbjudge", "autograde", "ps1")  # penalties depend on the essays' points
    assert "Changed: ps1 of sam: 7 -> 6.4 points (12 hours" in said
    points = dict.fromkeys(waiting, "8") | {"ada": "9", "tom": "3", "ben": "6.4", "sam": "6.4"}
    assert term.grades("ps1") == points | missing

    # A new essay, and a new time alone.
    term.collect("ps1", {"ada": RIGHT | {"essay": EMPTY}}, "second")
    term.late("sam", "ps1", "2026-01-12 12:00:00 UTC")
    said = term.run("nbjudge", "autograde", "ps1")
    assert (
        "ps1 of ada: 9 -> 5 points (graded again, on time; a new submission: essay 4 -> waits"
        in said
    )
    assert "ps1 of sam: 6.4 -> 4.8 points" in said and "ps1 2 19 0" in said
    points |= {"ada": "waiting for a person", "sam": "4.8"}
    assert term.grades("ps1") == points | missing
    found = {(r["student_id"], r["question"]): r for r in term.table("questions", "ps1")}
    ada = found["ada", "essay"]
    assert (ada["score"], ada["state"], ada["by_hand"]) == ("", "waiting for a person", "again")
    exported = {
        student: f"{float(score):.2f}" if score[0].isdigit() else "-"
        for student, score in (points | missing).items()
    }
    del exported[anna]
    zero = "--zero", "not-submitted", "--assignment", "ps1"
    in_moodle = exported | {"una": "0.00", "vic": "0.00"}
    assert term.moodle(grade_export(), *zero, column="ps1 (Real)") == in_moodle
    named = in_moodle | {"aschmid1": "8.00", "aschmid2": "0.00", "ada": ""}
    assert term.moodle(worksheet(), *zero, column="Grade") == named
    totals = {row["student_id"]: row for row in term.table("totals")}
    assert (totals["ada"]["score"], totals["ada"]["open"]) == ("5", "ps1 (waiting for a person)")
    assert term.run("nbjudge", "status", "ps1", "--json").count('"waiting": 1') == 1
    assert "work is waiting: ps1: 1 waiting" in term.run("nbjudge", "archive", "../old", status=2)
    term.grade_essays({"ada": 1})
    points["ada"] = "6"
    assert term.grades("ps1") == points | missing

    # ps2 is anonymous, and its test is wrong: it is fixed, and everything is graded again.
    without = ("una", "vic", "tom")
    works = {student: RIGHT for student in NAMES if student not in without}
    said = term.collect("ps2", works, "first", anonymous=True)
    assert "24 of 24 may have submitted Participant_1801, " in said
    assert "none of 21 students earned a point" in term.run("nbjudge", "autograde", "ps2")
    participants = {student: f"Participant_{NUMBERS[student]}" for student in works}
    everybody = {s: "0" for s in participants.values()} | dict.fromkeys(NAMES, "may have submitted")
    everybody[anna] = "may have submitted"
    assert term.grades("ps2") == everybody
    term.write_sources(OLD_TEST)
    term.run("nbgrader", "generate_assignment", "ps2", "--force")
    said = term.run("nbjudge", "autograde", "ps2")
    why = "(graded again, on time; the same submission: square_test 0 -> 5)"
    assert said.count(f"0 -> 5 points {why}") == 21
    assert term.grades("ps2") == everybody | dict.fromkeys(participants.values(), "5")
    zero = "--zero", "not-submitted", "--assignment", "ps2"
    (root / "moodle.csv").write_text(grade_export())
    refused = term.run("nbjudge", "export", "moodle", "moodle.csv", *zero, status=2)
    assert "No 0 for" in refused and "which names the authors" in refused
    named = dict.fromkeys(NAMES, "5.00") | dict.fromkeys(without, "0.00")
    assert term.moodle(worksheet(), *zero, column="Grade") == named

    # The next term: a repeater, and nothing of the old class.
    final = {name: term.grades(name) for name in ("ps1", "ps2")}
    term.run("nbjudge", "archive", "../last-term")
    assert not (root / "dates.toml").exists() and not (root / "grades.csv").exists()
    (root / "class.csv").write_text("\n".join(class_list().splitlines()[:3]) + "\n")  # ada and ben
    assert "2 new" in term.run("nbjudge", "students", "class.csv")
    said = term.collect("ps1", {"ada": RIGHT | {"essay": "Now I know."}}, "spring")
    assert "1 of 2 have submitted nothing: ben (Ben Roe)" in said
    term.run("nbjudge", "autograde", "ps1")
    assert term.grades("ps1") == {"ada": "waiting for a person", "ben": "not submitted"}
    term.grade_essays({"ada": 2})
    assert term.grades("ps1") == {"ada": "7", "ben": "not submitted"}
    (record,) = json.loads((root / "submitted/collected.json").read_text())
    assert (record["student"], record["name"]) == ("ada", "Ada Roe")
    term.root = root.parent / "last-term"
    assert {name: term.grades(name) for name in final} == final


def test_rubrics_and_frequent_comments_are_offered_in_the_next_term(course, tmp_path):
    def assignment():
        return Assignment("ps1", *load_course())

    def essay(grades):
        return next(grade for grade in grades.all() if grade.cell == "essay")

    with course.here():
        for student in ("ann", "ben"):
            course.submit(student)
        course.grade()
        opened = assignment()
        grades = ManualGrades(opened.records)
        grades.add_item(essay(grades).cell_id, 2.0, "names the reason")
        opened.close()
        course.write("update grade set manual_score = 1, needs_manual_grade = 0")
        course.write("update comment set manual_comment = 'Give a reason.'")
        course.write(
            "update comment set manual_comment = 'Give a reason.' || char(10) || 'Ann, see me.' "
            "where id = (select min(id) from comment)"
        )
        assert main(["archive", str(tmp_path / "last-term")]) == 0
        course.submit("cem")
        assert course.grade()["cem"].total == 5
        opened = assignment()
        grades = ManualGrades(opened.records)
        assert [item.text for item in grades.items(essay(grades).cell_id)] == ["names the reason"]
        assert grades.comments(essay(grades)) == ["Give a reason."]
        opened.close()
    with contextlib.chdir(tmp_path / "last-term"):
        old = read_standings(load_course()[0], ["ps1"])
        assert {one.state for one in old.all} == {State.GRADED} and len(old.all) == 2
