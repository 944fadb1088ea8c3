"""Figures of "How networks are trained today", and results of its benchmark."""

from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present
from lesson_tools.stored import stored_arrays

__all__ = [
    "averages",
    "chart",
    "clouds",
    "examination",
    "gain",
    "mixed",
    "scheduled",
    "staircase",
    "test_accuracy",
    "your_staircase",
]

Log = Sequence[tuple[float, float, float]]
BLUE, ORANGE, RED, GRAY = "tab:blue", "tab:orange", "tab:red", "0.45"
TOP = 5.0  # largest loss in the figures of logs
RATES = (0.01, 0.03, 0.1)  # of the benchmark
DECAYS = (0.98, 0.99)

# Top-1 accuracies of ResNet-50 on ImageNet, each with the changes above it (Vryniotis, 2021).
TORCHVISION = (
    ("torchvision's first weights", 76.130, ""),
    ("learning rate and schedule", 76.494, "steps"),
    ("TrivialAugment", 76.806, "images"),
    ("600 epochs", 78.606, "time"),
    ("random erasing", 78.796, "images"),
    ("label smoothing", 79.114, "images"),
    ("mixup", 79.232, "images"),
    ("CutMix", 79.510, "images"),
    ("weight decay, tuned", 80.036, "steps"),
    ("smaller training images", 80.196, "size"),
    ("average of the weights", 80.450, "steps"),
    ("test image size, tuned", 80.674, "size"),
    ("repeated augmentation", 80.858, "images"),
)
GROUPS = {
    "time": (RED, "training time"),
    "images": (ORANGE, "images and labels"),
    "steps": (BLUE, "steps and weights"),
    "size": ("tab:green", "image sizes"),
}


def staircase() -> FigureOutput:
    """Show the accuracy of ResNet-50 after each change of torchvision's recipe."""
    fig, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
    before = TORCHVISION[0][1]
    for row, (_, after, group) in enumerate(TORCHVISION):
        color = GROUPS[group][0] if group else GRAY
        if group:
            ax.barh(row, after - before, left=before, color=color, height=0.7)
            ax.plot([before, before], [row - 1.35, row + 0.35], color=GRAY, lw=0.8)
        else:
            ax.plot(after, row, "o", color=color)
        ax.text(after + 0.08, row, f"{after:.1f}", va="center", fontsize=9)
        before = after
    for color, label in GROUPS.values():
        ax.barh(0, 0, color=color, label=label)
    ax.set_yticks(range(len(TORCHVISION)), [name for name, *_ in TORCHVISION], fontsize=9)
    ax.invert_yaxis()
    ax.set(xlabel="top-1 accuracy on ImageNet, in percent", xlim=(75.8, 81.5))
    ax.legend(fontsize=9, loc="upper right")
    return present(
        fig,
        "A staircase of bars from 76.1% to 80.9%, one bar for each change: "
        + "; ".join(f"{name} {value:.1f}%" for name, value, _ in TORCHVISION)
        + ".",
        "Accuracy of the same ResNet-50 after each change of its training (Vryniotis, 2021). Each "
        "step keeps the changes above it. Published values, mostly the best of three runs.",
    )


def _epochs(ax: Axes, log: Log, legend: bool) -> None:
    epochs = np.arange(1, len(log) + 1)
    for column, label, color, style in ((0, "training", BLUE, "o-"), (1, "valid.", ORANGE, "s--")):
        values = np.minimum([row[column] for row in log], TOP + 1)
        ax.plot(epochs, values, style, color=color, ms=4, label=label)
    ax.axhline(np.log(10), color=GRAY, lw=1, ls=":")
    if min(row[1] for row in log) > TOP:
        ax.text(0.5, 0.72, "valid. > 5", color=ORANGE, ha="center", transform=ax.transAxes)
    ax.set(ylim=(-0.2, TOP), xlabel="epoch", xticks=epochs)
    ax.tick_params(labelsize=9)
    if legend:
        ax.legend(fontsize=8, loc="upper right", handlelength=1.5, borderpad=0.3)


