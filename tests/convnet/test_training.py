"""Training learns, reproducibly, also after an interruption; files are written safely."""

import errno
import itertools
import os
import signal
import subprocess
import sys
import textwrap
import time

import h5py
import numpy as np
import pytest

from convnet import checkpoints
from convnet.checkpoints import CheckpointError, load_weights, save_weights
from convnet.data import digits
from convnet.layers import BatchNormalization, Conv2D, Dense, Flatten, MaxPooling2D, ReLU
from convnet.models import TRAINED, WEIGHTS, digits_network, trained
from convnet.network import Network
from convnet.training import SGD, Adam, Epoch, evaluate, train
from tools import weights

OPTIMIZERS = {"Adam": lambda: Adam(0.01), "SGD": SGD, "momentum": lambda: SGD(0.05, momentum=0.9)}
every_optimizer = pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)


def small_network(seed=0, units=3):
    layers = [Conv2D(4, 3), BatchNormalization(), ReLU(), MaxPooling2D(2), Flatten(), Dense(units)]
    return Network(layers, (8, 8, 1), seed)


def small_data(m=50):
    """Return images with a bright row, column or square: three separable classes."""
    rng = np.random.default_rng(0)
    images = rng.normal(0, 0.1, (m, 8, 8, 1))
    labels = np.arange(m) % 3
    for image, label in zip(images, labels, strict=True):
        at = rng.integers(0, 6)
        parts = (np.s_[at], np.s_[:, at], np.s_[at : at + 3, at : at + 3])
        image[parts[label]] += 1
    return images.astype(np.float32), labels


def run(network, optimizer=None, **settings):
    settings = {"epochs": 4, "batch": 8, "progress": False} | settings
    return train(network, *small_data(), optimizer=optimizer, **settings)


def without_seconds(history):
    return [epoch._replace(seconds=0) for epoch in history]


# Learning


@every_optimizer
def test_a_small_network_learns(optimizer):
    network = small_network()
    history = run(network, optimizer(), epochs=30, validation=small_data())
    assert history[-1].loss < history[0].loss / 2
    assert history[-1].validation_accuracy > 0.9
    assert len(history) == 30 and all(isinstance(epoch, Epoch) for epoch in history)


def test_the_digits_are_learned_in_a_few_epochs():
    data, network = digits(), digits_network()
    train(network, data.train_images, data.train_labels, epochs=8, progress=False)
    assert evaluate(network, data.test_images, data.test_labels)[1] > 0.85


def test_evaluate_is_the_mean_over_all_images_whatever_the_batch():
    network, data = small_network(), small_data()
    whole, parts = evaluate(network, *data, batch=50), evaluate(network, *data, batch=7)
    assert whole == pytest.approx(parts, rel=1e-5)
    probabilities = network.predict(data[0])
    expected = -np.mean(np.log(probabilities[np.arange(50), data[1]]))
    assert whole[0] == pytest.approx(expected, rel=1e-5)
    assert whole[1] == np.mean(probabilities.argmax(axis=1) == data[1])


def test_the_loss_of_an_epoch_is_the_mean_over_its_images_the_last_batch_included():
    network, data = small_network(), small_data(10)
    settings = {"epochs": 1, "batch": 4, "progress": False, "optimizer": SGD(0.0)}
    history = train(network, *data, **settings)
    losses = []
    order = np.random.default_rng((0, 1)).permutation(10)
    for start in (0, 4, 8):
        picked = order[start : start + 4]
        scores = network.forward(data[0][picked], training=True)
        shifted = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        losses += list(-np.log(shifted[np.arange(len(picked)), data[1][picked]]))
    assert history[0].loss == pytest.approx(np.mean(losses), rel=1e-5)


def test_sgd_and_adam_take_the_steps_of_their_papers():
    rng = np.random.default_rng(0)
    gradients = rng.standard_normal((3, 5))
    for optimizer, steps in ((SGD(0.1, momentum=0.5), sgd_steps), (Adam(0.1), adam_steps)):
        parameters = np.ones(5)
        for gradient in gradients:
            optimizer.step(parameters, gradient)
        np.testing.assert_allclose(parameters, 1 + steps(gradients), rtol=1e-12)


