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
    "accuracy_at",
    "at_many_rates",
    "best",
    "chart",
    "chosen_by_run",
    "confidence",
    "differences",
    "examination",
    "first_ten",
    "five_logs",
    "ingredients",
    "jump",
    "outlier",
    "points",
    "schedules",
    "test_accuracy",
    "two_schedules",
]

Log = Sequence[tuple[float, float, float]]
BLUE, ORANGE, RED, GRAY = "tab:blue", "tab:orange", "tab:red", "0.45"
TOP = 5.0  # largest loss in the figures of logs
ARMS = {
    "constant": "Adam, constant rate",
    "cosine": "+ cosine",
    "warm-up": "+ warm-up",
    "smoothing": "+ label smoothing",
    "clipping": "+ clipping",
    "shifts": "+ random shifts",
}
NORM_ARMS = {
    "norm": "batch normalization",
    "norm, decay on all": "+ decay on all",
    "norm, decay on weights": "+ decay on weights",
}


def five_logs(logs: Mapping[int, Log]) -> FigureOutput:
    """Show the training and validation losses of several scripts by epoch."""
    fig, axes = plt.subplots(1, len(logs), figsize=(7, 2.4), sharey=True, layout="constrained")
    for ax, (number, log) in zip(axes, logs.items(), strict=True):
        _epochs(ax, log, number == min(logs))
        ax.set_title(f"case {number}\n{log[-1][2]:.0%} right", fontsize=10)
    axes[0].set_ylabel("loss")
    return present(
        fig,
        "Five small plots of losses over six epochs. Cases 1 and 2: training and validation loss "
        "stay at 2.3. Case 3: both fall to 1.6 and stay there. Case 4: the training loss falls to "
        "0, the validation loss is above the plot. Case 5: the training loss begins above the plot "
        "and then stays at 2.3. The validation accuracies after six epochs are "
        + ", ".join(f"{log[-1][2]:.0%}" for log in logs.values())
        + ".",
        "Training loss (blue) and validation loss (orange, dashed) of five scripts, and the "
        "validation accuracy at the end. Losses above 5 are cut off.",
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
    ax.text(20, 2, "yes: tune (second half of the lesson)", ha="center", va="center", fontsize=10)
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
        "overfitting. If all answers are yes: tune.",
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
    left.set_title(f"one batch: {one_batch[0]:.3f}, ..., {one_batch[-1]:.3f}", fontsize=10)
    _epochs(right, log, True)
    right.set_title(f"all images: validation accuracy {log[-1][2]:.1%}", fontsize=10)
    return present(
        fig,
        f"Left: the loss of one mini-batch over {len(one_batch)} steps, from {one_batch[0]:.3g} to "
        f"{one_batch[-1]:.3f}. Right: losses by epoch; the training loss goes from {log[0][0]:.3g} "
        f"to {log[-1][0]:.3f}, the validation loss from {log[0][1]:.3g} to {log[-1][1]:.3f}.",
        "Left: the same 32 images in every step, with the first and the last loss in the title. "
        "Right: all images. Losses above 5 are cut off.",
    )


def first_ten(images: Array, labels: Array) -> FigureOutput:
    """Show the first ten images, each with its label above it."""
    fig, axes = plt.subplots(1, 10, figsize=(7, 1.1), layout="constrained")
    for ax, image, label in zip(axes, images[:10], labels[:10], strict=True):
        draw_image(ax, image[:, :, 0], "", (0, 255), scale=False)
        ax.set_title(f"{label}", fontsize=13)
    return present(
        fig,
        "The first ten images of the script, with their labels: "
        f"{', '.join(map(str, labels[:10]))}. Most labels are not the digit in the image.",
        "The first ten training images of case 2, with the labels that the loss uses.",
    )


def schedules(by_name: Mapping[str, Callable[[int], float]], steps: int) -> FigureOutput:
    """Show factors of the learning rate by step."""
    fig, ax = plt.subplots(figsize=(7, 2.3), layout="constrained")
    styles = ((GRAY, ":"), (BLUE, "--"), (ORANGE, "-"))
    for (name, schedule), (color, style) in zip(by_name.items(), styles, strict=True):
        ax.plot([schedule(k) for k in range(steps)], style, color=color, lw=2, label=name)
    ax.set(xlabel="step", ylabel="learning rate /\nlargest rate", ylim=(-0.05, 1.1))
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=9)
    return present(
        fig,
        "The factor of the learning rate over the steps of a training: constant at 1; a cosine "
        "that falls from 1 to 0; the same after a linear rise from 0 to 1 in the first epoch.",
        "Three schedules over 12 epochs of 38 steps.",
    )


