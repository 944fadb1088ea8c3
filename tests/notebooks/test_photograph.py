"""The last parts of the combined assignment: the student's functions filter a photograph.

`window_corners` and `conv_forward_im2col` are not graded: unwritten, they must do no harm, and a
mistake in them must be reported.
"""

import shutil
import subprocess
import sys

import nbformat
import pytest

from tests.files import environment, is_function
from tools.course import BUNDLE

NAME = "convolution_step_by_step"
WRONG = (
    "def zero_pad(X, pad):\n    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), 'edge')"
)
CORNERS = {
    "vert_start = None": "vert_start = h * stride",
    "vert_end = None": "vert_end = vert_start + f",
    "horiz_start = None": "horiz_start = w * stride",
    "horiz_end = None": "horiz_end = horiz_start + f",
}
IM2COL = """
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, _, _, n_C = W.shape
    n_H, n_W = (n_H_prev - f + 2 * pad) // stride + 1, (n_W_prev - f + 2 * pad) // stride + 1
    A_prev_pad = zero_pad(A_prev, pad)
    X_col = np.empty((m, n_H, n_W, f, f, n_C_prev), A_prev.dtype)
    for r in range(f):
        for q in range(f):
            end_r, end_q = r + stride * n_H, q + stride * n_W
            X_col[:, :, :, r, q] = A_prev_pad[:, r:end_r:stride, q:end_q:stride]
    Z = X_col.reshape(m, n_H, n_W, -1) @ W.reshape(-1, n_C) + b
"""


@pytest.fixture
def cells(course):
    """Return the sources of the code cells, by grade_id or by the start of the cell."""
    path = course.root / "source" / NAME / f"{NAME}.ipynb"
    code = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    about = [(cell, cell.metadata.get("nbgrader", {})) for cell in code]
    assert sum(is_function(a) for _, a in about) == 8
    texts = {a["grade_id"]: cell.source for cell, a in about if "grade_id" in a}
    parts = {
        "corners": "def window_corners(",
        "check of corners": "def check_corners(",
        "find_packages": "# Run this cell; there is nothing to change in it.",
        "photograph": "import os\n\nPHOTO = None",
        "im2col": "def conv_forward_im2col(",
        "check of im2col": "import time\n\n\ndef compare_layers(",
        "whole photograph": "WHOLE_PHOTO = None",
    }
    for name, begin in parts.items():
        (texts[name],) = [cell.source for cell in code if cell.source.startswith(begin)]
    return texts


@pytest.fixture
def run(course, cells, tmp_path):
    """Return a function that runs some cells as a student would, next to the released files."""
    folder = tmp_path / "release" / NAME
    folder.mkdir(parents=True)
    shutil.copy(course.root / "release" / BUNDLE, folder.parent)
    functions = ("setup", "zero_pad", "conv_single_step", "conv_forward", "pool_forward")

    def run(names, end="", variables=(), **changed):
        texts = [(cells | changed)[name] for name in (*functions, *names)]
        return subprocess.run(
            [sys.executable, "-I", "-"],
            input="\n\n".join([*texts, end]),  # too long for a command-line argument
            cwd=folder,
            env=environment(folder) | {"MPLBACKEND": "agg"} | dict(variables),
            capture_output=True,
            text=True,
        )

    return run


@pytest.fixture
def draw(run, cells):
    """Return a function that runs the cell that draws a small photograph."""
    assert "size=128" in cells["photograph"]

    def draw(photo, variables=(), **changed):
        part = cells["photograph"].replace("PHOTO = None", f"PHOTO = {photo!r}")
        changed["photograph"] = part.replace("128", "16")
        end = "print('drawn' in globals())\n"
        end += "if PHOTO: print(drawn.difference < 1e-5, drawn.__class__)"
        return run(("find_packages", "photograph"), end, variables, **changed)

    return draw


def test_nothing_is_drawn_where_no_photograph_is_named(draw):
    done = draw(None)
    assert (done.returncode, done.stdout) == (0, "False\n"), done.stderr


def test_nothing_is_drawn_while_work_is_graded(draw):
    done = draw("china.jpg", {"NBGRADER_EXECUTION": "autograde"})
    assert done.stdout == "False\n"


def test_right_functions_draw_the_edges(draw):
    done = draw("china.jpg")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "True\nTrue <class 'convnet.own_edges.OwnEdges'>\n"


