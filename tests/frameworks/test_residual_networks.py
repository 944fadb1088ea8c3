"""The benchmark of residual networks trains each network as if it were alone."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from benchmarks.lessons.residual_networks import CHANNELS, RUNS, Arm, Networks


def alone(networks, x, number):
    """Return the scores of one of the networks, from its part of the parameters."""
    part = slice(number * CHANNELS, (number + 1) * CHANNELS)
    arm = networks.arm

    def layer(A, parameters):
        W, affine = parameters
        Z = F.conv2d(A, W[part], padding=1)
        if affine:
            mean, variance = torch.zeros(CHANNELS), torch.ones(CHANNELS)
            Z = F.batch_norm(Z, mean, variance, *(a[part] for a in affine), True)
        return Z

    A = F.relu(layer(x[:, number : number + 1], networks.stem))
    for first, second in networks.blocks:
        Z = layer(F.relu(layer(A, first)), second)
        Z = A + Z if arm.shortcut else Z
        A = F.relu(Z)
    return A.mean(dim=(2, 3)) @ networks.dense[number]


@pytest.mark.parametrize("arm", [Arm(4, True), Arm(4, False, norm=True)], ids=str)
def test_networks_side_by_side_do_not_mix(arm):
    networks = Networks(arm)
    x = torch.randn(6, networks.count, 8, 8)
    scores = networks.scores(x, True)
    for number in (0, 7):
        torch.testing.assert_close(scores[number], alone(networks, x, number), rtol=1e-4, atol=1e-5)


def test_all_identities_start_as_the_function_of_a_network_without_blocks():
    image = torch.rand(5, 1, 8, 8)
    start, copies = "starts as identity", "starts as identity, W_1 copies"
    scores = []
    for arm in (Arm(0, False), Arm(20, False, start), Arm(20, True, start), Arm(20, True, copies)):
        networks = Networks(arm)
        every_run = networks.scores(image.expand(5, networks.count, 8, 8), True)
        scores.append(every_run[: len(RUNS)])  # those of one learning rate
    for identity in scores[1:]:
        torch.testing.assert_close(identity, scores[0])


def test_with_w_1_copies_only_the_second_convolutions_differ_from_the_plain_network():
    plain = Networks(Arm(4, False, "starts as identity"))
    residual = Networks(Arm(4, True, "starts as identity, W_1 copies"))
    n = len(RUNS) * CHANNELS  # the runs with one learning rate
    for ((a, _), (c, _)), ((b, _), (d, _)) in zip(plain.blocks, residual.blocks, strict=True):
        torch.testing.assert_close(a[:n], b[:n])
        assert c.any() and not d.any()


def test_plain_and_residual_networks_start_with_the_same_weights():
    plain, residual = (Networks(Arm(4, shortcut)) for shortcut in (False, True))
    for a, b in zip(plain.parameters, residual.parameters, strict=True):
        torch.testing.assert_close(a, b)


def test_a_step_is_that_of_adam_with_each_network_s_rate():
    networks, copy = Networks(Arm(4, True)), Networks(Arm(4, True))
    x, labels = torch.randn(6, networks.count, 8, 8), torch.randint(10, (networks.count, 6))
    optimizer = torch.optim.Adam(copy.parameters, lr=networks.arm.rates[1])
    for _ in range(3):
        networks.step(x, labels)
        optimizer.zero_grad()
        copy.loss(x, labels, True)[0].sum().backward()
        optimizer.step()
    part = slice(len(RUNS) * CHANNELS, 2 * len(RUNS) * CHANNELS)  # the runs with this rate
    for a, b in zip(networks.parameters[:3], copy.parameters[:3], strict=True):
        np.testing.assert_allclose(a.detach()[part], b.detach()[part], rtol=1e-3, atol=1e-5)
