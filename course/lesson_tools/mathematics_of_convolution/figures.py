"""Figures of the lesson "The mathematics of convolution"."""

from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from convnet.plots import draw_grid, draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, animate, present
from lesson_tools.sweep import axes_for_grids

__all__ = [
    "coins",
    "continuous",
    "echoes",
    "impulse",
    "patch_matrix",
    "reversed_list",
    "throws",
    "toeplitz",
]

Dice = Sequence[Sequence[int]]

BLUE, ORANGE = "tab:blue", "tab:orange"
PIPS = {  # columns and rows of the pips, from -1 to 1
    1: [(0, 0)],
    2: [(-1, -1), (1, 1)],
    3: [(-1, -1), (0, 0), (1, 1)],
    4: [(-1, -1), (-1, 1), (1, -1), (1, 1)],
    5: [(-1, -1), (-1, 1), (0, 0), (1, -1), (1, 1)],
    6: [(-1, -1), (-1, 0), (-1, 1), (1, -1), (1, 0), (1, 1)],
    8: [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)],
}


def throws(ordinary: Dice, strange: Dice, number: int, seed: int) -> FigureOutput:
    """Show the faces of two pairs of dice, and the frequency of each sum in a number of throws."""
    rng = np.random.default_rng(seed)
    fig, axes = plt.subplots(
        2, 2, figsize=(7, 4.3), height_ratios=[1, 1.6], layout="constrained", squeeze=False
    )
    pairs = {"ordinary pair": (ordinary, BLUE), "strange pair": (strange, ORANGE)}
    for ax, (name, (pair, color)) in zip(axes[0], pairs.items(), strict=True):
        for row, die in enumerate(pair):
            for column, face in enumerate(die):
                _draw_face(ax, column, row, face)
        ax.set(xlim=(-0.6, 5.6), ylim=(1.6, -0.6), aspect="equal")
        ax.set_title(name, color=color, fontsize=12)
        ax.axis("off")
    grid = axes[1, 0].get_gridspec()
    for ax in axes[1]:
        ax.remove()
    ax = fig.add_subplot(grid[1, :])
    for shift, (pair, color) in zip((-0.2, 0.2), pairs.values(), strict=True):
        sums = sum(rng.choice(die, number) for die in pair)
        counts = np.bincount(sums, minlength=13)[2:]
        hatch = "//" if shift > 0 else None
        ax.bar(np.arange(2, 13) + shift, counts, 0.4, color=color, hatch=hatch, edgecolor="white")
    ax.set(xticks=range(2, 13), xlabel="sum of the two dice", ylabel=f"in {number} throws")
    return present(
        fig,
        "Two pairs of dice. The ordinary dice show 1 to 6. The strange ones show 1, 2, 2, 3, 3, 4 "
        f"and 1, 3, 4, 5, 6, 8. Below, bars for the sums 2 to 12 in {number} throws of each pair: "
        "both kinds of bars rise to about 7 and fall again, and differ a little here and there.",
        "Do the two kinds of bars differ by chance, or because the dice differ?",
    )


def _draw_face(ax: Axes, column: int, row: int, face: int) -> None:
    """Draw a face of a die with its pips."""
    corner = (column - 0.4, row - 0.4)
    ax.add_patch(plt.Rectangle(corner, 0.8, 0.8, facecolor="white", edgecolor="0.3", lw=1.2))
    for x, y in PIPS[face]:
        ax.add_patch(plt.Circle((column + 0.22 * x, row + 0.22 * y), 0.085, color="black"))


def reversed_list(first: ArrayLike, second: ArrayLike) -> FigureOutput:
    """Animate a list of faces that slides, reversed, below another; the sums of products appear.

    The entry at index i of a list is the number of faces that show i.
    """
    X, W = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    ways = np.convolve(X, W)

    def slide(t: int) -> Figure:
        table = np.full((4, 13), np.nan)
        table[0, : len(X)] = X
        for value in range(1, min(t, len(W))):
            table[1, t - value] = W[value]
        table[2] = table[0] * table[1]
        table[3, 2 : t + 1] = ways[2 : t + 1]
        terms = [f"{number:.0f}" for number in table[2][~np.isnan(table[2])] if number]
        fig, ax = plt.subplots(figsize=(7, 3.1), layout="constrained")
        window = [(0, 0, 3, 4, ORANGE), (3, t - 1, 1, 1, ORANGE)]
        end = "" if len(terms) == 1 else f" = {ways[t]:.0f}"
        title = f"sum {t}: {' + '.join(terms)}{end}"
        draw_grid(ax, table[:, 1:], title, window, scale=(0, ways.max()))
        ax.set_xticks(range(12), [str(number) for number in range(1, 13)], fontsize=10)
        names = ["first die", "second, reversed", "products", "ways to the sum"]
        ax.set_yticks(range(4), names, fontsize=10)
        return fig

    return animate(
        slide,
        range(2, 13),
        "A table with a column for each number from 1 to 12. Its first row holds 1, 2, 2, 1 below "
        "1 to 4: how many faces of the first die show them. Its second row holds the list of the "
        "second die in reverse, 1, 0, 1, 1, 1, 1, 0, 1, which moves to the right by one column "
        "with every step. Its third row holds the products in the columns 1 to 4. Their sums fill "
        "the fourth row: 1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1 for the sums 2 to 12.",
        seconds=1.6,
        caption="In each column of the orange window, the two dice together show the sum. (What is "
        "still to the left of column 1 is not drawn.)",
    )


