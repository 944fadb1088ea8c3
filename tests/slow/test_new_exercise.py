"""A new exercise takes one file in exercises/ and one in source/, as documented."""

import re

from tests.files import copy_repository, run_python
from tools.course import ROOT

PARTS = ("convnet", "exercises", "nbexercise", "nbjudge", "public_tests", "source", "tools")
PARTS += ("pyproject.toml", "requirements.lock")
GUIDE = (ROOT / "docs/contributing/exercises.md").read_text()
EXERCISE, TEXT = (
    re.search(rf"<!-- {name} -->\n(```+)python\n(.*?)\1", GUIDE, re.DOTALL)[2]
    for name in ("example exercise", "example assignment")
)

PROGRAM = """
import numpy as np
from tools.release import build_cases
build_cases()
from exercises import EXERCISES
from tools.notebooks import build_notebook
notebook = build_notebook("leaky")
cells = {cell.id: cell for cell in notebook.cells}
assert cells["leaky_relu_grade"].metadata["nbgrader"]["points"] == 5
assert "### BEGIN SOLUTION" in cells["leaky_relu"].source
import importlib, public_tests
importlib.reload(public_tests)  # with the new cases
public_tests.leaky_relu_test(lambda Z, slope: np.where(Z > 0, Z, slope * Z))
exercise = EXERCISES["leaky_relu"]
for mistake in exercise.mistakes:
    verdict = exercise.judge(exercise.wrong_function(mistake), seed=1)
    lost = {result.check.name for result in verdict.results if not result.passed}
    assert lost == set(mistake.fails), (mistake.name, lost)
    assert verdict.mistake.name == mistake.name
assert exercise.judge(exercise.loops, seed=1).passed
"""


def test_the_heading_of_the_example_is_the_one_that_its_page_names():
    assert "# ## Exercise: leaky_relu\n" in TEXT


def test_the_two_files_of_the_example_are_enough(tmp_path):
    copy_repository(tmp_path, lambda path: path.parts[0] in PARTS)
    (tmp_path / "exercises" / "leaky_relu.py").write_text(EXERCISE)
    (tmp_path / "source" / "leaky.py").write_text(TEXT)
    result = run_python(tmp_path, "-c", PROGRAM)
    assert result.returncode == 0, result.stderr
    assert "leaky_relu: all 3 checks passed." in result.stdout
