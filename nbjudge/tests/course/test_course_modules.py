"""All modules of the course that tests import count, however they are imported."""

import itertools
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
    "if x:from helpers import f",
    "try:\n    import helpers\nexcept ImportError: pass",
    "def f():\n    class C:\n        import helpers",
    "match x:\n    case 1:\n        import helpers",
    "import ｈelpers",
    "# Schrödinger\nimport helpers",
    "lambda: 0\nimport os as o, helpers as h",
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


def test_modules_beside_an_archive_are_found(tmp_path):
    archive = tmp_path / "modules.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("inside.py", "")
    (tmp_path / "helpers.py").write_text("")
    path = [str(archive), str(tmp_path), str(tmp_path / "missing")]
    assert course_modules(["import helpers"], path) == [tmp_path / "helpers.py"]
