"""Statements of the lesson "Fashion-MNIST" that no cell computes."""

from itertools import combinations

import numpy as np
import pytest

from benchmarks.lessons import ladder as benchmark
from benchmarks.lessons.choosing_epoch import EPOCHS, RUNS, table
from benchmarks.lessons.histories import KEYS
from convnet.layers import Conv2D, Dense
from convnet.models import lenet, trained
from convnet.training import evaluate
from lesson_tools.fashion import fashion_sample
from lesson_tools.fashion_mnist import results
from lesson_tools.fashion_mnist.figures import PUBLISHED
from lesson_tools.fashion_mnist.histories import histories
from lesson_tools.fashion_mnist.questions import predict
from lesson_tools.fashion_mnist.results import LadderRun, choosing_epoch, finished, ladder

SAMPLE, LENET = fashion_sample(), trained("lenet-fashion-mnist")
IN_KERAS = ["conv7", "max-pool", "average-pool", "strides", "same", "lenet"]


def curves(name, key):
    return np.array([[getattr(epoch, key) for epoch in run] for run in histories(name).values()])


FINAL = {
    name: curves(name, "validation_accuracy")[:, -1]
    for name in (*IN_KERAS, "lenet-pytorch", "lenet-numpy")
}


def overlap(a, b):
    return a.min() <= b.max() and b.min() <= a.max()


def test_the_boot_of_the_figure_is_recognized():
    assert LENET.predict(SAMPLE.images[108:109]).argmax() == SAMPLE.labels[108] == 9


def test_a_wrong_range_costs_some_points_and_the_loss_shows_it():
    loss, accuracy = evaluate(LENET, SAMPLE.images, SAMPLE.labels)
    wrong_loss, wrong_accuracy = evaluate(LENET, 255 * SAMPLE.images, SAMPLE.labels)
    assert 0.75 < wrong_accuracy < accuracy - 0.02
    assert wrong_loss > 20 * loss


def test_shirts_have_the_lowest_recall_and_trousers_and_bags_the_highest():
    recall = np.diag(SAMPLE.counts) / SAMPLE.counts.sum(axis=1)
    assert SAMPLE.names[recall.argmin()] == "Shirt"
    assert {SAMPLE.names[c] for c in np.argsort(recall)[-2:]} <= {"Trouser", "Bag", "Sandal"}
    assert min(recall[1], recall[8]) > 0.95


def test_one_model_alone_differs_by_more_than_the_published_difference():
    assert all(len(values) == 3 for values in FINAL.values())
    assert 0.01 < np.ptp(FINAL["max-pool"]) < 0.03
    assert PUBLISHED["max-pool"][1] - PUBLISHED["strides"][1] < np.ptp(FINAL["max-pool"])
    assert FINAL["strides"].max() < PUBLISHED["strides"][1]


def test_ranges_that_overlap_and_ranges_that_do_not():
    assert overlap(FINAL["strides"], FINAL["lenet"])
    assert FINAL["lenet"].max() < FINAL["lenet-numpy"].min()
    others = [values for name, values in FINAL.items() if name != "conv7"]
    assert all(values.min() > FINAL["conv7"].max() for values in others)


def test_two_of_twenty_orders_separate_two_models():
    orders = list(combinations(range(6), 3))
    separate = [order for order in orders if order in ((0, 1, 2), (3, 4, 5))]
    assert len(separate) / len(orders) == predict.questions["separate"].right


def test_the_course_draws_glorots_uniform_weights_and_zero_biases_as_keras_does():
    for layer in lenet(seed=0).layers:
        if isinstance(layer, Conv2D | Dense):
            W, b = layer.parameters["W"], layer.parameters["b"]
            limit = np.sqrt(6 / sum(layer.fans))
            assert 0.8 * limit < np.abs(W).max() <= limit
            assert not b.any()


def test_the_large_model_overfits_more_than_lenet():
    losses = {name: curves(name, "validation_loss") for name in ("max-pool", "lenet")}
    ratios = {name: values[:, -1] / values.min(axis=1) for name, values in losses.items()}
    assert np.mean(ratios["max-pool"]) > 1.5
    assert np.max(ratios["lenet"]) < 1.2


def test_the_study_of_the_epoch_is_complete():
    study = choosing_epoch()
    assert {values.shape for values in study.values()} == {(RUNS, EPOCHS)}
    history = {name: [0.1, 0.3, 0.2] for name in ("validation", "first half")}
    history["second half"] = [0.1, 0.15, 0.2]
    # The first half gains 0.1 on itself and loses 0.05 on the other; the second gains nothing.
    assert "| half of the test images | 5.00 points | -2.50 points |" in table([history])
    assert "| validation images | | 2.50 points |" in table([history])


def accuracies(data, library="pytorch"):
    runs = finished(data, library)
    return {rung: np.array([run.test_accuracy for run in runs[rung]]) for rung in runs}


@pytest.mark.parametrize("data", ["fashion-mnist", "cifar-10"])
def test_lenet_and_the_schedule_are_clear_steps_and_batch_normalization_is_not(data):
    tested, runs = accuracies(data), finished(data)
    assert tested["lenet"].min() - tested["linear"].max() > 10 * np.ptp(tested["linear"])
    assert overlap(tested["lenet"], tested["batch-norm"])
    assert overlap(tested["residual"], tested["augment"])
    assert all(len(values) == 3 for values in tested.values())
    lower = [tested[rung].max() for rung in runs if not rung.startswith("cosine")]
    assert tested["cosine"].min() > max(lower) + 0.005
    assert runs["cosine"][0].rate == 4 * runs["augment"][0].rate


