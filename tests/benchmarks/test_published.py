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


@pytest.mark.parametrize("page", ["nbjudge/README.md", "nbjudge/docs/grading.md"])
def test_the_times_of_grading_are_those_of_the_table(page):
    table = (ROOT / "benchmarks/engine/grading.md").read_text(encoding="utf-8")
    of_16 = table.partition("\n16 submissions")[2].partition("\n120 submissions")[0]
    said = (ROOT / page).read_text(encoding="utf-8")
    for engine, digits in (("stock", 1), ("nbjudge", 2)):
        seconds = re.findall(rf"^\| [^|]+ \| {engine} \| ([\d.]+) \|", of_16, re.MULTILINE)
        least, most = (f"{number:.{digits}f}" for number in sorted(map(float, seconds)))
        assert f"{least} to {most} s" in said
