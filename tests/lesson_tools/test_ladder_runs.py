"""The stored training runs of the ladder."""

import pytest

from benchmarks import ladder as benchmark
from benchmarks.histories import KEYS
from lesson_tools import histories
from lesson_tools.fashion_mnist import ladder
from lesson_tools.fashion_mnist.ladder import LadderRun


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder in the place of the histories."""
    for module in (histories, ladder):
        monkeypatch.setattr(module, "HISTORIES", tmp_path)
    return tmp_path


def write(folder, library, rung, rate, seed):
    run = benchmark.Run("cifar-10", library, rung, rate, seed)
    keys = (*KEYS, "cpu_seconds")
    epochs = [{key: number + i for i, key in enumerate(keys)} for number in (1, 2)]
    record = {"test_accuracy": seed / 10, "parameters": 12, "macs": 34, "epochs": epochs}
    benchmark.Records(folder / "ladder").add(run, record)


def test_the_rungs_are_those_of_the_benchmark():
    assert tuple(benchmark.RUNGS) == ladder.RUNGS


def test_runs_are_sorted_and_the_chosen_rate_is_the_one_with_several_seeds(folder):
    given = [("lenet", 0.002, 1), ("lenet", 0.0005, 2), ("linear", 0.008, 1), ("lenet", 0.0005, 1)]
    for rung, rate, seed in given:
        write(folder, "pytorch", rung, rate, seed)
    write(folder, "keras", "lenet", 0.0005, 1)
    runs = ladder.ladder("cifar-10", "pytorch")
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
    assert len(ladder.ladder("cifar-10", "keras")) == 1


def test_unknown_names_are_refused(folder):
    for _ in range(2):
        with pytest.raises(ValueError, match="no runs on 'mnist' in 'keras': choose fashion-mnist"):
            ladder.ladder("mnist", "keras")
        write(folder, "keras", "lenet", 0.1, 1)


def test_the_ladder_is_no_model_of_the_other_histories(folder):
    write(folder, "keras", "lenet", 0.1, 1)
    (folder / "conv7-1.json").write_text('{"epochs": []}')
    assert histories.histories("conv7") == {1: []}
    with pytest.raises(ValueError, match=r"choose one of \['conv7'\]"):
        histories.histories("lenet")


def test_a_rung_is_finished_once_the_chosen_rate_has_three_runs(folder):
    assert ladder.finished("cifar-10", "keras") == {}
    for rung, seeds in (("residual", 2), ("lenet", 3)):
        for seed in range(1, seeds + 1):
            write(folder, "pytorch", rung, 0.1, seed)
    write(folder, "pytorch", "lenet", 0.4, 1)
    runs = ladder.finished("cifar-10")
    assert list(runs) == ["lenet"]
    assert [(run.rate, run.seed) for run in runs["lenet"]] == [(0.1, 1), (0.1, 2), (0.1, 3)]
