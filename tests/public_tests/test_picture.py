"""show() draws a picture with words for every kind of failing case, or prints a plain sentence."""

import itertools
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from tests.cells import cell

import nbexercise
import public_tests
from exercises import EXERCISES, vectorized
from nbexercise.defining.exercise import as_plain
from nbexercise.diagnosis.diagnose import judge
from nbexercise.judging.wording import NO_BREAK, describe_case
from nbexercise.showing.picture import in_words
from nbexercise.showing.svg import draw
from public_tests import hint, show, solution, zero_pad_test
from public_tests.course.windows import spans, steps
from tests.exercises.case_sets import MISTAKES, NAMES, mistake_id
from tests.exercises.solutions import WRONG


@pytest.fixture(autouse=True)
def nothing_checked_yet(monkeypatch):
    """Remove verdicts and hints of earlier tests."""
    monkeypatch.setattr(nbexercise.checks, "_latest", {})
    monkeypatch.setattr(nbexercise.checks, "_hints_given", {})


def mistaken(name, mistake):
    exercise = EXERCISES[name]
    return exercise.wrong_function(next(m for m in exercise.mistakes if m.name == mistake))


def verdict(name, function):
    return judge(nbexercise.checks.CASE_SETS[name], function)


class Panel:
    """One plane of a picture: its texts, the positions of its cells, and the crossed cells."""

    def __init__(self, group):
        self.name = group.get("aria-label")
        self.texts = [text.text for text in group.iter(f"{SVG}text")]
        rects = [{k: v for k, v in one.items()} for one in group.iter(f"{SVG}rect")]
        self.frames = [one for one in rects if one["fill"] == "none"]
        self.cells = [one for one in rects if one["fill"] != "none"]
        self.size = {(float(one["width"]), float(one["height"])) for one in self.cells}
        self.paths = [path.get("d") for path in group.iter(f"{SVG}path")]

    @property
    def shape(self):
        """The number of rows and columns."""
        return tuple(len({one[key] for one in self.cells}) for key in ("y", "x"))

    def place(self, x, y):
        """Return the row and column of the cell at a point."""
        ((width, height),) = self.size
        left, top = (min(float(one[key]) for one in self.cells) for key in ("x", "y"))
        return int((y - top) // height), int((x - left) // width)

    @property
    def crosses(self):
        """The positions of the crosses."""
        starts = [re.match(r"M([\d.]+) ([\d.]+)L", path) for path in self.paths]
        return {self.place(float(one[1]), float(one[2])) for one in starts}

    @property
    def numbers(self):
        """The texts in the cells, without the panel's title and the indices."""
        return self.texts[self.name.count(", shape") + 1 :][: len(self.cells)]


SVG = "{http://www.w3.org/2000/svg}"


def drawn(name, function):
    """Return the picture's title, and its panels by name."""
    return parsed(draw(verdict(name, function)))


def parsed(svg, page=840):
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-label")
    assert float(root.get("width")) <= page
    panels = [Panel(group) for group in root.iter(f"{SVG}g")]
    everything_is_inside(root)
    return [text.text for text in root.findall(f"{SVG}text")], {p.name: p for p in panels}


def everything_is_inside(root):
    """Assert that no text or cell leaves the picture, and no title reaches the next panel."""
    width, height = map(float, root.get("viewBox").split()[2:])
    spans = []
    for text in root.iter(f"{SVG}text"):
        x, y = float(text.get("x")), float(text.get("y"))
        length = len(text.text) * float(text.get("font-size")) * 0.5
        assert 0 <= x <= x + length * (text.get("text-anchor") is None) <= width, text.text
        assert 0 < y < height, text.text
        if text.get("text-anchor") is None:
            spans.append((round(y), x, x + length))
    spans.sort()
    assert all(b[1] >= a[2] for a, b in itertools.pairwise(spans) if a[0] == b[0])
    for rect in root.iter(f"{SVG}rect"):
        if rect.get("x"):
            assert float(rect.get("x")) + float(rect.get("width")) <= width
            assert float(rect.get("y")) + float(rect.get("height")) <= height


@pytest.mark.parametrize(("name", "mistake"), MISTAKES[::6], ids=mistake_id)
def test_every_mistake_has_its_picture_with_all_texts_inside(name, mistake):
    mine = verdict(name, EXERCISES[name].wrong_function(mistake))
    try:
        words = in_words(mine)
    except ValueError as nothing:
        assert re.search("there is no(thing| output) to draw", str(nothing))
        with pytest.raises(ValueError, match="to draw"):
            draw(mine)
        return
    _, panels = parsed(draw(mine))
    assert len(panels) >= 2
    assert list(parsed(draw(mine, 340), 340)[1]) == list(panels)
    for name in panels:
        assert name in words


def test_wrong_values_are_crossed_where_they_are_wrong_in_got_alone():
    def two_wrong(x):
        mask = x == x.max()
        return mask ^ (x == x.min())

    _, panels = drawn("create_mask_from_window", two_wrong)
    assert list(panels) == ["x", "expected", "got", "got - expected"]
    run = verdict("create_mask_from_window", two_wrong).failing
    x = run.case.arguments["x"]
    place = {tuple(int(i) for i in np.argwhere(x == x.min())[0])}
    assert panels["got"].crosses == place
    assert not any(panels[name].crosses for name in ("x", "expected", "got - expected"))
    assert sorted(panels["got"].numbers) == ["0", "0", "0", "0", "1", "1"]
    assert panels["got"].shape == x.shape


def test_nothing_is_crossed_where_everything_is_wrong():
    title, panels = drawn("zero_pad", lambda X, pad: vectorized.zero_pad(X, pad) + 1)
    assert title[-1] == "X_pad[0, :, :, 0]: all of these are wrong"
    assert not any(panel.paths for panel in panels.values())
    assert "Wrong at" not in in_words(
        verdict("zero_pad", lambda X, pad: vectorized.zero_pad(X, pad) + 1)
    )


def test_what_a_sum_holds_that_is_not_drawn_is_said():
    title, panels = drawn("conv_forward", mistaken("conv_forward", "flipped filter"))
    b = nbexercise.checks.CASE_SETS["conv_forward"].cases[0].arguments["b"]
    bias = f"the bias b[0, 0, 0, 0] = {b.flat[0]}"
    said = f"Z is the sum of all 3 channels (channel 0 is drawn) and {bias}"
    assert said in [line.replace("\N{NO-BREAK SPACE}", " ") for line in title]
    title, _ = drawn("conv_single_step", mistaken("conv_single_step", "flipped filter"))
    b = nbexercise.checks.CASE_SETS["conv_single_step"].cases[0].arguments["b"]
    assert [line.replace("\N{NO-BREAK SPACE}", " ") for line in title[-2:]] == [
        "Z is wrong",
        f"Z is the sum of all 4 channels (channel 0 is drawn) and the bias b = {b.item()}",
    ]


def test_the_channels_drawn_of_the_image_and_of_the_filter_belong_together():
    def third_filter(A_prev, W, b, hparameters):
        Z, cache = vectorized.conv_forward(A_prev, W, b, hparameters)
        Z[..., 2:] += W.shape[2] == W.shape[3]
        return Z, cache

    case = nbexercise.checks.CASE_SETS["conv_forward"].cases[0]
    A_prev, W = case.arguments["A_prev"], case.arguments["W"][..., :3]
    arguments = {**case.arguments, "W": W, "b": case.arguments["b"][..., :3]}
    expected = type(case.expected)({"Z": vectorized.conv_forward(*arguments.values())[0]})
    case_set = nbexercise.checks.CASE_SETS["conv_forward"]
    square = type(case)("stride 1", arguments, expected, {})
    case_set = type(case_set)(**{**vars(case_set), "cases": (square,), "mistakes": ()})
    assert A_prev.shape[3] == W.shape[3] == 3
    _, panels = parsed(draw(judge(case_set, third_filter)))
    assert list(panels)[:2] == ["A_prev[0, :, :, 0]", "W[:, :, 0, 2]"]


def test_the_plane_shown_is_the_one_with_the_first_wrong_value():
    def third_channel(A_prev, hparameters, mode="max"):
        A, cache = vectorized.pool_forward(A_prev, hparameters, mode)
        A[1:2, 1:2, 2:3, 2:] += 1
        return A, cache

    title, panels = drawn("pool_forward", third_channel)
    assert title[-2] == "A[1, :, :, 2]: the wrong values are crossed"
    assert title[-1] == "framed: the window that A[1, 1, 2, 2] should come from"
    assert "A_prev[1, :, :, 2]" in panels
    assert panels["got"].crosses == {(1, 2)}


@pytest.mark.parametrize("name", ["conv_forward", "pool_forward"])
def test_the_window_of_the_first_wrong_value_is_framed_in_the_input(name):
    def one_wrong(*arguments):
        answer, cache = getattr(vectorized, name)(*arguments)
        answer[0, -1, 0, 0] += 1
        return answer, cache

    mine = verdict(name, one_wrong)
    _, panels = parsed(draw(mine))
    picture = next(iter(panels.values()))
    (frame,) = picture.frames
    case = mine.failing.case.arguments
    sizes, A_prev = case["hparameters"], case["A_prev"]
    f, pad = sizes.get("f") or case["W"].shape[0], sizes.get("pad", 0)
    rows = mine.failing.case.expected.values["Z" if name == "conv_forward" else "A"].shape[1]
    start = (rows - 1) * sizes["stride"] - pad
    end = min(start + f, A_prev.shape[1])
    x, y, width, height = (float(frame[key]) for key in ("x", "y", "width", "height"))
    assert picture.place(x + 1, y + 1) == (start, 0)
    assert picture.place(x + width - 1, y + height - 1) == (end - 1, f - pad - 1)
    assert (
        f"should come from rows {start} to {end - 1} and columns 0 to {f - pad - 1} of"
        in in_words(mine)
    )
    assert not any(panel.frames for panel in list(panels.values())[1:])
    assert ("; the rest of its window is padding." in in_words(mine)) == (pad > 0)
    framed = (
        f"part of Z[0, {rows - 1}, 0, 0]'s window that lies in the image; the rest of the window is"
    )
    assert (framed in in_words(mine)) == (pad > 0)


def test_a_shape_mismatch_shows_both_shapes_at_one_scale_and_crosses_nothing():
    title, panels = drawn("zero_pad", mistaken("zero_pad", "height only"))
    assert len({size for panel in panels.values() for size in panel.size}) == 1
    shape = nbexercise.checks.CASE_SETS["zero_pad"].cases[0].expected.values["X_pad"].shape
    assert panels[f"expected[0, :, :, 0], shape {shape}"].shape == shape[1:3]
    assert not any(panel.paths for panel in panels.values())
    assert title[-1] == "X_pad has the wrong shape"


def test_a_wrong_shape_is_shown_in_a_plane_that_holds_more_than_padding():
    _, panels = drawn("zero_pad", mistaken("zero_pad", "every axis padded"))
    X, pad = nbexercise.checks.CASE_SETS["zero_pad"].cases[0].arguments.values()
    shape = tuple(length + 2 * pad for length in X.shape)
    assert {*panels[f"got[{pad}, :, :, {pad}], shape {shape}"].numbers} > {"0"}


def test_an_answer_that_is_empty_says_so():
    function = mistaken("conv_backward", "[pad:-pad] of the batch at pad 0")
    _, panels = drawn("conv_backward", function)
    (got,) = [panel for name, panel in panels.items() if name.startswith("got")]
    assert got.texts[-1] == "(empty)"
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
    _, panels = drawn("conv_single_step", mistaken("conv_single_step", "array of shape (1, 1, 1)"))
    assert list(panels)[2:] == ["expected, shape ()", "got[:, :, 0], shape (1, 1, 1)"]
    assert drawn("conv_single_step", lambda a, W, b: np.zeros((1, 1, 1, 1, 1, 1)))
    assert drawn("distribute_value", lambda dz, shape: np.zeros((1, 1)))
    assert drawn("conv_backward", WRONG["conv_backward"]["db of shape (n_C,)"].make())


def test_backward_functions_show_what_is_in_the_cache():
    _, panels = drawn("pool_backward", mistaken("pool_backward", "average in both modes"))
    assert list(panels)[:2] == ["dA[0, :, :, 0]", "A_prev[0, :, :, 0]"]
    title, panels = drawn("conv_backward", mistaken("conv_backward", "dW overwritten"))
    assert list(panels)[:3] == ["dZ[0, :, :, 0]", "A_prev[0, :, :, 0]", "W[:, :, 0, 0]"]
    assert title[-1] == "dW[:, :, 0, 0]: all of these are wrong"
    f = nbexercise.checks.CASE_SETS["conv_backward"].cases[0].arguments["cache"][1].shape[0]
    assert panels["got"].shape == (f, f)
    _, panels = drawn("conv_backward", mistaken("conv_backward", "db overwritten"))
    n_C = nbexercise.checks.CASE_SETS["conv_backward"].cases[0].expected.values["db"].size
    assert panels["got"].shape == (1, n_C)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("label", ["nan", "infinity", "two axes more"])
def test_odd_answers_are_drawn_too(name, label):
    mine = verdict(name, WRONG[name][label].make())
    try:
        words = in_words(mine)
    except ValueError:
        return
    assert parsed(draw(mine))
    assert len(words.splitlines()) > 5


def test_large_planes_are_drawn_without_numbers_and_in_words_cut():
    rng = np.random.default_rng(0)
    case = nbexercise.checks.CASE_SETS["zero_pad"].cases[0]
    X = rng.standard_normal((1, 60, 80, 1))
    expected = type(case.expected)({"X_pad": vectorized.zero_pad(X, 1)})
    large = type(case)("padded", {"X": X, "pad": 1}, expected, case.mistaken)
    case_set = nbexercise.checks.CASE_SETS["zero_pad"]
    case_set = type(case_set)(**{**vars(case_set), "cases": (large,)})
    mine = judge(case_set, lambda X, pad: vectorized.zero_pad(X, pad) + 1)
    _, panels = parsed(draw(mine))
    assert all(len(panel.texts) == 1 for panel in panels.values())
    assert not panels["got"].crosses
    assert "..." in in_words(mine)
    assert len(in_words(mine)) < 20_000


# Window by window


def windows_shown(text):
    """Return (h, w, rows, columns, expected, actual, True if marked wrong) for every line."""
    line = r"  h (\d+), w (\d+): rows (\S+) to (\S+), columns (\S+) to (\S+): "
    line += r"expected (\S+), got (\S+)( +<- wrong)?$"
    found = re.findall(line, text, re.MULTILINE)
    return [
        (int(h), int(w), (int(a), int(b)), (int(c), int(d)), float(e), float(g), bool(wrong))
        for h, w, a, b, c, d, e, g, wrong in found
    ]


@pytest.mark.parametrize("name", ["conv_forward", "pool_forward"])
def test_the_windows_are_gone_through_up_to_the_first_wrong_one(name):
    mine = verdict(name, mistaken(name, "stride ignored"))
    shown = windows_shown(steps(mine))
    assert [one[-1] for one in shown].index(True) >= len(shown) - 3
    assert all((expected == got) != wrong for *_, expected, got, wrong in shown)
    run = next(
        run
        for run in mine.runs
        if " ".join(steps(mine).split()).startswith(
            "This case, window by window: " * (run is mine.failing)
            + "A smaller case that fails too, window by window: " * (run is not mine.failing)
            + describe_case(run.case)
        )
    )
    assert not run.case.is_large
    sizes = run.case.arguments["hparameters"]
    f = sizes.get("f") or run.case.arguments["W"].shape[0]
    for h, w, rows, columns, *_ in shown:
        assert rows[0] == h * sizes["stride"] - sizes.get("pad", 0)
        assert columns[0] == w * sizes["stride"] - sizes.get("pad", 0)
        assert rows[1] - rows[0] == columns[1] - columns[0] == f - 1
    assert ("padding" in steps(mine)) == bool(sizes.get("pad"))


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("conv_forward", vectorized.conv_forward),
        ("conv_forward", lambda *arguments: None),
        ("conv_forward", mistaken("conv_forward", "plus one forgotten")),
        ("zero_pad", mistaken("zero_pad", "border of ones")),
        ("pool_backward", mistaken("pool_backward", "the mask alone")),
    ],
)
def test_without_windows_to_compare_nothing_is_said_of_them(name, function):
    assert steps(verdict(name, function)) == ""


