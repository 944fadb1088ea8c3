"""The fourth milestone: right functions train a network that reads digits."""

import numpy as np

from exercises import lenet
from lesson_tools import milestones
from public_tests.course.syllabus import MILESTONES
from tests.lesson_tools.test_milestones import entry, text


def test_right_functions_train_a_network_that_is_better_than_the_linear_classifier():
    _, names = MILESTONES["4"]
    own = milestones.own_functions(
        names, {"exercises": {name: entry(text(name)) for name in names}}
    )
    data = milestones.digits()
    images, test_images = map(milestones._enlarged, (data.train_images, data.test_images))
    parameters = milestones._trained(own, images, data.train_labels)
    scores = lenet.lenet_forward(test_images, parameters)
    accuracy = np.mean(scores.argmax(axis=1) == data.test_labels)
    assert accuracy > milestones._linear_accuracy() + 0.02
