"""The lesson on architectures: the published counts, and the network that the reader designs."""

import pytest

from lesson_tools.architectures.figures import PUBLISHED
from lesson_tools.counter import NETWORKS, conv, dense, pool, totals


@pytest.mark.parametrize("name", ["AlexNet", "VGG-16", "MobileNet"])
def test_the_published_numbers_are_those_that_the_counter_counts(name):
    parameters, macs, _ = PUBLISHED[name]
    assert totals(*NETWORKS[name])[:2] == pytest.approx((parameters, macs), rel=0.02)


def test_nine_convolutions_can_cost_less_than_googlenet():
    mine = [conv(32, stride=2, pad=1)]
    for n_C in (32, 64, 128, 256):
        mine += [conv(n_C, pad=1), conv(n_C, pad=1), pool()]
    cost = totals([*mine, pool(7, 7), dense(1000)], (224, 224, 3))
    assert all(
        ours < theirs for ours, theirs in zip(cost[:2], PUBLISHED["GoogLeNet"][:2], strict=True)
    )
