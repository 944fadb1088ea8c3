"""show(): a picture and its words for every kind of failing case, and plain sentences otherwise."""

import builtins
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

import public_tests
from exercises import EXERCISES
from public_tests import hint, show, zero_pad_test
from public_tests._draw import draw, in_words
from public_tests._judge import judge
from tests.exercises.sheets import MISTAKES, mistake_id
from tests.exercises.wrong_solutions import WRONG
from tools import vectorised

plt.switch_backend("Agg")


@pytest.fixture(autouse=True)
def nothing_checked_yet(monkeypatch):
    """No verdicts and hints from earlier tests, and no figures left open."""
    monkeypatch.setattr(public_tests, "_verdicts", {})
    monkeypatch.setattr(public_tests, "_hints_given", {})
    yield
    plt.close("all")


def mistaken(name, mistake):
    exercise = EXERCISES[name]
    return exercise.wrong_function(next(m for m in exercise.mistakes if m.name == mistake))


def verdict(name, function):
    return judge(public_tests._SHEETS[name], function)


def drawn(name, function):
    """The figure, drawn for real, and its panels by title."""
    figure = draw(verdict(name, function))
    figure.canvas.draw()
    return figure, {ax.get_title(loc="left"): ax for ax in figure.axes}


def crosses(ax):
    """The cells that are crossed: the centres of the lines drawn."""
    found = []
    for line in ax.lines:
        ends = line.get_xydata().reshape(-1, 3, 2)[:, :2]  # from, to, a gap
        found.append({(round(row), round(column)) for column, row in ends.mean(axis=1).tolist()})
    assert all(cells == found[0] for cells in found)
    return found[0] if found else set()


def everything_is_inside(figure):
    """Whether all texts lie within the figure and no panel's title runs into the next panel."""
    frame = figure.bbox
    texts = [
        *figure.texts,
        *(ax.title for ax in figure.axes),
        *(ax._left_title for ax in figure.axes),
    ]
    boxes = [text.get_window_extent() for text in texts if text.get_text()]
    inside = all(
        box.x0 >= frame.x0 and box.x1 <= frame.x1 and box.y0 >= frame.y0 and box.y1 <= frame.y1
        for box in boxes
    )
    return inside and not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])


@pytest.mark.parametrize(("name", "mistake"), MISTAKES[::6], ids=mistake_id)
def test_every_mistake_has_its_picture_with_all_texts_inside(name, mistake):
    mine = verdict(name, EXERCISES[name].wrong_function(mistake))
    try:
        words = in_words(mine)
    except ValueError as nothing:
        assert re.search("there is no(thing| answer) to draw", str(nothing))
        with pytest.raises(ValueError, match="to draw"):
            draw(mine)
        return
    figure = draw(mine)
    assert everything_is_inside(figure)
    for ax in figure.axes:
        assert ax.get_title(loc="left").split("\n")[0] in words


def test_wrong_values_are_crossed_where_they_are_wrong_in_got_and_difference_alone():
    def two_wrong(x):
        mask = x == x.max()
        return mask ^ (x == x.min())

    figure, panels = drawn("create_mask_from_window", two_wrong)
    assert list(panels) == ["x", "expected", "got", "got - expected"]
    run = verdict("create_mask_from_window", two_wrong).failing
    x = run.case.arguments["x"]
    place = {tuple(int(i) for i in np.argwhere(x == x.min())[0])}
    assert crosses(panels["got"]) == crosses(panels["got - expected"]) == place
    assert crosses(panels["x"]) == crosses(panels["expected"]) == set()
    numbers = [text.get_text() for text in panels["got"].texts]
    assert sorted(numbers) == ["0", "0", "0", "0", "1", "1"]


def test_the_plane_shown_is_the_one_with_the_first_wrong_value():
    def third_channel(A_prev, hparameters, mode):
        A, cache = vectorised.pool_forward(A_prev, hparameters, mode)
        A[1:2, 1:2, 2:3, 2:] += 1
        return A, cache

    figure, panels = drawn("pool_forward", third_channel)
    assert "A[1, :, :, 2]: the wrong values are crossed" in figure.texts[0].get_text()
    assert "A_prev[1, :, :, 2]" in panels
    assert crosses(panels["got"]) == {(1, 2)}


