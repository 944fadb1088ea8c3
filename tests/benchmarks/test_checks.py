"""The benchmarks of the checks can be imported: what they take from the tests is there."""

import importlib

import pytest

from tests.files import ROOT

NAMES = sorted(path.stem for path in (ROOT / "benchmarks/checks").glob("[!_]*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_can_be_imported(name):
    if name == "first_check":
        pytest.importorskip("playwright")
    assert importlib.import_module(f"benchmarks.checks.{name}").main
