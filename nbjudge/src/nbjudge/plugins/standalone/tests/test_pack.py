"""Packs: they contain what grading needs and nothing more, and damaged ones are refused."""

import contextlib
import json
import sqlite3
import sysconfig
import zipfile

import pytest

from nbjudge.cli.console import OK, USAGE
from nbjudge.course.assignment import Assignment
from nbjudge.course.loading import load_course
from nbjudge.notebook import static_names
from nbjudge.notebook.spec import make_spec
from nbjudge.plugins.standalone.pack_file import (
    FORMAT,
    MANIFEST,
    PackError,
    make_pack,
    make_zip,
    read_pack,
    unpacked,
)
from nbjudge.plugins.standalone.skeleton import skeleton, without_solutions
from tests.support.small_course import RIGHT, cell, square_question, test_cell

VECTOR = """\
class Vector:
    ### BEGIN SOLUTION
    def __init__(self, x):
        self.x = x
    def __add__(self, other):
        return Vector(self.x + other.x)
    ### END SOLUTION"""
VECTOR_TEST = "assert (Vector(1) + Vector(2)).x == 3"  # it adds the student's own objects
SOLUTIONS = {
    "a function": "import math\nfrom os import path as p, sep\ndef area(r):\n    return math.pi",
    "a class": "class Point:\n    x = 0\n    def __add__(self, other):\n        import json",
    "variables": "a, (b, *c) = 1, (2, 3)\nd: int = 4\nfor e in range(3):\n    f = e\ng = (h := 1)",
    "named tuples": "from collections import namedtuple\nPair = namedtuple('Pair', 'x y')",
    "branches": "try:\n    import numpy\nexcept ImportError:\n    numpy = None\nelse:\n    x = 1",
    "magics": "%matplotlib inline\nimport numpy\n!ls\nx = 1",
    "an error": "def broken(:",
    "nothing": "",
    "a coroutine": "async def fetch():\n    await x",
}


def pack_of(course, assignment="ps1", **changed):
    """Return the pack of an assignment, and write it next to the course."""
    with (
        course.here(),
        contextlib.closing(Assignment(assignment, *load_course(), for_reading=True)) as opened,
    ):
        content = make_pack(opened, changed)
    (course.root.parent / "a.nbpack").write_bytes(content)
    return course.root.parent / "a.nbpack"


