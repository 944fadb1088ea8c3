"""The counter of the lesson on efficient networks."""

import pytest

from lesson_tools.counter import NETWORKS, conv, count, dense, depthwise, pool, show, totals


@pytest.mark.parametrize(
    ("name", "layers", "parameters"),
    [  # parameter counts from torchvision, except for AlexNet and EfficientNet-Lite0
        ("AlexNet", 8, 60_965_224),
        ("VGG-16", 16, 138_357_544),
        ("ResNet-50", 50, 25_557_032),
        ("MobileNet", 28, 4_231_976),
        ("MobileNetV2", 53, 3_504_872),
        ("EfficientNet-Lite0", 50, 4_652_008),
    ],
)
def test_networks_have_their_published_layers_and_parameters(name, layers, parameters):
    architecture, shape = NETWORKS[name]
    rows = count(architecture, shape)
    assert sum(row.kind not in ("pool", "shortcut") for row in rows) == layers
    assert totals(architecture, shape)[0] == parameters
    assert rows[-1].shape == (1000,)


def test_a_depthwise_convolution_has_a_kernel_for_each_channel():
    (row,) = count([depthwise(5, stride=2)], (9, 8, 6))
    assert row == ("depthwise", (5, 4, 6), (5 * 5 + 1) * 6, 5 * 4 * 6 * 5 * 5)


def test_a_normalization_has_two_parameters_for_each_channel():
    with_biases, with_norm = (totals([conv(7, norm=norm)], (8, 8, 3))[0] for norm in (False, True))
    assert with_norm - with_biases == 7


def test_a_table_numbers_the_layers_with_parameters(capsys):
    show([conv(2), pool(), dense(3)], (6, 6, 1))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[1:4]] == [
        ["1", "conv"],
        ["pool", "2"],
        ["2", "dense"],
    ]
    assert lines[-1].split() == ["total", "47", "312", "43"]
