"""A statement of the lesson "Kernels" about a whole photograph."""

import numpy as np

from convnet.data import load_sample_image
from lesson_tools.cross_correlation import cross_correlated


def test_the_strongest_response_to_a_mouth_is_not_the_mouth_unless_it_is_normalized():
    portrait = load_sample_image("astronaut.jpg").mean(axis=2).round()
    mouth = portrait[84:99, 124:152]
    response = cross_correlated(portrait, mouth - mouth.mean())
    best = np.unravel_index(response.argmax(), response.shape)
    assert best == (266, 213), "a reflection in the helmet"
    contrast = np.lib.stride_tricks.sliding_window_view(portrait, mouth.shape).std(axis=(2, 3))
    assert contrast[best] > 3 * mouth.std()
    with np.errstate(invalid="ignore"):  # 0 / 0 in plain regions
        normalized = response / contrast
    assert np.unravel_index(np.nanargmax(normalized), normalized.shape) == (84, 124)
