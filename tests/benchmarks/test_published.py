"""Numbers that other pages quote from benchmarks are those of their tables."""

import re

import pytest

from tests.files import ROOT


def rows(name):
    """Return the tables of a benchmark's page as {first cell: other cells}."""
    lines = (ROOT / "benchmarks" / name).read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    return {first: rest for first, *rest in cells}


def test_the_numbers_of_wrong_functions_are_those_of_the_table():
    mistakes, *_, mutants, _, _, _ = rows("checks/mutation.md")["all"]
    said = (ROOT / "docs/checks.md").read_text(encoding="utf-8")
    assert f"| known mistakes | {mistakes} |" in said
    assert f"| correct functions changed in one place | {int(mutants):,} |" in said


@pytest.mark.parametrize(
    "page", ["docs/comparison.md", "nbjudge/README.md", "benchmarks/engine/foreign.md"]
)
def test_the_scores_of_other_courses_are_those_of_the_table(page):
    _, _, cells, equal, *_ = rows("engine/foreign.md")["all unseen"]
    cells = f"{int(cells):,}"
    found = re.findall(rf"[\d,]+ of {cells}", (ROOT / page).read_text(encoding="utf-8"))
    assert {*found} == {f"{int(equal):,} of {cells}"}
