"""The last part of the whole assignment: the student's own functions draw a photograph."""

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


@pytest.fixture
def run(course, tmp_path):
    """Runs the functions and the last part as a student would, beside the released files."""
    folder = tmp_path / "release" / NAME
    folder.mkdir(parents=True)
    shutil.copy(course.root / "release" / BUNDLE, folder.parent)
    path = course.root / "source" / NAME / f"{NAME}.ipynb"
    cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    wanted = ("setup", "zero_pad", "conv_single_step", "conv_forward", "pool_forward")
    about = [(cell, cell.metadata.get("nbgrader", {})) for cell in cells]
    functions = {a["grade_id"]: c.source for c, a in about if a.get("grade_id") in wanted}
    assert sum(is_function(a) for _, a in about) == 8 and set(functions) == set(wanted)
    last = [cell.source for cell in cells[-2:]]
    assert "PHOTO = None" in last[1] and "size=128" in last[1]

    def run(photo, variables=(), **changed):
        part = last[1].replace("PHOTO = None", f"PHOTO = {photo!r}").replace("128", "16")
        texts = [*(functions | changed).values(), last[0], part, "print('drawn' in globals())"]
        texts.append("if PHOTO: print(drawn.difference < 1e-5, drawn.__class__)")
        return subprocess.run(
            [sys.executable, "-I", "-c", "\n\n".join(texts)],
            cwd=folder,
            env=environment(folder) | {"MPLBACKEND": "agg"} | dict(variables),
            capture_output=True,
            text=True,
        )

    return run


def test_nothing_is_drawn_where_no_photograph_is_named(run):
    done = run(None)
    assert (done.returncode, done.stdout) == (0, "False\n"), done.stderr


def test_nothing_is_drawn_while_work_is_graded(run):
    done = run("china.jpg", {"NBGRADER_EXECUTION": "autograde"})
    assert done.stdout == "False\n"


def test_right_functions_draw_the_edges(run):
    done = run("china.jpg")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "True\nTrue <class 'convnet.own_edges.OwnEdges'>\n"


def test_a_wrong_layer_is_named(run):
    done = run("china.jpg", zero_pad=WRONG)
    assert "WrongLayerError: block 1, convolution 1: your conv_forward (stride 1, " in done.stderr
    assert "at (i, h, w, c) = (0, 0, 0, " in done.stderr