def test_show_goes_through_the_windows(capsys):
    show("conv_forward", mistaken("conv_forward", "stride ignored"))
    assert windows_shown(capsys.readouterr().out)


# The function show


def test_show_draws_the_last_failed_check_and_prints_it_in_words(capsys):
    with pytest.raises(AssertionError):
        zero_pad_test(mistaken("zero_pad", "border of ones"))
    show()
    text = capsys.readouterr().out
    assert text.startswith("zero_pad: X of shape (")
    assert "X_pad[0, :, :, 0]: the wrong values are crossed" in text
    assert "\nexpected\n[[" in text
    assert "\nWrong at (row, column): (0, 0), (0, 1)" in text
    show("zero_pad")
    assert capsys.readouterr().out == text


def test_show_judges_a_function_that_is_given(capsys):
    show("distribute_value", mistaken("distribute_value", "not divided"))
    assert "a: all of these are wrong" in capsys.readouterr().out
    show()
    assert "a: all of these are wrong" in capsys.readouterr().out


def test_show_names_a_wrong_helper_too(capsys):
    def conv_single_step(a_slice_prev, W, b):
        return np.sum(a_slice_prev * W)

    text = EXERCISES["conv_forward"].solution_text()
    names = cell(text, zero_pad=vectorized.zero_pad, conv_single_step=conv_single_step)
    show("conv_forward", names["conv_forward"])
    assert capsys.readouterr().out.startswith("conv_forward calls your conv_single_step, which did")


