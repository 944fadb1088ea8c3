"""pandas tables in tests that are judged outside the student's process."""

import pytest

pytest.importorskip("pandas", reason="pandas is not installed: make test-packages")

IMPORT = "import pandas as pd"
MEANS = """
def means(table):
    return table.groupby("kind")["size"].mean()
"""
TEST = """
table = pd.DataFrame({"kind": ["a", "b", "a"], "size": [1, 2, 3]})
result = means(table)
assert isinstance(result, pd.Series)
assert result.loc["a"] == 2 and list(result.index) == ["a", "b"]
pd.testing.assert_series_equal(result, table.groupby("kind")["size"].mean())
"""


def test_a_time_with_a_forged_zone_costs_the_students_points(fails):
    forge = """
from nbjudge.wire import tables
take_apart = tables.take_apart
def forged(value):
    if isinstance(value, pd.Timestamp):
        return "Timestamp", [value.asm8, "dateutil/Europe/Berlin", False]
    return take_apart(value)
tables.take_apart = forged
def start():
    return pd.Timestamp("2026-01-01")
"""
    test = "assert weekday(start()) == 'Friday'"
    shown = fails(forge + "def weekday(t):\n    return '?'", test, IMPORT)
    assert "invalid answer: a malformed frame: an unknown time zone" in shown


def test_a_function_of_a_table_is_judged_by_the_series_that_it_returns(passes, fails):
    passes(MEANS, TEST, IMPORT)
    assert "AssertionError" in fails(MEANS.replace(".mean", ".sum"), TEST, IMPORT)
    values = MEANS.replace(".mean()", ".mean().to_dict()")
    assert "AssertionError" in fails(values, TEST, IMPORT)


def test_a_table_of_the_student_is_read_by_its_methods(passes):
    solution = 'table = pd.read_csv(io.StringIO("a,b\\n1,x\\n2,y\\n"), index_col="b")'
    test = (
        'assert table.shape == (2, 1) and table.loc["y", "a"] == 2 and table.columns[0] == "a"\n'
        'assert (table["a"] > 0).all() and table.index.name == "b"'
    )
    passes(solution, test, f"{IMPORT}\nimport io")


def test_a_table_that_a_function_changes_in_place_changes_in_the_test(passes, fails):
    solution = "def fill(table):\n    table.fillna(0, inplace=True)\n    table['n'] = len(table)"
    test = (
        'table = pd.DataFrame({"a": [1, None]})\nfill(table)\n'
        'assert list(table["a"]) == [1, 0] and list(table["n"]) == [2, 2]'
    )
    passes(solution, test, IMPORT)
    copying = solution.replace("table.fillna(0, inplace=True)", "table = table.fillna(0)")
    assert "AssertionError" in fails(copying, test, IMPORT)


def test_periods_and_intervals_are_judged_by_value(passes, fails):
    """As in right solutions of a question whose own solution returns texts."""
    solution = (
        "def monthly(series):\n    return series.groupby(series.index.to_period('M')).sum()\n"
        "def classes(sizes):\n    return pd.cut(sizes, [0, 5, 10])"
    )
    test = (
        'days = pd.date_range("2024-01-31", periods=2)\n'
        "result = monthly(pd.Series([1, 2], index=days))\n"
        'assert [str(month) for month in result.index] == ["2024-01", "2024-02"]\n'
        "assert result.tolist() == [1, 2]\n"
        'assert [str(size) for size in classes(pd.Series([3, 7]))] == ["(0, 5]", "(5, 10]"]'
    )
    passes(solution, test, IMPORT)
    assert "AssertionError" in fails(solution.replace("sum", "max"), f"{test}[::-1]", IMPORT)


def test_a_table_that_cannot_cross_leaves_the_process_alive(passes, fails):
    solution = (
        "calls = 0\ndef flags(table):\n    global calls\n    calls += 1\n"
        "    return pd.get_dummies(table, sparse=True)\ndef count():\n    return calls"
    )
    test = 'table = pd.DataFrame({"a": ["x", "y"]})\nresult = flags(table)\nassert count() == 1'
    passes(solution, test, IMPORT)
    assert "DataFrame, which stays" in fails(solution, f"{test}\nresult.shape", IMPORT)


@pytest.mark.parametrize(
    "call",
    [
        "table[['size']].apply(spread)['size']",
        "table.apply(spread_of_row, axis=1).max()",
        "table['size'].to_frame().agg({'size': spread})['size']",
        "table.groupby('kind')['size'].agg(['sum', spread])['spread'].max()",
        "pd.Series([1]).apply(double).item()",
        "pd.DataFrame([[1]]).map(double).loc[0, 0]",
    ],
)
def test_a_table_applies_a_function_of_the_student(passes, fails, call):
    solution = (
        "def spread(sizes):\n    return sizes.max() - sizes.min()\n"
        "def spread_of_row(row):\n    return row['size'] - 1\n"
        "def double(size):\n    return 2 * size"
    )
    test = (
        f'table = pd.DataFrame({{"kind": ["a", "b", "a"], "size": [1, 2, 3]}})\nassert {call} == 2'
    )
    passes(solution, test, IMPORT)
    fails(solution.replace("return ", "return 1 + "), test, IMPORT)


def test_a_lying_pandas_stays_in_the_students_process(fails):
    lies = """
class Lying(pd.Series):
    def __eq__(self, other):
        return True
pd.testing.assert_series_equal = lambda *args, **options: None
pd.Series.__eq__ = lambda self, other: True
pd.core.generic.NDFrame.equals = lambda self, other: True
def means(table):
    return VALUE
"""
    for value in ("pd.Series({'a': 0, 'b': 0})", "Lying({'a': 0, 'b': 0})", "pd"):
        fails(lies.replace("VALUE", value), TEST, IMPORT)