def echoes(claps: ArrayLike, response: ArrayLike) -> FigureOutput:
    """Show the echo of each clap, and the sum of the echoes."""
    X, W = np.asarray(claps, dtype=float), np.asarray(response, dtype=float)
    copies = np.full((len(X) + 1, len(X) + len(W) - 1), np.nan)
    for tau, force in enumerate(X):
        copies[tau, tau : tau + len(W)] = force * W
    copies[-1] = np.nansum(copies[:-1], axis=0)
    fig, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
    draw_grid(ax, copies)
    ax.axhline(len(X) - 0.5, color="black", lw=3)
    names = [f"clap of {force:.0f} at {tau} s" for tau, force in enumerate(X)]
    ax.set_yticks(range(len(X) + 1), [*names, "what you hear"], fontsize=11)
    ax.set_xticks(range(copies.shape[1]), [f"{t} s" for t in range(copies.shape[1])], fontsize=11)
    return present(
        fig,
        "A table with a column for each second from 0 to 4. The clap of force 1 at second 0 fills "
        "seconds 0 to 2 with 4, 2, 1. The clap of force 0 fills seconds 1 to 3 with zeros. The "
        "clap of force 3 at second 2 fills seconds 2 to 4 with 12, 6, 3. The sums are 4, 2, 13, 6 "
        "and 3.",
        "Each clap adds a scaled copy of 4, 2, 1, which starts when you clap.",
    )


def coins(image: Array, slid: Array, convolved: Array) -> FigureOutput:
    """Show coins, and two outputs of the emboss kernel."""
    panels = {"coins": image, "cross_correlate": slid, "convolve2d": convolved}
    fig, axes = plt.subplots(1, 3, figsize=(7, 2.3), layout="constrained")
    for ax, (name, values) in zip(axes, panels.items(), strict=True):
        draw_image(ax, values, name, (0, 255), scale=False)
    return present(
        fig,
        "Three images of old coins: the photograph; the output of cross_correlate, in which the "
        "coins are bright at their upper left and dark at their lower right; and the output of "
        "convolve2d, in which bright and dark sides are exchanged.",
        "In one of them the coins are raised, in the other they are dents (if you see it the other "
        "way round, look for the light).",
    )


def impulse(image: Array, kernel: Array, convolved: Array, slid: Array) -> FigureOutput:
    """Show a single 1, a kernel, and the results of both operations."""
    ratios = [5.2, 3.2]  # cells of one size
    fig, axes = plt.subplots(
        2, 2, figsize=(5.6, 6), width_ratios=ratios, height_ratios=ratios, layout="constrained"
    )
    grids = {"image": image, "kernel": kernel, "convolution": convolved, "cross-correlation": slid}
    for ax, (name, grid) in zip(axes.flat, grids.items(), strict=True):
        draw_grid(ax, grid, name, scale=(0, 9))
    return present(
        fig,
        "Four grids: an image of 5 by 5 zeros with a 1 in the middle; a kernel with the numbers 1 "
        "to 9, row by row; their convolution, which is the kernel unchanged; and their "
        "cross-correlation, the kernel rotated by 180 degrees: 9, 8, 7; then 6, 5, 4; 3, 2, 1.",
        "Compare both results with the kernel.",
    )