def test_show_means_the_check_that_was_run_last(capsys):
    for name in ("zero_pad", "distribute_value", "zero_pad"):
        with pytest.raises(AssertionError):
            getattr(public_tests, f"{name}_test")(lambda *arguments: np.zeros((2, 3)))
    show()
    assert capsys.readouterr().out.startswith("zero_pad: ")


def test_show_displays_the_picture_in_a_notebook(capsys, monkeypatch):
    pytest.importorskip("IPython", reason="there is no notebook without IPython")
    shown = []
    monkeypatch.setattr("IPython.get_ipython", lambda: object())
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    show("zero_pad", mistaken("zero_pad", "border of ones"))
    picture, folded = shown
    assert parsed(picture["image/svg+xml"])
    folded = folded["text/html"].replace(NO_BREAK, " ")
    assert folded.startswith("<details><summary>") and "zero_pad: X of shape" in folded
    assert capsys.readouterr().out == ""
    show("pool_forward", mistaken("pool_forward", "stride ignored"))
    assert capsys.readouterr().out.startswith("A smaller case that fails too, window by")


def test_numbers_in_the_windows_are_short_but_told_apart(capsys):
    def nearly(*arguments):
        Z, cache = vectorized.conv_forward(*arguments)
        return Z + 1e-6, cache

    shown = windows_shown(steps(verdict("conv_forward", nearly)))
    assert all(wrong and expected != got for *_, expected, got, wrong in shown)
    text = steps(verdict("conv_forward", mistaken("conv_forward", "stride ignored")))
    numbers = re.findall(r"(?:expected|got) -?([\d.]+)", text)
    assert numbers and all(len(one.strip("0.")) <= 6 for one in numbers)


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (
            vectorized.zero_pad,
            "zero_pad: every check passes, so there is no failing case to draw.\n",
        ),
        (lambda X, pad: None, "zero_pad returned None: there is no output to draw.\n"),
        (lambda X, pad: 1 / 0, "zero_pad raised ZeroDivisionError: division by zero: there is no"),
        (
            WRONG["zero_pad"]["spoils its input"].make(),
            "zero_pad: the values of this case are right, so there is nothing to draw.\n",
        ),
    ],
)
def test_show_says_why_there_is_nothing_to_draw(function, said, capsys):
    show("zero_pad", function)
    assert capsys.readouterr().out.startswith(said)


