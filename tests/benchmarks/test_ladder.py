"""The ladder without a library: its batches, schedule, choice of learning rates, and records."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.lessons import ladder
from benchmarks.lessons.ladder import RATES, RUNGS, Records, Run
from convnet import data
from convnet.data import Dataset

RUN = Run("fashion-mnist", "pytorch", "cosine", 0.002, 1)
BEST = {rung: RATES[1] for rung in RUNGS} | {"linear": RATES[0] / 4, "augment": RATES[2]}


def noise(size, channels, m=300):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (m, size, size, channels), np.uint8)
    return images, rng.integers(0, 10, m)


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Replace both data sets with noise, and training with made-up figures; return the runs."""
    images, labels = noise(28, 1, 40)
    images = images / np.float32(255)
    sets = Dataset(images, labels, images, labels, tuple("abcdefghij"))
    monkeypatch.setattr(data, "fashion_mnist", lambda: sets)
    monkeypatch.setattr(data, "cifar10", lambda: sets)
    monkeypatch.setattr(ladder, "VALIDATION", 8)
    trained = []

    def train(run, images, advance):
        trained.append(run)
        return record([0.5 if run.rate == BEST[run.rung] else 0.4] * 3)

    monkeypatch.setattr(ladder, "train", train)
    return trained


def record(val_accuracies):
    epochs = [{"val_accuracy": accuracy, "cpu_seconds": 9.0} for accuracy in val_accuracies]
    # The test accuracy must not decide anything, so here it prefers the wrong rates.
    figures = {"test_accuracy": 1 - val_accuracies[-1], "parameters": 1234, "macs": 5678}
    return {**figures, "with": "Library 1.0", "on": "2 cores", "epochs": epochs}


def main(folder, *options):
    return ladder.main(["--records", str(folder), *options])


def test_each_rung_adds_one_thing():
    rungs = list(RUNGS.values())
    for lower, upper in zip(rungs, rungs[1:], strict=False):
        differences = [
            getattr(lower, name) != getattr(upper, name)
            for name in ("network", "augment", "cosine")
        ]
        assert sum(differences) == 1


def test_rates_are_tried_until_the_best_is_between_others_and_trained_with_three_seeds(
    small, tmp_path
):
    assert main(tmp_path) == 0
    assert len(small) == len(set(small)) == len(list(tmp_path.glob("*.json")))
    for name in ladder.DATA:
        for rung in RUNGS:
            tried = set(RATES)
            tried |= {"linear": {BEST[rung], BEST[rung] / 4}, "augment": {4 * BEST[rung]}}.get(
                rung, set()
            )
            runs = [run for run in small if (run.data, run.rung) == (name, rung)]
            pytorch = {(run.rate, run.seed) for run in runs if run.library == "pytorch"}
            keras = {(run.rate, run.seed) for run in runs if run.library == "keras"}
            assert keras == {(BEST[rung], seed) for seed in (1, 2, 3)}
            assert pytorch == keras | {(rate, 1) for rate in tried}


def test_the_rate_is_chosen_by_the_last_three_epochs_of_validation(tmp_path):
    records = Records(tmp_path)
    curves = [[0.9, 0.5, 0.5, 0.8], [0.1, 0.7, 0.7, 0.7], [0.99, 0.6, 0.6, 0.6]]
    runs = ladder.tuning_runs(records, "cifar-10", "lenet")
    for run, curve in zip(runs, curves, strict=True):
        assert records.tuned_rate("cifar-10", "lenet") is None  # before all were tried
        records.add(run, record(curve))
    assert records.tuned_rate("cifar-10", "lenet") == RATES[1]


def test_finished_runs_are_not_repeated_unless_their_settings_have_changed(
    small, tmp_path, monkeypatch
):
    main(tmp_path, "fashion-mnist")
    count = len(small)
    main(tmp_path, "fashion-mnist")
    assert len(small) == count
    (tmp_path / f"{small[0].name}.json").unlink()
    main(tmp_path, "fashion-mnist")
    assert small[count:] == small[:1]
    monkeypatch.setattr(ladder, "EPOCHS", 3)
    main(tmp_path, "fashion-mnist")
    assert len(small) == 2 * count + 1


def test_keras_waits_for_the_rates_that_pytorch_chooses(small, tmp_path, capsys):
    main(tmp_path, "cifar-10", "--libraries", "keras")
    assert not small
    assert "CIFAR-10, linear: skipped, as PyTorch has not tuned its" in capsys.readouterr().out


