"""Doors: the one in the documentation works as it is, and options of another are refused."""

import csv
import zipfile

from nbjudge.cli.console import OK, USAGE
from tests.support.classes import WRONG
from tests.support.small_course import RIGHT


def test_a_door_of_another_package(command, course, site):
    site.install_documented("nbjudge_csv")
    course.submit("ann", RIGHT)
    course.submit("ben", WRONG)
    works = [course.root / "submitted" / name / "ps1" / "ps1.ipynb" for name in ("ann", "ben")]
    done = command("grade", *works, "--assignment", "ps1", "--for", "csv")
    assert done.status == OK, done.stderr
    rows = [*csv.DictReader(done.stdout.splitlines())]
    course.grade()
    for work, name in zip(works, ("ann", "ben"), strict=True):
        points = {row["question"]: row["points"] for row in rows if row["file"] == str(work)}
        shown = {question: float(p) if p else None for question, p in points.items()}
        assert shown == {question: course.scores(name)[question] for question in points}


def test_a_door_packs(command, site):
    site.install_documented("nbjudge_csv")
    assert command("pack", "ps1", "--for", "csv", "-o", site.folder / "ps1.zip").status == OK
    assert "manifest.json" in zipfile.ZipFile(site.folder / "ps1.zip").namelist()


def test_an_option_of_another_door_is_refused(command, site):
    lines = "def add_options(group):\n    group.add_argument('--far', action='store_true')\n"
    site.install("mine", "[nbjudge.doors]\nmine = mine", lines)
    done = command("pack", "ps1", "--far")
    assert done.status == USAGE
    assert "--far: only for mine; add --for mine." in done.stderr