def test_show_before_any_check_and_of_an_unknown_name_says_what_to_do(capsys):
    show()
    assert "Nothing has been checked yet: run a check first" in capsys.readouterr().out
    show("zero_pad")
    assert 'show("zero_pad", zero_pad) does both' in capsys.readouterr().out
    with pytest.raises(ValueError, match="There is no exercise 'batch'. There are: .*zero_pad"):
        show("batch")


@pytest.mark.parametrize("function", [hint, show, solution])
@pytest.mark.parametrize("name", ["zeropad", "Zero_Pad", "pad_zero"])
def test_a_misspelt_name_is_answered_with_the_right_one_and_none_of_our_frames(function, name):
    with pytest.raises(ValueError) as error:
        function(name)
    said = f"There is no exercise '{name}'. Did you mean 'zero_pad'?"
    assert error.value._render_traceback_() == [said]


def test_hints_come_one_at_a_time_and_the_last_one_stays(capsys):
    hints = tuple(map(as_plain, EXERCISES["zero_pad"].hints))
    for _ in range(4):
        hint("zero_pad")
    hint("pool_forward")
    shown = capsys.readouterr().out
    assert all(len(line) <= 88 for line in shown.splitlines())
    said = " ".join(shown.split())
    expected = [f"Hint {i + 1} of 3 for zero_pad: {hints[i]}" for i in (0, 1, 2, 2)]
    assert said.startswith(" ".join([*expected, "Hint 1 of 3 for pool_forward: "]))