def sgd_steps(gradients):
    one, two, three = gradients
    return -0.1 * (one + (two + 0.5 * one) + (three + 0.5 * two + 0.25 * one))


def adam_steps(gradients):
    moved = np.zeros(5)
    for t in range(1, 4):
        past = gradients[:t]
        powers = np.arange(t)[::-1, None]
        first = 0.1 * np.sum(0.9**powers * past, axis=0) / (1 - 0.9**t)
        second = 0.001 * np.sum(0.999**powers * past**2, axis=0) / (1 - 0.999**t)
        moved -= 0.1 * first / (np.sqrt(second) + 1e-8)
    return moved


# Reproducibility


@every_optimizer
def test_the_same_training_gives_the_same_numbers(optimizer):
    networks = [small_network(), small_network()]
    histories = [run(network, optimizer()) for network in networks]
    np.testing.assert_array_equal(*(network.parameters for network in networks))
    assert without_seconds(histories[0]) != without_seconds(run(small_network(), seed=1))


@every_optimizer
@pytest.mark.parametrize("interrupted_at", [3, 10, 14])  # of 4 epochs of 7 steps
def test_an_interrupted_training_goes_on_to_the_same_numbers(optimizer, interrupted_at, tmp_path):
    network = small_network()
    expected = run(network, optimizer(), validation=small_data(20))

    stopped, path = optimizer(), tmp_path / "training.h5"
    counter, step = itertools.count(1), stopped.step

    def interrupt(parameters, gradients):
        if next(counter) == interrupted_at:
            raise KeyboardInterrupt
        step(parameters, gradients)

    stopped.step = interrupt
    settings = {"validation": small_data(20), "checkpoint": path}
    with pytest.raises(KeyboardInterrupt) as error:
        run(small_network(), stopped, **settings)
    epochs_kept = (interrupted_at - 1) // 7
    assert path.exists() == bool(epochs_kept)
    assert str(path) in error.value.__notes__[0]

    resumed = small_network()
    resumed.parameters[...] = 9  # exposes state that the checkpoint lacks
    history = run(resumed, optimizer(), **settings) if epochs_kept else None
    if epochs_kept:
        assert without_seconds(history) == without_seconds(expected)
        np.testing.assert_array_equal(resumed.parameters, network.parameters)
        for name, array in network.named_arrays().items():
            np.testing.assert_array_equal(resumed.named_arrays()[name], array)


def test_a_finished_training_is_not_repeated_and_can_be_made_longer(tmp_path):
    path = tmp_path / "training.h5"
    settings = {"checkpoint": path, "validation": small_data()}
    first = run(small_network(), epochs=2, **settings)
    assert run(small_network(), epochs=2, **settings) == first
    longer = run(small_network(), epochs=3, **settings)
    assert longer[:2] == first
    path.unlink()
    assert without_seconds(longer) == without_seconds(run(small_network(), epochs=3, **settings))


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT and SIGKILL")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_a_process_that_is_stopped_leaves_a_checkpoint_that_can_be_read(number, tmp_path):
    script = textwrap.dedent("""
        import signal
        signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background
        from tests.convnet.test_training import run, small_network
        print("ready", flush=True)
        run(small_network(), epochs=10_000, checkpoint="training.h5")
    """)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}  # pytest's import path
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    path, limit = tmp_path / "training.h5", time.monotonic() + 60
    while not path.exists() and time.monotonic() < limit:
        time.sleep(0.01)
    time.sleep(0.3)
    for _ in range(6):  # Python ignores an interrupt in a destructor, so press Ctrl-C again
        process.send_signal(number)
        try:
            _, errors = process.communicate(timeout=10)
            break
        except subprocess.TimeoutExpired:
            continue
    else:
        process.kill()
        pytest.fail("the training went on")
    assert process.returncode == (1 if number == signal.SIGINT else -9) or "Interrupt" in errors
    if number == signal.SIGINT:
        assert "the same call goes on from there" in errors, errors
    history = run(small_network(), checkpoint=path, epochs=1)
    assert len(history) >= 1


