"""The report's statistics, compared with values computed by hand."""

import pytest

from nbjudge.plugins.report.statistics import discrimination, summarize


def test_the_summary_equals_the_values_computed_by_hand():
    summary = summarize([0, 1, 4, 5, 10], 10)
    assert (summary.count, summary.mean, summary.median) == (5, 4.0, 4)
    assert summary.difficulty == 0.4
    assert summary.histogram == (1, 1, 0, 0, 1, 1, 0, 0, 0, 1)


def test_a_value_on_an_edge_belongs_to_the_bin_that_begins_there():
    for tenths in range(10):
        (place,) = (n for n, c in enumerate(summarize([3 * tenths / 10], 3).histogram) if c)
        assert place == tenths
    assert summarize([3, 3.5], 3).histogram[-1] == 2  # full points, with and without extra credit


def test_without_points_there_is_no_summary():
    assert summarize([], 5) is None
    assert summarize([0.0, 0.0], 0) is None


def test_the_discrimination_equals_the_value_computed_by_hand():
    # x - mean: -2, 0, 2; y - mean: -0.3, 0.1, 0.2; r = 1 / sqrt(8 * 0.14) = 0.9449
    pairs = [(0, 0.2), (2, 0.6), (4, 0.7)]
    assert discrimination(pairs) == pytest.approx(1 / (8 * 0.14) ** 0.5)
    assert discrimination([(x, -y) for x, y in pairs]) == pytest.approx(-1 / (8 * 0.14) ** 0.5)


@pytest.mark.parametrize(
    "pairs",
    [[], [(1, 0.5), (2, 0.6)], [(2, 0.1), (2, 0.5), (2, 0.9)], [(0, 0.5), (1, 0.5), (2, 0.5)]],
)
def test_there_is_no_discrimination_without_differences(pairs):
    assert discrimination(pairs) is None