def chart() -> FigureOutput:
    """Draw the decision chart "my loss does not fall"."""
    fig, ax = plt.subplots(figsize=(7, 6.2))
    fig.subplots_adjust(0, 0, 1, 1)
    ax.set(xlim=(0, 100), ylim=(0, 100))
    ax.axis("off")
    questions = (
        (88, "1  The first loss:\nnear log(number of classes)?"),
        (60, "2  One mini-batch, many steps:\ndoes its loss go to 0?"),
        (30, "3  All images: does the\ntraining loss fall?"),
        (10, "4  Does the validation loss\nfall along with it?"),
    )
    for y, text in questions:
        style = {"boxstyle": "round,pad=0.5", "fc": "#dce9f5", "ec": BLUE}
        ax.text(20, y, text, ha="center", va="center", fontsize=10, bbox=style)
    for (start, _), (end, _) in zip(questions[:-1], questions[1:], strict=True):
        ax.annotate("", (20, end + 5), (20, start - 5), arrowprops={"arrowstyle": "-|>", "lw": 1.6})
        ax.text(21.5, (start + end) / 2, "yes", fontsize=10, va="center")
    answers = (
        (36, 88, 88, "no", "A", "wrong scale: of the inputs,\nor of the first weights"),
        (37.5, 60, 75, "no, it never changes", "B", "the steps do not reach the\nparameters"),
        (
            37.5,
            60,
            60,
            "no, it jumps and then stays",
            "C",
            "rate too large (or too small,\nif it creeps)",
        ),
        (
            37.5,
            60,
            45,
            "no, it stops above 0",
            "D",
            "the loss is not the one that\nyou think it is",
        ),
        (33, 30, 30, "no", "E", "images and labels do\nnot belong together"),
        (35, 10, 10, "no", "F", "validation images prepared\ndifferently, or overfitting"),
    )
    for x, start, y, condition, letter, text in answers:
        arrow = {"arrowstyle": "-|>", "lw": 1.2, "color": RED}
        ax.annotate("", (55, y), (x, start), arrowprops=arrow)
        style = {"boxstyle": "circle,pad=0.25", "fc": RED, "ec": RED}
        ax.text(57.5, y, letter, color="white", ha="center", va="center", weight="bold", bbox=style)
        ax.text(61.5, y + 2.2, condition, fontsize=9.5, va="bottom", color=RED)
        ax.text(61.5, y + 1.2, text, fontsize=10, va="top")
    ax.text(20, 2, "yes: now add the recipe", ha="center", va="center", fontsize=10)
    return present(
        fig,
        "A chart with four questions from top to bottom, and the causes A to F. 1: is the first "
        "loss near log(number of classes)? If not, A: wrong scale of the inputs or of the first "
        "weights. 2: does the loss of one mini-batch go to 0 in many steps? If it does not change, "
        "B: the steps do not reach the parameters of the network; if it jumps and then stays, C: "
        "the learning rate is too large (slow and steady: too small); if it stops above 0, D: the "
        "loss is not the one that you think it is. 3: with all images, does the training loss "
        "fall? If not, E: images and labels do not belong together. 4: does the validation loss "
        "fall along with it? If not, F: the validation images are prepared differently, or "
        "overfitting. If all answers are yes: add the recipe.",
        "My loss does not fall. Begin at the top, and leave the chart at the first question whose "
        "answer is no.",
    )