# Files are written atomically, and rejected if they do not match


@pytest.mark.parametrize("form", ["h5", "npz"])
def test_weights_come_back_as_they_were(form, tmp_path):
    network, other = small_network(1), small_network(2)
    run(network, epochs=1)
    save_weights(tmp_path / f"a.{form}", network)
    load_weights(tmp_path / f"a.{form}", other)
    for name, array in network.named_arrays().items():
        np.testing.assert_array_equal(other.named_arrays()[name], array)
    assert "2-BatchNormalization/variance" in network.named_arrays()
    save_weights(tmp_path / f"b.{form}", other)
    assert (tmp_path / f"a.{form}").read_bytes() == (tmp_path / f"b.{form}").read_bytes()


def test_a_checkpoint_of_either_form_goes_on_to_the_same_numbers(tmp_path):
    networks = [small_network(), small_network()]
    for form, network in zip(("h5", "npz"), networks, strict=True):
        for epochs in (1, 2):
            run(network, checkpoint=tmp_path / f"training.{form}", epochs=epochs)
    np.testing.assert_array_equal(*(network.parameters for network in networks))
    assert len(run(networks[1], checkpoint=tmp_path / "training.npz", epochs=2)) == 2


def test_without_h5py_weights_are_kept_in_numpys_files(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)  # as in a browser
    save_weights(tmp_path / "weights.npz", small_network())
    load_weights(tmp_path / "weights.npz", small_network(1))
    with pytest.raises(ModuleNotFoundError, match="name a file that ends in .npz"):
        save_weights(tmp_path / "weights.h5", small_network())
    assert os.listdir(tmp_path) == ["weights.npz"]


def test_without_tqdm_a_network_trains_without_a_bar(monkeypatch, capsys):
    expected = run(small_network(), epochs=1)
    monkeypatch.setitem(sys.modules, "tqdm", None)  # as in a browser
    assert without_seconds(run(small_network(), epochs=1, progress=True)) == without_seconds(
        expected
    )
    assert capsys.readouterr().err == ""


