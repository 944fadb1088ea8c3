"""Milestones open when checks pass, run the reader's own functions, and reject wrong ones."""

import inspect
import json

import matplotlib

matplotlib.use("agg")

import numpy as np  # noqa: E402
import pytest  # noqa: E402
from tests.cells import cell  # noqa: E402

from convnet.edges import EdgeNetwork, load_blocks  # noqa: E402
from exercises import lenet, loops  # noqa: E402
from lesson_tools import milestones, page_to_keep  # noqa: E402
from lesson_tools.milestones import milestone  # noqa: E402
from lesson_tools.page_to_keep import closing_page, verify  # noqa: E402
from nbexercise.judging.notes import REFUSED_FOR_A_NUMBER  # noqa: E402
from public_tests.course import record  # noqa: E402
from public_tests.course.own import own_source  # noqa: E402
from public_tests.course.syllabus import MILESTONES  # noqa: E402

HELPERS = {"conv_forward": ("zero_pad", "conv_single_step"), "conv_backward": ("zero_pad",)}
NETWORK = ("lenet_forward", "lenet_gradients")
IM2COL = """
def conv_forward_im2col(A_prev, W, b, hparameters):
    s, p, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    padded = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
    n_H, n_W = ((n - f) // s + 1 for n in padded.shape[1:3])
    X_col = np.zeros((len(padded), n_H, n_W, f, f, padded.shape[3]), A_prev.dtype)
    for r in range(f):
        for q in range(f):
            X_col[:, :, :, r, q] = padded[:, r:, q:][:, ::s, ::s][:, :n_H, :n_W]
    return np.tensordot(X_col, W, 3) + b[0, 0, 0], (A_prev, W, b, hparameters)
"""


def text(name):
    """Return the source of a function and its helpers, as a check stores it."""
    module = loops if hasattr(loops, name) else lenet
    names = (*HELPERS.get(name, ()), name)
    if name in NETWORK:
        names = ("conv_forward", "conv_backward", "pool_forward", "pool_backward", "dense_forward")
        names = (*names, "dense_backward", "softmax_cross_entropy", name)
        module = lenet
    return "\n\n".join(["import numpy as np", *(inspect.getsource(vars(module)[n]) for n in names)])


def entry(source):
    return {"passed": True, "points": 5, "checks": {}, "date": "2026-01-02", "source": source}


@pytest.fixture(autouse=True)
def learner(tmp_path, monkeypatch):
    """Return a folder with correct functions for all milestones; photographs are small."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PROGRESS_FILE", raising=False)
    monkeypatch.setattr(record, "_used", lambda: True)
    monkeypatch.setattr(record, "_session", {})
    photograph = milestones.photograph
    for module in (milestones, page_to_keep):
        monkeypatch.setattr(
            module, "photograph", lambda name, size: photograph(name, 320 if size == 320 else 24)
        )
    needed = {name for _, names in MILESTONES.values() for name in names}
    keep({name: entry(text(name)) for name in needed})
    return tmp_path


def keep(exercises, **more):
    data = {"version": 1, "last": "", "exercises": exercises, "lessons": {}, "milestones": {}}
    with open("progress.json", "w") as file:
        json.dump(data | more, file)


def change(name, old, new):
    data = record.kept()
    source = data["exercises"][name]["source"]
    assert old in source
    data["exercises"][name]["source"] = source.replace(old, new)
    keep(data["exercises"])


@pytest.fixture
def shown(monkeypatch):
    """Return the displayed objects, and the axes of the figures."""
    found = []
    monkeypatch.setattr(milestones, "display", found.append)
    return found


def test_the_first_milestone_finds_edges_with_the_readers_functions(shown, capsys):
    milestone(1)
    assert len(shown) == 1 and "Four images" in shown[0].data
    assert "Milestone 1 is reached: your loops computed" in " ".join(
        capsys.readouterr().out.split()
    )
    assert record.kept()["milestones"]["1"]["result"].startswith("your loops computed")


def test_the_second_runs_the_edge_network(shown, capsys):
    milestone(2)
    assert len(shown) == 1
    assert "2" in record.kept()["milestones"]


def test_the_third_learns_sobels_kernel(shown):
    milestone(3)
    assert "Sobel's kernel to within" in record.kept()["milestones"]["3"]["result"]


NEWEST_FLOAT = f"""

