"""Statements of the lesson "Kernels" that no cell computes."""

import numpy as np
import pytest

from lesson_tools.cross_correlation import SOBEL_X, cross_correlated
from lesson_tools.kernels.questions import FINAL, ROUNDS


@pytest.mark.parametrize("game", [*ROUNDS, FINAL])
def test_each_kernel_of_a_round_made_an_image_of_its_own(game):
    assert sorted(game.answer) == list("ABCDEF"[: len(game.kernels)])
    kernels = {tuple(np.ravel(kernel / divisor)) for kernel, divisor in game.kernels}
    assert len(kernels) == len(game.kernels)


def test_the_sums_of_the_weights_are_as_the_lesson_says():
    sums = [kernel.sum() / divisor for kernel, divisor in ROUNDS[0].kernels]
    assert sums == [0.5, 1, 2, 0]
    assert [kernel.sum() / divisor for kernel, divisor in ROUNDS[1].kernels] == [1, 1, 1, 1]
    assert [kernel.sum() for kernel, _ in ROUNDS[2].kernels] == [0, 0, 0, 0]


def test_a_weighted_mean_of_three_rows_has_less_noise_than_one_row():
    noise = np.random.default_rng(0).normal(size=(400, 400))
    row = cross_correlated(noise, np.array([[0, 0, 0], [-1, 0, 1], [0, 0, 0]]))
    assert cross_correlated(noise, SOBEL_X / 4).std() / row.std() == pytest.approx(0.61, abs=0.01)


def test_a_kernel_blind_in_two_directions_sees_slanted_edges_as_well_as_corners():
    blind = np.outer([1, 0, -1], [1, 0, -1])
    diagonal = cross_correlated(30 * np.tri(12), blind)
    assert {np.abs(row).max() for row in diagonal} == {30}
    corner = 30 * np.outer(np.arange(12) > 5, np.arange(12) > 5)
    assert np.abs(cross_correlated(corner, blind)).max() == 30