def repacked(path, change):
    """Change the files of a pack: {name: content}, and the digests in its manifest."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files[MANIFEST])
    change(manifest, files)
    files[MANIFEST] = json.dumps(manifest).encode()
    path.write_bytes(make_zip(files))


def test_a_pack_contains_the_assignment_and_nothing_else(course):
    course.submit("ann")
    course.submit("ann", assignment="ps2")
    course.grade()
    course.write("update assignment set duedate = '2030-01-01 12:00:00.000000'")
    (course.root / "answers.pyc").write_bytes(b"no module")
    _, files = read_pack(pack_of(course))
    assert sorted(files) == [
        "course/answers.py",
        "course/gradebook.db",
        "course/release/ps1/ps1.ipynb",
        "course/source/ps1/data.csv",
        "course/source/ps1/ps1.ipynb",
    ]
    for secret in (b"ann", b"ps2", b"return 2 * x", str(course.root).encode()):
        assert not any(secret in content for content in files.values()), secret
    # Half's solution is only in the module that the tests import.
    solved = [name for name, content in files.items() if b"return x / 2" in content]
    assert solved == ["course/answers.py"]
    assert b"answers.DOUBLES" in files["course/gradebook.db"]
    database = course.root.parent / "unpacked.db"
    database.write_bytes(files["course/gradebook.db"])
    with contextlib.closing(sqlite3.connect(database)) as db:
        tables = [name for (name,) in db.execute("select name from sqlite_master")]
        counts = {
            name: db.execute(f"select count(*) from {name}").fetchone()[0]
            for name in tables
            if not name.startswith("sqlite_")
        }
        assert db.execute("select name, duedate from assignment").fetchall() == [("ps1", None)]
    filled = {"assignment", "notebook", "base_cell", "grade_cells", "solution_cells"}
    assert {name for name, count in counts.items() if count} == {
        *filled,
        "task_cells",
        "source_cell",
    }


def test_equal_assignments_give_equal_bytes(course):
    before = pack_of(course).read_bytes()
    assert pack_of(course).read_bytes() == before
    course.submit("ann")
    course.grade()
    assert pack_of(course).read_bytes() == before
    course.release("ps1")  # the gradebook gets other keys
    assert pack_of(course).read_bytes() == before
    course.configure("c.NbJudge.cell_seconds = 7\n")
    assert pack_of(course).read_bytes() != before


def test_the_loaded_assignment_equals_the_packed_one(course):
    course.configure(
        "c.ClearHiddenTests.begin_test_delimeter = 'BEGIN SECRET'\n"
        "c.NbJudge.cell_seconds_of = {'ps1': 7, 'ps2': 8}\n"
        "c.NbJudge.test_files = ['notes']\n"
        f"c.NbJudge.hidden_folders = [{sysconfig.get_path('purelib') + '/numpy'!r}]\n"
        "c.CourseDirectory.ignore = ['*.log']\n"
        "c.Autograde.exclude_overwriting = {'ps1': ['data.csv']}\n"
    )
    (course.root / "notes").mkdir()
    (course.root / "notes" / "n.txt").write_text("x")
    path = pack_of(course, isolation="reduced")
    with course.here():
        ours = Assignment("ps1", *load_course(), for_reading=True)
        with unpacked(path) as packed, contextlib.closing(packed.open()) as theirs:
            assert theirs.is_placed
            for name, spec in theirs.specs.items():
                same = [(c.grade_id, c.source, c.points, c.marks) for c in spec.cells]
                assert same == [
                    (c.grade_id, c.source, c.points, c.marks) for c in ours.specs[name].cells
                ]
                assert spec.added == ours.specs[name].added
                assert spec.cells[1].marks[0] == "BEGIN SECRET"
            assert theirs.settings.limits("ps1") == ours.settings.limits("ps1")
            assert theirs.master == ours.master
            assert theirs.overridable == ours.overridable == {"data.csv"}
            assert theirs.coursedir.ignore == ["*.log"]
            assert sorted(theirs.course_files) == ["answers.py", "notes/n.txt"]
            assert theirs.settings.hidden_folders == ours.settings.hidden_folders
            assert theirs.settings.isolation == "reduced"
        ours.close()


def test_a_test_in_the_child_stays_there(course):
    course.write_source(
        "ps3", ps3=[cell("vector", VECTOR, solution=True), test_cell("vector_test", VECTOR_TEST, 1)]
    )
    course.release("ps3")
    course.submit("ann", assignment="ps3")
    course.grade("ps3")
    with unpacked(pack_of(course, "ps3")) as packed, contextlib.closing(packed.open()) as opened:
        assert packed.placement == {"ps3": ["vector_test"]}
        assert [test.in_child for test in opened.specs["ps3"].tests] == [True]
    course.configure("c.NbJudge.tests_in_child = False\n")
    with unpacked(pack_of(course, "ps3")) as packed, contextlib.closing(packed.open()) as opened:
        assert packed.placement == {"ps3": ["vector_test"]}
        assert opened.specs["ps3"].tests[0].left_because


def test_hidden_tests_in_the_child_are_not_packed_for_instant_feedback(course, command):
    hidden = f"### BEGIN HIDDEN TESTS\n{VECTOR_TEST}\n### END HIDDEN TESTS"
    for name, test in (("ps3", VECTOR_TEST), ("ps4", hidden)):
        course.write_source(
            name,
            **{name: [cell("vector", VECTOR, solution=True), test_cell("vector_test", test, 1)]},
        )
        course.release(name)
    done = command("pack", "ps3", "--gradescope")  # students have all of its lines
    assert done.status == OK, done.stderr
    done = command("pack", "ps4", "--gradescope")
    assert done.status == USAGE and not (course.root / "ps4-gradescope.zip").exists()
    for words in ("vector_test", "--visibility", "nbjudge check ps4", "--allow-child-tests"):
        assert words in done.stderr
    for options in (["--allow-child-tests"], ["--visibility", "after_due_date"]):
        done = command("pack", "ps4", "--gradescope", *options)
        assert done.status == OK and "can print its hidden lines: vector_test" in done.stderr
    done = command("pack", "ps4")
    assert done.status == OK and "can print its hidden lines: vector_test" in done.stderr
    assert command("pack", "ps4", "--allow-child-tests").status == USAGE


def test_files_outside_the_course_are_refused(course, tmp_path):
    (tmp_path / "data.csv").write_text("1")
    course.configure(f"c.NbJudge.test_files = [{str(tmp_path / 'data.csv')!r}]\n")
    with pytest.raises(ValueError, match=r"only files in .* are copied to other machines"):
        pack_of(course)


# Solutions.


@pytest.mark.parametrize("source", SOLUTIONS.values(), ids=SOLUTIONS)
def test_a_skeleton_has_the_names_and_imports_of_the_solution(source):
    tree, left = static_names.parse(source), static_names.parse(skeleton(source))
    assert static_names.defined_names(left) == static_names.defined_names(tree)
    assert static_names.imports(left) == static_names.imports(tree)
    assert static_names.tuple_classes(left) == static_names.tuple_classes(tree)
    assert left.body or not tree.body
    assert skeleton(source)


def test_a_notebook_without_solutions_gives_the_same_specification(course):
    with (
        course.here(),
        contextlib.closing(Assignment("ps1", *load_course(), for_reading=True)) as opened,
    ):
        spec = opened.specs["ps1"]
        recorded = opened.records.recorded("ps1")
    notebook = json.loads(without_solutions(spec))
    made = make_spec("ps1", recorded, notebook, *(spec.cells[0].marks, spec.cells[0].scheme))
    assert made.kernelspec == spec.kernelspec
    for left, whole in zip(made.cells, spec.cells, strict=True):
        assert made.asked(left) == spec.asked(whole)
        assert (left.source, left.tags) == (whole.source, whole.tags)
        if not whole.solution:
            assert left == whole


# Damaged packs.


def escape(name):
    def change(manifest, files):
        files[name] = b"x"
        manifest["files"][name] = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"

    return change


def set_format(manifest, files):
    manifest["format"] = FORMAT + 1
    manifest["nbjudge"] = "9.9"


def lead_out(manifest, files):
    manifest["search_path"] = ["../.."]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (set_format, "was written by nbjudge 9.9 in a newer format"),
        (
            lambda m, f: f.update({"course/answers.py": b"DOUBLES = {}"}),
            "changed since it was packed: 'course/answers.py'",
        ),
        (
            lambda m, f: f.pop("course/answers.py"),
            "changed since it was packed: 'course/answers.py'",
        ),
        (lambda m, f: m.pop("assignment"), "is damaged: KeyError: 'assignment'"),
        (lambda m, f: m.update(settings=[]), "expected its settings to be a dict, not a list"),
        (escape("course/../../evil"), "leaves its folder"),
        (escape("/evil"), "is not below course/"),
        (escape("course/..\\evil"), "leaves its folder"),
        (lead_out, "leaves its folder"),
        (lambda m, f: m["settings"]["NbJudge"].update(isolation="best"), "a setting in the pack"),
    ],
)
def test_a_damaged_pack_is_refused(course, change, message):
    path = pack_of(course)
    repacked(path, change)
    with pytest.raises(PackError, match=message), unpacked(path):
        pass
    assert not (course.root.parent / "evil").exists()


def test_files_that_are_no_packs_are_refused(course, tmp_path, monkeypatch):
    path = pack_of(course)
    whole = path.read_bytes()
    for content, message in (
        (b"", "is not a readable pack"),
        (whole[: len(whole) // 2], "is not a readable pack"),
        (whole[:2000] + b"\0" * 50 + whole[2050:], "is (damaged|not a readable pack)"),
        (make_zip({"a": b""}), "is not a pack; `nbjudge pack ASSIGNMENT` writes one"),
    ):
        path.write_bytes(content)
        with pytest.raises(PackError, match=message):
            read_pack(path)
    path.write_bytes(whole)
    monkeypatch.setattr("nbjudge.plugins.standalone.pack_file.MOST_BYTES", 1000)
    with pytest.raises(PackError, match="is no pack: it has .* bytes, and a pack at most"):
        read_pack(path)


# The command.


def test_the_command(course, command):
    done = command("pack", "ps1")
    assert done.status == OK, done.stderr
    path = course.root / "ps1.nbpack"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "Keep it secret: it contains the hidden tests." in done.stderr
    assert read_pack(path)[0]["assignment"] == "ps1"
    assert command("pack", "ps9").status == USAGE
    assert command("pack", "ps1", "-o", "no/folder/x").status == USAGE


def test_a_wrong_test_is_named(course, command):
    """Also if the assignment was graded before, when the place of its tests was stored."""
    wrong = [*square_question(), test_cell("wrong_test", "assert square(2) == 5", 3)]
    course.write_source("ps3", ps3=wrong)
    course.release("ps3")
    course.submit("ann", assignment="ps3")
    for _ in range(2):
        done = command("pack", "ps3")
        assert done.status == OK
        said = " ".join(done.stderr.split())
        name = "ps3: the instructor's own solution loses points, in nbgrader too: wrong_test"
        assert name in said and said.index(name) < said.index("Wrote ps3.nbpack")
        course.grade("ps3")
    assert "loses points" not in command("pack", "ps1").stderr


def test_a_stored_placement_remains(course, command):
    course.submit("ann")
    course.grade("ps1")
    course.write('update nbjudge_placement set in_child = \'{"ps1": ["double_test"]}\'')
    assert command("pack", "ps1").status == OK
    assert read_pack(course.root / "ps1.nbpack")[0]["placement"] == {"ps1": ["double_test"]}


def test_unreleased_changes_are_reported(course, command):
    course.write_source("ps1", ps1=[cell("double", RIGHT["double"], solution=True)])
    done = command("pack", "ps1")
    assert done.status == USAGE
    assert "lacks the cells" in done.stderr