def test_a_shape_mismatch_shows_both_shapes_at_one_scale_and_crosses_nothing():
    figure, panels = drawn("zero_pad", mistaken("zero_pad", "height only"))
    sizes = [ax.get_window_extent().size for ax in figure.axes]
    cells = [
        size / ax.images[0].get_array().shape[::-1]
        for size, ax in zip(sizes, figure.axes, strict=True)
    ]
    assert np.allclose(cells, cells[0])
    shape = public_tests._SHEETS["zero_pad"].cases[0].expected.values["X_pad"].shape
    assert f"expected\nshape {shape}" in panels
    assert not any(ax.lines for ax in figure.axes)
    assert "X_pad has the wrong shape" in figure.texts[0].get_text()


def test_an_answer_that_is_empty_says_so():
    function = mistaken("conv_backward", "[pad:-pad] of the batch at pad 0")
    figure, panels = drawn("conv_backward", function)
    (got,) = [ax for title, ax in panels.items() if title.startswith("got")]
    assert [text.get_text() for text in got.texts] == ["(empty)"]
    assert "(empty)" in in_words(verdict("conv_backward", function))


def test_a_number_is_one_cell_beside_the_window_and_the_filter():
    _, panels = drawn("conv_single_step", mistaken("conv_single_step", "bias forgotten"))
    assert list(panels) == [
        "a_slice_prev[:, :, 0]",
        "W[:, :, 0]",
        "expected",
        "got",
        "got - expected",
    ]
    assert crosses(panels["got"]) == {(0, 0)}
    figure, panels = drawn(
        "conv_single_step", mistaken("conv_single_step", "array of shape (1, 1, 1)")
    )
    assert list(panels)[2:] == ["expected\nshape ()", "got\nshape (1, 1, 1)"]
    wide = drawn("conv_single_step", lambda a, W, b: np.zeros((1, 1, 1, 1, 1, 1)))[0]
    narrow = drawn("distribute_value", lambda dz, shape: np.zeros((1, 1)))[0]
    bias = drawn("conv_backward", WRONG["conv_backward"]["db of shape (n_C,)"].make())[0]
    assert all(map(everything_is_inside, (figure, wide, narrow, bias)))


def test_backward_functions_show_what_is_in_the_cache():
    _, panels = drawn("pool_backward", mistaken("pool_backward", "average in both modes"))
    assert list(panels)[:2] == ["dA[0, :, :, 0]", "A_prev[0, :, :, 0]"]
    figure, panels = drawn("conv_backward", mistaken("conv_backward", "dW overwritten"))
    assert list(panels)[:3] == ["dZ[0, :, :, 0]", "A_prev[0, :, :, 0]", "W[:, :, 0, 0]"]
    assert "dW[:, :, 0, 0]: the wrong values are crossed" in figure.texts[0].get_text()
    f = public_tests._SHEETS["conv_backward"].cases[0].arguments["cache"][1].shape[0]
    assert panels["got"].images[0].get_array().shape == (f, f)
    figure, panels = drawn("conv_backward", mistaken("conv_backward", "db overwritten"))
    n_C = public_tests._SHEETS["conv_backward"].cases[0].expected.values["db"].size
    assert panels["got"].images[0].get_array().shape == (1, n_C)


@pytest.mark.parametrize("name", list(EXERCISES))
@pytest.mark.parametrize("label", ["nan", "infinity", "two axes more"])
def test_odd_answers_are_drawn_too(name, label):
    mine = verdict(name, WRONG[name][label].make())
    try:
        words = in_words(mine)
    except ValueError:
        return
    figure = draw(mine)
    assert everything_is_inside(figure)
    assert len(words.splitlines()) > 5


