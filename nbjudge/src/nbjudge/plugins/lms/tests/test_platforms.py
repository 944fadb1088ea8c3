"""Features of each learning platform: a new one needs a sample of its files here."""

import io
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from nbjudge import plugins
from nbjudge.errors import PluginError
from nbjudge.plugins.lms.class_list import read_class
from nbjudge.plugins.lms.feedback_zip import pack_feedback
from nbjudge.plugins.lms.filling import Choices
from nbjudge.plugins.lms.platforms import PLATFORMS, POINTS, read_archive
from nbjudge.plugins.lms.tests.archives import zipped
from nbjudge.plugins.shared.csv_files import read_csv
from nbjudge.plugins.standings.reading import read_standings
from nbjudge.plugins.standings.standings import Person

PAGE = Path(__file__).resolve().parents[1] / "README.md"


@dataclass
class Sample:
    """Files of a platform with work of ann.

    Attributes
    ----------
    prefix
        The name of ann's ps1.ipynb in an archive of submissions, without "ps1.ipynb".
    grades
        A grades file with the column "ps1" or "ps1 (5)", None if there is none.
    class_list
        A class list with ann only, None if there is none.
    """

    prefix: str
    grades: str | None = None
    class_list: str | None = None


GRADEBOOK = """\
Student,ID,SIS User ID,SIS Login ID,Section,ps1 (5)
    Points Possible,,,,,9.00
"Müller, Ann",101,,ann,Group 1,
"Student, Test",998,,0c3f,Group 1,
"""
EXPORT = "First name,Last name,Username,Email address,ps1\nAnn,Müller,ann,ann@example.org,\n"
SAMPLES = {
    "Canvas": Sample("müllerann_101_7001_", GRADEBOOK, GRADEBOOK),
    "Moodle": Sample("Ann Müller_11_assignsubmission_file_/", EXPORT, EXPORT),
    "Blackboard": Sample("PS 1_ann_attempt_2026-11-02-23-59-00_"),
}
every = pytest.mark.parametrize("name", PLATFORMS)


def standings(school):
    return read_standings(school.course()[0], ["ps1"])


def csv_file(tmp_path, text):
    (tmp_path / "sample.csv").write_text(text)
    return read_csv(tmp_path / "sample.csv")


@every
def test_file_names_are_recognized(name):
    example = PLATFORMS[name].example.replace("FILE", "ps1.ipynb")
    for path in (example, f"{SAMPLES[name].prefix}ps1.ipynb"):
        upload = read_archive([path])[path]
        assert (upload.platform, upload.file) == (name, "ps1.ipynb")
        assert upload.prefix + upload.file == path


@pytest.mark.parametrize(
    "path",
    [
        "roedan_104_text.html",
        "roedan_LATE_104_link.html",
        "anon_x7Kd2_text.html",
        "LATE_anon_x7Kd2_link.html",
        "Dan Roe_14_assignsubmission_onlinetext_/onlinetext.html",
    ],
)
def test_what_students_entered_on_the_platform_is_no_file(path):
    assert read_archive([path])[path].is_typed


def test_a_file_named_like_a_text_is_a_file():
    path = "roedan_104_7001_text.html"
    upload = read_archive([path])[path]
    assert (upload.number, upload.file, upload.is_typed) == ("104", "text.html", False)


@every
def test_pages_are_named_like_the_submission(school, name):
    archive = school.root / "archive.zip"
    archive.write_bytes(zipped({f"{SAMPLES[name].prefix}ps1.ipynb": "a"}))
    packed = pack_feedback(archive, standings(school))
    names = zipfile.ZipFile(io.BytesIO(packed.content)).namelist()
    assert names == [f"{SAMPLES[name].prefix}ps1.html"]


@every
def test_grades_files_are_read(school, tmp_path, name):
    grades, text = PLATFORMS[name].grades, SAMPLES[name].grades
    assert (grades is None) == (text is None)
    if grades:
        file = csv_file(tmp_path, text)
        layout = grades.read_layout(file, standings(school), Choices())
        assert file.header[layout.columns["ps1"]].partition(" ")[0] == "ps1"
        assert sum("ann" in row for row in layout.students) == 1


@every
def test_class_lists_are_read(tmp_path, name):
    class_list, text = PLATFORMS[name].class_list, SAMPLES[name].class_list
    assert (class_list is None) == (text is None)
    if class_list:
        (person,) = read_class(csv_file(tmp_path, text))
        assert (person.id, person.name) == ("ann", "Ann Müller")
        assert {*class_list.columns} <= {*Person.__dataclass_fields__, "name"}


def test_ids_are_cleaned_as_the_platform_requires(tmp_path, monkeypatch):
    clean = replace(PLATFORMS["Moodle"].class_list, clean_id=lambda cell: cell.strip(" #"))
    monkeypatch.setattr("nbjudge.plugins.lms.class_list._LISTS", [clean])
    file = csv_file(tmp_path, EXPORT.replace(",ann,", ", #ann,"))
    assert [person.id for person in read_class(file)] == ["ann"]


@every
def test_platforms_are_documented(name):
    assert name in PAGE.read_text()


def test_every_sample_is_of_a_platform():
    assert SAMPLES.keys() == PLATFORMS.keys()


CAMPUS = """
from nbjudge.plugins.lms.platform import Platform, UploadName

def read_names(entries):
    return [{name} for entry in entries]{cut}

PLATFORM = Platform("Campus", "c-FILE", "Download", read_names)
"""


@pytest.mark.parametrize(
    ("name", "cut", "problem"),
    [
        ("None", "[1:]", "read_names returned 1 names for 2 entries"),
        ("entry", "", "must return None or an UploadName of Campus for each entry, not 'c-a'"),
        (
            "UploadName.of_number('1', platform='Other', prefix='', file=entry)",
            "",
            "an UploadName of Campus for each",
        ),
        ("entry['number']", "", "TypeError: string indices must be integers"),
    ],
)
def test_names_that_cannot_be_used_name_the_package(site, monkeypatch, name, cut, problem):
    source = CAMPUS.replace("{name}", name).replace("{cut}", cut)
    site.install("campus", "[nbjudge.platforms]\ncampus = campus:PLATFORM", source)
    monkeypatch.setitem(POINTS, "Campus", "campus")
    monkeypatch.setitem(PLATFORMS, "Campus", plugins.load("nbjudge.platforms", "campus"))
    with pytest.raises(PluginError, match=problem) as raised:
        read_archive(["c-a", "c-b"], "Campus")
    assert "the package campus does not work: campus in nbjudge.platforms" in str(raised.value)
