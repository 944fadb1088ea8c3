"""Train U-Nets that differ in one thing on pages of digits, and measure their segmentation.

    python -m benchmarks.lessons.segmentation [--write] [--weights]

The pages, the U-Net and the training loop are those of the lesson on segmentation. Each seed has
its own random split of all 1,797 digits: 1,200 for training pages, 300 for validation and 297 for
test pages. A U-Net learns from 300 pages of 32 x 32 pixels with about 900 digits, in 10 epochs and
batches of 2. Each arm's learning rate is the best of 0.005 and 0.01, halved or doubled until the
best is not at an end, by the mean IoU on the validation pages of a split that is not used again.

unet
    The lesson's U-Net: skip connections, transposed convolutions with f = 2, plain cross-entropy.
none
    Without skip connections: the decoder has twice as many maps of its own instead.
unet-same
    The arm unet with 1,350 pages of the digits that are on its 300 pages, about 640.
unet-more
    The arm unet with 1,350 pages of all 1,200 training digits.
unet-long
    The arm unet with 300 pages and 45 epochs, as many steps as with 1,350 pages.
window
    No U-Net: the window network of the lesson on 1x1 convolutions, trained on windows with the same
    noise, from 150 pages of 96 x 96 with about 4,050 digits, as many as on 1,350 pages of 32 x 32,
    finds the digits; the pixels in their boxes that are brighter than a threshold, after a Gaussian
    blur, get their class. Rate, threshold and blur are chosen on validation pages.

The learning rates of unet-same, unet-more and unet-long are that of unet. All arms take about
fifteen minutes of one core. Finished runs are kept in
course/lesson_tools/segmentation/results.json and not repeated; --write puts the table into
segmentation.md.

--weights trains the network that the lesson loads, in a minute, and stores it as
course/lesson_tools/segmentation/u-net.npz: after that, check the lesson with tools.lessons.
"""

import itertools
import json
import statistics
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter, maximum_filter

from benchmarks import LESSON_TOOLS
from benchmarks._figures import argument_parser, show_figures
from convnet.data import digits
from convnet.functional import cross_entropy_backward
from convnet.layers import Conv2D, MaxPooling2D, ReLU
from convnet.network import Network
from convnet.training import Adam, train
from convnet.types import Array
from lesson_tools.digit_page import NOTHING, make_windows, window_network
from lesson_tools.segmentation.unet import (
    BACKGROUND,
    NOISE,
    WEIGHTS,
    Nested,
    Pages,
    confusion,
    make_pages,
)
from tests.lesson_tools.cells import defined

LESSON = defined("25_segmentation", "block", "down", "up", "WithSkip", "u_net", Nested=Nested)
PATH = LESSON_TOOLS / "segmentation/results.json"
ARMS: dict[str, dict[str, Any]] = {
    "unet": {},
    "none": {"network": lambda seed: without_skips(seed)},
    "window": {"pages": 150},
    "unet-same": {"pages": 1350, "rate of": "unet", "digits of": 300},
    "unet-more": {"pages": 1350, "rate of": "unet"},
    "unet-long": {"epochs": 45, "rate of": "unet"},
}
RATES, SEEDS, TUNING = (0.005, 0.01), range(5), 100
EPOCHS, BATCH, TESTS = 10, 2, 150


def split(seed: int) -> dict[str, tuple[Array, Array]]:
    """Return images and labels of a random split of all digits, by their use."""
    data = digits()
    images = np.concatenate([data.train_images, data.test_images])
    labels = np.concatenate([data.train_labels, data.test_labels])
    order = np.random.default_rng(seed).permutation(len(images))
    parts = zip(("train", "validation", "test"), np.split(order, (1200, 1500)), strict=True)
    return {name: (images[part], labels[part]) for name, part in parts}


def measures(predicted: Array, truth: Array) -> dict[str, Any]:
    """Return the IoU of each class, and the accuracies of pixels."""
    counts = confusion(predicted, truth)
    both, ink = np.diag(counts), counts[:BACKGROUND, :BACKGROUND]
    named, true = counts.sum(axis=0), counts.sum(axis=1)
    return {
        "iou": rounded(both / np.maximum(named + true - both, 1)),
        "accuracy": rounded(both.sum() / counts.sum()),
        "ink": rounded(ink.sum() / (counts.sum() - counts[BACKGROUND, BACKGROUND])),
        "class": rounded(np.trace(ink) / max(ink.sum(), 1)),  # of pixels that both call ink
    }


def rounded(values: Array) -> Any:
    return np.round(values, 4).tolist()