def test_a_full_disk_is_an_error_and_the_old_file_stays(tmp_path, monkeypatch):
    path = tmp_path / "weights.h5"
    save_weights(path, small_network())
    before = path.read_bytes()

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(checkpoints.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save_weights(path, small_network(1))
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["weights.h5"]


def damaged(path):
    path.write_bytes(path.read_bytes()[:-200])


def no_hdf5(path):
    path.write_text("not an HDF5 file")


def note_missing(path):
    with h5py.File(path, "a") as file:
        del file.attrs["network"]


def another_note(path):
    with h5py.File(path, "a") as file:
        file.attrs["network"] = "5"


def array_missing(path):
    with h5py.File(path, "a") as file:
        del file["1-Conv2D/W"]


def another_type(path):
    with h5py.File(path, "a") as file:
        W = file["1-Conv2D/W"][()]
        del file["1-Conv2D/W"]
        file["1-Conv2D/W"] = W.astype(np.float64)


def stored_in_npz(change):
    def spoil(path):
        with np.load(path) as file:
            held = dict(file)
        change(held)
        np.savez(path, **held)

    spoil.form, spoil.__name__ = "npz", f"npz-{change.__name__}"
    return spoil


def damaged_npz(path):
    path.write_bytes(path.read_bytes()[:-200])


damaged_npz.form = "npz"


@stored_in_npz
def no_note(held):
    del held["note/network"]


@stored_in_npz
def no_array(held):
    del held["1-Conv2D/W"]


@stored_in_npz
def an_object(held):
    held["1-Conv2D/W"] = np.array([{}])  # a pickle, which is never loaded


WRONG_FILES = [
    (damaged_npz, "is damaged or is not an NPZ file of this course"),
    (no_note, "belongs to another network: it was written for"),
    (no_array, "1-Conv2D/W is missing, expected float32 of shape (3, 3, 1, 4)"),
    (an_object, "is damaged or is not an NPZ file of this course (Object arrays cannot be loaded"),
    (damaged, "is damaged or is not an HDF5 file of this course"),
    (no_hdf5, "is damaged or is not an HDF5 file of this course"),
    (note_missing, "belongs to another network: it was written for"),
    (array_missing, "1-Conv2D/W is missing, expected float32 of shape (3, 3, 1, 4)"),
    (another_note, "belongs to another network: it was written for 5"),
    (another_type, "1-Conv2D/W is float64 of shape (3, 3, 1, 4), expected float32"),
]


@pytest.mark.parametrize(
    ("spoil", "message"), WRONG_FILES, ids=lambda v: getattr(v, "__name__", "")
)
def test_a_file_that_does_not_fit_is_refused_and_nothing_changes(spoil, message, tmp_path):
    path = tmp_path / f"training.{getattr(spoil, 'form', 'h5')}"
    run(small_network(), checkpoint=path, epochs=1)
    spoil(path)
    before, network = path.read_bytes(), small_network(4)
    parameters = network.parameters.copy()
    for read in (
        lambda: load_weights(path, network),
        lambda: run(network, checkpoint=path, epochs=2),
    ):
        with pytest.raises(CheckpointError) as error:
            read()
        assert message in str(error.value) and str(path) in str(error.value)
        np.testing.assert_array_equal(network.parameters, parameters)
    assert path.read_bytes() == before


def test_a_checkpoint_of_another_network_or_training_is_refused(tmp_path):
    path = tmp_path / "training.h5"
    run(small_network(), checkpoint=path, epochs=1)
    others = [
        (small_network(units=4), {}, "expected float32 of shape (36, 4)"),
        (small_network(), {"batch": 9}, "with another batch: 8 then, 9 now"),
        (small_network(), {"seed": 3}, "with another seed: 0 then, 3 now"),
        (small_network(), {"optimizer": SGD()}, "with another optimizer: Adam {'learning_rate'"),
        (small_network(1), {}, "with another seed of the network: 0 then, 1 now"),
    ]
    for network, settings, message in others:
        with pytest.raises(CheckpointError) as error:
            run(network, checkpoint=path, **{"epochs": 2, **settings})
        assert message in str(error.value)


def test_weights_alone_are_no_training_to_go_on_with(tmp_path):
    save_weights(tmp_path / "weights.h5", small_network())
    with pytest.raises(CheckpointError, match="contains only a network"):
        run(small_network(), checkpoint=tmp_path / "weights.h5")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file .*weights.h5"):
        load_weights(tmp_path / "weights.h5", small_network())


def test_wrong_arguments_are_refused():
    images, labels = small_data()
    for arguments, settings, message in (
        ((images, labels[:-1]), {}, "there are 49 labels for a batch of 50"),
        ((images[:0], labels[:0]), {}, "there are no images: pass at least one"),
        ((images, labels), {"epochs": 0}, "epochs is 0, expected a whole number of 1 or more"),
        ((images, labels), {"batch": 0}, "batch is 0, expected a whole number of 1 or more"),
        ((images, labels + 1), {}, "labels run from 1 to 3, expected 0 to 2"),
        ((images, np.eye(3)[labels]), {}, "use labels.argmax(axis=1) for one-hot labels"),
        (
            (images, labels.astype(str)),
            {},
            "of shape (50,), expected an array of integers of shape (m,)",
        ),
        ((images, labels.tolist()), {}, "labels are a list"),
        ((images.tolist(), labels), {}, "X is a list, expected an array of shape (m, 8, 8, 1)"),
        ((images[..., 0], labels), {}, "X has shape (50, 8, 8), expected an array of shape"),
        ((images, labels), {"optimizer": Adam}, "expected one such as Adam() or SGD(0.01)"),
        ((images, labels), {"validation": (images[:, :5], labels)}, "X has shape (50, 5, 8, 1)"),
        ((images, labels), {"validation": (images[:0], labels[:0])}, "there are no images"),
    ):
        network = small_network()
        before = network.parameters.copy()
        with pytest.raises(ValueError) as error:
            train(network, *arguments, **{"epochs": 1, "progress": False, **settings})
        assert message in str(error.value)
        np.testing.assert_array_equal(network.parameters, before)  # unchanged


def test_a_checkpoint_of_other_data_is_refused(tmp_path):
    path, (images, labels) = tmp_path / "training.h5", small_data()
    settings = {"epochs": 2, "progress": False, "checkpoint": path}
    train(small_network(), images, labels, **settings)
    images[3, 4, 5] += 1
    with pytest.raises(CheckpointError, match="with another data: 50 images with check sum"):
        train(small_network(), images, labels, **settings)


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_trained(tmp_path):
    network = small_network()
    before = network.parameters.copy()
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "training.h5"):
        with pytest.raises(OSError):
            run(network, checkpoint=path)
    np.testing.assert_array_equal(network.parameters, before)
    with pytest.raises(IsADirectoryError, match="is a folder: name a file in it"):
        load_weights(tmp_path, network)


