"""All modules of the course that tests import count, however they are imported."""

import itertools
import os
import sys
import unicodedata
import zipfile

import pytest

from nbjudge.course.course_modules import _candidates, _imported, course_modules

STATEMENTS = [
    "import helpers",
    "import os, helpers",
    "import os,helpers as h",
    "import\\\n  helpers",
    "import os, \\\n helpers.part",
    "from helpers import f",
    "from\thelpers.part import f",
    "from \\\nhelpers import (f,\n g)",
    "x = 1;import helpers",
    'if "import" in globals(): import helpers',
    'if "from": from helpers import f',
    "chosen = came_from\nfrom helpers import f",
    "# what the answer comes from\nfrom helpers import f",
    "import os, \\\r\n    helpers",
    "if x:from helpers import f",
    "try:\n    import helpers\nexcept ImportError: pass",
    "def f():\n    class C:\n        import helpers",
    "match x:\n    case 1:\n        import helpers",
    "import ｈelpers",
    "# Schrödinger\nimport helpers",
    "lambda: 0\nimport os as o, helpers as h",
    "%matplotlib inline\nimport helpers",
    "import helpers\n!ls\nx = %pwd",
    "%%time\nimport helpers",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_an_import_is_found(statement, tmp_path):
    assert "helpers" in _imported(statement)
    assert "helpers" in _candidates(statement)
    file = tmp_path / "helpers.py"
    file.write_text("")
    assert course_modules([statement], [str(tmp_path)]) == [file]


def test_modules_that_modules_import_are_found(tmp_path):
    first, second, third = (tmp_path / f"{name}.py" for name in ("first", "second", "third"))
    first.write_text("import second")
    second.write_text("import first\nfrom third import x")
    third.write_text("import missing")
    (tmp_path / "other.py").write_text("")
    for order in itertools.permutations(["import first", "x = 'third'", "import os"]):
        assert course_modules(order, [str(tmp_path)]) == [first, second, third]


def test_a_package_counts_with_all_its_files(tmp_path):
    package = tmp_path / "package"
    (package / "data").mkdir(parents=True)
    files = [package / "__init__.py", package / "data" / "numbers.txt", package / "part.py"]
    for file in files:
        file.write_text("import beside" if file.name == "part.py" else "")
    (tmp_path / "beside.py").write_text("")
    found = course_modules(["from package import part"], [str(tmp_path)])
    assert found == sorted([*files, tmp_path / "beside.py"])


def test_other_texts_and_modules_of_the_environment_do_not_count(tmp_path):
    (tmp_path / "helpers.py").write_text("")
    texts = ["import json, numpy", "'import helpers'", "from .helpers import x", "f(1, helpers)"]
    assert course_modules([*texts, "not Python: import helpers"], [str(tmp_path)]) == []


def test_modules_in_an_archive_and_beside_it_are_found(tmp_path):
    archive = tmp_path / "modules.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("inside.py", "")
    (tmp_path / "helpers.py").write_text("")
    path = [str(archive), str(tmp_path), str(tmp_path / "missing")]
    assert course_modules(["import helpers"], path) == [tmp_path / "helpers.py"]
    assert course_modules(["import helpers, inside"], path) == [tmp_path / "helpers.py", archive]


@pytest.mark.parametrize("name", ["नमस्ते", "été", "a·b", "x‿y", "ｆull", "℘"])
def test_modules_with_any_name_are_found(name, tmp_path):
    file = tmp_path / f"{unicodedata.normalize('NFKC', name)}.py"
    file.write_text("")
    assert course_modules([f"import {name}"], [str(tmp_path)]) == [file]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfimport second",
        b"# coding: latin-1\n\xe9 = 1\nimport second",
        b"# coding: utf-16-le\n\nimport second",  # Python cannot import it
    ],
)
def test_modules_in_any_encoding_are_read(content, tmp_path):
    first, second = tmp_path / "first.py", tmp_path / "second.py"
    first.write_bytes(content)
    second.write_text("")
    expected = [first] if b"utf-16" in content else [first, second]
    assert course_modules(["import first"], [str(tmp_path)])[: len(expected)] == expected


def test_linked_folders_of_a_package_count(tmp_path):
    package, elsewhere = tmp_path / "package", tmp_path / "elsewhere"
    package.mkdir()
    elsewhere.mkdir()
    (package / "__init__.py").write_text("")
    (elsewhere / "part.py").write_text("")
    (package / "linked").symlink_to(elsewhere)
    (elsewhere / "loop").symlink_to(package)
    found = course_modules(["from package.linked import part"], [str(tmp_path)])
    assert found == [package / "__init__.py", package / "linked" / "part.py"]


def test_a_course_below_the_environment_has_its_own_modules(tmp_path, monkeypatch):
    course = tmp_path / "src" / "app"
    course.mkdir(parents=True)
    own, beside = course / "helpers.py", tmp_path / "installed.py"
    for file in (own, beside):
        file.write_text("")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    found = course_modules(["import helpers, installed"], [str(course), str(tmp_path)])
    assert found == [own]
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "src" / "ap"))  # not the folder above
    assert course_modules(["import helpers"], [str(course)]) == [own]


def test_a_folder_that_cannot_be_listed_is_skipped(tmp_path, monkeypatch):
    (tmp_path / "helpers.py").write_text("")
    (closed := tmp_path / "closed").mkdir()
    listdir = os.listdir

    def refuse(folder):
        if folder == str(closed):
            raise PermissionError(13, "Permission denied", folder)
        return listdir(folder)

    monkeypatch.setattr(os, "listdir", refuse)
    path = [str(tmp_path), str(closed)]
    assert course_modules(["import helpers"], path) == [tmp_path / "helpers.py"]
