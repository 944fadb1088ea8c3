"""The learning platform in the documentation works as it is."""

import csv
import os
import shutil
import zipfile

import pytest

from nbjudge.cli.console import USAGE
from tests.support.small_course import RIGHT, environment


def with_path(folder):
    paths = os.pathsep.join([environment()["PYTHONPATH"], str(folder)])
    return environment(PYTHONPATH=paths)


def test_a_learning_platform_of_another_package(course, site):
    """In processes of their own: a process reads the platforms once."""
    site.install_documented("nbjudge_campus")

    def run(*arguments):
        done = course.python("-m", *arguments, env=with_path(site.folder))
        assert done.returncode == 0, done.stderr
        return done.stdout

    course.configure("import nbjudge\nnbjudge.configure(c)\n")
    (course.root / "class.csv").write_text("Matriculation,Student,Mail\n12345,Ada,ada@x.org\n")
    run("nbjudge", "students", "class.csv")
    archive = course.root / "downloaded" / "ps1" / "archive"
    archive.mkdir(parents=True)
    course.submit("12345", RIGHT)
    submitted = course.root / "submitted" / "12345"
    (submitted / "ps1" / "ps1.ipynb").rename(archive / "campus-12345-ps1.ipynb")
    shutil.rmtree(submitted)
    run("nbgrader", "zip_collect", "ps1")
    course.grade()
    assert course.scores("12345")["double_test"]
    said = " ".join(run("nbjudge", "students", "--help").split())
    assert "the usual columns of Canvas, Moodle or Campus need no options" in said
    program = (
        "from nbjudge.plugins.lms.nbgrader_zip_collect import LmsCollector\n"
        "print(LmsCollector.platform.help)"
    )
    said = course.python("-c", program, env=with_path(site.folder)).stdout
    assert said.startswith("Platform of the archives: Canvas, Moodle, Blackboard or Campus.")
    course.write(
        "update grade set manual_score = 1, needs_manual_grade = 0 where needs_manual_grade"
    )
    exported = "Matriculation,Student,ps1\n12345,Ada,\n99999,Eve,3\n"
    (course.root / "grades.csv").write_text(exported)
    run("nbjudge", "export", "campus", "grades.csv")
    rows = [*csv.DictReader((course.root / "campus-import.csv").read_text().splitlines())]
    points = [1 if score is None else score for score in course.scores("12345").values()]
    assert rows[0]["ps1"] == f"{sum(points):.2f}"
    assert rows[1]["ps1"] == "3", "nobody of this course"

    module = site.folder / "nbjudge_campus.py"
    right = module.read_text()
    for old, new, fault in FAULTS:
        assert right.count(old) == 1
        module.write_text(right.replace(old, new) + "\n" * len(new))  # of another size
        done = course.nbjudge("export", "campus", "grades.csv", env=with_path(site.folder))
        assert done.returncode == USAGE
        head = "the package nbjudge_campus does not work: campus in nbjudge.platforms: "
        assert head + fault in done.stderr


FAULTS = [
    (
        'rows.find([("id", number)]',
        'rows.find([("lms_id", number)]',
        "ValueError: unknown key 'lms_id' in known: use id, lms_user_id, email, name, sortable "
        "(find, nbjudge_campus.py:",
    ),
    (
        '[("Campus", "number", number)]',
        '[("campus", "number", number)]',
        "ValueError: unknown key ('campus', 'number', ...) of collected work: use one of Canvas, "
        "Moodle, Blackboard, Campus instead of 'campus'",
    ),
    (
        '[("Campus", "number", number)]',
        '[("Campus", "id", number)]',
        "ValueError: unknown key ('Campus', 'id', ...) of collected work: use one of number, name, "
        "file instead of 'id'",
    ),
    ("    return Layout(", "    Layout(", "TypeError: read_layout must return a Layout, not None"),
    (
        "match_columns(titles, standings, choices.columns, str)",
        '{"ps1": None}',
        "TypeError: Layout.columns must be {assignment: number of the column}, not {'ps1': None}",
    ),
    (
        "    return rows.find(",
        "    rows.find(",
        "TypeError: find must return what Rows.find returns, a dict, not None",
    ),
]