def test_a_loss_that_is_no_number_stops_the_training_and_keeps_the_checkpoint(tmp_path):
    path, network, (images, labels) = tmp_path / "training.h5", small_network(), small_data()

    def spoil(history):
        network.parameters[...] = np.nan

    with pytest.raises(FloatingPointError, match="the loss is nan in batch 1: "):
        run(network, checkpoint=path, after_epoch=spoil)
    assert len(run(small_network(), checkpoint=path, epochs=1)) == 1
    images[3, 4, 5] = np.nan
    with pytest.raises(FloatingPointError, match="look for nan in the images"):
        train(small_network(), images, labels, epochs=1, progress=False)


def test_settings_may_be_numbers_of_numpy(tmp_path):
    path = tmp_path / "training.h5"
    settings = {"epochs": np.int64(2), "batch": np.int64(8), "seed": np.int64(0)}
    history = run(small_network(), checkpoint=path, **settings)
    assert run(small_network(), checkpoint=path, epochs=2)[0].loss == history[0].loss


def test_after_each_epoch_the_history_so_far_is_handed_over():
    seen = []
    history = run(small_network(), after_epoch=lambda so_far: seen.append(list(so_far)))
    assert seen == [history[:1], history[:2], history[:3], history]


def test_the_bar_tells_loss_accuracy_and_the_validation(capsys):
    run(small_network(), epochs=1, progress=True, validation=small_data())
    shown = capsys.readouterr()
    assert shown.out == ""
    last = shown.err.rstrip().split("\r")[-1]
    assert last.startswith("epoch 1 of 1: 100%")
    assert "loss " in last and "accuracy " in last and "validation " in last


# The weights that come with the course


def test_every_trained_network_can_be_trained_again():
    assert set(weights.SETTINGS) == set(TRAINED)


@pytest.mark.parametrize("name", TRAINED)
def test_the_trained_networks_come_with_the_course_and_are_small(name):
    assert trained(name).parameters.any()
    assert sum(path.stat().st_size for path in WEIGHTS.glob("*.npz")) < 1_000_000


def test_the_trained_digits_are_as_good_as_said():
    data = digits()
    assert evaluate(trained("digits"), data.test_images, data.test_labels)[1] > 0.92


def test_the_command_writes_what_the_course_loads(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    monkeypatch.setitem(weights.SETTINGS, "digits", (digits, 2))  # instead of 60 epochs
    assert weights.main(["digits"]) == 0
    network, data = digits_network(), digits()
    load_weights(tmp_path / "digits.npz", network)
    accuracy = evaluate(network, data.test_images, data.test_labels)[1]
    assert accuracy > 0.5
    assert f"test accuracy {accuracy:.4f}" in capsys.readouterr().out


def test_an_unknown_network_is_refused(capsys):
    with pytest.raises(ValueError, match="there is no trained network 'vgg'"):
        trained("vgg")
    with pytest.raises(SystemExit):
        weights.main(["vgg"])
    assert "unknown network 'vgg'" in capsys.readouterr().err
