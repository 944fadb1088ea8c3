"""The course's formulas are readable on feedback pages."""

import re
from pathlib import Path

import jupytext
import pytest

from nbjudge.feedback.prose import markdown

ROOT = Path(__file__).parent.parent
TEXTS = sorted([*ROOT.glob("source/*.py"), *ROOT.glob("course/[0-9]*.py")])


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_every_formula_is_converted(path):
    cells = [cell for cell in jupytext.read(path).cells if cell.cell_type == "markdown"]
    for cell in cells:
        for formula in re.findall(r'<span class="math">(.*?)</span>', markdown(cell.source), re.S):
            assert formula.startswith("<math "), formula
