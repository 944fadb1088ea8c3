"""The lesson on what filters see: its predictions, its stored images and its exercises."""

from convnet.layers import Conv2D, MaxPooling2D, ReLU
from convnet.network import Network
from lesson_tools.what_filters_see.figures import deep_images
from lesson_tools.what_filters_see.questions import (
    CHANNEL,
    drawing_problem,
    predict,
    response,
    stripes,
)


def test_the_receptive_field_of_block_2_is_the_size_of_its_patches():
    field = predict.questions["field"].right
    layers = [Conv2D(1, 3), Conv2D(1, 3), MaxPooling2D(2), Conv2D(1, 3), ReLU(), Conv2D(1, 3)]
    assert Network(layers, (field, field, 3)).shapes[-1] == (1, 1, 1)


def test_four_images_of_each_deep_block_are_stored():
    images = deep_images()
    assert list(images) == [3, 4, 5]
    for row in images.values():
        assert row.shape == (4, 96, 96, 3)
        assert row.std(axis=(1, 2, 3)).min() > 5


def test_exercise_3_accepts_the_finest_stripes_at_any_contrast():
    assert drawing_problem(5 * stripes(2)) == drawing_problem(-stripes(2)) == ""
    assert response(stripes(4), CHANNEL) < 0
