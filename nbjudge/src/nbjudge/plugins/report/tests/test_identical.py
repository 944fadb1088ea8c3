"""Identical work is reported with the students, whatever hides it, and chance is not."""

import contextlib
import json
import random

import pytest

from nbjudge.cli.main import main
from nbjudge.plugins.report.class_report import make_report
from nbjudge.plugins.report.functions import Function, fingerprints, read_functions
from nbjudge.plugins.report.identical import (
    CLASSES,
    GROUP,
    Identical,
    find_identical,
    own_fingerprints,
)
from nbjudge.plugins.report.tests.test_functions import FUNCTION, SAME
from nbjudge.plugins.report.tests.test_page import page_of
from nbjudge.plugins.standings.reading import read_standings

NAMES = [f"f{n}" for n in range(12)]
FULL = {"double_test": 2, "half_test": 3, "essay": 4}


def lines_of(text, number=10):
    return tuple(f"line {n} of {text}" for n in range(number))


def make_class(size, names=NAMES, number=10):
    """Return functions of students that are all different."""
    return {
        f"s{n:02}": {f: Function(f, f"{n} {f}", lines_of(f"{n} {f}", number)) for f in names}
        for n in range(size)
    }


def copy(students, owner, thief, names, renamed=False):
    for name in names:
        original = students[owner][name]
        lines = lines_of(f"my {name}") if renamed else original.lines
        students[thief][name] = Function(name, original.tree, lines)


def of(*texts):
    return {f.name: f for text in texts for f in read_functions(text)}


@pytest.mark.parametrize(("number", "enough"), [(10, 2), (5, 3), (2, 4)])
def test_the_shorter_the_texts_the_more_must_be_the_same(number, enough):
    students = make_class(24, [f"f{n}" for n in range(27)], number)
    copy(students, "s01", "s02", NAMES[: enough - 1])
    assert find_identical(students) == []
    copy(students, "s01", "s02", NAMES[:enough])
    assert find_identical(students) == [Identical(("s01", "s02"), (), tuple(NAMES[:enough]))]


@pytest.mark.parametrize("number", [1_100, 5_000])
def test_a_pair_may_share_thousands_of_functions(number):
    names = [f"f{n:04}" for n in range(number)]
    students = make_class(5, names, 1)
    copy(students, "s01", "s02", names)
    assert find_identical(students) == [Identical(("s01", "s02"), (), tuple(names))]


def test_renamed_functions_are_distinguished_from_those_with_the_same_text():
    students = make_class(24)
    copy(students, "s01", "s02", NAMES[:4])
    copy(students, "s01", "s02", NAMES[4:6], renamed=True)
    (found,) = find_identical(students)
    assert (found.same, found.changed) == (tuple(NAMES[:4]), tuple(NAMES[4:6]))


def test_other_comments_hide_nothing():
    students = make_class(24, [f"f{n}" for n in range(27)])
    copy(students, "s01", "s02", NAMES[:3], renamed=True)
    assert find_identical(students) == []
    for name in NAMES[:3]:
        original = students["s01"][name]
        lines = ("# all my own work", *(f"{line}  # because" for line in original.lines))
        students["s02"][name] = Function(name, original.tree, lines)
    assert find_identical(students) == [Identical(("s01", "s02"), (), (), tuple(NAMES[:3]))]


def test_renamed_functions_alone_are_reported_if_there_are_enough():
    students = make_class(24)
    copy(students, "s01", "s02", NAMES, renamed=True)
    assert find_identical(students) == [Identical(("s01", "s02"), (), (), tuple(sorted(NAMES)))]


def test_connected_pairs_are_one_entry():
    students = make_class(24)
    for thief in ("s02", "s03"):
        copy(students, "s01", thief, NAMES)
    copy(students, "s10", "s11", NAMES)
    assert [one.students for one in find_identical(students)] == [
        ("s01", "s02", "s03"),
        ("s10", "s11"),
    ]


def test_a_group_may_share_work():
    students = make_class(24)
    copy(students, "s01", "s02", NAMES)
    files = {"s01": {"ps1": "x"}, "s02": {"ps1": "x"}}
    assert find_identical(students, (), files, {"s01": "A", "s02": "B"}) != []
    assert find_identical(students, (), files, {"s01": "A"}) != []
    assert find_identical(students, (), files, {"s01": "s02"}) != []
    assert find_identical(students, (), files, {"s01": "A", "s02": "A"}) == []


def test_what_many_have_and_the_courses_own_code_do_not_count():
    students = make_class(60)
    for number in range(1, GROUP + 1):
        copy(students, "s00", f"s{number:02}", NAMES)
    assert find_identical(students) == []
    students = make_class(24)
    copy(students, "s01", "s02", NAMES)
    own = {function.tree for function in students["s01"].values()}
    files = {"s01": {"ps1": "x"}, "s02": {"ps1": "x"}}
    assert find_identical(students, own) == []
    del students["s01"], students["s02"]
    assert find_identical(students, own, files) == [], "nobody wrote a function"


def test_given_lines_do_not_make_a_function_long():
    students = make_class(24)
    for functions in students.values():
        for name in NAMES:
            given = tuple(f"given {n}" for n in range(20))
            functions[name] = Function(name, functions[name].tree, (*given, functions[name].tree))
    copy(students, "s01", "s02", NAMES[:3])
    assert find_identical(students) == []
    copy(students, "s01", "s02", NAMES)
    assert len(find_identical(students)) == 1


