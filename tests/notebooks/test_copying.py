"""No text that students get answers an exercise when it is pasted under a graded name.

Every function in the lessons' archive, in the lessons and in the assignments' notebooks is pasted
under the name of every exercise, with mechanical adaptations. The exceptions that earn points are
listed here with the reason. Any other function that earns points is a leak and fails the test, and
so does an exception that no longer applies.

The same holds for every expression in a cell or in the prose, alone and with the lines before it,
for the exercises that come after that text in the syllabus.
"""

import re
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from convnet import functional
from exercises import EXERCISES
from tests.exercises.case_sets import NAMES
from tests.exercises.copying import GIVEN, earned, functions, in_text, places
from tests.exercises.expressions import answers, expressions, expressions_in
from tools.course import ROOT

COLLECTION = "convolution_step_by_step"
COLLECTED = ("padding", "single_step", "conv_forward", "pooling", "backprop")

# Pasted alone. The exercise asks for the formula itself, which is in every text on the subject.
FORMULAS = {
    ("convnet/functional.py", "relu", "relu"),
    ("convnet/functional.py", "relu_backward", "relu_backward"),
    ("convnet/functional.py", "linear", "dense_forward"),
    ("convnet/functional.py", "linear", "one_by_one_forward"),
}

# Pasted with everything they call in three or four modules, without the checks of shapes. This is
# porting a library on purpose, as is possible with PyTorch: the mathematics is the same, and no
# interface hides it from someone who understands it.
PORTED = {
    ("convnet/functional.py", "conv2d", "conv_forward"),
    ("convnet/functional.py", "conv2d", "one_by_one_forward"),
    ("convnet/functional.py", "conv2d_backward", "conv_backward"),
    ("convnet/functional.py", "conv_transpose2d", "conv_transpose_forward"),
    ("convnet/functional.py", "max_pool2d", "pool_forward"),
    ("convnet/functional.py", "max_pool2d_backward", "pool_backward"),
    ("convnet/functional.py", "avg_pool2d", "pool_forward"),
    ("convnet/functional.py", "avg_pool2d_backward", "pool_backward"),
    ("convnet/functional.py", "_pool", "pool_forward"),
    ("convnet/functional.py", "_pool_backward", "pool_backward"),
    ("convnet/functional.py", "linear_backward", "dense_backward"),
    ("convnet/functional.py", "softmax", "softmax"),
    ("convnet/pooling.py", "pool", "pool_forward"),
    ("convnet/pooling.py", "pool_gradient", "pool_backward"),
    ("convnet/convolution.py", "convolve", "conv_forward"),
    ("convnet/toeplitz.py", "convolve", "conv_forward"),
}

# Expressions, with the names x0, x1, ... in order of appearance. The exercises ask for them by
# their definition, which every text on the subject contains.
DEFINITIONS = {
    "np.maximum(x0, 0)",  # relu
    "np.maximum(0, x0)",
    "np.where(x0 > 0, x0, 0.0)",
    "1 / (1 + np.exp(-x0))",  # sigmoid
    "x0 @ x1 + x2",  # dense_forward; students find out that this is one_by_one_forward as well
    "x0[:6] @ x1 + x2",
    "x0 @ x1 + x2[0, 0, 0, :]",
}


def worth(copied, way):
    """Return the exercises for which a function earns points when pasted in one way."""
    function = getattr(copied, way)
    return {name for name, exercise in EXERCISES.items() if earned(function, exercise)}


@pytest.fixture(autouse=True)
def no_figure(monkeypatch):
    """Stop the lessons' functions where they begin to draw: a figure is no answer, and is slow."""

    def refuse(*args, **kwargs):
        raise RuntimeError("this draws")

    monkeypatch.setattr(Figure, "__init__", refuse)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("place", places())
