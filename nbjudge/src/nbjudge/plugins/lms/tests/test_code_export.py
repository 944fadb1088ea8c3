"""`nbjudge export code` writes folders that JPlag and MOSS can compare."""

import ast
import csv
import json
import shutil

import pytest

from nbjudge.plugins.lms.code_export import file_name
from nbjudge.plugins.lms.students_code import code_of
from nbjudge.plugins.lms.tests.test_tables import export
from tests.support.processor_time import finishes

FULL = {"double_test": 2, "half_test": 3, "essay": 4}


def notebook(*cells):
    return json.dumps({"nbformat": 4, "cells": list(cells)})


def cell(source, kind="code", **nbgrader):
    metadata = {"nbgrader": nbgrader} if nbgrader else {}
    return {"cell_type": kind, "metadata": metadata, "source": source}


def files_of(folder):
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def submitted(school):
    """Let ann submit answers, and release the assignment."""
    school.grade("ann", "ps1", **FULL)
    path = school.root / "autograded" / "ann" / "ps1" / "ps1.ipynb"
    path.write_text(
        notebook(
            cell("import numpy", locked=True, solution=False, grade=False, grade_id="setup"),
            cell("def double(x):\n    return 2 * x", solution=True, grade_id="double"),
            cell("assert double(1) == 2", grade=True, locked=True, solution=False, grade_id="t"),
            cell("%matplotlib inline\n  !ls\nhelper = '''\n%d'''"),
            cell("text % \\\n  3\nf'''\n%d'''"),
            cell("Prose", "markdown"),
        )
    )
    release = school.root / "release" / "ps1" / "ps1.ipynb"
    release.parent.mkdir(parents=True)
    release.write_text(notebook(cell("def double(x): ...", solution=True, grade_id="double")))
    return school


def test_each_student_has_a_folder_with_answers_and_helpers_only(submitted):
    assert export(submitted, "code", "ps1") == 0
    files = files_of(submitted.root / "code")
    assert files.pop("ps1/base/ps1.py") == "def double(x): ...\n"
    assert list(files) == ["ps1/submissions/ann/ps1.py"]
    (code,) = files.values()
    assert code.startswith("def double(x):\n    return 2 * x\n\n\n# %matplotlib inline\n  # !ls\n")
    assert "f'''\n%d'''" in code, "strings in valid Python stay"
    assert "assert" not in code and "numpy" not in code and "Prose" not in code
    ast.parse(code)


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("%%bash\nfor f in *; do\n\n  ls\ndone", "# %%bash\n# for f in *; do\n\n#   ls\n# done"),
        (
            "%%writefile m.py\ndef f(x):\n    return x",
            "# %%writefile m.py\ndef f(x):\n    return x",
        ),
        ("%%time\n!ls\nx = 1", "# %%time\n# !ls\nx = 1"),
        ("%%time\nx = = 1", "# %%time\n# x = = 1"),
    ],
)
def test_the_rest_of_a_cell_magic_stays_if_it_is_python(source, code):
    assert code_of([{"cell_type": "code", "source": source, "metadata": {}}]) == code
    ast.parse(code)


def test_pseudonyms_replace_ids_and_a_table_resolves_them(submitted):
    assert export(submitted, "code", "ps1", "--pseudonyms", "--output", "out") == 0
    folder = submitted.root / "out"
    (student,) = (folder / "ps1" / "submissions").iterdir()
    with (folder / "pseudonyms.csv").open(newline="") as file:
        ids = {row["pseudonym"]: row["student_id"] for row in csv.DictReader(file)}
    assert ids[student.name] == "ann"
    assert sorted(ids.values()) == ["ann", "bob", "cem", "dan", "eve", "fay"]
    assert "ann" not in "".join(path.name for path in folder.rglob("*"))


def test_an_existing_folder_is_not_mixed_with_new_files(submitted, capsys):
    (submitted.root / "code").mkdir()
    assert export(submitted, "code") == 0
    assert export(submitted, "code") == 2
    assert "not an empty folder" in capsys.readouterr().err


def test_file_names_are_safe_and_different():
    names = ["a/b", "..", "-rf", "ann@example.org", "a b", "a_b", "Müller", "a%20b", "~x"]
    safe = [file_name(name) for name in names]
    assert len(set(safe)) == len(names)
    assert safe[3] == "ann@example.org"
    assert all(name.isascii() and not set(name) & set("/\\ $'\"") for name in safe)
    assert not any(name.startswith((".", "-", "~")) for name in safe)


def test_long_names_in_any_script_have_a_folder(submitted):
    long = ["\u0e2a" * 50, "\u0e2a" * 49 + "\u0e27", "\U00020000" * 60]
    graded = submitted.root / "autograded"
    for student in long:
        submitted.grade(student, "ps1", **FULL)
        shutil.copy(graded / "ann/ps1/ps1.ipynb", graded / student / "ps1")
    assert export(submitted, "code", "ps1") == 0
    names = [path.name for path in (submitted.root / "code/ps1/submissions").iterdir()]
    assert len(names) == 4 and "ann" in names and max(map(len, names)) < 230


def test_no_text_takes_long():
    source = "!a\n" * 10_000 + "\n" * 200_000 + "x = = 1"
    cell = {"cell_type": "code", "source": source, "metadata": {}}
    assert finishes(lambda: code_of([cell]))