def examination(one_batch: Sequence[float], log: Log) -> FigureOutput:
    """Show the losses to inspect for questions 1 and 2 of the chart, and for questions 3 and 4."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(7, 2.6), layout="constrained")
    left.plot(np.minimum(one_batch, TOP + 1), color=BLUE)
    left.axhline(np.log(10), color=GRAY, lw=1, ls=":")
    left.text(len(one_batch), np.log(10) + 0.12, "log 10", color=GRAY, ha="right", fontsize=9)
    left.set(ylim=(-0.2, TOP), xlabel="step", ylabel="loss")
    left.set_title(f"one batch: {one_batch[0]:.6f}, ..., {one_batch[-1]:.6f}", fontsize=10)
    _epochs(right, log, True)
    right.set_title(f"all images: validation accuracy {log[-1][2]:.1%}", fontsize=10)
    return present(
        fig,
        f"Left: the loss of one mini-batch over {len(one_batch)} steps, from {one_batch[0]:.6f} to "
        f"{one_batch[-1]:.6f}. Right: losses by epoch; the training loss goes from {log[0][0]:.3f} "
        f"to {log[-1][0]:.3f}, the validation loss from {log[0][1]:.3f} to {log[-1][1]:.3f}.",
        "Left: the same 32 images in every step, with the first and the last loss in the title. "
        "Right: all images. Losses above 5 are cut off.",
    )


def clouds(paths: Mapping[float, Array]) -> FigureOutput:
    """Show paths of noisy gradient descent, a panel for each learning rate."""
    fig, axes = plt.subplots(1, len(paths), figsize=(7, 3.5), sharey=True, layout="constrained")
    angle = np.linspace(0, 2 * np.pi, 200)
    for ax, (rate, path) in zip(axes, paths.items(), strict=True):
        for radius in (1, 2, 3, 4):
            ax.plot(radius * np.cos(angle), radius * np.sin(angle), color="0.85", lw=0.8)
        ax.plot(*path.T, "-", color=BLUE, lw=0.5, alpha=0.5)
        ax.plot(*path.T, ".", color=BLUE, ms=4, label="positions")
        ax.plot(*path[0], "s", color=GRAY, ms=7, label="first position")
        ax.plot(*path[-1], "o", color=ORANGE, mec="black", ms=9, label="last position")
        mean = path[-200:].mean(axis=0)
        ax.plot(*mean, "X", color="black", mec="white", ms=12, label="mean of the last 200")
        ax.set(title=f"learning rate {rate:g}", aspect="equal", xlim=(-3, 5), ylim=(-3, 3))
        ax.set_xlabel("first weight")
    axes[0].set_ylabel("second weight")
    handles, labels = axes[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=9)
    rates = list(paths)
    last, means = (
        [float(np.linalg.norm(v)) for v in values]
        for values in (
            [path[-1] for path in paths.values()],
            [path[-200:].mean(axis=0) for path in paths.values()],
        )
    )
    return present(
        fig,
        f"Two clouds of positions around the minimum. With the rate {rates[0]:g} the cloud is "
        f"wide, with {rates[1]:g} it is small, at the end of a long path. The last positions are "
        f"{last[0]:.2f} and {last[1]:.2f} from the minimum, the means of the last 200 positions "
        f"{means[0]:.2f} and {means[1]:.2f}.",
        "400 steps of gradient descent with noise. The minimum is at (0, 0), in the middle of the "
        "circles.",
    )


def averages(runs: Mapping[str, Sequence[Array]]) -> FigureOutput:
    """Show accuracies of the weights and of their averages, a panel for each name."""
    fig, axes = plt.subplots(1, len(runs), figsize=(7, 2.9), sharey=True, layout="constrained")
    for ax, (name, logs) in zip(axes, runs.items(), strict=True):
        _both(ax, logs)
        ax.set_title(name)
    axes[0].set_ylabel("validation accuracy")
    axes[-1].legend(fontsize=9, loc="lower right")
    return present(
        fig,
        "Validation accuracies of three runs over twelve epochs, for two learning rates. The lines "
        "of the weights go up and down until the end, more so at the larger rate. At the rate "
        "0.03, the averages end above the weights of the same runs.",
        "Three runs at each rate: the weights after each epoch (thin) and their average (thick).",
    )


def _both(ax: Axes, logs: Sequence[Array]) -> None:
    for k, log in enumerate(logs):
        epochs = np.arange(1, len(log) + 1)
        ax.plot(epochs, log[:, 0], color=BLUE, lw=1, label=None if k else "weights")
        ax.plot(epochs, log[:, 1], color=ORANGE, lw=2.5, label=None if k else "average")
    ax.set(xlabel="epoch", ylim=(0.85, 1), xticks=range(2, len(logs[0]) + 1, 2))
    ax.grid(axis="y", alpha=0.3)


def scheduled(schedule: Callable[[int], float], logs: Sequence[Array]) -> FigureOutput:
    """Show a schedule, and accuracies of the weights and of their averages."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(7, 2.7), layout="constrained")
    steps = 38 * len(logs[0])
    left.plot([schedule(k) for k in range(steps)], color=GRAY, lw=2)
    left.set(xlabel="step", ylabel="rate / largest rate", ylim=(-0.05, 1.1))
    _both(right, logs)
    right.set_ylabel("validation accuracy")
    right.legend(fontsize=9, loc="lower right")
    return present(
        fig,
        "Left: the factor of the learning rate rises linearly for 38 steps, and falls to 0 along "
        "half a cosine. Right: validation accuracies of three runs with this schedule, which are "
        "almost constant in the last four epochs, and those of their averages, which are about the "
        "same at the end.",
        "Left: the schedule. Right: three runs with it, the largest rate being 0.03.",
    )