@pytest.mark.parametrize(
    ("name", "read_names", "fault"),
    [
        ("Canvas", "list", "there is another platform Canvas"),
        ("Mine", "lambda entries: []", "read_names returned 0 names for 1 entries"),
        ("Mine", "lambda entries: entries.x", "AttributeError: "),
        (
            "Mine",
            """lambda entries: [UploadName(
                platform="Mine", prefix="", file="ps1.ipynb", name="1", labels=(("1", ""),),
                known=((("lms_id", "1"),),))]""",
            "ValueError: unknown key 'lms_id' in known: use id, lms_user_id, email, name, sortable",
        ),
    ],
)
def test_a_broken_platform_names_the_package(course, site, name, read_names, fault):
    source = (
        "from dataclasses import replace\n"
        "from nbjudge.plugins.lms import UploadName\n"
        "from nbjudge.plugins.lms.canvas import PLATFORM as canvas\n"
        f"PLATFORM = replace(canvas, name={name!r}, read_names={read_names})\n"
    )
    site.install("mine", "[nbjudge.platforms]\nmine = mine:PLATFORM", source)
    with zipfile.ZipFile(course.root / "archive.zip", "w") as archive:
        archive.writestr("campus", "")
    done = course.nbjudge("export", "feedback", "archive.zip", "ps1", env=with_path(site.folder))
    assert done.returncode == USAGE
    assert "the package mine does not work: mine in nbjudge.platforms: " in done.stderr
    assert fault in done.stderr


MINE = """
from dataclasses import replace
from nbjudge.plugins.lms import Platform
from nbjudge.plugins.lms.canvas import PLATFORM as canvas
PLATFORM = Platform("My own canvas", grades=replace(canvas.grades, notes=""))
"""


def test_the_entry_point_names_the_command_of_a_platform_without_archives(course, site):
    site.install("mine", "[nbjudge.platforms]\nmycanvas = mine:PLATFORM", MINE)
    environ = with_path(site.folder)
    said = " ".join(course.nbjudge("export", "mycanvas", "--help", env=environ).stdout.split())
    assert "mycanvas-import.csv" in said
    assert "--notes" not in said and "--scale" in said
    said = " ".join(course.nbjudge("export", "--help", env=environ).stdout.split())
    assert "mycanvas grades for My own canvas" in said
    said = course.nbjudge("export", "feedback", "--help", env=environ).stdout
    assert "{Canvas,Moodle,Blackboard}" in said
    with zipfile.ZipFile(course.root / "archive.zip", "w") as archive:
        archive.writestr("campus", "")
    done = course.nbjudge("export", "feedback", "archive.zip", "ps1", env=environ)
    assert "no submission with a name of Canvas, Moodle or Blackboard." in done.stderr


@pytest.mark.parametrize(
    ("point", "fault"),
    [
        ("grades", "the package mine adds grades to `nbjudge export`, which exists already: unin"),
        (
            "my own",
            "expected an entry point without spaces for My own canvas, got 'my own': rename it",
        ),
    ],
)
def test_a_command_of_a_platform_that_cannot_be_added_is_named(course, site, point, fault):
    site.install("mine", f"[nbjudge.platforms]\n{point} = mine:PLATFORM", MINE)
    done = course.nbjudge("export", "grades", env=with_path(site.folder))
    assert done.returncode == USAGE
    assert fault in done.stderr and "the package mine " in done.stderr


def test_an_archive_that_is_named_like_an_upload_names_the_platform(course, site):
    """A platform that reads every name."""
    source = """
from nbjudge.plugins.lms import Platform, UploadName

def read_names(entries):
    return [
        UploadName(platform="Mine", prefix="", file=entry, name="1", labels=(("1", ""),), known=())
        for entry in entries
    ]

PLATFORM = Platform("Mine", "any name", "Download", read_names)
"""
    site.install("mine", "[nbjudge.platforms]\nmine = mine:PLATFORM", source)
    folder = course.root / "downloaded" / "ps1" / "archive"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "submissions.zip", "w") as archive:
        archive.writestr("adalovelace_1_2_ps1.ipynb", "")
    course.configure("import nbjudge\nnbjudge.configure(c)\n")
    done = course.python("-m", "nbgrader", "zip_collect", "ps1", env=with_path(site.folder))
    assert "the name of a student's upload on Mine. Mine reads any name: correct" in done.stderr
