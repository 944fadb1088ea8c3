"""Small drawing helpers for the lessons: grids of numbers, images, and what a training gave.

The notebooks carry copies of these functions, so each one needs nothing but `np` and `plt`.
Nothing is told by colour alone: cells show their numbers, padding is hatched, and the outlines of
windows differ in line style too.
"""

import matplotlib.pyplot as plt
import numpy as np

__all__ = [
    "animate",
    "draw_confusion",
    "draw_feature_maps",
    "draw_filters",
    "draw_grid",
    "draw_history",
    "draw_image",
    "draw_sweep",
    "present",
]


def draw_grid(ax, values, title="", windows=(), hatched=None):
    """
    Draw a 2-D array as a grid of cells with the numbers written in them.

    ax -- the matplotlib axes to draw on
    values -- 2-D array; a larger number gets a darker cell, nan an empty one
    windows -- rectangles to outline, each (row, column, height, width, colour)
    hatched -- array of booleans, True for the cells to hatch, such as padding
    """
    values = np.asarray(values, dtype=float)
    rows, columns = values.shape
    low, high = np.nanmin(values), np.nanmax(values)
    shades = 0.05 + 0.5 * (np.nan_to_num(values, nan=low) - low) / (high - low or 1)
    edges = np.arange(columns + 1) - 0.5, np.arange(rows + 1) - 0.5
    ax.pcolormesh(*edges, shades, cmap="Blues", vmin=0, vmax=1, edgecolors="0.5", linewidth=1)
    for (row, column), value in np.ndenumerate(values):
        backing = None
        if hatched is not None and hatched[row, column]:
            backing = {"color": "white", "pad": 1.5}
            cell = {"facecolor": "white", "edgecolor": "0.5", "hatch": "////", "in_layout": False}
            ax.add_patch(plt.Rectangle((column - 0.5, row - 0.5), 1, 1, **cell))
        text = "" if np.isnan(value) else f"{value + 0:.4g}"  # + 0 turns -0.0 into 0.0
        ax.text(column, row, text, ha="center", va="center", bbox=backing, in_layout=False)
    for k, (row, column, height, width, colour) in enumerate(windows):
        inset = 0.07 * (k % 3)  # windows that share an edge stay apart
        corner = (column - 0.5 + inset, row - 0.5 + inset)
        line = {"fill": False, "color": colour, "lw": 3, "ls": ["-", "--", ":"][k % 3]}
        ax.add_patch(plt.Rectangle(corner, width - 2 * inset, height - 2 * inset, **line))
    ax.set(title=title, aspect="equal", xticks=range(columns), yticks=range(rows))
    ax.set(xlim=(-0.6, columns - 0.4), ylim=(rows - 0.4, -0.6), frame_on=False)
    ax.tick_params(length=0, labelsize=8, labelcolor="0.4")


def draw_image(ax, image, title=""):
    """
    Draw a 2-D array as an image with a scale beside it.

    Without negative numbers it runs from black, 0, to white, the largest number. With negative
    numbers, white is 0, orange is below it and purple above it.
    """
    largest = np.max(np.abs(image)) or 1
    if np.min(image) < 0:
        shown = ax.imshow(image, cmap="PuOr", vmin=-largest, vmax=largest)
    else:
        shown = ax.imshow(image, cmap="gray", vmin=0, vmax=largest)
    ax.set_title(title)
    ax.locator_params(integer=True)
    ax.figure.colorbar(shown, ax=ax, shrink=0.7)


def draw_history(axes, history):
    """
    Draw loss and accuracy by epoch: solid with dots for the training, dashed with squares for the
    validation data after each epoch.

    axes -- two matplotlib axes, for the loss and for the accuracy
    history -- the list of `convnet.training.Epoch` that `train` returned
    """
    epochs = np.arange(1, len(history) + 1)
    for ax, name in zip(axes, ("loss", "accuracy"), strict=True):
        lines = [("training", "-o", name), ("validation", "--s", f"validation_{name}")]
        for label, line, key in lines:
            values = np.array([getattr(epoch, key) for epoch in history], dtype=float)
            if np.isfinite(values).any():
                ax.plot(epochs, values, line, label=label, markersize=4)
        ax.set(title=name, xlabel="epoch")
        ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        ax.legend()


