"""The ladder's networks in PyTorch and Keras, trained side by side, and its command."""

import inspect
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.lessons import ladder
from benchmarks.lessons.fashion_mnist import KEYS
from convnet.data import Dataset

pytest.importorskip(
    "tensorflow", reason="TensorFlow is not installed: `make test-packages` sets it up"
)
torch = pytest.importorskip("torch", reason="PyTorch is not installed")

# Keras converts torch tensors to arrays with the protocol from before NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

ROOT = Path(__file__).parents[2]
FASHION, CIFAR10 = (28, 28, 1), (32, 32, 3)
NETWORKS = ("linear", "lenet", "lenet-bn", "residual")


def pair(name, shape, decay):
    """Return the same network in PyTorch and in Keras, which starts with PyTorch's weights."""
    import keras

    from benchmarks.lessons import _ladder_keras, _ladder_pytorch

    pytorch = _ladder_pytorch.Trainer(name, shape, 1, decay)
    ours = _ladder_keras.Trainer(name, shape, 1, decay)
    with_kernel = (keras.layers.Conv2D, keras.layers.Dense)
    layers = [layer for layer in ours.model.layers if isinstance(layer, with_kernel)]
    weights = [p.detach().numpy() for p in pytorch.network.parameters() if p.ndim > 1]
    for layer, weight in zip(layers, weights, strict=True):
        if weight.ndim == 4:
            weight = weight.transpose(2, 3, 1, 0)
        elif layer is layers[0]:  # PyTorch flattens channels first
            n_H, n_W, n_C = shape
            weight = weight.reshape(-1, n_C, n_H, n_W).transpose(2, 3, 1, 0).reshape(-1, 10)
        elif layer.kernel.shape[1] == 120:
            n_H, n_W = (size // 4 - 2 for size in shape[:2])
            weight = weight.reshape(-1, 16, n_H, n_W).transpose(2, 3, 1, 0).reshape(-1, 120)
        else:
            weight = weight.T
        layer.kernel.assign(weight)
    return pytorch, ours


def batches(shape, rate=0.001):
    rng = np.random.default_rng(0)
    return [
        (rng.normal(size=(m, *shape)).astype(np.float32), rng.integers(0, 10, m), rate)
        for m in (64, 64, 64, 20)
    ]


@pytest.mark.parametrize(
    "name, shape",
    [("linear", CIFAR10), ("lenet", CIFAR10), ("lenet-bn", FASHION), ("residual", CIFAR10)],
)
def test_both_libraries_train_the_same_network(name, shape):
    trainers = pair(name, shape, decay=2)
    given = batches(shape)
    before = [trainer.evaluate(*given[0][:2]) for trainer in trainers]
    assert before[0] == pytest.approx(before[1], rel=1e-5)
    losses, accuracies = zip(*(trainer.train_epoch(given) for trainer in trainers), strict=True)
    assert losses[0] == pytest.approx(losses[1], rel=2e-4)
    assert accuracies[0] == pytest.approx(accuracies[1])
    after = [trainer.evaluate(*given[0][:2])[0] for trainer in trainers]
    # PyTorch's running variance is that of a sample: larger by m / (m - 1), here by up to 5%.
    assert after[0] == pytest.approx(after[1], rel=1e-2)
    assert after[0] < before[0][0]
    assert trainers[0].parameters == trainers[1].parameters
    assert trainers[0].macs == trainers[1].macs


def test_biases_and_batch_normalization_have_no_weight_decay():
    def with_decay(decay):
        """Return each trained parameter's mean size, with and without an axis of inputs."""
        pytorch, keras = pair("lenet-bn", FASHION, decay)
        for trainer in (pytorch, keras):
            trainer.train_epoch(batches(FASHION))
        weights = [
            [p.detach().numpy() for p in pytorch.network.parameters()],
            [np.array(weight) for weight in keras.model.trainable_weights],
        ]
        return [[a for a in arrays if a.ndim == 1] for arrays in weights], [
            np.mean([np.abs(a).mean() for a in arrays if a.ndim > 1]) for arrays in weights
        ]

    (few, kernels), (decayed_few, decayed_kernels) = with_decay(0), with_decay(50)
    for library in (0, 1):
        # Four steps of rate 0.001 and decay 50 leave 0.95 ** 4 = 0.81 of a kernel.
        assert decayed_kernels[library] / kernels[library] == pytest.approx(0.81, abs=0.03)
        for arrays in zip(few[library], decayed_few[library], strict=True):
            np.testing.assert_allclose(*arrays, atol=0.009)  # 0.19 if scales decayed


def test_the_networks_have_the_stated_sizes():
    from benchmarks.lessons._ladder_pytorch import Trainer

    def sizes(shape):
        return [Trainer(name, shape, 1, 0).parameters for name in NETWORKS]

    # LeNet's 61,706 are counted layer by layer in the lesson on architectures.
    assert sizes(FASHION) == [7850, 61_706, 61_932, 77_754]
    assert sizes(CIFAR10) == [30_730, 83_126, 83_352, 78_042]
    macs = 28 * 28 * 6 * 25 + 10 * 10 * 16 * 150 + 400 * 120 + 120 * 84 + 84 * 10
    assert Trainer("lenet", FASHION, 1, 0).macs == macs


def noise():
    """Return 60 images of noise in the place of CIFAR-10."""
    rng = np.random.default_rng(0)
    images, labels = rng.random((60, 32, 32, 3), np.float32), rng.integers(0, 10, 60)
    return Dataset(images, labels, images, labels, tuple("abcdefghij"))


SMALL = {"EPOCHS": 1, "VALIDATION": 20, "WARM_UP": 0.5, "SEEDS": (1,), "RATES": (0.001,)}


def test_the_command_trains_every_rung_in_both_libraries(tmp_path, monkeypatch):
    monkeypatch.setattr("convnet.data.cifar10", noise)
    for name, value in SMALL.items():
        monkeypatch.setattr(ladder, name, value)
    command = ["cifar-10", "--records", str(tmp_path / "records")]
    assert ladder.main(command) == 0
    files = sorted((tmp_path / "records").iterdir())
    records = ladder.Records(tmp_path / "records")
    tuning = [ladder.tuning_runs(records, "cifar-10", rung) for rung in ladder.RUNGS]
    assert len(files) == sum(len(runs) + 1 for runs in tuning)  # and one run in Keras
    for file in files:
        record = json.loads(file.read_text())
        assert [set(epoch) for epoch in record["epochs"]] == [{"cpu_seconds", *KEYS}]
        assert record["settings"]["data"] == "cifar-10" and record["settings"]["batch"] == 128
        assert 0 <= record["test_accuracy"] <= 1 and record["test_loss"] > 0
    times = [file.stat().st_mtime_ns for file in files]
    assert ladder.main(command) == 0
    assert [file.stat().st_mtime_ns for file in files] == times
    text = ladder.table(ladder.Records(tmp_path / "records")).partition("## CIFAR-10")[2]
    assert "not trained" not in text and "78,042" in text


def test_a_killed_command_goes_on_with_the_missing_runs(tmp_path, monkeypatch):
    options = ["cifar-10", "--records", str(tmp_path / "records")]
    script = (
        "import sys; import numpy as np; from benchmarks.lessons import ladder\n"
        f"from convnet import data; from convnet.data import Dataset\n{inspect.getsource(noise)}\n"
        f"data.cifar10 = noise; vars(ladder).update({SMALL})\n"
        "sys.exit(ladder.main(sys.argv[1:]))"
    )
    command = [sys.executable, "-u", "-c", script, *options, "--libraries", "pytorch"]
    folder = tmp_path / "records"
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.startswith("cifar-10-pytorch-lenet-0"):
                break
        os.kill(process.pid, signal.SIGKILL)
    before = {file: file.stat().st_mtime_ns for file in folder.glob("*.json")}
    assert 0 < len(before) < 6
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert not list(ladder.missing_runs(ladder.Records(folder), "cifar-10", "pytorch"))
    assert {file: file.stat().st_mtime_ns for file in before} == before
