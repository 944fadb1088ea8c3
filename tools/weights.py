"""Train the networks that come with the course, and write their weights to convnet/weights/.

    python -m tools.weights [NAME ...]

The digits take seconds, LeNet on Fashion-MNIST two minutes. The weights are reproducible on the
same machine with the same number of BLAS threads. Offline, set the variable CONVNET_DATA to the
data's folder.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import convnet
from convnet.checkpoints import save_weights
from convnet.data import digits, fashion_mnist
from convnet.models import TRAINED
from convnet.training import train

__all__ = ["main"]

FOLDER = Path(convnet.__file__).parent / "weights"
# The data set and the number of epochs for each network.
SETTINGS = {"digits": (digits, 60), "lenet-fashion-mnist": (fashion_mnist, 10)}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SETTINGS))
    names = parser.parse_args(arguments).names
    unknown = [name for name in names if name not in SETTINGS]
    if unknown:
        parser.error(f"unknown network {unknown[0]!r}; choose from {', '.join(SETTINGS)}")
    for name in names or SETTINGS:
        load, epochs = SETTINGS[name]
        data, network = load(), TRAINED[name](seed=1)
        history = train(
            network,
            data.train_images,
            data.train_labels,
            epochs=epochs,
            seed=1,
            validation=(data.test_images, data.test_labels),
        )
        path = FOLDER / f"{name}.npz"
        save_weights(path, network)
        print(
            f"{path.name}: {path.stat().st_size:,} bytes, test accuracy "
            f"{history[-1].validation_accuracy:.4f}"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
