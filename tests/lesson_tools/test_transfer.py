"""The images of Fashion-MNIST that come with the course."""

import numpy as np

from lesson_tools.transfer import sample


def test_the_sample_has_ten_images_of_each_class_in_both_parts():
    data = sample()
    for images, labels in (data[:2], data[2:]):
        assert images.shape == (100, 28, 28, 1)
        assert images.dtype == np.float32
        assert (images.min(), images.max()) == (0, 1)
        assert labels.tolist() == list(range(10)) * 10


def test_no_image_is_in_both_parts():
    data = sample()
    assert not (data.train_images[:, None] == data.test_images[None]).all(axis=(2, 3, 4)).any()