def without_skips(seed: int) -> Network:
    """Return the network of the arm none."""
    block, down, up = (LESSON[name] for name in ("block", "down", "up"))
    encoder = [*block(16), down(), *block(32), down(), *block(64)]
    decoder = [up(64), *block(32), up(32), *block(16), Conv2D(BACKGROUND + 1, 1)]
    return Network([*encoder, *decoder], (32, 32, 1), seed)


def fit(network: Network, pages: Pages, *, epochs: int, rate: float, seed: int) -> None:
    """Train a network as the lesson does, with a seed for the order of the pages."""
    rng, optimizer = np.random.default_rng(seed), Adam(rate)
    for epoch in range(epochs):
        batches = rng.permutation(len(pages.X)).reshape(-1, BATCH)
        for number, picked in enumerate(batches):
            done = (epoch + number / len(batches)) / epochs
            optimizer.settings["learning_rate"] = rate / 2 * (1 + np.cos(np.pi * done))
            scores, labels = network.forward(pages.X[picked], training=True), pages.Y[picked]
            gradient = cross_entropy_backward(scores.reshape(labels.size, -1), labels.ravel())
            network.backward(gradient.reshape(scores.shape))
            optimizer.step(network.parameters, network.gradients)


def trained(arm: str, rate: float, seed: int, parts: dict) -> Network:
    """Return a network, trained on the training pages of an arm."""
    images, labels = parts["train"]
    if fewer := ARMS[arm].get("digits of"):  # only those on this number of pages
        used = make_pages(images, labels, fewer, seed).used
        images, labels = images[used], labels[used]
    pages = make_pages(images, labels, ARMS[arm].get("pages", 300), seed)
    network = ARMS[arm].get("network", LESSON["u_net"])(seed=seed)
    fit(network, pages, epochs=ARMS[arm].get("epochs", EPOCHS), rate=rate, seed=seed)
    return network


def run_unet(arm: str, rate: float, seed: int) -> dict[str, Any]:
    parts, begin = split(seed), time.process_time()
    network = trained(arm, rate, seed, parts)
    seconds = time.process_time() - begin
    if seed == TUNING:
        pages = make_pages(*parts["validation"], TESTS, 2000 + seed)
        found = measures(network.scores(pages.X).argmax(axis=-1), pages.Y)
        return {"validation": rounded(np.mean(found["iou"])), "seconds": round(seconds, 1)}
    pages = make_pages(*parts["test"], TESTS, 1000 + seed)
    return {
        **measures(network.scores(pages.X).argmax(axis=-1), pages.Y),
        "parameters": network.parameters.size,
        "seconds": round(seconds, 1),
    }


def detected(windows: Network, pages: Pages, threshold: float, blur: float) -> Array:
    """Return the classes of all pixels by detecting digits, and thresholding their boxes."""
    layers = [Conv2D(8, 3), ReLU(), Conv2D(16, 3), ReLU(), MaxPooling2D(2)]
    scan = Network([*layers, Conv2D(32, 4), ReLU(), Conv2D(11, 1)], pages.X.shape[1:])
    scan.parameters[:] = windows.parameters
    classes = np.full(pages.Y.shape, BACKGROUND)
    for page, scores, named in zip(pages.X, scan.scores(pages.X), classes, strict=True):
        evidence = scores[..., :NOTHING].max(axis=-1) - scores[..., NOTHING]
        peaks = (evidence > 0) & (evidence == maximum_filter(evidence, 5))
        ink = gaussian_filter(page[..., 0], blur) > threshold
        for h, w in sorted(np.argwhere(peaks), key=lambda peak: evidence[tuple(peak)]):
            box = np.s_[max(2 * h + 1, 0) : 2 * h + 11, max(2 * w + 1, 0) : 2 * w + 11]
            named[box][ink[box]] = scores[h, w, :NOTHING].argmax()
    return classes


def run_window(
    arm: str, rate: float, seed: int, chosen: tuple[float, float] | None
) -> dict[str, Any]:
    parts, begin, rng = split(seed), time.process_time(), np.random.default_rng(seed)
    images, labels = parts["train"]
    source = SimpleNamespace(train_images=images, train_labels=labels)
    X, classes = make_windows(source, ARMS[arm]["pages"], rng)
    X = (X + rng.normal(0, NOISE, X.shape)).astype(np.float32)
    network = window_network(seed)
    settings = {"seed": seed, "progress": False}
    settings["epochs"] = 4
    train(network, X, classes, optimizer=Adam(rate), **settings)
    train(network, X, classes, optimizer=Adam(rate / 10), **settings)
    seconds = round(time.process_time() - begin, 1)
    if seed == TUNING:
        pages = make_pages(*parts["validation"], TESTS, 2000 + seed)
        results = {
            (threshold, blur): np.mean(
                measures(detected(network, pages, threshold, blur), pages.Y)["iou"]
            )
            for threshold, blur in itertools.product(np.arange(0.2, 0.6, 0.05), (0, 0.4, 0.6, 0.8))
        }
        best = max(results, key=lambda pair: results[pair])
        return {
            "validation": rounded(results[best]),
            "chosen": rounded(np.array(best)),
            "seconds": seconds,
        }
    pages = make_pages(*parts["test"], TESTS, 1000 + seed)
    found = measures(detected(network, pages, *chosen), pages.Y)
    return {**found, "parameters": network.parameters.size, "seconds": seconds}


