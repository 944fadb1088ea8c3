"""Train the network that reads a page of digits, and store its weights for the lesson.

    python -m tools.window_weights

Writes course/lesson_tools/data/window-network.npz in a few seconds. The lesson on 1x1 convolutions
states how many digits the network reads: after retraining, check the lesson with tools.lessons.
"""

from pathlib import Path

import numpy as np

from convnet.data import digits
from lesson_tools.digit_page import WEIGHTS, train_window_network

__all__ = ["main"]

FOLDER = Path(__file__).parents[1] / "course/lesson_tools/data"


def main() -> int:
    path = FOLDER / WEIGHTS
    with path.open("wb") as file:
        np.savez(file, parameters=train_window_network(digits()).parameters)
    print(f"{path.name}: {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