def test_without_a_name_a_hint_is_for_the_exercise_checked_last(capsys, monkeypatch):
    hint()
    public_tests.solution()
    assert capsys.readouterr().out.count("Nothing has been checked yet: run a check first") == 2
    show("zero_pad", lambda X, pad: X)
    capsys.readouterr()
    hint()
    public_tests.solution()
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("Hint 1 of 3 for zero_pad: ") and "no solution of zero_pad" in said


def test_a_right_value_beside_wrong_ones_differs_by_nothing():
    case_set = nbexercise.checks.CASE_SETS["sigmoid"]
    mine = judge(case_set, lambda Z: (np.where(Z > 0, 1 / (1 + np.exp(-Z)), 0.0), (Z,)))
    _, panels = parsed(draw(mine))
    right = [text for text in panels["got - expected"].texts if "e-" in text]
    assert not right and "0" in panels["got - expected"].texts


# Transposed convolutions: outputs have no window, but values whose copies overlap them


def of_copies(mistake):
    return verdict("conv_transpose_forward", mistaken("conv_transpose_forward", mistake))


def test_the_values_whose_copies_reach_an_output_are_framed():
    found = of_copies("bias of the first channel")
    assert "framed: the values whose copies reach Z[0, 0, 0, 1]" in in_words(found)
    case = found.failing.case
    copies = np.ones(case.parts["W"].shape[:2])
    hparameters = case.parts["hparameters"]
    for n in range(20):
        rows, _ = spans(case, (n, 0))
        reached = [
            h
            for h in range(case.parts["A_prev"].shape[1])
            if 0 <= n + hparameters["pad"] - h * hparameters["stride"] < len(copies)
        ]
        assert list(range(*rows)) == reached


def test_the_filter_shown_is_that_of_the_wrong_channel():
    found = of_copies("bias of the first channel")
    W = found.failing.case.parts["W"]
    words = in_words(found)
    assert "\nW[:, :, 1, 0]\n" in words
    assert np.array2string(W[:, :, 1, 0], precision=4, suppress_small=True) in words


def test_an_output_that_no_copy_reaches_is_said_to_be_the_bias():
    text = steps(of_copies("stride ignored"))
    assert "output by output" in text and "window" not in text
    assert ": none, so it is just the bias: expected" in text


def test_the_sizes_of_a_transposed_convolution_are_read_from_the_right_axes():
    for case in nbexercise.checks.CASE_SETS["conv_transpose_forward"].cases:
        _, _, n_C, n_C_prev = case.parts["W"].shape
        assert (case.sizes["n_C"], case.sizes["n_C_prev"]) == (n_C, n_C_prev)