def float(array):
    __tracebackhide__ = True
    if type(array) is np.ndarray and array.ndim:
        raise TypeError({REFUSED_FOR_A_NUMBER!r})
    return array.item()
"""


def test_a_kept_function_that_this_numpy_refuses_says_what_to_write(shown, capsys):
    change("conv_single_step", "b.item()", "float(b)")
    change("conv_single_step", "import numpy as np\n", f"import numpy as np\n{NEWEST_FLOAT}")
    milestone(1)
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith(
        f"Milestone 1 is closed. conv_single_step cannot run: NumPy {np.__version__}"
    )
    assert said.endswith(
        "In single_step, write b.item() in place of float(b) and run the check again."
    )
    assert not shown


@pytest.mark.parametrize(
    ("number", "name", "returned", "instead"),
    [
        (1, "zero_pad", "return X_pad", "return list(X_pad)"),
        (1, "conv_single_step", "return Z", "return Z + 0j"),
        (1, "conv_forward", "return Z, cache", "return list(Z), cache"),
        (3, "conv_backward", "return dA_prev, dW, db", "return dA_prev, dW + 0j, db"),
    ],
)
def test_what_passes_its_check_in_another_type_opens_a_milestone(
    number, name, returned, instead, shown
):
    change(name, returned, instead)
    change("conv_forward", "A_prev_pad[i]", "A_prev_pad[i, :]")
    milestone(number)
    assert len(shown) == 1
    assert str(number) in record.kept()["milestones"]


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_a_milestone_is_closed_until_the_checks_before_it_have_passed(number, shown, capsys):
    exercises = record.kept()["exercises"]
    for name in MILESTONES[str(number)][1]:
        keep({**exercises, name: {**exercises[name], "passed": False}})
        milestone(number)
        said = capsys.readouterr().out
        assert f"Milestone {number} is closed. It opens when these functions have passed" in said
        assert f"their checks: {name}. They are in" in said
    keep({})
    milestone(number)
    assert ", ".join(MILESTONES[str(number)][1]) in capsys.readouterr().out
    assert shown == [] and record.kept()["milestones"] == {}


@pytest.mark.parametrize(
    ("number", "name", "old", "new"),
    [
        (1, "conv_forward", "h * stride", "h"),
        (1, "zero_pad", "np.pad", "np.abs"),
        (2, "pool_forward", "np.max", "np.mean"),
        (3, "conv_backward", "+= a_slice", "-= a_slice"),
        (4, "momentum_step", "learning_rate *", "-learning_rate *"),
        (4, "lenet_gradients", "(Z3 > 0)", "(Z4 > 0).any()"),
    ],
)
def test_a_function_that_is_wrong_now_opens_nothing(number, name, old, new, shown, capsys):
    change(name, old, new)
    milestone(number)
    said = capsys.readouterr().out
    assert f"Milestone {number} is closed." in said
    assert "no longer passes its check: run the check again in" in said
    assert shown == [] and record.kept()["milestones"] == {}


@pytest.mark.parametrize("source", ["def conv_forward(:", "import nothing_like_it", "x = 1 / 0"])
def test_a_text_that_cannot_be_loaded_is_said(source, shown, capsys):
    exercises = record.kept()["exercises"]
    keep({**exercises, "conv_forward": entry(source)})
    milestone(1)
    assert "The stored conv_forward cannot be loaded" in capsys.readouterr().out


def test_a_function_whose_text_was_not_kept_is_said(shown, capsys):
    keep({**record.kept()["exercises"], "zero_pad": entry("")})
    milestone(1)
    assert "its source could not be stored" in capsys.readouterr().out


def test_helpers_are_the_readers_own():
    """conv_forward was stored with the zero_pad that its notebook provides."""
    change("zero_pad", "### BEGIN", "zero_pad.calls = getattr(zero_pad, 'calls', 0) + 1\n    ###")
    own = milestones.own_functions(MILESTONES["1"][1], record.kept())
    before = inspect.unwrap(own["zero_pad"]).calls
    zeros = np.zeros((1, 4, 4, 1))
    own["conv_forward"](zeros, zeros[:, :1, :1], np.zeros((1, 1, 1, 1)), {"stride": 1, "pad": 1})
    assert inspect.unwrap(own["zero_pad"]).calls == before + 1


def test_the_fourth_trains_and_reads_with_the_readers_layers(shown, monkeypatch):
    some = milestones.digits()
    few = {"train_images": some.train_images[:300], "train_labels": some.train_labels[:300]}
    few |= {"test_images": some.test_images[:40], "test_labels": some.test_labels[:40]}
    monkeypatch.setattr(milestones, "digits", lambda: some._replace(**few))
    change("zero_pad", "### BEGIN", "zero_pad.calls = getattr(zero_pad, 'calls', 0) + 1\n    ###")
    own = milestones.own_functions(MILESTONES["4"][1], record.kept())
    before = inspect.unwrap(own["zero_pad"]).calls
    monkeypatch.setattr(milestones, "_linear_accuracy", lambda: 0.2)
    monkeypatch.setattr(milestones, "EPOCHS", 4)
    result = milestones._lenet(milestones.MilestoneRun(own))
    assert inspect.unwrap(own["zero_pad"]).calls == before + 10, "two layers for each of five parts"
    accuracy = result.record["accuracy"]
    assert accuracy > 0.2 and f"{accuracy:.1%}" in result.summary
    monkeypatch.setattr(milestones, "_linear_accuracy", lambda: 1.0)
    monkeypatch.setattr(milestones, "own_functions", lambda *_: own)
    monkeypatch.setattr(milestones, "_trained", lambda own, *_: milestones_start())
    milestone(4)
    assert shown == [] and record.kept()["milestones"] == {}


def milestones_start():
    rng = np.random.default_rng(0)
    shapes = {1: (5, 5, 1, 6), 2: (5, 5, 6, 16), 3: (64, 120), 4: (120, 84), 5: (84, 10)}
    found = {f"W{layer}": rng.normal(size=shape) for layer, shape in shapes.items()}
    biases = {1: (1, 1, 1, 6), 2: (1, 1, 1, 16), 3: (1, 120), 4: (1, 84), 5: (1, 10)}
    return found | {f"b{layer}": np.zeros(shape) for layer, shape in biases.items()}


@pytest.fixture
def fast(monkeypatch):
    """Replace the convolution with a fast one, and VGG-16's weights with a small network."""
    blocks = load_blocks()
    small = EdgeNetwork(blocks.blocks, blocks.sides, (np.array([0.4, 0.6]), 0.1))
    monkeypatch.setattr(milestones, "load_hed", lambda: small)
    return cell(IM2COL, __name__="__main__")["conv_forward_im2col"]