def patch_matrix(X: Array, W: Array) -> FigureOutput:
    """Animate how the patches of an image become the rows of a matrix, times the kernel."""
    patches = np.lib.stride_tricks.sliding_window_view(X, W.shape).reshape(-1, W.size).astype(float)
    Z, columns = (patches @ W.ravel()).reshape(-1, 1), X.shape[1] - W.shape[1] + 1

    def rearrange(position: int) -> Figure:
        h, w = divmod(position, columns)
        fig = plt.figure(figsize=(7, 3.6))
        axes = axes_for_grids(fig, [X.shape, patches.shape, (W.size, 1), Z.shape])
        rows, outputs = patches.copy(), Z.copy()
        rows[position + 1 :], outputs[position + 1 :] = np.nan, np.nan
        scale = (-1, 5)
        draw_grid(axes[0], X, "image", [(h, w, *W.shape, ORANGE)], scale=scale)
        draw_grid(axes[1], rows, "patches", [(position, 0, 1, W.size, ORANGE)], scale=scale)
        draw_grid(axes[2], W.reshape(-1, 1), "kernel", scale=scale)
        draw_grid(axes[3], outputs, "output", [(position, 0, 1, 1, ORANGE)], scale=scale)
        axes[3].set_yticks(range(len(Z)), [f"Z[{i // columns}, {i % columns}]" for i in range(6)])
        axes[3].yaxis.tick_right()
        axes[3].tick_params(length=0)
        for ax in axes[2:]:
            ax.set_xticks([])
        return fig

    return animate(
        rearrange,
        range(len(Z)),
        "The image of 3 by 4 with a patch of 2 by 2 outlined, which moves to 6 positions. Each "
        "patch becomes a row of the matrix of patches: 1, 2, 0, 1; then 2, 0, 1, 2; 0, 3, 2, 1; 0, "
        "1, 2, 0; 1, 2, 0, 1; and 2, 1, 1, 3. Beside it the flattened kernel, 1, 2, 0, -1, as a "
        "column. The dot product of each row and this column is an output value: 4, 0, 5, 2, 4, 1.",
        seconds=1.6,
        caption="Each patch becomes a row. One matrix product then gives all six outputs.",
    )


def toeplitz(T: Array, image: tuple[int, int], kernel: tuple[int, int]) -> FigureOutput:
    """Show the matrix of a convolution, with the weights outlined and its blocks divided."""
    (n_H, n_W), (f_H, f_W) = image, kernel
    columns = n_W - f_W + 1
    fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
    draw_grid(ax, T)
    for row in range(len(T)):
        for r in range(f_H):
            corner = ((row // columns + r) * n_W + row % columns - 0.5, row - 0.5)
            ax.add_patch(plt.Rectangle(corner, f_W, 1, fill=False, color=ORANGE, lw=3, zorder=3))
    ax.axhline(columns - 0.5, color="black", lw=2, ls="--")
    for block in range(1, n_H):
        ax.axvline(block * n_W - 0.5, color="black", lw=2, ls="--")
    ax.set_yticks(range(len(T)), [f"Z[{i // columns}, {i % columns}]" for i in range(len(T))])
    names = [f"{i // n_W},{i % n_W}" for i in range(n_H * n_W)]
    ax.set_xticks(range(n_H * n_W), names, fontsize=8)
    return present(
        fig,
        "A grid of 6 rows and 12 columns. Every row holds the weights 1, 2, 0 and -1, outlined in "
        "two pairs, and zeros elsewhere; the weights move one column to the right from row to row, "
        "and two columns where the kernel goes to the next row of the image. Dashed lines divide "
        "the grid into 2 by 3 blocks of 3 rows and 4 columns.",
        "One row for each output, one column for each pixel: the same four weights in every row.",
    )


def continuous(
    tone: Callable[[Array], Array], fading: Callable[[Array], Array], step: float
) -> FigureOutput:
    """Animate the continuous convolution of a tone and a fading echo: the area of a product."""
    taus = np.arange(-1.5, 2.5, step) + step / 2  # the middle of each step
    times = np.linspace(-1.5, 2.5, 161)
    areas = np.array([np.sum(tone(taus) * fading(t - taus)) * step for t in times])

    def slide(t: float) -> Figure:
        figure, axes = plt.subplots(2, 1, figsize=(6.4, 5), sharex=True, layout="constrained")
        both = tone(taus) * fading(t - taus)
        axes[0].plot(taus, tone(taus), "-", color=BLUE, label=r"$X(\tau)$")
        axes[0].plot(taus, fading(t - taus), "--", color=ORANGE, label=r"$W(t - \tau)$")
        axes[0].fill_between(taus, both, facecolor="0.85", hatch="//", edgecolor="0.4", lw=0)
        area = np.sum(both) * step
        axes[0].set(title=f"t = {t:.2f}: the hatched area is {area:.3f}", xlabel=r"$\tau$")
        axes[0].set_ylim(0, 1.35)
        axes[0].legend(loc="upper left", ncols=2)
        axes[0].tick_params(labelbottom=True)
        axes[1].plot(times[times <= t], areas[times <= t], "-k")
        axes[1].plot(t, area, "ko")
        axes[1].set(title="$(X * W)(t)$", xlabel="$t$", xlim=(-1.5, 2.5), ylim=(0, 0.6))
        return figure

    return animate(
        slide,
        np.arange(-0.25, 2.26, 0.25),
        "Above, a tone X, a box of height 1 between 0 and 1, and a flipped ramp W that moves to "
        "the right over it; the area under their product is hatched. Below, the curve of that "
        "area against t: 0 until t = 0, rising to 0.5 at t = 1, falling to 0 at t = 2.",
        caption="The flipped echo slides over the tone, and the hatched area is the output.",
    )
