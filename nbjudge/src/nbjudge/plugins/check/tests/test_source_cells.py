"""Differences between source/ and the gradebook; solutions are removed as nbgrader does."""

import itertools
import logging

import nbformat
import pytest
from nbgrader.preprocessors import ClearSolutions, NbGraderPreprocessor, SaveCells
from traitlets.config import Config

from nbjudge.notebook.spec import CellSpec, NotebookSpec
from nbjudge.plugins.check.source_cells import _clearing, find_differences, find_slips


class Renamed(NbGraderPreprocessor):
    """A course's own preprocessor, which replaces a word in all cells."""

    def preprocess_cell(self, cell, resources, index):
        if "fail" in cell.source:
            raise ValueError("no such word")
        cell.source = cell.source.replace("TERM", "2026").replace("NotImplementedError", "Missing")
        return cell, resources


LINES = ["a = 1", "  ### BEGIN SOLUTION", "\tb", "### END SOLUTION", "# <<", "# >>"]
CONFIGS = [
    {},
    {"code_stub": {"python": "one\n two"}, "text_stub": "your text"},
    {"begin_solution_delimeter": "<<", "end_solution_delimeter": ">>", "enforce_metadata": False},
    {"code_stub": "a stub of an old version"},
]


def by_nbgrader(clear, cell, language="python"):
    """Return the text or the exception of nbgrader's own preprocessor."""
    try:
        return clear.preprocess_cell(cell, {"language": language}, 0)[0].source
    except (KeyError, RuntimeError) as error:
        return type(error), str(error)


def by_nbjudge(clearing, cell, language="python"):
    kind, solution = cell.cell_type, cell.metadata.nbgrader.solution
    try:
        return clearing.released(cell.source, kind == "code", solution, language)
    except (KeyError, RuntimeError) as error:
        return type(error), str(error)


def both(settings):
    """Return nbgrader's preprocessor and nbjudge's."""
    clear = ClearSolutions(config=Config(ClearSolutions=dict(settings)))
    clear.log = logging.Logger("silent", logging.CRITICAL)
    return clear, _clearing(Config(ClearSolutions=dict(settings)))


@pytest.mark.parametrize("settings", CONFIGS)
def test_solutions_are_removed_as_nbgrader_removes_them(settings):
    clear, clearing = both(settings)
    for length in range(5):
        for lines in itertools.product(LINES, repeat=length):
            for kind, solution in itertools.product(("code", "markdown"), (True, False)):
                if length > 3 and (kind, solution) != ("code", True):
                    continue
                cell = nbformat.from_dict(
                    {
                        "cell_type": kind,
                        "metadata": {"nbgrader": {"solution": solution}},
                        "source": "\n".join(lines),
                    }
                )
                ours = by_nbjudge(clearing, cell)  # before nbgrader changes the cell
                assert ours == by_nbgrader(clear, cell), lines


def test_a_language_without_a_stub_is_an_error_as_in_nbgrader():
    cell = nbformat.from_dict(
        {"cell_type": "code", "metadata": {"nbgrader": {"solution": True}}, "source": "x"}
    )
    clear, clearing = both({})
    assert by_nbjudge(clearing, cell, "Python") == by_nbgrader(clear, cell, "Python")


def test_a_stub_may_be_changed_in_place():
    config = Config()
    config.ClearSolutions.code_stub.update({"python": "pass"})
    assert _clearing(config).released("x = 1", True, True, "python") == "pass"


def cell_spec(grade_id, source, **kinds):
    return CellSpec(grade_id=grade_id, cell_type="code", source=source, solved="", **kinds)


def graded_spec(source, grade_id="test", points=1.0):
    return cell_spec(grade_id, source, points=points, grade=True, locked=True)


def notebook(*cells):
    return {"metadata": {}, "cells": [{"cell_type": "code", **cell} for cell in cells]}


