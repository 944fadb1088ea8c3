"""Write a closing page with the reader's own functions and milestones, and verify it.

    closing_page("my.jpg", name="Ada")
    verify("closing_page.html")

The page contains the source of each function that has passed its check.
"""

import base64
import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import HTML

from convnet.own_edges import draw_with, photograph
from convnet.plots import draw_image
from convnet.types import Array, FilePath
from lesson_tools import milestones
from lesson_tools.figures import FigureOutput, present
from nbexercise.checks import CASE_SETS
from nbexercise.judging.deciding import decide
from nbexercise.showing.display import in_colab
from public_tests.course.record import kept
from public_tests.course.syllabus import ASSIGNMENTS, MILESTONES

__all__ = ["closing_page", "closing_picture", "verify"]

FAST = "conv_forward, fast"  # name on the page, in addition to conv_forward
LOOPS_SIZE, FAST_SIZE = 192, 640  # pixels of the photograph's longer side
WIDTH, NARROW = 7.0, 5.0  # inches of the picture; the second one for fewer pixels than MANY
MANY = 256
TEXT = "A photograph, its edges by two Sobel kernels, and, largest, by a network: all by {}."


def closing_page(
    photo: milestones.Photo = "china.jpg",
    name: str = "",
    path: FilePath = "closing_page.html",
    size: int | None = None,
) -> HTML | None:
    """Draw the edges of a photograph with the reader's own layers, and write a closing page.

    The page shows the picture and the milestones, and contains the functions, so that `verify` can
    judge them again from the page alone. It requires the functions of milestone 2.

    Parameters
    ----------
    photo : path or file
        Photograph of the reader, or one that comes with the course, such as "china.jpg".
    name : str
        Name to show on the page; by default none.
    path : path
        File to write.
    size : int, optional
        Length of the longer side in pixels to which the photograph is reduced; by default 640 if
        milestone 5 has shown that the reader's convolution is fast, and 192 for one with loops,
        whose time grows with the square of the size.

    Returns
    -------
    picture : IPython.display.HTML
        Output to use as the last value of a cell; None if nothing was drawn.

    Raises
    ------
    OSError
        If there is no such photograph, or the page cannot be written.
    """
    data = kept()
    try:
        own = milestones.own_functions(MILESTONES["2"][1], data)
        fast = _kept_fast(data)
        with milestones.refusing_wrong_layers():
            conv_forward = fast or own["conv_forward"]
            image = photograph(photo, size or (FAST_SIZE if fast else LOOPS_SIZE))
            drawn = draw_with(conv_forward, own["pool_forward"], image)
            maps, _ = milestones.sobel_maps(conv_forward, drawn.photo.mean(axis=2))
    except milestones.ClosedError as closed:
        print(f"There is no page yet. {closed}")
        return None
    picture = closing_picture(drawn.photo, np.hypot(*maps), drawn.edges, "your own layers")
    layers = [FAST] if fast else ["zero_pad", "conv_single_step", "conv_forward"]
    page = _page(data, picture.data, name, drawn.windows, [*layers, "pool_forward"])
    Path(path).write_text(page, encoding="utf-8")
    print(f"{path} is yours to keep: it holds this picture, your functions and what they reached.")
    if in_colab():
        print("Colab deletes it when the session ends: download it from the Files panel.")
    return picture


def closing_picture(photo: Array, sobel: Array, edges: Array, whose: str) -> FigureOutput:
    """Show a photograph and its edges, with the network's drawing as the largest.

    Parameters
    ----------
    photo : ndarray of shape (n_H, n_W, 3), uint8
        Photograph.
    sobel, edges : ndarray of shape (n_H, n_W)
        Strength of Sobel's edges, and probability of an edge by the network.
    whose : str
        Owner of the layers, for the description, such as "your own layers".
    """
    n_H, n_W = photo.shape[:2]
    wide = n_W >= n_H
    width = WIDTH if max(n_H, n_W) >= MANY else NARROW
    fig = plt.figure(layout="constrained")
    if wide:
        fig.set_size_inches(width, 1.5 * width * n_H / n_W + 0.6)
        axes = fig.subplot_mosaic("ab;cc", height_ratios=[1, 2])
    else:
        fig.set_size_inches(width, width * n_H / n_W * 2 / 3 + 0.6)
        axes = fig.subplot_mosaic("ac;bc", width_ratios=[1, 2])
    panels = {
        "a": ("the photograph", photo),
        "b": ("Sobel's kernels", 1 - sobel / max(float(sobel.max()), 1e-12)),
        "c": ("the trained network", 1 - edges),
    }
    for place, (title, image) in panels.items():
        draw_image(axes[place], image, title, (0, 1), scale=False)
        axes[place].images[0].set_interpolation("bicubic")  # no blocks if it was drawn small
        axes[place].axis("off")
    caption = f"{n_H} x {n_W} pixels, drawn by {whose}."
    return present(fig, TEXT.format(whose), caption)