def two_schedules(runs: Mapping[str, Sequence[Sequence[float]]]) -> FigureOutput:
    """Show validation accuracies by epoch, a panel for each schedule."""
    fig, axes = plt.subplots(1, len(runs), figsize=(7, 2.6), sharey=True, layout="constrained")
    for ax, (name, curves) in zip(axes, runs.items(), strict=True):
        for curve, marker in zip(curves, "os^", strict=True):
            ax.plot(range(1, len(curve) + 1), curve, marker + "-", ms=4, lw=1)
        ax.set(title=name, xlabel="epoch", ylim=(0.85, 1), xticks=range(2, len(curve) + 1, 2))
    axes[0].set_ylabel("validation accuracy")
    return present(
        fig,
        "Validation accuracies of three networks over twelve epochs. With a constant learning rate "
        "they go up and down until the end, with a cosine they are flat in the last four epochs.",
        "Three seeds each. Compare the last four epochs.",
    )


def _arrays() -> dict[str, Array]:
    return stored_arrays("training_today/results.npz")


def best(name: str) -> tuple[Array, Array]:
    """Return the tuned setting of an arm, and its accuracies, shape (runs, epochs, 2)."""
    arrays = _arrays()
    chosen = int(arrays[name][:, :, -1, 0].mean(axis=1).argmax())
    return arrays[f"{name}_rates"][chosen], arrays[name][chosen]


def test_accuracy(name: str) -> Array:
    """Return the test accuracies of the ten runs of a tuned arm."""
    return best(name)[1][:, -1, 1]


def accuracy_at(name: str, rate: float) -> float:
    """Return the mean test accuracy of an arm at a learning rate."""
    arrays = _arrays()
    row = int(np.argmin(np.abs(arrays[f"{name}_rates"] - rate)))
    return float(arrays[name][row, :, -1, 1].mean())


def differences(name: str, other: str = "warm-up") -> Array:
    """Return the gain in test accuracy of one arm over another, at equal settings."""
    arrays = _arrays()
    return arrays[name][:, :, -1, 1] - arrays[other][:, :, -1, 1]


def chosen_by_run(name: str) -> Array:
    """Return test accuracies of an arm if each run chooses by its own validation part."""
    ends = _arrays()[name][:, :, -1]
    return ends[ends[:, :, 0].argmax(axis=0), np.arange(ends.shape[1]), 1]


def points(gains: Array) -> str:
    """Write the mean of some gains in accuracy and its standard error, in percentage points."""
    values = 100 * gains.ravel()
    return f"{values.mean():.1f} ± {values.std(ddof=1) / np.sqrt(len(values)):.1f}"


def confidence(name: str, rate: float) -> float:
    """Return the mean probability of the predicted class in the test parts."""
    arrays = _arrays()
    row = int(np.argmin(np.abs(arrays[f"{name}_rates"] - rate)))
    return float(arrays[f"{name}_probability"][row].mean())


def jump(name: str, rate: float) -> float:
    """Return the mean change of the test accuracy between two of the last five epochs."""
    arrays = _arrays()
    row = int(np.argmin(np.abs(arrays[f"{name}_rates"] - rate)))
    return float(np.abs(np.diff(arrays[name][row, :, -5:, 1], axis=1)).mean())