def test_differences_of_texts_points_kinds_and_cells():
    recorded = [
        cell_spec("answer", "raise NotImplementedError()", solution=True),
        graded_spec("assert f() == 1", points=2.0),
        cell_spec("given", "x = 1", locked=True),
        cell_spec("gone", "", locked=True),
    ]
    graded = {"grade_id": "test", "grade": True, "locked": True, "points": 3}
    cells = notebook(
        {"metadata": {}, "source": "an ordinary cell"},
        {"metadata": {"nbgrader": {"grade_id": "answer", "solution": True}}, "source": "f = 1"},
        {"metadata": {"nbgrader": graded}, "source": ["assert f()", " == 1"]},
        {"metadata": {"nbgrader": {"grade_id": "given", "solution": True}}, "source": "x = 1"},
        {"metadata": {"nbgrader": {"grade_id": "new", "locked": True}}, "source": ""},
        {
            "metadata": {"nbgrader": {"grade_id": "open", "solution": True}},
            "source": "BEGIN SOLUTION",
        },
    )
    stub = Config(ClearSolutions={"code_stub": {"python": "raise NotImplementedError()"}})
    assert [str(difference) for difference in find_differences(recorded, cells, stub)] == [
        "test has 3 points but 2 in the gradebook",
        "given is a solution (code) but recorded as a locked cell (code)",
        "the text of given has changed",
        "new is not in the gradebook",
        "open cannot be released (no end solution statement found)",
        "gone is only in the gradebook",
    ]


def generated(*lines):
    """Return the tests that nbgrader's autotests.yml makes of AUTOTEST lines."""
    tests = "from hashlib import sha1\n"
    for line in lines:
        for expression in line:
            tests += f'assert str(type({expression})) == "int", "type of {expression}"\n'
            tests += f'assert str({expression}) == "2", "value of {expression}"\n'
        tests += "\n"
    return tests


RECORDED = f"x = 1\n{generated(['f(1)', 'f(x)'])}y = 2\n{generated(['f(y)'])}print('Success!')"


@pytest.mark.parametrize(
    ("source", "is_changed"),
    [
        ("x = 1\n### AUTOTEST f(1); f(x)\ny = 2\n### HASHED AUTOTEST f(y);", False),
        ("x = 1\n  # AUTOTEST f(1);f(x)\ny = 2\n### AUTOTEST f(y)\n", False),
        ("x = 3\n### AUTOTEST f(1); f(x)\ny = 2\n### AUTOTEST f(y)", True),
        ("x = 1\n### AUTOTEST f(1); f(x)\ny = 3\n### AUTOTEST f(y)", True),
        ("x = 1\n### AUTOTEST f(1); f(2)\ny = 2\n### AUTOTEST f(y)", True),
        ("x = 1\n### AUTOTEST f(1); f(x)\ny = 2\n### AUTOTEST f(y); f(1)", True),
        ("x = 1\n### AUTOTEST f(1); f(x)\ny = 2\nz = 3\n### AUTOTEST f(y)", True),
        ("x = 1\n### BUILD f(1); f(x)\ny = 2\n### AUTOTEST f(y)", True),
        ("x = 1\ny = 2", True),
    ],
)
def test_generated_tests_are_no_change(source, is_changed):
    metadata = {"grade_id": "test", "grade": True, "locked": True, "points": 1}
    cell = {"metadata": {"nbgrader": metadata}, "source": source}
    recorded = [graded_spec(RECORDED)]
    found = list(map(str, find_differences(recorded, notebook(cell), Config())))
    assert found == ["the text of test has changed"] * is_changed


def test_the_delimiter_of_generated_tests_is_a_setting():
    config = Config(InstantiateTests={"autotest_delimiter": "BUILD"})
    metadata = {"grade_id": "test", "grade": True, "locked": True, "points": 1}
    cell = {"metadata": {"nbgrader": metadata}, "source": "# BUILD f(1)"}
    recorded = [graded_spec(generated(["f(1)"]))]
    assert find_differences(recorded, notebook(cell), config) == []
    assert len(find_differences(recorded, notebook(cell), Config())) == 1


def test_many_generated_tests_are_compared_at_once():
    source = "\n".join(f"### AUTOTEST f({n})" for n in range(500)) + "\nz = 1"
    recorded = "".join(generated([f"f({n})"] * 3) for n in range(500))
    metadata = {"grade_id": "test", "grade": True, "locked": True, "points": 1}
    cell = {"metadata": {"nbgrader": metadata}, "source": source}
    cells = [graded_spec(recorded)]
    assert len(find_differences(cells, notebook(cell), Config())) == 1


def appended():
    config = Config()
    config.GenerateAssignment.preprocessors.append(Renamed)  # too late for the gradebook
    config.GenerateAssignment.preprocessors.insert(4, f"{__name__}.Renamed")
    return config