def test_the_fifth_runs_all_side_outputs_by_a_fast_convolution(shown, fast, monkeypatch):
    network = milestones.load_hed()
    photograph = milestones.photograph
    monkeypatch.setattr(milestones, "photograph", lambda name, size: photograph(name, 40))
    drawn = milestones.draw_with(fast, None, milestones.photograph("china.jpg", 40), network)
    np.testing.assert_allclose(drawn.edges, network.draw(drawn.photo), atol=1e-5)
    milestone(5, fast)
    kept = record.kept()["milestones"]["5"]
    assert "windows by your fast convolution" in kept["result"]
    assert kept["source"].endswith("conv_forward = conv_forward_im2col\n")


def test_the_fifth_says_what_is_missing(shown, fast, monkeypatch, capsys):
    milestone(5)
    assert "Pass your fast function" in capsys.readouterr().out
    milestone(5, lambda A_prev, W, b, hparameters: (None, ()))
    assert "does not pass the check of conv_forward yet" in capsys.readouterr().out
    monkeypatch.setattr(milestones, "PATIENCE", 0)
    milestone(5, fast)
    assert "it still computes one window at a time" in capsys.readouterr().out

    def missing():
        raise FileNotFoundError("they come with a package")

    monkeypatch.setattr(milestones, "load_hed", missing)
    milestone(5, fast)
    assert "VGG-16's weights are missing: they come with a package." in capsys.readouterr().out
    assert shown == [] and record.kept()["milestones"] == {}