def test_no_file_that_students_get_holds_an_answer(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # functions are called with anything, and may write files
    alone, whole = set(), set()
    for copied in functions(place):
        alone |= {(place, copied.name, name) for name in worth(copied, "alone")}
        whole |= {(place, copied.name, name) for name in worth(copied, "whole")}
    assert alone - FORMULAS - GIVEN == set(), "earns points, pasted alone"
    assert whole - FORMULAS - GIVEN - PORTED == set(), "earns points, pasted with its file"
    expected = {exception for exception in FORMULAS | GIVEN | PORTED if exception[0] == place}
    assert expected - alone - whole == set(), "earns nothing any more: take it off the list"


def to_answer(place):
    """Return the exercises that the syllabus puts after a lesson, or in or after an assignment."""
    order = []
    for lesson, practiced in re.findall(
        r"^\| \d\d \| \[[^]]+\]\((.+?)\.ipynb\).*\| (.*) \|$",
        (ROOT / "course" / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    ):
        order += [lesson, *re.findall(r"/(\w+)\.ipynb", practiced)]
    name = Path(place).stem
    if name == COLLECTION:
        later = {*COLLECTED, *order[order.index(COLLECTED[-1]) :]}
    else:
        later = set(order[order.index(name) :])
    return [exercise for exercise in EXERCISES.values() if exercise.assignment in later]


WRITTEN = [place for place in places() if place.startswith(("course/", "release/"))]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("place", WRITTEN)
def test_no_text_holds_the_answer_of_an_exercise_that_follows_it(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exercises = to_answer(place)
    found = {
        (text, name)
        for text, function in expressions(place).items()
        for name in answers(function, exercises)
        if text not in DEFINITIONS
    }
    assert found == set(), "earns points, its names being exchanged: say it in words, or draw it"


def test_every_exercise_comes_after_some_text():
    first = to_answer("course/01_images_and_convolution.py")
    assert [exercise.name for exercise in first] == list(EXERCISES)
    late = to_answer("release/one_by_one/one_by_one.ipynb")
    assert {exercise.assignment for exercise in late} == {"one_by_one", "transposed_conv"}


ANSWERS = {
    "in a sentence": ("As code: `np.pad(images, ((0, 0), (k, k), (k, k), (0, 0)))`.", "zero_pad"),
    "numbers in place of names": ("`5 * 3 * 2 * 4 + 4` parameters", "conv_parameters"),
    "numbers beside a constant": ("`1 / (1 + np.exp(-0.5))` is 0.62", "sigmoid"),
    "lines of a cell": (
        "# %%\nfor name in data:\n    p = np.exp(x - x.max(1, keepdims=True))\n"
        "    p /= p.sum(1, keepdims=True)\n    print(p)",
        "softmax",
    ),
    "with values before them": (
        "# %%\nbatch = np.ones((2, 3, 4))\nfilled = np.zeros(batch.shape)\n"
        "filled += batch.max((1, 2), keepdims=True) == batch\nprint(filled)",
        None,
    ),
    "a loop": (
        "# %%\nimage = np.zeros(shape)\nfor r in range(shape[0]):\n    for q in range(shape[1]):\n"
        "        image[r, q] = value / (shape[0] * shape[1])",
        "distribute_value",
    ),
    "the backward pass of a ReLU": (
        "# %%\nprint('gradient', upstream * (scores > 0))",
        "relu_backward",
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("text", "name"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_in_a_text_is_found(text, name):
    if not text.startswith("# %%"):
        text = f"# %% [markdown]\n# {text}"
    found = expressions_in(text).values()
    named = {exercise for function in found for exercise in answers(function, EXERCISES.values())}
    assert (name in named) if name else not named


def test_the_exceptions_are_in_files_that_students_get():
    assert {place for place, _, _ in FORMULAS | PORTED | GIVEN} <= set(places())


def test_no_function_of_the_library_has_a_graded_name_but_those_that_every_library_has():
    assert set(functional.__all__) & set(EXERCISES) == {"relu", "relu_backward", "softmax"}


# The test detects answers


@pytest.mark.parametrize("name", NAMES)
def test_a_vectorized_solution_earns_points(name):
    assert earned(EXERCISES[name].vectorized, EXERCISES[name]) > 0


LEAKS = {
    "another name": (
        "zero_pad",
        """
def border(x, n):
    return np.pad(x, ((0, 0), (n, n), (n, n), (0, 0)))
""",
    ),
    "keywords for hparameters, and no cache": (
        "pool_forward",
        """
def pool2d(x, f, stride=1, mode="max"):
    windows = np.lib.stride_tricks.sliding_window_view(x, (f, f), (1, 2))[:, ::stride, ::stride]
    return windows.max((4, 5)) if mode == "max" else windows.mean((4, 5))
""",
    ),
    "other names in another order": (
        "one_by_one_forward",
        """
def pointwise(bias, weights, images):
    return images @ weights[0, 0] + bias
""",
    ),
    "the cache unpacked": ("relu_backward", "def gradient(dy, x):\n    return dy * (x > 0)"),
    "a result too many": (
        "softmax",
        """
def probabilities(x):
    y = np.exp(x - x.max(1, keepdims=True))
    return y / y.sum(1, keepdims=True), x
""",
    ),
    "a lambda": ("conv_single_step", "step = lambda a, w, b: (a * w).sum() + b.item()"),
}


@pytest.mark.parametrize(("name", "text"), LEAKS.values(), ids=LEAKS)
def test_an_adapted_answer_earns_points(name, text):
    (copied,) = in_text(text, {})
    assert name in worth(copied, "alone")
