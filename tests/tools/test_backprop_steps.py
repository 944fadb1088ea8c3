"""The checks of the ungraded steps in the backpropagation assignment."""

import json

import numpy as np
import pytest

from tools.course import ROOT

CELLS = [
    "".join(cell["source"])
    for cell in json.loads((ROOT / "release/backprop/backprop.ipynb").read_bytes())["cells"]
    if cell["cell_type"] == "code"
]


def checked(name, gap, code, capsys):
    """Return the output of the check below a function whose gap is filled with `code`."""
    (index,) = (k for k, text in enumerate(CELLS) if text.startswith(f"def {name}("))
    assert CELLS[index].count(gap) == 1
    namespace = {"np": np}
    exec(CELLS[index].replace(gap, code), namespace)
    exec(CELLS[index + 1], namespace)
    return capsys.readouterr().out


SINGLE_GAP = "    dA, dW, db = None, None, None  # replace this line with your code\n"
SINGLE = """\
    dA, dW, db, f = np.zeros(A.shape), np.zeros(W.shape), 0.0, len(W)
    for h in range(dZ.shape[0]):
        for w in range(dZ.shape[1]):
            dA[h : h + f, w : w + f] += W * dZ[h, w]
            dW += A[h : h + f, w : w + f] * dZ[h, w]
            db += dZ[h, w]
"""
AGREES = "3 x 3 image, {0}: right", "4 x 6 image, {0}: right"


def single(code, capsys):
    return checked("conv_backward_single", SINGLE_GAP, code, capsys)


def test_a_step_that_is_not_written_says_so_and_raises_nothing(capsys):
    assert single(SINGLE_GAP, capsys).startswith("conv_backward_single is not written yet.")
    assert mask(MASK_GAP, capsys).startswith("first_maximum_mask is not written yet.")


@pytest.mark.parametrize("more", ["", "    db = np.full((1, 1), db)\n"])
def test_right_gradients_agree_on_both_images(more, capsys):
    expected = [line.format(name) for line in AGREES for name in ("dA", "dW", "db")]
    assert single(SINGLE + more, capsys).splitlines() == expected


WRONG = {
    "assigned": (("+= W * dZ", "= W * dZ"), "dA", "3 x 3 image, dA: 4 of 9 wrong; dA[0, 1] is -1,"),
    "flipped": (("+= W *", "+= W[::-1, ::-1] *"), "dA", "dA: 9 of 9 wrong; dA[0, 0] is -1,"),
    "one window": (("A[h : h + f, w : w + f] * dZ", "A[:f, :f] * dZ"), "dW", "dW: "),
    "last bias": (("db += ", "db = "), "db", "db: 1 of 1 wrong; db is 3,"),
    "shape": (("np.zeros(W.shape)", "np.zeros((1, *W.shape))"), "dW", "has the shape (1, 2, 2)"),
}


@pytest.mark.parametrize(("change", "name", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_gradient_is_named_with_its_entry_and_the_others_are_right(
    change, name, said, capsys
):
    assert SINGLE.count(change[0]) == 1
    out = single(SINGLE.replace(*change), capsys)
    assert said in out
    for other in {"dA", "dW", "db"} - {name}:
        assert all(line.format(other) in out for line in AGREES)
    assert not any(line.format(name) in out.splitlines() for line in AGREES[:1])


def test_swapped_sizes_are_wrong_on_the_second_image_alone(capsys):
    swapped = SINGLE.replace("range(dZ.shape[0])", "range(min(dZ.shape))")
    swapped = swapped.replace("range(dZ.shape[1])", "range(min(dZ.shape))")
    out = single(swapped, capsys)
    assert [": right" in line for line in out.splitlines()] == [True] * 3 + [False] * 3


def test_a_step_that_forgets_a_gradient_is_told_to_return_three(capsys):
    out = single(SINGLE + "    return dA, dW\n", capsys)
    assert out == "conv_backward_single should return three gradients: dA, dW, db.\n"


def test_a_gradient_that_is_still_none_is_named_and_the_others_are_checked(capsys):
    out = single(SINGLE + "    dA = None\n", capsys).splitlines()
    assert out[0] == "3 x 3 image, dA: not written yet."
    assert out[1:3] == [AGREES[0].format("dW"), AGREES[0].format("db")]
    assert [": right" in line for line in out] == [False, True, True] * 2


MASK_GAP = "    mask = None  # replace this line with your code\n"
MASK = """\
    mask = np.zeros(x.shape, dtype=bool)
    mask[np.unravel_index(np.argmax(x), x.shape)] = True
"""


def mask(code, capsys):
    return checked("first_maximum_mask", MASK_GAP, code, capsys)


@pytest.mark.parametrize("more", ["", "    mask = mask * 1.0\n"])
def test_the_mask_of_the_first_maximum_preserves_the_gradient(more, capsys):
    out = mask(MASK + more, capsys)
    assert out.startswith("Right.") and float(out.split()[-1]) == 4


WRONG_MASKS = {
    "all ties": ("    mask = x == np.max(x)\n", "marked: [(0, 0), (1, 0)], expected: only (0, 0)"),
    "last": (
        "    mask = np.zeros(x.size)\n    mask[x.size - 1 - np.argmax(x.flat[::-1])] = 1\n"
        "    mask = mask.reshape(x.shape)\n",
        "marked: [(1, 0)], expected: only (0, 0)",
    ),
    "flat": ("    mask = np.arange(x.size) == np.argmax(x)\n", "the mask has the shape (9,)."),
    "by column": (
        "    mask = np.zeros(x.shape)\n    j, i = np.unravel_index(np.argmax(x.T), x.T.shape)\n"
        "    mask[i, j] = 1\n",
        "marked: [(1, 0)], expected: only (0, 1)",
    ),
    "values": (
        "    mask = np.zeros(x.shape)\n    mask.flat[np.argmax(x)] = x.max()\n",
        "True or 1",
    ),
}


@pytest.mark.parametrize(("code", "said"), WRONG_MASKS.values(), ids=WRONG_MASKS)
def test_another_mask_is_shown_with_what_it_marks(code, said, capsys):
    out = mask(code, capsys)
    assert said in out and "Right." not in out