def test_a_number_of_no_milestone_is_refused():
    with pytest.raises(ValueError, match="there is no milestone 6; there are 1, 2, 3, 4, 5"):
        milestone(6)


def test_the_page_holds_the_picture_the_functions_and_what_they_reached(learner, capsys):
    keep(record.kept()["exercises"], milestones={"4": {"date": "2026-01-03", "result": "95 %"}})
    picture = closing_page("flower.jpg", name="Ada & co")
    page = (learner / "closing_page.html").read_text()
    assert picture.data in page
    assert "<h1>Ada &amp; co wrote and tested LeNet from nothing</h1>" in page
    assert "Your LeNet reads digits better than a linear classifier: 95 %" in page
    assert page.count("<details>") == len(record.kept()["exercises"])
    assert "http" not in page.replace("http-equiv", "")
    assert verify() is True
    assert "13 of 13" not in capsys.readouterr().err


def test_a_page_whose_functions_were_changed_does_not_verify(learner, capsys):
    closing_page()
    assert (
        "tested the layers of a convolutional network"
        in (learner / "closing_page.html").read_text()
    )
    change("conv_forward", "h * stride", "h")
    page = page_to_keep._page(record.kept(), "", "", 1, [])
    (learner / "other.html").write_text(page)
    assert verify("other.html") is False
    assert "FAIL  conv_forward\n" in capsys.readouterr().out
    (learner / "none.html").write_text("<html>")
    with pytest.raises(ValueError, match="none.html is not a page written by closing_page"):
        verify("none.html")


def test_a_page_with_a_fast_convolution_is_drawn_and_verified_with_it(learner, fast, monkeypatch):
    photograph = milestones.photograph
    sizes = []
    monkeypatch.setattr(
        page_to_keep, "photograph", lambda name, size: sizes.append(size) or photograph(name, 24)
    )
    source = own_source("conv_forward", fast)
    reached = {"5": {"date": "2026-01-03", "result": "", "source": source}}
    keep(record.kept()["exercises"], milestones=reached)
    closing_page()
    closing_page(size=200)
    assert sizes == [640, 200]
    assert "by <code>conv_forward, fast</code>" in (learner / "closing_page.html").read_text()
    assert verify()


def test_in_colab_it_is_said_that_the_page_goes_with_the_session(learner, monkeypatch, capsys):
    closing_page()
    assert "Colab" not in capsys.readouterr().out
    monkeypatch.setattr(page_to_keep, "in_colab", lambda: True)
    closing_page()
    assert "download it from the Files panel" in capsys.readouterr().out


def test_there_is_no_page_before_the_second_milestone_opens(learner, capsys):
    keep({})
    assert closing_page() is None
    assert "There is no page yet. It opens when" in capsys.readouterr().out
    assert not (learner / "closing_page.html").exists()


@pytest.mark.parametrize(
    ("shape", "expected"), [((200, 300), 700), ((300, 200), 700), ((96, 128), 500)]
)
def test_the_closing_picture_is_wide_if_it_has_many_pixels(shape, expected):
    photo, zeros = np.zeros((*shape, 3), np.uint8), np.zeros(shape)
    picture = page_to_keep.closing_picture(photo, zeros, zeros, "your own layers")
    width, height = (int.from_bytes(picture.png[at : at + 4], "big") for at in (16, 20))
    assert width == expected and 500 < height < 900
    assert f"{shape[0]} x {shape[1]} pixels, drawn by your own layers." in picture.text
