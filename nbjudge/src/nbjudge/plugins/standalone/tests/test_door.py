"""Doors: the one in the documentation works as it is, and options of another are refused."""

import csv
import json
import os
import re
import shutil
import tempfile
import zipfile
from pathlib import Path

import pytest

from nbjudge.cli.console import NOT_GRADED, OK, USAGE
from nbjudge.plugins.standalone.door import load_doors
from tests.support.classes import WRONG
from tests.support.small_course import RIGHT, environment


def test_a_door_of_another_package(command, course, site):
    site.install_documented("nbjudge_csv")
    course.submit("ann", RIGHT)
    course.submit("ben", WRONG)
    works = [course.root / "submitted" / name / "ps1" / "ps1.ipynb" for name in ("ann", "ben")]
    damaged = course.root / "damaged.ipynb"
    damaged.write_text("no notebook")
    done = command("grade", *works, damaged, "--assignment", "ps1", "--for", "csv")
    assert done.status == NOT_GRADED, done.stderr
    rows = [*csv.DictReader(done.stdout.splitlines())]
    (lost,) = [row for row in rows if row["file"] == str(damaged)]
    assert lost["why"] and not lost["points"], "nobody is missing from the table"
    course.grade()
    for work, name in zip(works, ("ann", "ben"), strict=True):
        points = {row["question"]: row["points"] for row in rows if row["file"] == str(work)}
        shown = {question: float(p) if p else None for question, p in points.items()}
        assert shown == {question: course.scores(name)[question] for question in points}


def test_a_door_packs(command, site):
    site.install_documented("nbjudge_csv")
    assert command("pack", "ps1", "--for", "csv", "-o", site.folder / "ps1.zip").status == OK
    assert "manifest.json" in zipfile.ZipFile(site.folder / "ps1.zip").namelist()


def test_a_door_with_its_own_file_and_program(command, course, site):
    site.install_documented("nbjudge_kiosk")
    course.submit("ann", WRONG)
    done = command("pack", "ps1", "--for", "kiosk", "--kiosk-minutes", "5")
    assert done.status == OK and "Upload the file to the kiosk." in done.stderr
    folder = site.folder / "kiosk"
    with zipfile.ZipFile(course.root / "ps1-kiosk.zip") as archive:
        archive.extractall(folder)
    (course.root / "submitted" / "ann" / "ps1").rename(folder / "submission")
    variables = environment(PYTHONPATH=f"{environment()['PYTHONPATH']}{os.pathsep}{site.folder}")
    course.python("-m", "nbjudge_kiosk", folder, env=variables).check_returncode()
    text = (folder / "results.md").read_text()
    (result,) = json.loads(
        command("grade", folder / "submission", "--assignment", "ps1", "--json").stdout
    )["results"]
    assert text.startswith(f"{result['score']:g} of {result['max_auto_score']:g} points\n")
    shutil.rmtree(folder / "submission")
    course.python("-m", "nbjudge_kiosk", folder, env=variables).check_returncode()
    assert (folder / "results.md").read_text().startswith("The grader failed: nbjudge grade ended")


def test_an_option_of_another_door_is_refused(command, site):
    site.install("mine", "[nbjudge.doors]\nmine = mine", door_with("--far", "--wide"))
    done = command("pack", "ps1", "--far")
    assert done.status == USAGE
    assert "--far: only for mine; add --for mine." in done.stderr
    assert "--wide" not in done.stderr


def door_with(*options, **more):
    """Return the source of a door with these options."""
    more = {"action": "store_true", **more}
    lines = [f"    group.add_argument({option!r}, **{more})" for option in options]
    return "\n".join([DOOR, "def add_options(group):", *lines])


DOOR = """
def pack(assignment, options, changed):
    raise AssertionError

def report(document):
    return str(document["no such key"])
"""


@pytest.mark.parametrize("option", ["--timeout", "--output"])
def test_an_option_of_two_doors_names_the_package(command, site, option):
    """The second is of Gradescope, or of the command itself."""
    site.install("mine", "[nbjudge.doors]\nmine = mine", door_with(option))
    for arguments in (["--help"], ["pack", "ps1"]):
        done = command(*arguments)
        assert done.status == USAGE
        assert "the package mine does not work: mine in nbjudge.doors" in done.stderr
        assert f"conflicting option string: {option}" in done.stderr