@pytest.mark.parametrize(
    "config",
    [
        Config(GenerateAssignment={"preprocessors": [ClearSolutions, Renamed, SaveCells]}),
        appended(),
    ],
    ids=["a list", "a changed list"],
)
def test_a_courses_own_preprocessors_are_applied(config):
    recorded = [
        cell_spec("answer", "# YOUR CODE HERE\nraise Missing()", solution=True),
        cell_spec("given", "term = 2026", locked=True),
    ]

    def found(text):
        answer = {"grade_id": "answer", "solution": True}
        cells = notebook(
            {"metadata": {"nbgrader": answer}, "source": "f = 1"},
            {"metadata": {"nbgrader": {"grade_id": "given", "locked": True}}, "source": text},
        )
        cells["metadata"]["kernelspec"] = {"language": "python"}
        return list(map(str, find_differences(recorded, cells, config)))

    assert found("term = TERM") == []
    assert found(["term ", "= TERM"]) == []  # as files have them
    assert found("term = TERM + 1") == ["the text of given has changed"]
    assert found("fail") == ["the course's preprocessors fail (ValueError: no such word)"]
    without = find_differences(
        recorded[:0], notebook(), Config(GenerateAssignment={"preprocessors": [SaveCells]})
    )
    assert without == []


# Mistakes that nbgrader accepts.


def slips_of(*cells, config=None):
    """Return the mistakes in cells: (kind, text) or (kind, text, points of a test)."""
    made = []
    for number, (kind, text, *points) in enumerate(cells):
        cell = getattr(nbformat.v4, f"new_{kind}_cell")(text)
        cell.metadata["nbgrader"] = {"grade_id": f"c{number}", "grade": bool(points)}
        made.append((cell, *points))
    specs = [
        graded_spec(cell.source, f"c{number}", points[0])
        for number, (cell, *points) in enumerate(made)
        if points
    ]
    notebook = {"cells": [cell for cell, *_ in made]}
    return list(find_slips(NotebookSpec("p1", tuple(specs)), notebook, Config(config or {})))


@pytest.mark.parametrize(
    ("line", "delimiter"),
    [
        ("### BEGIN HIDDEN TEST", "BEGIN HIDDEN TESTS"),
        ("### END HIDDEN TETS", "END HIDDEN TESTS"),
        ("    # begin hidden tests", "BEGIN HIDDEN TESTS"),
        ("### BEGIN_HIDDEN_TESTS", "BEGIN HIDDEN TESTS"),
        ("###BEGIN  HIDDEN TESTS", "BEGIN HIDDEN TESTS"),
        ("### BEGIN HIDDEN TEST CASES", "BEGIN HIDDEN TESTS"),
        ("### Begin Solution", "BEGIN SOLUTION"),
        ("### END SOLUTIO", "END SOLUTION"),
        ("### BEGIN MARKING SCHEME", "BEGIN MARK SCHEME"),
    ],
)
def test_a_line_that_resembles_a_delimiter_is_a_slip(line, delimiter):
    (slip,) = slips_of(("code", f"x = 1\n{line}\nassert x"))
    shown = line.strip()
    said = f"c0 has the line `{shown}`, which nbgrader ignores: the delimiter is {delimiter}"
    assert slip == said


@pytest.mark.parametrize(
    "line",
    [
        "###BEGIN HIDDEN TESTS",
        "### BEGIN SOLUTIONS",
        "# END SOLUTION.",
        "# the end of the solution",
        "# hidden tests",
        "### BEGIN TESTS",
        "### BEGIN QUESTION",
        "# SAMPLE SOLUTION:",
        "# YOUR CODE HERE",
        "begin_solution = end_solution",
        "# BEGIN",
        "# TESTS",
        "",
    ],
)
def test_other_lines_are_no_slips(line):
    assert slips_of(("code", line)) == []


def test_delimiters_are_the_courses_own():
    own = {"ClearHiddenTests": {"begin_test_delimeter": "VERBORGEN"}}
    (slip,) = slips_of(("code", "# VERBORGENE\n# VERBORGEM"), config=own)
    assert "`# VERBORGEM`" in slip and slip.endswith("VERBORGEN")
    (slip,) = slips_of(("markdown", "Begin Mark Scheme\n\nBEGIN MARK SCHEME"))
    assert slip.startswith("c0 has the line `Begin Mark Scheme`")


@pytest.mark.parametrize(
    "source",
    ["", "# later", '"""Later."""', "pass", "# a\n...\npass", "### BEGIN HIDDEN TESTS\n# no"],
)
def test_a_test_without_code_is_a_slip(source):
    said = "c0 has no code, so every submission earns 2 points for it"
    assert slips_of(("code", source, 2.0)) == [said]
    assert slips_of(("code", source, 0.0)) == []


@pytest.mark.parametrize("source", ["1", "assert x", "%run tests.py", "!pytest", "f(1)"])
def test_a_test_with_code_is_none(source):
    assert slips_of(("code", source, 2.0)) == []
