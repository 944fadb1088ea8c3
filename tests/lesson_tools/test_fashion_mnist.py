"""Statements of the lesson "Fashion-MNIST" that no cell computes."""

from itertools import product

import numpy as np

from benchmarks.lessons import ladder as benchmark
from convnet.models import trained
from convnet.training import evaluate
from lesson_tools.fashion import fashion_sample
from lesson_tools.fashion_mnist.figures import RUNGS as CLIMBED
from lesson_tools.fashion_mnist.questions import check
from lesson_tools.fashion_mnist.results import (
    RUNGS,
    both_libraries,
    finished,
    ladder,
    published_model,
)

SAMPLE, LENET = fashion_sample(), trained("lenet-fashion-mnist")
CLIMB = list(CLIMBED)


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


def test_the_climb_gains_on_every_rung():
    tested = both_libraries("fashion-mnist")
    assert all(len(values) == 6 for values in tested.values())
    means = [tested[rung].mean() for rung in CLIMB]
    steps = np.diff(means)
    assert means[0] > 0.84 and means[-1] > 0.93
    assert steps[0] > steps[3] > steps[1] + steps[2] > 0
    assert min(steps) > 0.004
    assert tested["cosine-alone"].min() > max(tested[rung].max() for rung in CLIMB[:4]) + 0.01


def test_the_steps_are_larger_on_photographs():
    clothes, photos = both_libraries("fashion-mnist"), both_libraries("cifar-10")
    for lower, upper in zip(CLIMB, CLIMB[1:], strict=False):
        gains = [tested[upper].mean() - tested[lower].mean() for tested in (clothes, photos)]
        assert gains[1] > 2 * gains[0]


def test_batch_normalization_leads_in_the_first_epoch():
    for library in ("pytorch", "keras"):
        runs = finished("fashion-mnist", library)
        first = {
            rung: [run.epochs[0].validation_accuracy for run in runs[rung]]
            for rung in ("lenet", "batch-norm")
        }
        assert min(first["batch-norm"]) > max(first["lenet"]) + 0.02
    assert runs["batch-norm"][0].rate == 16 * runs["lenet"][0].rate


def test_the_worth_of_flips_and_crops_depends_on_the_data():
    clothes, photos = both_libraries("fashion-mnist"), both_libraries("cifar-10")
    assert clothes["cosine-alone"].min() > clothes["cosine"].max()
    assert photos["cosine"].min() > photos["cosine-alone"].max()
    constant = photos["augment"].mean() - photos["residual"].mean()
    assert abs(constant) < min(np.std(photos["augment"], ddof=1), 0.01)


def test_three_runs_of_the_published_model():
    assert np.round(sorted(published_model()), 3).tolist() == [0.898, 0.911, 0.911]
    inputs, parameters = check.exercises["published_model"].right
    assert round(parameters / 61_706) == 26
    assert round(parameters / 77_754) == 20


def test_the_rungs_are_those_of_the_benchmark():
    assert tuple(benchmark.RUNGS) == RUNGS


def test_runs_are_sorted_and_the_chosen_rate_is_the_one_with_three_seeds():
    for data, library in product(("fashion-mnist", "cifar-10"), ("pytorch", "keras")):
        runs = ladder(data, library)
        assert runs == sorted(runs, key=lambda run: (RUNGS.index(run.rung), *run[1:4:2]))
        records = benchmark.Records(benchmark.RECORDS)
        for rung, chosen in finished(data, library).items():
            assert [run.seed for run in chosen] == [1, 2, 3]
            assert {run.rate for run in chosen} == {records.tuned_rate(data, rung)}