def load() -> dict[str, Any]:
    return json.loads(PATH.read_text()) if PATH.exists() else {}


def store(arm: str, key: str, result: dict[str, Any]) -> None:
    """Add a run to the stored ones; the file is complete or absent."""
    results = load()
    results.setdefault(arm, {})[key] = result
    lines = [
        f" {json.dumps(arm)}: {{\n"
        + ",\n".join(f"  {json.dumps(key)}: {json.dumps(run)}" for key, run in sorted(runs.items()))
        + "\n }"
        for arm, runs in results.items()
    ]
    partial = PATH.with_suffix(".partial")
    partial.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    partial.replace(PATH)


def measure(arm: str) -> None:
    """Run the missing parts of an arm: first the tuning, then the seeds."""

    def run(rate: float, seed: int, key: str, chosen: Any = None) -> dict[str, Any]:
        stored = load().get(arm, {})
        if key not in stored:
            if arm.startswith("window"):
                result = run_window(arm, rate, seed, chosen)
            else:
                result = run_unet(arm, rate, seed)
            print(arm, key, f"{result['seconds']} s", flush=True)
            store(arm, key, result)
        return load()[arm][key]

    source = ARMS[arm].get("rate of", arm)
    if source == arm:
        for rate in RATES:
            run(rate, TUNING, f"rate {rate}")
        while (rate := best_rate(arm)) in (min(rates(arm)), max(rates(arm))):
            beyond = rate / 2 if rate == min(rates(arm)) else 2 * rate
            run(beyond, TUNING, f"rate {beyond}")
    rate = best_rate(source)
    chosen = load()[source][f"rate {rate}"].get("chosen")
    for seed in SEEDS:
        run(rate, seed, f"seed {seed}", chosen)


def rates(arm: str) -> dict[float, float]:
    """Return the mean IoU on validation pages by learning rate."""
    stored = load()[arm]
    return {
        float(key.removeprefix("rate ")): run["validation"]
        for key, run in stored.items()
        if key.startswith("rate")
    }


def best_rate(arm: str) -> float:
    values = rates(arm)
    return max(values, key=lambda rate: values[rate])


def table() -> str:
    """Return the results as a Markdown table: means and standard deviations over the seeds."""
    names = {
        "mean IoU": lambda run: statistics.mean(run["iou"]),
        "accuracy": lambda run: run["accuracy"],
        "IoU of ink": lambda run: run["ink"],
        "class of ink": lambda run: run["class"],
    }
    lines = [
        f"| arm | runs | parameters | rates: validation | {' | '.join(names)} | seconds |",
        "|---|--:|--:|---" + len(names) * "|--:" + "|--:|",
    ]
    for arm, stored in load().items():
        runs = [run for key, run in stored.items() if key.startswith("seed")]
        if not runs:
            continue
        tuning = ", ".join(f"{rate}: {value:.3f}" for rate, value in sorted(rates(arm).items()))
        tuning = tuning or f"as {ARMS[arm]['rate of']}"
        cells = [arm, str(len(runs)), f"{runs[0]['parameters']:,}", tuning]
        for value in names.values():
            values = [value(run) for run in runs]
            spread = f"{np.mean(values):.3f}"
            if len(values) > 1:
                spread += f" ± {np.std(values, ddof=1):.3f}"
            cells.append(spread)
        cells.append(f"{statistics.mean(run['seconds'] for run in runs):.0f}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def store_weights() -> None:
    """Train the lesson's network, which is that of unet-same with seed 0, and store its arrays."""
    network = trained("unet-same", best_rate("unet"), 0, split(0))
    arrays = [array.ravel() for array in network.named_arrays().values()]
    np.savez_compressed(PATH.with_name(WEIGHTS), arrays=np.concatenate(arrays).astype(np.float16))


def main() -> None:
    """Run the missing parts of all arms and print the table, or train the lesson's network."""
    parser = argument_parser(__file__, __doc__)
    parser.add_argument("--weights", action="store_true", help="train the lesson's network")
    given = parser.parse_args()
    if given.weights:
        store_weights()
        return
    for arm in ARMS:
        measure(arm)
    show_figures(__file__, table(), given.write)


if __name__ == "__main__":
    main()