def test_the_worth_of_flips_and_crops_depends_on_the_data():
    clothes, photos = accuracies("fashion-mnist"), accuracies("cifar-10")
    assert clothes["cosine-alone"].min() > clothes["cosine"].max() + 0.003
    assert photos["cosine"].min() > photos["cosine-alone"].max() + 0.005
    runs = finished("fashion-mnist")
    assert runs["cosine-alone"][0].rate == 4 * runs["cosine"][0].rate
    learned = {rung: np.mean([run.epochs[-1].accuracy for run in runs[rung]]) for rung in runs}
    assert learned["augment"] < learned["residual"] - 0.03


def test_residual_blocks_are_a_clear_step_on_photographs_only():
    clothes, photos = accuracies("fashion-mnist"), accuracies("cifar-10")
    assert overlap(clothes["residual"], clothes["batch-norm"])
    assert photos["residual"].min() > photos["batch-norm"].max() + 0.05


def test_keras_agrees_on_the_large_steps_and_sees_two_small_ones():
    tested, keras = accuracies("fashion-mnist"), accuracies("fashion-mnist", "keras")
    assert list(keras) == list(tested)
    assert [rung for rung in keras if not overlap(keras[rung], tested[rung])] == ["augment"]
    lower = max(keras[rung].max() for rung in keras if not rung.startswith("cosine"))
    assert keras["lenet"].min() > keras["linear"].max() + 0.04
    assert keras["cosine"].min() > lower + 0.01
    assert keras["cosine-alone"].min() > keras["cosine"].max()
    assert keras["batch-norm"].min() > keras["lenet"].max()
    assert keras["augment"].min() > keras["residual"].max()


def test_keras_agrees_on_photographs_and_sees_a_step_of_batch_normalization():
    tested, keras = accuracies("cifar-10"), accuracies("cifar-10", "keras")
    assert list(keras) == list(tested)
    assert [rung for rung in keras if not overlap(keras[rung], tested[rung])] == ["residual"]
    lower = max(keras[rung].max() for rung in keras if not rung.startswith("cosine"))
    assert keras["lenet"].min() > keras["linear"].max() + 0.2
    assert keras["batch-norm"].min() > keras["lenet"].max() + 0.01
    assert keras["residual"].min() > keras["batch-norm"].max() + 0.05
    assert overlap(keras["augment"], keras["residual"])
    assert keras["cosine"].min() > lower + 0.01
    assert keras["cosine"].min() > keras["cosine-alone"].max()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder in place of the ladder's training runs."""
    monkeypatch.setattr(results, "LADDER", tmp_path / "ladder")
    return tmp_path / "ladder"


def write(folder, library, rung, rate, seed):
    run = benchmark.Run("cifar-10", library, rung, rate, seed)
    keys = (*KEYS, "cpu_seconds")
    epochs = [{key: number + i for i, key in enumerate(keys)} for number in (1, 2)]
    record = {"test_accuracy": seed / 10, "parameters": 12, "macs": 34, "epochs": epochs}
    benchmark.Records(folder).add(run, record)


def test_the_rungs_are_those_of_the_benchmark():
    assert tuple(benchmark.RUNGS) == results.RUNGS


def test_runs_are_sorted_and_the_chosen_rate_is_the_one_with_several_seeds(folder):
    given = [("lenet", 0.002, 1), ("lenet", 0.0005, 2), ("linear", 0.008, 1), ("lenet", 0.0005, 1)]
    for rung, rate, seed in given:
        write(folder, "pytorch", rung, rate, seed)
    write(folder, "keras", "lenet", 0.0005, 1)
    runs = ladder("cifar-10", "pytorch")
    assert [run[:4] for run in runs] == [
        ("linear", 0.008, False, 1),
        ("lenet", 0.0005, True, 1),
        ("lenet", 0.0005, True, 2),
        ("lenet", 0.002, False, 1),
    ]
    assert runs[2] == LadderRun(
        "lenet", 0.0005, True, 2, 12, 34, 0.2, [(1, 2, 3, 4, 5), (2, 3, 4, 5, 6)]
    )
    assert runs[2].epochs[0].validation_accuracy == 4
    assert len(ladder("cifar-10", "keras")) == 1


def test_unknown_names_are_refused(folder):
    for _ in range(2):
        with pytest.raises(ValueError, match="no runs on 'mnist' in 'keras': choose fashion-mnist"):
            ladder("mnist", "keras")
        write(folder, "keras", "lenet", 0.1, 1)


def test_a_rung_is_finished_once_the_chosen_rate_has_three_runs(folder):
    assert finished("cifar-10", "keras") == {}
    for rung, seeds in (("residual", 2), ("lenet", 3)):
        for seed in range(1, seeds + 1):
            write(folder, "pytorch", rung, 0.1, seed)
    write(folder, "pytorch", "lenet", 0.4, 1)
    runs = finished("cifar-10")
    assert list(runs) == ["lenet"]
    assert [(run.rate, run.seed) for run in runs["lenet"]] == [(0.1, 1), (0.1, 2), (0.1, 3)]


def test_an_unknown_model_is_an_error_that_lists_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr("lesson_tools.fashion_mnist.histories.HISTORIES", tmp_path)
    (tmp_path / "conv7-1.json").write_text('{"epochs": []}')
    assert histories("conv7") == {1: []}
    with pytest.raises(ValueError, match=r"choose one of \['conv7'\]"):
        histories("lenet")
