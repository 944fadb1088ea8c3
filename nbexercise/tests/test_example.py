"""The example course: right work earns all points, and wrong versions are told what is wrong."""

import importlib.util
from pathlib import Path

import pytest

from nbexercise import describe, exercise_named, explain
from nbexercise.building.folder import names_in
from nbexercise.building.proving import prove

ROOT = Path(__file__).parents[1] / "example"
TABLES = {"mean_price"}  # exercises that need pandas
HAS_PANDAS = importlib.util.find_spec("pandas") is not None
NAMES = [name for name in names_in(ROOT) if HAS_PANDAS or name not in TABLES]


def definition(name):
    if name in TABLES:
        pytest.importorskip("pandas")
    return exercise_named(name, ROOT)


@pytest.mark.parametrize("name", names_in(ROOT))
def test_a_definition_takes_forty_lines(name):
    text = (ROOT / "checks" / f"{name}.py").read_text()
    assert len([line for line in text.splitlines() if line.strip()]) <= 40


@pytest.mark.parametrize("name", names_in(ROOT))
def test_it_is_ready_and_every_mistake_is_named(name):
    proof = prove(definition(name))
    assert not proof.problems
    solution, stub, *others = proof.rows
    assert (solution.points, stub.points) == (proof.points, 0)
    mistakes = [row for row in others if row.function != "return None"]
    assert len(mistakes) >= 2
    assert {row.named for row in mistakes} == {"yes"}


WRONG = [  # exercise, solution, points, sentences
    (
        "trapezoid",
        "area = f(a) + f(b)",
        0,
        "What happened: The two ends were counted in full.",
        "f(x) = np.exp(x), a 0.0, b 1.0, n 4",
        "area is 2.1920071, expected 1.7272219",
    ),
    (
        "trapezoid",
        "for i in range(1, n - 1):",
        1,
        "The last inner point was left out",
        "In line 5 (for i in range(1, n - 1))",
    ),
    ("trapezoid", "area *= a", 0, "In line 7 (area *= a), a should be h."),
]


def test_a_changed_line_is_named(tmp_path):
    pass