def draw_confusion(ax, labels, predictions, names):
    """
    Draw how often each class was taken for each: rows are true, columns predicted classes.

    labels, predictions -- integers from 0 to len(names) - 1, arrays of shape (m,); probabilities
        give predictions by argmax(axis=1)
    names -- of the classes
    """
    counts = np.zeros((len(names), len(names)), dtype=int)
    np.add.at(counts, (labels, predictions), 1)
    shades = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax.imshow(shades, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if shades[row, column] > 0.6 else "black"
        ax.text(column, row, count, ha="center", va="center", color=colour, fontsize=8)
    ax.set(xticks=range(len(names)), yticks=range(len(names)))
    ax.set_xticklabels(names, rotation=45, ha="right")
    ax.set_yticklabels(names)
    ax.set(xlabel="predicted class", ylabel="true class")


def draw_filters(figure, W, channel=0):
    """
    Draw one channel of every filter: white is 0, orange below it, purple above, one scale for all.

    figure -- an empty matplotlib figure; layout="compressed" keeps it tight
    W -- filters, array of shape (f, f, n_C_prev, n_C); channel -- which of the n_C_prev is drawn
    """
    if np.ndim(W) != 4:
        raise ValueError(f"W has shape {np.shape(W)}, expected filters (f, f, n_C_prev, n_C)")
    columns = min(8, W.shape[3])
    rows = -(-W.shape[3] // columns)
    axes = figure.subplots(rows, columns, squeeze=False)
    limit = np.max(np.abs(W[:, :, channel])) or 1
    for number, ax in enumerate(axes.flat):
        ax.axis("off")
        if number < W.shape[3]:
            shown = ax.imshow(W[:, :, channel, number], cmap="PuOr", vmin=-limit, vmax=limit)
            ax.set_title(f"filter {number}", fontsize=8)
    figure.colorbar(shown, ax=axes, shrink=0.8)


def draw_feature_maps(figure, A, image=0):
    """
    Draw every channel of what a layer made of one image, each from its least to its largest value.

    figure -- an empty matplotlib figure; layout="compressed" keeps it tight
    A -- feature maps, array of shape (m, n_H, n_W, n_C); image -- which of the m is drawn
    """
    if np.ndim(A) != 4:
        raise ValueError(
            f"A has shape {np.shape(A)}, expected (m, n_H, n_W, n_C): choose a layer before Flatten"
        )
    columns = min(8, A.shape[3])
    rows = -(-A.shape[3] // columns)
    axes = figure.subplots(rows, columns, squeeze=False)
    for number, ax in enumerate(axes.flat):
        ax.axis("off")
        if number < A.shape[3]:
            ax.imshow(A[image, :, :, number], cmap="gray")
            ax.set_title(f"channel {number}", fontsize=8)


def draw_sweep(figure, X, W, position, stride=1, pad=0, b=0):
    """
    Draw one step of a cross-correlation: the padded input with the window that is looked at, the
    kernel, and the output as far as it is computed. Rows are swept from the top, left to right.

    figure -- an empty matplotlib figure
    X -- image, array of shape (n_H_prev, n_W_prev)
    W -- kernel, array of shape (f_H, f_W); b -- bias
    position -- which position of the window, counted from 0
    stride -- cells between two positions; pad -- zeros on each side

    Returns (h, w), the position in the output.
    """
    X, W = np.pad(np.asarray(X, dtype=float), pad), np.asarray(W, dtype=float)
    n_H, n_W = ((n - f) // stride + 1 for n, f in zip(X.shape, W.shape, strict=True))
    if not 0 <= position < n_H * n_W:
        raise ValueError(f"position is {position}, expected 0 to {n_H * n_W - 1}")
    windows = np.lib.stride_tricks.sliding_window_view(X, W.shape)[::stride, ::stride]
    Z = np.sum(windows * W, axis=(2, 3)) + b
    h, w = divmod(position, n_W)
    Z[h, w + 1 :], Z[h + 1 :] = np.nan, np.nan
    padding = np.ones(X.shape, dtype=bool)
    padding[pad : X.shape[0] - pad, pad : X.shape[1] - pad] = False
    axes = _cells_alike(figure, [X.shape, W.shape, Z.shape])
    window = (h * stride, w * stride, *W.shape, "tab:orange")
    draw_grid(axes[0], X, "input" if not pad else "padded input", [window], padding)
    draw_grid(axes[1], W, "kernel")
    draw_grid(axes[2], Z, "output", [(h, w, 1, 1, "tab:orange")])
    return h, w


def _cells_alike(figure, shapes):
    """Axes side by side for grids of these shapes, whose cells are all of one size."""
    width, height = figure.get_size_inches()
    columns = sum(shape[1] + 1 for shape in shapes)  # one between two grids
    cell = min(width / columns, height / (max(shape[0] for shape in shapes) + 2))
    left, axes = (width / cell - columns) / 2 + 0.5, []
    for rows, n in shapes:
        bottom = (height / cell - rows) / 2
        place = np.array([left * cell, bottom * cell, n * cell, rows * cell])
        axes.append(figure.add_axes(place / [width, height, width, height]))
        left += n + 1
    return axes


def present(figure, text):
    """
    A figure as a picture for a notebook, with a text for those who do not see it.

    figure -- a matplotlib figure; it is closed
    text -- what there is to see, in words

    Returns an IPython.display.HTML, to end a cell with.
    """
    return _picture(f'src="{_address(_png(figure), "png")}"', text)


def animate(draw, steps, text, seconds=0.8):
    """
    A sequence of figures as a moving picture for a notebook; it plays twice and stops at its end.

    Whoever has asked the computer for less motion sees the last figure alone.

    draw -- function of a step that returns a matplotlib figure, of the same size for all steps
    steps -- what `draw` is called with, one after another
    text -- what there is to see, in words
    seconds -- how long a step is shown

    Returns an IPython.display.HTML, to end a cell with.
    """
    import io

    from PIL import Image

    pictures = [_png(draw(step)) for step in steps]
    frames = [Image.open(io.BytesIO(picture)).convert("RGB") for picture in pictures]
    strip = Image.new("RGB", (frames[0].width, frames[0].height * len(frames)))
    for number, frame in enumerate(frames):
        strip.paste(frame, (0, number * frame.height))
    # One palette for all frames, or the colours would flicker; this method keeps white white.
    palette = strip.quantize(256, method=Image.Quantize.FASTOCTREE)
    frames = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    pauses = [round(1000 * seconds)] * (len(frames) - 1) + [round(3000 * seconds)]
    memory = io.BytesIO()
    frames[0].save(
        memory, format="gif", save_all=True, append_images=frames[1:], duration=pauses, loop=2
    )
    last = _address(pictures[-1], "png")
    still = f'<source media="(prefers-reduced-motion: reduce)" srcset="{last}">'
    return _picture(f'src="{_address(memory.getvalue(), "gif")}"', text, before=still)


def _png(figure):
    """A figure, which is closed, as the bytes of a PNG file."""
    import io

    memory = io.BytesIO()
    figure.savefig(memory, format="png", dpi=100)
    plt.close(figure)
    return memory.getvalue()


def _address(data, kind):
    import base64

    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _picture(source, text, before=""):
    from html import escape

    from IPython.display import HTML

    image = f'<img alt="{escape(text, quote=True)}" style="max-width: 100%; height: auto" {source}>'
    return HTML(f"<picture>{before}{image}</picture>" if before else image)
