"""The stored cases: a faithful round trip, no pickles, the same bytes, importable from a zip."""

import ast
import io
import json
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import public_tests
from exercises import EXERCISES
from exercises._source import BEGIN, END, function_source
from exercises._stored import same, to_store
from public_tests._sheet import Case, Outcome, Problem, dump_sheets, load_sheets

FOLDER = Path(public_tests.__file__).parent
STORED = (FOLDER / "cases.npz").read_bytes()


def built():
    return [exercise.sheet() for exercise in EXERCISES.values()]


def test_the_stored_cases_are_what_the_exercises_build():
    # After a change in exercises/: make release.
    assert to_store(built(), STORED) == STORED


def changed(sheet, factor):
    """The sheet with the last output of its last case off by a factor."""
    *cases, last = sheet.cases
    *_, name = last.expected.values
    values = {**last.expected.values, name: last.expected.values[name] * factor}
    return replace(
        sheet, cases=(*cases, replace(last, expected=replace(last.expected, values=values)))
    )


def test_what_is_stored_stays_while_only_the_last_digits_differ():
    sheet = EXERCISES["conv_forward"].sheet()
    stored = dump_sheets([sheet])
    assert to_store([changed(sheet, 1 + 1e-15)], stored) == stored
    for other in (changed(sheet, 1 + 1e-11), replace(sheet, title="Other")):
        assert to_store([other], stored) == dump_sheets([other]) != stored
    assert to_store([sheet], b"") == to_store([sheet], b"no archive") == stored


def test_the_stored_problems_hold_no_traceback_and_no_path():
    for sheet in load_sheets(STORED).values():
        for case in sheet.cases:
            problems = [o.problem for o in case.mistaken.values() if o.problem]
            assert all(problem.text == "" for problem in problems)
            assert not any("/" in problem.key for problem in problems)


def test_dumping_twice_and_dumping_what_was_loaded_gives_the_same_bytes():
    assert dump_sheets(load_sheets(STORED).values()) == STORED


def test_loading_gives_what_was_dumped():
    sheets = built()
    loaded = load_sheets(dump_sheets(sheets))
    assert list(loaded) == list(EXERCISES)
    for sheet in sheets:
        assert same(loaded[sheet.name], sheet), sheet.name


def test_every_kind_of_value_survives():
    values = {
        "empty": np.zeros((2, 0, 3)),
        "number": np.array(1 / 3),
        "mask": np.array([[True, False]]),
        "small": np.array([1, 2], np.uint8),
        "short": np.array([0.1], np.float32),
        "not finite": np.array([np.nan, np.inf, -np.inf, -0.0]),
        "long": np.array([0.1, 1e300, 5e-324]),
    }
    arguments = {"tuple": (1, (2.5, "three"), values["mask"]), "flag": True, "nothing": None}
    case = Case(
        "group",
        {"hparameters": {"stride": 2}, **values, **arguments},
        Outcome(values, cache="what is wrong", changed=("a", "b")),
        {
            "raises": Outcome(problem=Problem("error", "ValueError: é", "two\nlines")),
            "random": Outcome({"Z": values["long"]}, repeatable=False),
        },
    )
    sheet = built()[0]
    sheet = replace(sheet, cases=(case,))
    data = dump_sheets([sheet])
    (loaded,) = load_sheets(data).values()
    assert same(loaded, sheet)
    assert dump_sheets([loaded]) == data


def test_the_file_needs_no_pickle_and_keeps_no_dates():
    with np.load(io.BytesIO(STORED), allow_pickle=False) as archive:
        assert {archive[name].dtype.kind for name in archive.files} <= set("biuf")
    with zipfile.ZipFile(io.BytesIO(STORED)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist() == sorted(archive.namelist())
        for name in archive.namelist():
            assert b"pickle" not in archive.read(name)


def test_the_loaded_arrays_of_one_case_do_not_share_memory_with_anothers():
    sheet = load_sheets(STORED)["conv_forward"]
    first = sheet.cases[0].fresh_arguments()
    first["A_prev"][...] = 0
    assert sheet.cases[0].arguments["A_prev"].any()


PROGRAM = """
import sys
sys.path[:] = [{zip!r}, {numpy!r}, *(p for p in sys.path if "site-packages" not in p and p)]
sys.modules["matplotlib"] = sys.modules["IPython"] = None  # as where they are not installed
before = set(sys.modules)
from public_tests import *
import public_tests
assert ".zip" in public_tests.__file__, public_tests.__file__
brought = {{name.partition(".")[0] for name in set(sys.modules) - before}}
ours = brought - set(sys.stdlib_module_names) - {{"public_tests", "numpy"}}
assert not {{name for name in ours if not name.startswith("_")}}, ours
import numpy as np
zero_pad_test(lambda X, pad: np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0))))
try:
    zero_pad_test(lambda X, pad: np.pad(X, ((0, 0), (pad, pad), (0, 0), (0, 0))))
except AssertionError as error:
    print(error)
show("zero_pad")
hint("zero_pad")
"""


def test_it_works_from_one_zip_file_with_numpy_alone(tmp_path):
    path = tmp_path / "public_tests-0123.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted([*FOLDER.glob("*.py"), FOLDER / "cases.npz"]):
            archive.writestr(f"public_tests/{file.name}", file.read_bytes())
    program = PROGRAM.format(zip=str(path), numpy=str(Path(np.__file__).parents[1]))
    result = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd=tmp_path, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert "zero_pad: all 3 checks passed." in result.stdout
    assert "What happened: Only the height was padded" in result.stdout
    assert "expected, shape (3, 6, 8, 3)\n[[ 0." in result.stdout
    assert "Hint 1 of 3 for zero_pad:" in result.stdout


def test_the_package_imports_numpy_and_the_standard_library_alone():
    allowed = {"numpy", *sys.stdlib_module_names}
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            else:
                continue
            outside = {name.partition(".")[0] for name in names} - allowed
            assert outside <= ({"IPython"} if path.name == "_draw.py" else set()), path.name


def solution_lines(name):
    """The lines between the solution markers, without spaces, comments and trivial ones."""
    text = function_source(EXERCISES[name].taught, markers=True)
    inside = text.split(BEGIN)[1].split(END)[0]
    bare = (re.sub(r"\s+|#.*", "", line) for line in inside.splitlines())
    return {line for line in bare if len(line) > 8}


@pytest.mark.parametrize("name", EXERCISES)
def test_no_line_of_a_solution_is_in_the_package(name):
    with np.load(io.BytesIO(STORED)) as archive:
        texts = [archive["json"].tobytes().decode()]
    assert json.loads(texts[0])[name]["checks"]
    texts += [path.read_text() for path in FOLDER.glob("*.py")]
    squeezed = [re.sub(r"\s+", "", text) for text in texts]
    lines = solution_lines(name)
    assert lines
    found = {line for line in lines for text in squeezed if line in text}
    assert not found
