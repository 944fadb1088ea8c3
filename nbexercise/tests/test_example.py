"""The example course: right work earns all points, and wrong versions are told what is wrong."""

from pathlib import Path

import pytest

from nbexercise import exercise_named
from nbexercise.building.commands import function_in
from nbexercise.building.folder import names_in
from nbexercise.building.proving import prove
from nbexercise.diagnosis.explanation import explain
from nbexercise.showing.text import describe

pytest.importorskip("matplotlib").use("agg")
ROOT = Path(__file__).parents[1] / "example"
TABLES = {"mean_price"}  # exercises that need pandas


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


# Exercise, what the solution has, what stands there instead, points, and what the check says.
WRONG = [
    (
        "trapezoid",
        "(f(a) + f(b)) / 2",
        "f(a) + f(b)",
        0,
        "What happened: The two ends were counted in full.\n"
        "Next: How many trapezoids does each end belong to?",
        "First failing case, areas: f(x) = np.exp(x), a 0.0, b 1.0, n 4\n"
        "  area is 2.1920071, expected 1.7272219.",
    ),
    (
        "trapezoid",
        "range(1, n)",
        "range(1, n - 1)",
        1,
        "What happened: The last inner point was left out.",
        "Changing line 5 (for i in range(1, n - 1)) would fix it.",
    ),
    (
        "trapezoid",
        "area *= h",
        "area *= a",
        0,
        "What happened: In line 7 (area *= a), a is wrong. Fixing this alone makes every case "
        "right.",
        "Next: in line 7, a is used where h belongs.",
    ),
    (
        "word_counts",
        ".lower()",
        "",
        2,
        "What happened: Words with capitals were counted apart.\n"
        "Next: Compare the words in lower case.",
        "First failing case, capitals and spaces: text 'The the  THE end'\n"
        "  counts['the'] is 1, expected 3.",
    ),
    (
        "word_counts",
        ".split()",
        '.split(" ")',
        2,
        "What happened: Two spaces in a row gave an empty word.",
        "counts has the key '' that it should not have.",
    ),
    (
        "word_counts",
        "counts.get(word, 0)",
        "counts.get(text, 0)",
        0,
        "What happened: In line 5 (counts[word] = counts.get(text, 0) + 1), text is wrong. Fixing "
        "this alone makes every case right.",
        "Next: in line 5, text is used where word belongs.",
    ),
    (
        "t_statistic",
        ", ddof=1",
        "",
        0,
        "What happened: The variances divide by n, those of a sample by n - 1.\n"
        "Next: Read about ddof in the documentation of np.var.",
        "t is 2.1483446, expected 1.9215378.",
    ),
    (
        "t_statistic",
        "np.mean(x) - np.mean(y)",
        "np.mean(y) - np.mean(x)",
        0,
        "What happened: The samples were exchanged.",
        "t is -1.9215378, expected 1.9215378.",
    ),
    (
        "t_statistic",
        "+ np.var(y",
        "- np.var(y",
        0,
        "- before np.var(y, ddof=1) / len(y) is wrong. Fixing this alone makes every case right.",
        "Next: in line 4, - before np.var(y, ddof=1) / len(y) should be +.",
    ),
    (
        "Stack",
        ".pop()",
        ".pop(0)",
        0,
        "What happened: The first item came out first.",
        "First failing case, order: calls Stack(), push(5), push(8), pop(), pop()\n"
        "  the first pop() returned 5, expected 8.",
    ),
    (
        "Stack",
        "return self.items.pop()",
        "return self.items.pop() if self.items else None",
        3,
        "What happened: An empty stack gave None.",
        "the first pop() returned None, but must raise an IndexError.",
    ),
    (
        "Stack",
        "return self.items.pop()",
        "if self.items:\n            return self.items.pop()\n        raise ValueError",
        3,
        "Next: here, the first pop() must raise an IndexError, not a ValueError. ",
    ),
    (
        "Stack",
        "return self.items.pop()",
        "if self.items:\n            raise IndexError",
        0,
        "the first pop() raised an IndexError, expected 8 (an int).",
    ),
    (
        "Stack",
        "return self.items.pop()",
        "self.items.pop(); return self.items",
        0,
        "pop() returned a list of 1 item, expected 8 (an int).",  # not of 0, as after the last call
    ),
    (
        "Stack",
        "list(items)",
        "[]",
        0,
        "What happened: The first items were lost.",
        "First failing case, order: calls Stack(['a', 'b']), pop(), push('c'), pop(), pop()\n"
        "  the first pop() raised an IndexError, expected 'b' (a str).",
    ),
    (
        "Stack",
        "append(item)",
        "extend([item, item])",
        0,
        "the second pop() returned 8, expected 5.",
    ),
    (
        "heights",
        ", density=True",
        "",
        0,
        "What happened: The bars count people; their areas should add up to 1.",
        "plot['bars'][0]['height'] is 3, expected 0.016666667.",
    ),
    (
        "heights",
        "values, bins, d",
        "values, d",
        0,
        "What happened: The number of bins was not passed on.",
        "plot['bars'] is a list of 10 items, expected 6.",
    ),
    (
        "heights",
        '"height (cm)"',
        '"height"',
        0,
        "plot['xlabel'] is 'height', expected 'height (cm)': it ends after 6 of 11 characters.",
    ),
    (
        "mean_price",
        ".mean()",
        ".sum()",
        0,
        "What happened: The prices of each shop were added up.\n"
        "Next: How does a mean differ from a sum?",
    ),
    (
        "mean_price",
        '"shop")',
        '"shop", sort=False)',
        0,
        "What happened: The shops are in the order of the table.",
    ),
    (
        "mean_price",
        '["price"]',
        '[["price"]]',
        0,
        "means['type'] is 'DataFrame', expected 'Series'",
    ),
]


@pytest.mark.parametrize(
    ("name", "old", "new", "points", "sentences"),
    [(name, old, new, points, sentences) for name, old, new, points, *sentences in WRONG],
)
def test_a_wrong_version_loses_points_and_is_told_why(tmp_path, name, old, new, points, sentences):
    exercise = definition(name).exercise
    file = tmp_path / "wrong.py"
    file.write_text(exercise.solution_text().replace(old, new))
    function = function_in(file, definition(name))
    diagnosis = exercise.judge_on(exercise.case_set(), function)
    assert diagnosis.points == points
    said = describe(explain(diagnosis))
    for sentence in sentences:
        assert sentence in said