def test_the_table_shows_mean_spread_and_all_seeds(small, tmp_path, monkeypatch):
    main(tmp_path)
    monkeypatch.setattr(ladder, "SEEDS", (1, 2))
    records = Records(tmp_path)
    rate = records.tuned_rate("cifar-10", "lenet")
    for seed, accuracy in ((1, 0.3), (2, 0.4)):
        run = Run("cifar-10", "keras", "lenet", rate, seed)
        records.add(run, records.get(run) | {"test_accuracy": accuracy})
    text = ladder.table(records).partition("## CIFAR-10")[2]
    (row,) = (line for line in text.splitlines() if "(`lenet`)" in line)
    assert "| 1,234 | 5,678 |" in row
    assert "| **0.3500** ± 0.0707 (0.3000, 0.4000) |" in row
    assert "- Library 1.0, 2 cores" in text


def test_the_table_says_what_is_missing(tmp_path):
    assert ladder.table(Records(tmp_path)).count("| not tuned | not trained | not trained |") == 14


def test_an_unknown_data_set_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(tmp_path, "mnist")
    assert "unknown data set 'mnist'; choose from fashion-mnist, " in capsys.readouterr().err


def test_validation_images_are_the_last_training_images(small):
    images = ladder.load("fashion-mnist")
    X, labels = noise(28, 1, 40)
    np.testing.assert_array_equal(images.train[0], X[:32])  # bytes again
    np.testing.assert_array_equal(images.validation[0], X[32:])
    np.testing.assert_array_equal(images.validation[1], labels[32:])
    np.testing.assert_array_equal(images.test[0], X)


def test_an_epoch_has_every_training_image_once():
    X, labels = noise(28, 1)
    X[:, 0, 0, 0], labels = np.arange(300) % 256, np.arange(300)
    run = Run("fashion-mnist", "keras", "lenet", 0.01, 1)
    images = ladder.Images((X, labels), (X, labels), (X, labels))
    first, second = (list(ladder.batches(run, images, epoch)) for epoch in (0, 1))
    for epoch in (first, second):
        assert [len(part) for _, part, _ in epoch] == [128, 128, 44]
        assert sorted(np.concatenate([part for _, part, _ in epoch])) == list(range(300))
        for batch, part, rate in epoch:
            np.testing.assert_array_equal(batch, X[part])
            assert rate == 0.01
    assert first[0][1].tolist() != second[0][1].tolist()  # another order in each epoch


def test_both_libraries_get_the_same_batches_and_each_seed_others():
    X, labels = noise(28, 1)
    images = ladder.Images((X, labels), (X, labels), (X, labels))

    def first(library, seed):
        run = Run("fashion-mnist", library, "augment", 0.01, seed)
        return next(ladder.batches(run, images, 3))[0]

    np.testing.assert_array_equal(first("pytorch", 1), first("keras", 1))
    assert (first("pytorch", 1) != first("pytorch", 2)).any()


def test_flips_and_crops_move_pixels_and_fill_with_zeros():
    image = np.arange(1, 1 + 6 * 5 * 3, dtype=np.uint8).reshape(1, 6, 5, 3)
    rng = np.random.default_rng(0)
    results = ladder.augmented(np.repeat(image, 2000, axis=0), 1, rng)
    assert results.shape == (2000, 6, 5, 3)
    padded = np.pad(image[0], ((1, 1), (1, 1), (0, 0)))
    expected = {
        part[:, ::flip].tobytes(): 0
        for row in range(3)
        for column in range(3)
        for part in [padded[row : row + 6, column : column + 5]]
        for flip in (1, -1)
    }
    assert len(expected) == 18
    for result in results:
        expected[result.tobytes()] += 1  # a KeyError if it is another image
    assert min(expected.values()) > 60  # 111 expected


def test_the_schedule_warms_up_and_falls_to_zero_as_a_cosine():
    warm_up = ladder.WARM_UP / ladder.EPOCHS
    points = [0, warm_up / 2, warm_up, (1 + warm_up) / 2, 1]
    rates = [ladder.learning_rate(RUNGS["cosine"], 0.4, point) for point in points]
    assert rates == pytest.approx([0, 0.2, 0.4, 0.2, 0])
    assert {ladder.learning_rate(RUNGS["augment"], 0.4, point) for point in points} == {0.4}


def test_the_last_step_of_a_run_ends_the_schedule():
    X, labels = noise(28, 1)
    images = ladder.Images((X, labels), (X, labels), (X, labels))
    rates = [
        rate for epoch in range(ladder.EPOCHS) for *_, rate in ladder.batches(RUN, images, epoch)
    ]
    assert max(rates) == pytest.approx(RUN.rate) and rates[0] > 0
    assert rates[-1] == pytest.approx(0)


def test_a_crash_while_writing_leaves_the_earlier_record(tmp_path, monkeypatch):
    records = Records(tmp_path)
    records.add(RUN, record([0.1]))

    def write_half(path, text):
        with path.open("w") as file:
            file.write(text[: len(text) // 2])
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_text", write_half)
    with pytest.raises(KeyboardInterrupt):
        records.add(RUN, record([0.2]))
    assert records.get(RUN)["epochs"] == record([0.1])["epochs"]
