"""Statements of the lesson "Fashion-MNIST" that no cell computes."""

import numpy as np
import pytest

from benchmarks.lessons import ladder as benchmark
from benchmarks.lessons.histories import KEYS
from convnet.models import trained
from convnet.training import evaluate
from lesson_tools.fashion import fashion_sample
from lesson_tools.fashion_mnist import results
from lesson_tools.fashion_mnist.figures import RUNGS as CLIMBED
from lesson_tools.fashion_mnist.histories import histories
from lesson_tools.fashion_mnist.questions import check
from lesson_tools.fashion_mnist.results import LadderRun, both_libraries, finished, ladder

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
    final = [runs[-1].validation_accuracy for runs in histories("max-pool").values()]
    assert np.round(sorted(final), 3).tolist() == [0.898, 0.911, 0.911]
    inputs, parameters = check.exercises["published_model"].right
    assert round(parameters / 61_706) == 26
    assert round(parameters / 77_754) == 20


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
