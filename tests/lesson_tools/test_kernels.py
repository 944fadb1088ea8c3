"""Statements of the lesson "Kernels" that no cell computes."""

import numpy as np
import pytest

from convnet.data import load_sample_image
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
    assert [kernel.sum() for kernel, _ in ROUNDS[1].kernels] == [0, 0, 0, 0]


def test_a_weighted_mean_of_three_rows_has_less_noise_than_one_row():
    noise = np.random.default_rng(0).normal(size=(400, 400))
    row = cross_correlated(noise, np.array([[0, 0, 0], [-1, 0, 1], [0, 0, 0]]))
    assert cross_correlated(noise, SOBEL_X / 4).std() / row.std() == pytest.approx(0.61, abs=0.01)


def likeness(kernel, patches):
    """Return the correlation coefficient of a kernel and each patch, 0 for a plain patch."""
    products = cross_correlated(patches, kernel)
    windows = np.lib.stride_tricks.sliding_window_view(patches, kernel.shape)
    return products / np.maximum(windows.std(axis=(2, 3)) * kernel.size * kernel.std(), 1e-9)


def test_a_kernel_looks_like_the_patch_with_the_largest_response_unless_contrast_wins():
    portrait = load_sample_image("astronaut.jpg").mean(axis=2).round()
    line, checkerboard = (
        np.array([[-1, 2, -1]] * 3),
        np.array([[1, -1, 1], [-1, 0, -1], [1, -1, 1]]),
    )
    best = {}
    for name, kernel in {"Sobel": SOBEL_X, "line": line, "checkerboard": checkerboard}.items():
        winner = cross_correlated(portrait, kernel).argmax()
        best[name] = likeness(kernel, portrait).flat[winner]
    assert best["Sobel"] > 0.9 and best["line"] > 0.9
    assert best["checkerboard"] < 0.5 < 0.8 < likeness(checkerboard, portrait).max()


def test_sobel_sees_edges_in_the_frame_of_a_blank_wall_as_strong_as_those_of_print():
    frame = np.abs(cross_correlated(np.pad(np.full((5, 7), 200.0), 1), SOBEL_X)).max()
    print_ = np.abs(cross_correlated(load_sample_image("page.png").astype(float), SOBEL_X)).max()
    assert frame == pytest.approx(print_, rel=0.1)


def test_the_line_detector_leaves_out_horizontal_joints_on_any_part_of_the_bricks():
    bricks = load_sample_image("brick.jpg").astype(float)
    line = np.array([[-1, 2, -1]] * 3)
    for h, w in [(100, 60), (0, 0), (0, 116), (116, 0), (116, 116)]:
        wall = bricks[h : h + 140, w : w + 140]
        horizontal = cross_correlated(wall, line.T) > 100
        assert (cross_correlated(wall, line)[horizontal] > 100).mean() < 0.01


def test_a_kernel_blind_in_two_directions_sees_slanted_edges_as_well_as_corners():
    blind = np.outer([1, 0, -1], [1, 0, -1])
    diagonal = cross_correlated(30 * np.tri(12), blind)
    assert {np.abs(row).max() for row in diagonal} == {30}
    corner = 30 * np.outer(np.arange(12) > 5, np.arange(12) > 5)
    assert np.abs(cross_correlated(corner, blind)).max() == 30