def test_a_required_option_names_the_package(command, site):
    site.install("mine", "[nbjudge.doors]\nmine = mine", door_with("--far", required=True))
    done = command("pack", "ps1")
    assert done.status == USAGE
    assert "the package mine does not work: mine in nbjudge.doors" in done.stderr
    assert "required: --far" in done.stderr


def test_a_report_that_fails_names_the_package(command, course, site, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    site.install("mine", "[nbjudge.doors]\nmine = mine", door_with("--far"))
    course.submit("ann", RIGHT)
    work = course.root / "submitted" / "ann" / "ps1" / "ps1.ipynb"
    done = command("grade", work, "--for", "mine")
    assert done.status == USAGE
    assert "the package mine does not work: mine in nbjudge.doors: KeyError" in done.stderr
    text = " ".join(done.stderr.split())
    (path,) = re.findall(r"as `nbjudge grade --json` prints them, are in (\S+\.json)\.", text)
    (result,) = json.loads(Path(path).read_text())["results"]
    assert (result["path"], result["status"]) == (str(work), "graded")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("report(document)", "report()", "report(document), not report()"),
        ("report(document)", "report(a, b)", "report(document), not report(a, b)"),
        (
            "pack(assignment, options, changed)",
            "pack(a)",
            "pack(assignment, options, changed), not",
        ),
        ("add_options(group)", "add_options()", "add_options(group), not add_options()"),
    ],
)
def test_a_wrong_signature_is_reported_before_grading(command, course, site, old, new, fault):
    source = door_with("--far")
    assert source.count(f"def {old}:") == 1
    source = source.replace(f"def {old}:", f"def {new}:")
    site.install("mine", "[nbjudge.doors]\nmine = mine", source)
    done = command("grade", "missing.ipynb", "--for", "mine")
    assert done.status == USAGE
    head = (
        "the package mine does not work: mine in nbjudge.doors: TypeError: expected the function "
    )
    assert head + fault in " ".join(done.stderr.split())


@pytest.mark.parametrize("name", sorted(load_doors()))
def test_a_door_takes_all_work_or_refuses_it_before_grading(command, course, name):
    works = []
    for student in ("ann", "ben"):
        course.submit(student, RIGHT)
        works.append(course.root / "submitted" / student / "ps1" / "ps1.ipynb")
    done = command("grade", *works, "--assignment", "ps1", "--for", name)
    assert done.status == (USAGE if getattr(load_doors()[name], "ONE_WORK", False) else OK)
    if done.status == USAGE:
        assert f"--for {name} prints the results of one notebook or folder, not of 2" in done.stderr
        assert not done.stdout and "Isolation" not in done.stderr
    assert command("grade", works[0], "--assignment", "ps1", "--for", name).status == OK


@pytest.mark.parametrize("returned", ["None", "[]", "b'text'"])
def test_results_that_are_no_text_name_the_package(command, course, site, returned):
    source = DOOR.replace('str(document["no such key"])', returned)
    source += "\ndef add_options(group):\n    pass\n"
    site.install("mine", "[nbjudge.doors]\nmine = mine", source)
    course.submit("ann", RIGHT)
    work = course.root / "submitted" / "ann" / "ps1" / "ps1.ipynb"
    done = command("grade", work, "--for", "mine")
    assert done.status == USAGE and done.stdout == ""
    assert f"TypeError: report must return a text, not {returned}" in done.stderr


def test_a_file_that_is_none_names_the_package(command, site):
    source = DOOR.replace("raise AssertionError", "return None")
    source += "\ndef add_options(group):\n    pass\n"
    site.install("mine", "[nbjudge.doors]\nmine = mine", source)
    done = command("pack", "ps1", "--for", "mine")
    assert done.status == USAGE
    assert "mine in nbjudge.doors: TypeError: pack must return a Packed, not None" in done.stderr