def at_many_rates() -> FigureOutput:
    """Show test accuracies at the four rates, for three schedules."""
    arrays = _arrays()
    fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
    arms = (
        ("constant", GRAY, "o:", 0.94),
        ("cosine", BLUE, "s--", 1.0),
        ("warm-up", ORANGE, "^-", 1.06),
    )
    for name, color, style, shift in arms:
        rates, values = shift * arrays[f"{name}_rates"], arrays[name][:, :, -1, 1]
        label = {"constant": "constant", "cosine": "cosine", "warm-up": "warm-up and cosine"}[name]
        ax.plot(rates, values.mean(axis=1), style, color=color, label=label, ms=7)
        for rate, row in zip(rates, values, strict=True):
            ax.plot([rate] * len(row), row, ".", color=color, alpha=0.4, ms=5)
    ax.set(xscale="log", xlabel="(largest) learning rate of Adam", ylabel="test accuracy")
    ticks = [float(rate) for rate in arrays["constant_rates"]]
    ax.set_xticks(ticks, [f"{rate:g}" for rate in ticks])
    ax.minorticks_off()
    ax.legend(loc="lower left", fontsize=9)
    return present(
        fig,
        "Test accuracies of ten runs at four learning rates. Up to 0.01 the three schedules are "
        "close together. At 0.03, one run in ten with a constant rate or a cosine is at 10%; at "
        "0.1, seven in ten are. With warm-up all runs learn at all four rates.",
        "Ten runs at each rate (dots), and their means (lines).",
    )


def ingredients() -> FigureOutput:
    """Show the test accuracies of all tuned arms."""
    fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
    names = {**ARMS, **NORM_ARMS}
    for row, name in enumerate(names):
        values, color = test_accuracy(name), ORANGE if name in NORM_ARMS else BLUE
        ax.plot(values, np.full(10, row) + np.linspace(-0.2, 0.2, 10), ".", color=color, alpha=0.5)
        ax.plot(values.mean(), row, "D", color=color, ms=8, mec="black")
        ax.text(1.003, row, f"{values.mean():.1%}", va="center", fontsize=10)
    ax.set_yticks(range(len(names)), list(names.values()))
    ax.invert_yaxis()
    ax.set(xlabel="test accuracy", xlim=(0.9, 1.015), xticks=np.arange(0.9, 1.001, 0.02))
    ax.grid(axis="x", alpha=0.3)
    return present(
        fig,
        "Test accuracies of nine recipes, ten runs each, with the mean: "
        + "; ".join(f"{names[n]} {test_accuracy(n).mean():.1%}" for n in names)
        + ".",
        "Ten runs on ten different parts of the file (dots) and their mean (diamond). Smoothing, "
        "clipping and shifts are each added to warm-up and cosine. Below, in orange, the network "
        "has batch normalization; the last two rows differ in their tuned decay, 0.1 and 1, too.",
    )


def outlier(losses: Mapping[str, Sequence[float]], at: int) -> FigureOutput:
    """Show the losses of trainings with one bad mini-batch."""
    fig, ax = plt.subplots(figsize=(6, 2.7), layout="constrained")
    for (name, values), (color, style) in zip(
        losses.items(), ((GRAY, "--"), (ORANGE, "-")), strict=True
    ):
        ax.plot(values, style, color=color, label=name, lw=1.2)
    ax.axvline(at, color=RED, lw=1, ls=":")
    ax.text(at + 2, 3e4, "one batch with\npixels up to 255", color=RED, va="top", fontsize=9)
    ax.set(yscale="log", xlabel="step", ylabel="loss of the mini-batch", ylim=(0.01, 1e5))
    ax.legend(loc="lower left", fontsize=9)
    return present(
        fig,
        f"Loss by step. At step {at}, a mini-batch has large pixels. Without clipping, the loss "
        "stays near 2.3 afterwards; with clipping it goes on falling as before.",
        "The same training twice, with one mini-batch of 32 images that somebody forgot to scale.",
    )