def _kept_fast(data: Mapping[str, Any]) -> milestones.Function | None:
    """Return the convolution that reached milestone 5; None if it is missing or fails its check."""
    source = data["milestones"].get("5", {}).get("source")
    if not source:
        return None
    fast = milestones.load_function("conv_forward", source)
    if not decide(CASE_SETS["conv_forward"], fast).runs_here:
        return None
    return milestones.with_arrays("conv_forward", fast)


def _page(data: Mapping[str, Any], picture: str, name: str, windows: int, layers: list[str]) -> str:
    """Return the page as HTML that needs no other file."""
    passed = {key: entry for key, entry in data["exercises"].items() if entry["passed"]}
    rows = "".join(
        f"<tr><td>{html.escape(step)}</td><td>{html.escape(title)}</td>"
        f"<td>{sum(key in passed for key in own)} of {len(own)} functions</td></tr>"
        for step, (title, own) in ASSIGNMENTS.items()
        if any(key in passed for key in own)
    )
    reached = "".join(
        f"<li>{html.escape(': '.join([MILESTONES[key][0], entry['result']]))}</li>"
        for key, entry in sorted(data["milestones"].items())
    )
    sources = {key: entry["source"] for key, entry in passed.items() if entry["source"]}
    if FAST in layers:
        sources[FAST] = data["milestones"]["5"]["source"]
    functions = "".join(
        f"<details><summary><code>{key}</code></summary><pre>{html.escape(source)}</pre></details>"
        for key, source in sources.items()
    )
    record = base64.b64encode(json.dumps(sources).encode()).decode()
    heading = "You wrote and tested LeNet from nothing"
    if "4" not in data["milestones"]:
        heading = "You wrote and tested the layers of a convolutional network"
    if name:
        heading = heading.replace("You wrote", f"{html.escape(name)} wrote")
    dates = sorted(entry["date"] for entry in data["exercises"].values())
    return PAGE.format(
        heading=heading,
        picture=picture,
        windows=f"{windows:,}",
        layers=", ".join(f"<code>{layer}</code>" for layer in layers),
        rows=rows,
        reached=f"<h2>Milestones</h2><ul>{reached}</ul>" if reached else "",
        functions=functions,
        record=record,
        dates=" to ".join(dict.fromkeys([dates[0], dates[-1]])),
    )


PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{heading}</title>
<style>
body {{ font: 1rem/1.5 Georgia, serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
  color: #1a1a1a; background: #fff }}
h1 {{ line-height: 1.2 }}
td {{ padding: 0.15rem 1.5rem 0.15rem 0; vertical-align: top }}
pre {{ overflow-x: auto; background: #f4f4f4; padding: 0.8rem; font-size: 0.85rem }}
img {{ max-width: 100%; height: auto }}
</style>
</head>
<body>
<h1>{heading}</h1>
<p>From the first padded pixel, in NumPy, {dates}. Each function below has passed its check.</p>
<h2>A photograph, by layers written here</h2>
{picture}
<p>{windows} windows of the trained network, by {layers}. Its weights are those of HED (Xie and Tu,
2015).</p>
{reached}
<h2>What was built</h2>
<table>{rows}</table>
<h2>The functions</h2>
{functions}
<p>To check them again, in the notebook milestones of the course:
<code>verify("closing_page.html")</code>. It runs the functions on this page, so verify only the
page of someone you trust.</p>
<script type="application/octet-stream" id="record">{record}</script>
</body>
</html>
"""
RECORD = re.compile(r'id="record">([A-Za-z0-9+/=]+)<')


def verify(path: FilePath = "closing_page.html") -> bool:
    """Judge the functions on a page of `closing_page` again, and print the result of each.

    The functions on the page are run: verify only the page of someone you trust.

    Parameters
    ----------
    path : path
        File of the page.

    Returns
    -------
    right : bool
        True if all functions on the page pass their checks.

    Raises
    ------
    OSError
        If the file does not exist.
    ValueError
        If the file was not written by `closing_page`.
    """
    found = RECORD.search(Path(path).read_text(encoding="utf-8"))
    if not found:
        raise ValueError(f"{path} is not a page written by closing_page")
    right = []
    for name, source in json.loads(base64.b64decode(found[1])).items():
        exercise = name.partition(",")[0]
        try:
            passes = decide(CASE_SETS[exercise], milestones.load_function(exercise, source)).passed
        except (milestones.ClosedError, KeyError):
            passes = False
        right.append(passes)
        print(f"  {'pass' if passes else 'FAIL'}  {name}")
    print(f"{sum(right)} of {len(right)} functions on the page pass their checks.")
    return all(right)