@pytest.mark.parametrize("answers", [8, 60])
def test_functions_dealt_at_random_name_nobody_in_nearly_all_classes(answers):
    named, luck = 0, random.Random(1)
    for _ in range(CLASSES):
        students = {
            f"s{n}": {
                f: Function(f, text, lines_of(text))
                for f in NAMES
                for text in [f"{f} {luck.randrange(answers)}"]
            }
            for n in range(24)
        }
        named += bool(find_identical(students))
    assert named <= 2


def test_the_same_file_is_reported_without_any_rare_function():
    students = make_class(24)
    files = {name: {"ps1": name, "ps2": "x" if name < "s02" else name} for name in students}
    assert find_identical(students, (), files) == [Identical(("s00", "s01"), ("ps2",))]
    everybody = {name: {"ps1": "x"} for name in students}
    assert find_identical(students, (), everybody) == []


def test_the_text_of_a_function_has_its_comments_and_names_and_no_indentation():
    (function,) = read_functions(FUNCTION)
    assert function.name == "conv" and {function.tree} == fingerprints(FUNCTION)
    assert "# comment" in function.lines and "total = 0" in function.lines
    inside = "class Layer:\n" + "\n".join(f"    {line}" for line in FUNCTION.splitlines())
    (method,) = read_functions(inside.replace("\n", "\n\n"))
    assert (method.name, method.lines) == ("Layer.conv", function.lines)
    for what in ("names", "comments", "spaces and parentheses"):
        (other,) = read_functions(SAME[what])
        assert other.tree == function.tree and other.lines != function.lines


def submit(school, student, *answers, order=1):
    """Grade a notebook with functions in several cells; `order` -1 reverses the cells."""
    school.grade(student, "ps1", answers={"double_test": ""}, **FULL)
    path = school.root / "autograded" / student / "ps1" / "ps1.ipynb"
    notebook = json.loads(path.read_text())
    own = [{"cell_type": "code", "metadata": {}, "source": text} for text in answers][::order]
    notebook["cells"] += own
    path.write_text(json.dumps(notebook))
    (school.root / "submitted" / student / "ps1" / "ps1.ipynb").write_text(student[:1])


def report_of(school):
    coursedir, settings = school.course()
    return make_report(read_standings(coursedir, parts=settings.parts))


def test_copies_are_found_in_other_cells_and_another_order(school):
    texts = [FUNCTION.replace("conv", name) for name in NAMES]
    renamed = [text.replace("total", "s").replace("# comment", "# my own") for text in texts]
    for number in range(8):
        student = f"{number}z"
        submit(school, student, *(text.replace("= 0", f"= {number}.5") for text in texts))
    submit(school, "ann", *texts)
    submit(school, "cem", *renamed, order=-1)
    assert report_of(school).identical == (Identical(("ann", "cem"), (), (), tuple(sorted(NAMES))),)


def test_the_page_states_facts_and_innocent_explanations(school):
    assert "Identical work" not in page_of(school)
    for student in ("eve", "even"):  # `submit` writes the same file for both
        submit(school, student, FUNCTION)
    page = page_of(school)
    section = page[page.index('<section id="identical"') : page.index('<section id="students"')]
    assert "Eve Zoë" in section and ">even</a>" in section
    assert "<strong>same file:</strong> ps1" in section
    assert "<strong>1 function:</strong> conv" in section
    assert "innocent explanations" in section
    (one,) = report_of(school).identical
    assert one == Identical(("eve", "even"), ("ps1",), ("conv",))


def test_a_group_of_the_class_list_is_named_nowhere(school):
    for student in ("eve", "cem"):
        submit(school, student, *(FUNCTION.replace("conv", name) for name in NAMES))
        path = school.root / "submitted" / student / "ps1" / "ps1.ipynb"
        path.write_text("the same")
    assert len(report_of(school).identical) == 1
    for group in ("G1", "G2"):
        lines = f"Name,Username,Lab\nEve Z,eve,G1\nCem Y,cem,{group}\n"
        (school.root / "class.csv").write_text(lines)
        with contextlib.chdir(school.root):
            assert main(["students", "class.csv", "--group", "Lab"]) == 0
        assert len(report_of(school).identical) == (group == "G2")


def test_the_courses_code_is_that_of_its_notebooks_and_of_named_files(school, tmp_path):
    coursedir, _ = school.course()
    assert own_fingerprints(coursedir, ["ps1"]) == set()
    other = FUNCTION.replace("tanh", "exp")
    (tmp_path / "solutions").mkdir()
    long = "x = 1\n" * 10_000
    (tmp_path / "solutions" / "layers.py").write_text(long + FUNCTION)
    folder = school.root / "source" / "ps1"
    folder.mkdir(parents=True)
    cell = {"cell_type": "code", "metadata": {}, "source": other, "outputs": []}
    (folder / "ps1.ipynb").write_text(json.dumps({"nbformat": 4, "cells": [cell]}))
    found = own_fingerprints(coursedir, ["ps1"], [tmp_path / "solutions"])
    assert found == fingerprints(FUNCTION) | fingerprints(other)
    with pytest.raises(LookupError, match="nowhere"):
        own_fingerprints(coursedir, ["ps1"], [tmp_path / "nowhere"])
