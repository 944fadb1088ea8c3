"""The benchmark of transfer learning: its images, features, classifiers and networks."""

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks.lessons import transfer
from convnet import efficientnet
from convnet.data import load_sample_image
from convnet.models import lenet, trained
from lesson_tools.transfer_learning.pretrained import efficientnet_lite0
from lesson_tools.transfer_learning.results import transfer_results

RNG = np.random.default_rng(0)
PHOTOS = RNG.integers(0, 256, (20, 32, 32, 3), np.uint8)
LABELS = np.tile(np.arange(10), 2)


def test_scores_in_pytorch_are_those_of_numpy():
    images = RNG.normal(size=(2, 64, 64, 3)).astype(np.float32)
    model = efficientnet_lite0().eval()
    with torch.inference_mode():
        scores = model(torch.from_numpy(images).permute(0, 3, 1, 2)).numpy()
    np.testing.assert_allclose(scores, efficientnet.load().scores(images), atol=1e-3)


def test_images_are_enlarged_as_pillow_does():
    photo = load_sample_image("chelsea.jpg")[:256:8, 100:356:8]
    big = transfer.enlarged(transfer.channels_first(photo[None]))[0].permute(1, 2, 0).numpy()
    # Pillow rounds and clips between rows and columns.
    assert np.abs(big - efficientnet.prepared(photo, 96)[0]).mean() < 0.01


def test_images_are_chosen_class_by_class_in_turn():
    labels = np.tile(np.arange(10)[::-1], 3)
    assert labels[transfer.chosen(labels, 2)].tolist() == list(range(10)) * 2
    assert set(transfer.chosen(labels, 1, skip=2)) == set(range(20, 30))


def test_augmented_images_are_moved_or_flipped_copies():
    images = transfer.channels_first(PHOTOS)
    copies = transfer.augmented(images, torch.Generator().manual_seed(0))
    assert copies.shape == images.shape
    middle = images[0, :, 10:12, 10:12]
    windows = copies[0].unfold(1, 2, 1).unfold(2, 2, 1)
    wanted = [middle, middle.flip(2)]
    assert any((windows == w[:, None, None]).all(dim=(0, 3, 4)).any() for w in wanted)


def test_a_vertical_edge_is_in_the_bin_of_horizontal_gradients():
    image = np.zeros((1, 32, 32, 3), np.uint8)
    image[:, :, 12:] = 255
    histograms = transfer.gradients(image).reshape(-1, 9)
    assert histograms[:, 0].max() > 0
    assert histograms[:, 1:].max() == 0


def test_logistic_regression_in_the_span_of_the_examples_is_the_same():
    from sklearn.linear_model import LogisticRegression

    X, tests = RNG.random((20, 30)), RNG.random((50, 30))
    mean, deviation = transfer.scaled(X)
    model = LogisticRegression(C=0.1, max_iter=3000).fit((X - mean) / deviation, LABELS)
    W, b = transfer.probe(X, LABELS, 0.1)
    expected = model.decision_function((tests - mean) / deviation)
    np.testing.assert_allclose(tests @ W + b, expected, atol=1e-2)


@pytest.mark.parametrize("network", [lenet(seed=3), trained("lenet-fashion-mnist")])
def test_lenet_gives_the_same_scores_in_pytorch(network):
    images = RNG.random((5, 28, 28, 1), np.float32)
    with torch.inference_mode():
        scores = transfer.lenet_in_torch(network)(torch.from_numpy(images).permute(0, 3, 1, 2))
    np.testing.assert_allclose(scores.numpy(), network.scores(images), atol=1e-4)


def test_fine_tuning_keeps_the_statistics(monkeypatch):
    tuned = []
    monkeypatch.setitem(transfer.EPOCHS, "tuned", 1)
    monkeypatch.setattr(transfer, "predictions", lambda model, *_: tuned.append(model))
    transfer.fine_tune(1e-3, 0, True, 0.01)(PHOTOS, LABELS, PHOTOS)
    before, after = efficientnet_lite0().features, tuned[0].features
    assert not torch.equal(before[0].weight, after[0].weight)
    assert torch.equal(before[1].running_mean, after[1].running_mean)


def test_permuted_convolutions_have_the_same_weights_in_another_order():
    model = transfer.permuted(0, PHOTOS)
    before, after = (m.features[0].weight.flatten() for m in (efficientnet_lite0(), model))
    assert not torch.equal(before, after)
    assert torch.equal(before.sort().values, after.sort().values)


def test_the_small_network_learns_its_training_images(monkeypatch):
    monkeypatch.setattr(transfer, "STEPS", 200)
    images = np.repeat(np.arange(0, 250, 25, dtype=np.uint8), 32 * 32 * 3).reshape(10, 32, 32, 3)
    train = transfer.train_small(3e-3, 0)
    assert (train(np.tile(images, (2, 1, 1, 1)), LABELS, images) == LABELS[:10]).mean() > 0.9
    assert isinstance(transfer.small_network(), nn.Sequential)


def test_the_table_has_all_results_that_are_stored():
    results, table = transfer_results(), transfer.table()
    for method in transfer.TITLES | transfer.OTHERS:
        values = results[method]
        assert 0.05 < values.min() <= values.max() < 1
        values = values if values.ndim == 1 else values[:, 1]
        assert f"{values.mean():.3f}" in table