def test_a_wrong_layer_is_named(draw):
    done = draw("china.jpg", zero_pad=WRONG)
    assert "WrongLayerError: block 1, convolution 1: your conv_forward (stride 1, " in done.stderr
    assert "at (i, h, w, c) = (0, 0, 0, " in done.stderr


# The corners of a window


def corners(cells, changes):
    text = cells["corners"]
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "window_corners is not written yet, so nothing was checked.\n"),
        (CORNERS, "window_corners is correct for all seven windows.\n"),
        (
            CORNERS | {"vert_start = None": "vert_start = h * 2"},
            "window_corners(h=1, w=2, f=2, stride=3): vert_start is 2, expected 3.\n",
        ),
        (
            CORNERS | {"horiz_end = None": "horiz_end = vert_end"},
            "window_corners(h=0, w=1, f=2, stride=2): horiz_end is 2, expected 4.\n",
        ),
        (
            CORNERS | {"return vert_start, vert_end, horiz_start, horiz_end": "return vert_start"},
            "window_corners(h=0, w=0, f=2, stride=2) gives 0, expected a tuple of four numbers.\n",
        ),
    ],
)
def test_the_corners_of_a_window_are_checked(run, cells, changes, said):
    done = run(("corners", "check of corners"), corners=corners(cells, changes))
    assert (done.returncode, done.stdout) == (0, said), done.stderr


def test_the_table_in_the_text_is_the_one_that_is_checked(course, cells):
    path = course.root / "source" / NAME / f"{NAME}.ipynb"
    texts = [c.source for c in nbformat.read(path, as_version=4).cells]
    (text,) = [text for text in texts if text.startswith("## The corners of a window")]
    rows = [line for line in text.splitlines() if line.startswith("| ") and line[2].isdigit()]
    assert len(rows) == 6
    for row in rows:
        h, w, *expected = (int(entry) for entry in row.strip("| ").split(" | "))
        assert expected == [2 * h, 2 * h + 2, 2 * w, 2 * w + 2]
        assert str(tuple(expected)) in cells["check of corners"]


# The convolution as one matrix product


def im2col(cells, *change):
    assert "    Z = None\n" in cells["im2col"]
    return cells["im2col"].replace("    Z = None\n", IM2COL.replace(*change or ("", "")))


def test_a_convolution_as_a_matrix_product_is_compared_with_the_loops(run, cells):
    names = ("im2col", "check of im2col")
    done = run(names)
    assert done.stdout == "conv_forward_im2col is not written yet, so nothing was compared.\n"
    done = run(names, im2col=im2col(cells))
    assert done.stdout.startswith("The outputs agree. 24,576 windows: "), done.stderr
    done = run(names, im2col=im2col(cells, "+ b", ""))
    assert done.stdout.startswith("A_prev of shape (1, 4, 5, 1), W of shape (2, 2, 1, 1), ")
    assert "Z[0, 0, 0, 0] is " in done.stdout
    done = run(names, im2col=im2col(cells, "n_H_prev - f + 2 * pad", "n_H_prev - f"))
    assert "the shape is (2, 2, 4, 8), expected (2, 3, 4, 8)." in done.stdout


def test_it_draws_a_larger_photograph(run, cells):
    names = ("find_packages", "photograph", "im2col", "check of im2col", "whole photograph")
    assert "size=640" in cells["whole photograph"]
    whole = cells["whole photograph"].replace("640", "64")
    done = run(names, "print('drawn' in globals())", **{"whole photograph": whole})
    assert done.stdout.endswith("compared.\nFalse\n"), done.stderr
    changed = {"whole photograph": whole.replace("PHOTO = None", "PHOTO = 'china.jpg'")}
    changed["im2col"] = im2col(cells)
    done = run(names, "print(drawn.photo.shape, drawn.difference < 1e-5)", **changed)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("(42, 64, 3) True\n")


def test_nothing_is_drawn_of_a_larger_photograph_while_work_is_graded(run, cells):
    names = ("find_packages", "photograph", "im2col", "check of im2col", "whole photograph")
    whole = cells["whole photograph"].replace("PHOTO = None", "PHOTO = 'china.jpg'")
    graded = {"NBGRADER_EXECUTION": "autograde"}
    end = "print('drawn' in globals())"
    done = run(names, end, graded, im2col=im2col(cells), **{"whole photograph": whole})
    assert done.stdout.endswith("times as fast.\nFalse\n"), done.stderr