def test_large_planes_are_drawn_without_numbers_and_in_words_cut():
    rng = np.random.default_rng(0)
    case = public_tests._SHEETS["zero_pad"].cases[0]
    X = rng.standard_normal((1, 60, 80, 1))
    expected = type(case.expected)({"X_pad": vectorised.zero_pad(X, 1)})
    large = type(case)("padded", {"X": X, "pad": 1}, expected, case.mistaken)
    sheet = public_tests._SHEETS["zero_pad"]
    sheet = type(sheet)(**{**vars(sheet), "cases": (large,)})
    mine = judge(sheet, lambda X, pad: vectorised.zero_pad(X, pad) + 1)
    figure = draw(mine)
    figure.canvas.draw()
    assert everything_is_inside(figure)
    assert max(figure.get_size_inches()) < 14
    assert not any(ax.texts for ax in figure.axes)
    assert "..." in in_words(mine)
    assert len(in_words(mine)) < 20_000


# show itself


def test_show_draws_the_last_failed_check_and_prints_it_in_words(capsys):
    with pytest.raises(AssertionError):
        zero_pad_test(mistaken("zero_pad", "border of ones"))
    show()
    text = capsys.readouterr().out
    assert len(plt.get_fignums()) == 1
    assert text.startswith("zero_pad: X of shape (")
    assert "X_pad[0, :, :, 0]: the wrong values are crossed" in text
    assert "\nexpected\n[[" in text
    assert "\nWrong at (row, column): (0, 0), (0, 1)" in text
    show("zero_pad")
    assert capsys.readouterr().out == text


def test_show_judges_a_function_that_is_given(capsys):
    show("distribute_value", mistaken("distribute_value", "not divided"))
    assert "a: the wrong values are crossed" in capsys.readouterr().out
    show()
    assert "a: the wrong values are crossed" in capsys.readouterr().out


def test_show_means_the_check_that_was_run_last(capsys):
    for name in ("zero_pad", "distribute_value", "zero_pad"):
        with pytest.raises(AssertionError):
            getattr(public_tests, f"{name}_test")(lambda *arguments: np.zeros((2, 3)))
    show()
    assert capsys.readouterr().out.startswith("zero_pad: ")


def test_show_without_matplotlib_uses_words_alone(capsys, monkeypatch):
    original = builtins.__import__

    def without(name, *arguments, **named):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return original(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    show("zero_pad", mistaken("zero_pad", "border of ones"))
    text = capsys.readouterr().out
    assert text.startswith(
        "matplotlib is not installed, so here is the case in words.\nzero_pad: X"
    )


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (
            vectorised.zero_pad,
            "zero_pad: every check passes, there is no failing case to draw.\n",
        ),
        (lambda X, pad: None, "zero_pad returned None: there is no answer to draw.\n"),
        (lambda X, pad: 1 / 0, "zero_pad raised ZeroDivisionError: division by zero: there is no"),
        (
            WRONG["zero_pad"]["spoils its input"].make(),
            "zero_pad: the values of this case are right, there is nothing to draw.\n",
        ),
    ],
)
def test_show_says_why_there_is_nothing_to_draw(function, said, capsys):
    show("zero_pad", function)
    assert capsys.readouterr().out.startswith(said)
    assert not plt.get_fignums()


def test_show_before_any_check_and_of_an_unknown_name_says_what_to_do(capsys):
    show()
    assert "Nothing has been checked yet: run a check first" in capsys.readouterr().out
    show("zero_pad")
    assert 'show("zero_pad", zero_pad) does both' in capsys.readouterr().out
    with pytest.raises(ValueError, match="There is no exercise 'zeropad'; there are: .*zero_pad"):
        show("zeropad")
    with pytest.raises(ValueError, match="There is no exercise 'zeropad'"):
        hint("zeropad")


def test_hints_come_one_at_a_time_and_the_last_one_stays(capsys):
    hints = EXERCISES["zero_pad"].hints
    for _ in range(4):
        hint("zero_pad")
    hint("pool_forward")
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [f"Hint {i + 1} of 3 for zero_pad: {hints[i]}" for i in (0, 1, 2, 2)]
    assert lines[4].startswith("Hint 1 of 3 for pool_forward: ")