def mixed(images: Array, targets: Array) -> FigureOutput:
    """Show images with the classes and shares of their targets."""
    fig, axes = plt.subplots(1, len(images), figsize=(7, 1.7), layout="constrained")
    texts = []
    for ax, image, target in zip(axes, images, targets, strict=True):
        draw_image(ax, image[:, :, 0], "", (0, 1), scale=False)
        classes = [int(c) for c in np.argsort(-target) if target[c] > 0.005]
        texts.append(", ".join(f"{target[c]:.0%} {c}" for c in classes))
        ax.set_title("\n".join(texts[-1].split(", ")), fontsize=10)
    return present(
        fig,
        "Images that are mixtures of two digits each. Their targets: " + "; ".join(texts) + ".",
        "Mixed images, with their targets above them.",
    )


def your_staircase(ends: Mapping[str, Sequence[Array]]) -> FigureOutput:
    """Show final accuracies of the weights and of their averages, a row for each recipe."""
    fig, ax = plt.subplots(figsize=(7, 0.5 * len(ends) + 1.4), layout="constrained")
    texts = []
    for row, (name, values) in enumerate(ends.items()):
        medians = []
        for column, color, shift, label in (
            (0, BLUE, -0.15, "weights"),
            (1, ORANGE, 0.15, "average"),
        ):
            points = np.array([value[column] for value in values])
            ax.plot(points, np.full(len(points), row + shift), "o", color=color, ms=6, alpha=0.5)
            medians.append(float(np.median(points)))
            key = label if row == 0 else None
            ax.plot(medians[-1], row + shift, "|", color=color, ms=14, mew=3, label=key)
        texts.append(f"{name} {medians[0]:.1%} and {medians[1]:.1%}")
    ax.set_yticks(range(len(ends)), list(ends))
    ax.invert_yaxis()
    ax.set(xlabel="validation accuracy at the end")
    ax.grid(axis="x", alpha=0.3)
    fig.legend(loc="outside lower right", ncols=2, fontsize=9)
    return present(
        fig,
        "Validation accuracies at the end of the runs. Medians of the weights and of their "
        "averages: " + "; ".join(texts) + ".",
        "Each dot is a run, each bar the median of its dots.",
    )


def _row(name: str, rate: float) -> tuple[Array, Array]:
    """Return the accuracies of an arm at a rate, (runs, epochs, 2), and those of its averages."""
    arrays, row = stored_arrays("training_today/results.npz"), RATES.index(rate)
    return arrays[name][row], arrays[f"{name}_average"][row]


def test_accuracy(name: str, rate: float, decay: float | None = None) -> Array:
    """Return the final test accuracies of ten runs, or of the averages of their weights."""
    own, averaged = _row(name, rate)
    return own[:, -1, 1] if decay is None else averaged[:, -1, DECAYS.index(decay), 1]


def gain(differences: Array) -> str:
    """Write the mean of paired differences and its standard error, in percentage points."""
    values = 100 * np.ravel(differences)
    return f"{values.mean():.1f} ± {values.std(ddof=1) / np.sqrt(len(values)):.1f}"
