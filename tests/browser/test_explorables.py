"""The explorables, in a page and in Jupyter, show the numbers of the NumPy functions.

A canvas stores the map that it draws (`explored`), and a cell of a grid its number (`data-value`).
"""

import itertools
import json
import re
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

matplotlib.use("Agg")

from convnet.edges import halved, load_blocks, normalized  # noqa: E402
from convnet.functional import (  # noqa: E402
    avg_pool2d,
    conv2d,
    conv_transpose2d,
    max_pool2d,
    relu,
)
from convnet.shapes import ShapeError  # noqa: E402
from convnet.sizes import conv_output_shape, conv_transpose_output_shape  # noqa: E402
from lesson_tools.explorables import (  # noqa: E402
    explore_activation,
    explore_edges,
    explore_kernel,
    explore_padding,
    explore_pooling,
    explore_sizes,
)
from tests.browser.jupyter import notebook, open_in_jupyter, run_all  # noqa: E402
from tests.browser.pages import picture  # noqa: E402

ROOT = Path(__file__).parents[2]
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
KERNELS = {"Sobel x": SOBEL, "blur": np.ones((3, 3)) / 9, "sharpen": np.eye(3)}
PHOTO = np.random.default_rng(1).integers(0, 256, size=(40, 60))
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>explorables</title>
<meta name="viewport" content="width=device-width">
<style>body {{ font: 16px sans-serif; margin: 8px; max-width: 720px }}
@media (prefers-color-scheme: dark) {{ body {{ background: #111; color: #eee }} }}</style></head>
<body>{}</body></html>"""


@pytest.fixture
def open_page(browser, tmp_path):
    """Return a function that opens explorables offline in a browser, and fails on script errors."""
    contexts, problems = [], []

    def open_page(*explorables, width=800, clock=False, **settings):
        path = tmp_path / "page.html"
        path.write_text(PAGE.format("".join(shown.data for shown in explorables)), "utf-8")
        viewport = {"width": width, "height": 900}
        context = browser.new_context(viewport=viewport, offline=True, **settings)
        contexts.append(context)
        page = context.new_page()
        if clock:  # time passes only in `page.clock.run_for`
            page.clock.install(time=0)
            page.clock.pause_at(1)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: problems.append(request.url) if away(request) else None)
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not problems


def away(request):
    return not request.url.startswith(("file:", "data:", "blob:"))


def canvas_of(page, name):
    """Return the canvas of the map whose description begins with a name."""
    return page.get_by_role("application", name=re.compile(f"^{name}"))


def map_of(page, name):
    """Return the numbers of a map."""
    canvas = canvas_of(page, name)
    text = "it => ({...it.explored, values: Array.from(it.explored.values)})"
    drawn = canvas.evaluate(text)
    return np.reshape(drawn["values"], (drawn["rows"], drawn["columns"]))


def grid_of(page, name):
    """Return a grid's numbers (nan in empty cells), and its hatched and its crossed cells."""
    cells = page.get_by_role("img", name=re.compile(f"^{name},")).evaluate("""drawing =>
        Array.from(drawing.querySelectorAll("g"), ({dataset: it}) =>
            [+it.row, +it.column, it.value ?? "nan", "hatched" in it, "crossed" in it])""")
    size = max(cell[0] for cell in cells) + 1, max(cell[1] for cell in cells) + 1
    columns = list(zip(*cells, strict=True))
    return tuple(np.reshape(columns[at], size).astype(kind) for at, kind in enumerate(KINDS, 2))


KINDS = (float, bool, bool)


def move(page, name, value):
    page.get_by_role("slider", name=name, exact=True).fill(str(value))


def correlated(X, W, **settings):
    W = np.asarray(W, dtype=float)[:, :, None, None]
    return conv2d(np.asarray(X, dtype=float)[None, :, :, None], W, **settings)[0, :, :, 0]


# ---- The kernel


def check_kernel(page, X, W):
    """Check the whole output, and the numbers of three windows."""
    Z = correlated(X, W)
    np.testing.assert_allclose(map_of(page, "The input"), X)
    np.testing.assert_allclose(map_of(page, "The output"), Z, rtol=1e-6, atol=1e-9)
    result = page.locator("[data-value]", has_text="output[")
    n_H, n_W = Z.shape
    for h, w in [(0, 0), (n_H - 1, n_W - 1), (n_H // 3, n_W // 2)]:
        move(page, "Output row", h)
        move(page, "Output column", w)
        patch = np.asarray(X)[h : h + 3, w : w + 3]
        np.testing.assert_allclose(grid_of(page, "Window")[0], patch)
        np.testing.assert_allclose(grid_of(page, "Products")[0], patch * W, rtol=1e-6, atol=1e-12)
        expect(result).to_contain_text(f"output[{h}, {w}] = ")
        shown = result.inner_text()
        assert float(shown.split(" = ")[-1]) == pytest.approx(Z[h, w], rel=1e-3, abs=1e-9)
        assert float(result.get_attribute("data-value")) == pytest.approx(
            Z[h, w], rel=1e-6, abs=1e-9
        )


def type_weights(page, W):
    for at, weight in enumerate(np.ravel(W)):
        page.get_by_label(f"Weight in row {at // 3}, column {at % 3}").fill(str(float(weight)))


@pytest.mark.parametrize("seed", range(4))
def test_the_output_of_a_kernel_is_that_of_conv2d(open_page, seed):
    rng = np.random.default_rng(seed)
    size = [(3, 3), (5, 17), (31, 8), (24, 25)][seed]
    X = rng.integers(0, 256, size) if seed < 2 else rng.normal(size=size)
    first, second = rng.integers(-4, 5, size=(3, 3)), rng.normal(size=(3, 3)).round(3)
    page = open_page(explore_kernel(X, {"first": first, "blur": np.ones((3, 3)) / 9}))
    check_kernel(page, X, first)
    page.get_by_role("button", name="blur").click()
    check_kernel(page, X, np.ones((3, 3)) / 9)
    expect(page.get_by_text("The weights add up to 1.")).to_be_visible()
    type_weights(page, second)
    check_kernel(page, X, second)
    assert page.locator("button[aria-pressed=true]", has_text="blur").count() == 0


def test_colors_tell_the_sign(open_page):
    step = np.tile([[200.0] * 6 + [10] * 6 + [200] * 6], (8, 1))
    page = open_page(explore_kernel(step, KERNELS))
    canvas = canvas_of(page, "The output")
    colors = canvas.evaluate("""it => [4, 8, 10].map(column =>
        Array.from(it.getContext("2d").getImageData(column, 2, 1, 1).data))""")
    Z = correlated(step, SOBEL)[2, [4, 8, 10]]
    assert Z[0] < 0 == Z[1] < Z[2]
    cmap = matplotlib.colormaps["PuOr"]
    for color, value in zip(colors, Z, strict=True):
        expected = 255 * np.array(cmap(0.5 + value / (2 * np.abs(Z).max())))
        np.testing.assert_allclose(color, expected, atol=3)


@pytest.mark.parametrize("width", [360, 1000])
def test_a_weight_is_read_whole_in_its_field(open_page, width):
    page = open_page(explore_kernel(PHOTO, {"mean": -np.ones((3, 3)) / 9}), width=width)
    field = page.get_by_label("Weight in row 0, column 0")
    expect(field).to_have_value("-0.1111")
    assert field.evaluate("it => it.scrollWidth <= it.clientWidth")


def test_a_weight_is_a_number_or_a_fraction(open_page):
    page = open_page(explore_kernel(PHOTO, KERNELS))
    field = page.get_by_label("Weight in row 1, column 1")
    W = SOBEL.astype(float)
    for text, W[1, 1] in (
        ("0.5", 0.5),
        ("0,5", 0.5),  # in many languages, a comma is the decimal mark
        ("−1,25", -1.25),
        ("0,5/1,6", 0.3125),
        ("1/9", 1 / 9),
    ):
        field.fill(text)
        expect(field).to_have_attribute("aria-invalid", "false")
        np.testing.assert_allclose(
            map_of(page, "The output"), correlated(PHOTO, W), rtol=1e-6, atol=1e-9
        )
    why = page.get_by_text("is not a number, so the weight stays 0.1111. Type a number such as 2")
    for wrong in ("two", "", "-", "1/0", "1e999", "1,2,3", "1.000,5", ",", "1/"):
        field.fill("1/9")
        expect(why).to_have_count(0)
        field.fill(wrong)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(why).to_have_count(int(wrong == "two"))  # the others may be only begun
    np.testing.assert_allclose(
        map_of(page, "The output"), correlated(PHOTO, W), rtol=1e-6, atol=1e-9
    )
    field.press("Tab")  # the last number is kept
    expect(why).to_have_text(re.compile('^Weight in row 1, column 1: "1/" is not a number'))
    expect(page.get_by_role("status").filter(has_text="is not a number")).to_have_count(1)
    expect(field).to_have_value("0.1111")
    expect(field).to_have_attribute("aria-invalid", "false")
    field.press("ArrowUp")
    expect(why).to_have_count(0)
    W[1, 1] += 1
    np.testing.assert_allclose(
        map_of(page, "The output"), correlated(PHOTO, W), rtol=1e-6, atol=1e-9
    )


def test_the_pointer_chooses_the_window(open_page):
    page = open_page(explore_kernel(PHOTO, KERNELS))
    result = page.get_by_text(re.compile(r"^output\["))

    def point(name, row, column):
        canvas = canvas_of(page, name)
        box = canvas.bounding_box()
        n_H, n_W = map_of(page, name).shape
        x, y = box["width"] * (column + 0.5) / n_W, box["height"] * (row + 0.5) / n_H
        page.mouse.move(box["x"] + x, box["y"] + y)

    point("The output", 7, 9)
    expect(result).to_contain_text("output[7, 9] = ")
    point("The input", 7, 9)  # the middle of the window
    expect(result).to_contain_text("output[6, 8] = ")
    page.mouse.down()
    page.mouse.up()
    point("The input", 20, 20)
    expect(result).to_contain_text("output[6, 8] = ")  # the selection is held
    page.mouse.down()
    page.mouse.up()
    expect(result).to_contain_text("output[19, 19] = ")
    point("The input", 0, 0)
    expect(result).to_contain_text("output[0, 0] = ")


def kernel_at(page):
    """Return the position in the sentence that shows the output value."""
    text = page.get_by_text(re.compile(r"^output\[")).inner_text()
    return tuple(map(int, re.match(r"output\[(\d+), (\d+)\]", text).groups()))


@pytest.mark.parametrize("name", ["The input", "The output"])
def test_arrow_keys_move_the_window(open_page, name):
    page = open_page(explore_kernel(PHOTO, KERNELS))
    page.set_viewport_size({"width": 800, "height": 300})  # a page that arrow keys could scroll
    expect(page.get_by_text("use the arrow keys")).to_be_visible()
    canvas = canvas_of(page, name)
    expect(canvas).to_have_accessible_name(re.compile("Arrow keys move the outline"))
    canvas.focus()
    scrolled = page.evaluate("scrollY")
    assert kernel_at(page) == (20, 30)
    for keys, place in [
        ("ArrowRight", (20, 31)),
        ("ArrowDown", (21, 31)),
        ("ArrowLeft", (21, 30)),
        ("Shift+ArrowUp", (11, 30)),
        ("Shift+ArrowRight", (11, 40)),
        ("Shift+ArrowUp", (1, 40)),
        ("Shift+ArrowUp", (0, 40)),  # at most to the border
    ]:
        page.keyboard.press(keys)
        assert kernel_at(page) == place
    assert page.evaluate("scrollY") == scrolled
    expect(page.get_by_role("slider", name="Output column")).to_have_value("40")


HEARD = """status => {
    window.heard = [];
    new MutationObserver(() => {
        if (status.getAttribute("aria-live") !== "polite") return;
        const spoken = status.cloneNode(true);
        spoken.querySelectorAll("[aria-hidden=true]").forEach(it => it.remove());
        heard.push(spoken.textContent);
    }).observe(status, {childList: true});
}"""


def test_a_screen_reader_hears_where_the_window_has_stopped(open_page):
    page = open_page(explore_kernel(PHOTO, KERNELS), clock=True)
    page.get_by_text(re.compile(r"^output\[")).evaluate(HEARD)
    canvas_of(page, "The output").focus()
    Z = correlated(PHOTO, SOBEL)
    for key, (h, w) in (("ArrowRight", (20, 45)), ("ArrowUp", (5, 45))):
        for _ in range(15):  # a key is held
            page.keyboard.press(key)
            page.clock.run_for(30)
        assert len(page.evaluate("heard")) < 2
        page.clock.run_for(1000)
        assert page.evaluate("heard.splice(0)") == [f"output[{h}, {w}] = {Z[h, w]:.0f}"]
    button = page.get_by_role("button", name="Play")
    button.focus()
    button.press("Enter")
    page.clock.run_for(5000)
    assert page.evaluate("heard") == []
    page.get_by_role("button", name="Pause").press("Enter")
    page.clock.run_for(1000)
    h, w = kernel_at(page)
    assert page.evaluate("heard") == [f"output[{h}, {w}] = {Z[h, w]:.0f}"]


def test_the_sliding_kernel_fills_the_output(open_page):
    page = open_page(explore_kernel(PHOTO, KERNELS), clock=True)
    canvas = canvas_of(page, "The output")
    total = 38 * 58

    def filled():
        alpha = canvas.evaluate("""it => Array.from(it.getContext("2d")
            .getImageData(0, 0, it.width, it.height).data).filter((_, at) => at % 4 === 3)""")
        count = alpha.count(255)
        assert alpha == count * [255] + (total - count) * [0]  # row by row
        return count

    def filled_to_the_window():
        h, w = kernel_at(page)
        assert filled() == 58 * h + w + 1
        return filled()

    play, pause = (page.get_by_role("button", name=name) for name in ("Play", "Pause"))
    assert filled() == total
    play.click()
    page.clock.run_for(2000)
    assert filled_to_the_window() in (8, 9, 10)  # four values a second
    page.get_by_role("button", name="blur").click()  # slides on, with other weights
    assert filled_to_the_window() in (8, 9, 10)
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 90, box["y"] + 90)  # on its way to the button
    pause.click()
    stopped = filled_to_the_window()
    page.clock.run_for(5000)
    assert filled_to_the_window() == stopped
    play.click()
    page.clock.run_for(1000)
    assert filled_to_the_window() - stopped in (4, 5, 6)
    page.mouse.click(box["x"] + 1, box["y"] + 1)  # takes the window
    expect(play).to_be_visible()
    assert (kernel_at(page), filled()) == ((0, 0), total)
    page.get_by_role("button", name="fast").click()
    play.click()
    page.clock.run_for(10_000)
    assert total / 3 < filled_to_the_window() < total
    page.clock.run_for(12_000)
    expect(play).to_be_visible()  # it stops at the end
    assert filled_to_the_window() == total
    play.click()  # once more, from the beginning
    page.clock.run_for(100)
    assert filled_to_the_window() < 40


def test_a_kernel_that_is_out_of_sight_does_not_slide(open_page):
    page = open_page(explore_kernel(PHOTO, KERNELS))
    page.evaluate("document.body.style.paddingBottom = '3000px'")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_text(re.compile(r"^output\[0, [1-9]"))).to_be_visible()
    page.evaluate("scrollTo(0, 3000)")
    expect(page.get_by_role("button", name="Play")).to_be_attached()
    page.evaluate("scrollTo(0, 0)")
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)


def test_with_reduced_motion_the_kernel_goes_one_position_at_a_time(open_page):
    page = open_page(explore_kernel(PHOTO, KERNELS), clock=True, reduced_motion="reduce")
    expect(page.get_by_role("button", name="Play")).to_have_count(0)
    expect(page.get_by_role("button", name="fast")).to_have_count(0)
    for place in ((0, 0), (0, 1), (0, 2)):
        page.get_by_role("button", name="Next position").click()
        page.clock.run_for(3000)
        assert kernel_at(page) == place


def test_touch_chooses_the_window(open_page):
    page = open_page(explore_kernel(PHOTO, KERNELS), width=380, has_touch=True, is_mobile=True)
    canvas = canvas_of(page, "The output")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for row, column in ((3, 50), (30, 2)):
        x, y = box["width"] * (column + 0.5) / 58, box["height"] * (row + 0.5) / 38
        canvas.tap(position={"x": x, "y": y})
        text = re.compile(rf"^output\[{row}, {column}\] = ")
        expect(page.get_by_text(text)).to_be_visible()
    page.get_by_role("button", name="blur").tap()
    np.testing.assert_allclose(
        map_of(page, "The output"), correlated(PHOTO, np.ones((3, 3)) / 9), rtol=1e-6
    )


def test_own_picture_stays_here(open_page, tmp_path):
    page = open_page(explore_kernel(PHOTO, KERNELS))
    colors = np.random.default_rng(5).integers(0, 256, (50, 34, 3)).astype(np.uint8)
    Image.fromarray(colors).save(tmp_path / "own.png")
    (tmp_path / "text.png").write_text("no image")
    for name in ("text.png", "own.png"):
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Own picture").click()
        chooser.value.set_files(tmp_path / name)
        said = "is no image" if name == "text.png" else "stays in this page: nothing is sent"
        expect(page.get_by_text(said)).to_be_visible()
    check_kernel(page, colors.mean(axis=2).round(), SOBEL)
    page.get_by_role("button", name="Original").click()
    check_kernel(page, PHOTO, SOBEL)


def test_a_large_picture_is_reduced(open_page, tmp_path):
    page = open_page(explore_kernel(PHOTO, KERNELS))
    Image.new("RGB", (1601, 802), (255, 0, 0)).save(tmp_path / "large.png")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Own picture").click()
    chooser.value.set_files(tmp_path / "large.png")
    expect(page.get_by_text("input, 160 x 320")).to_be_visible()
    np.testing.assert_array_equal(map_of(page, "The input"), np.full((160, 320), 85))


def test_the_camera_is_asked_for_and_let_go(open_page):
    page = open_page(explore_kernel(PHOTO, KERNELS))
    page.evaluate("""() => {
        // A camera that shows three stripes, and counts how often it is asked for and stopped.
        const canvas = Object.assign(document.createElement("canvas"), {width: 60, height: 40});
        const context = canvas.getContext("2d");
        window.asked = window.stopped = 0;
        const paint = () => ["#f00", "#0f0", "#00f"].forEach((color, at) => {
            context.fillStyle = color;
            context.fillRect(20 * at, 0, 20, 40);
        });
        setInterval(paint, 50);
        const getUserMedia = async () => {
            window.asked++;
            const stream = canvas.captureStream(20);
            const [track] = stream.getTracks();
            const stop = track.stop.bind(track);
            track.stop = () => (window.stopped++, stop());
            return stream;
        };
        const devices = {getUserMedia};
        Object.defineProperty(navigator, "mediaDevices", {value: devices, configurable: true});
    }""")
    page.get_by_role("button", name="Camera").click()
    take = page.get_by_role("button", name="Take the picture")
    expect(take).to_be_visible(timeout=30_000)
    expect(page.get_by_text("stays in this page: nothing is sent")).to_be_visible()
    expect(page.get_by_text("input, 40 x 60")).to_be_visible()
    take.click()
    expect(page.get_by_role("button", name="Camera")).to_be_visible()
    assert page.evaluate("[asked, stopped]") == [1, 1]
    X = map_of(page, "The input")
    assert np.all(np.ptp(X, axis=0) < 12)  # stripes
    np.testing.assert_allclose(map_of(page, "The output"), correlated(X, SOBEL))
    page.evaluate("() => { delete navigator.mediaDevices.getUserMedia }")
    page.get_by_role("button", name="Camera").click()
    expect(page.get_by_text("There is no camera that this page may use.")).to_be_visible()
    np.testing.assert_array_equal(map_of(page, "The input"), X)


# ---- Sizes


def check_sizes(page, given, transposed):
    """Check the formula's numbers, and the last step's output or the message that there is none."""
    rng = np.random.default_rng(0)
    X, W = rng.integers(0, 10, size=(8, 8)), rng.integers(-2, 4, size=(5, 5))
    A, f, d = X[: given["rows"], : given["columns"]], given["f"], given["dilation"]
    kernel = np.zeros((d * (f - 1) + 1,) * 2)
    kernel[::d, ::d] = W[:f, :f]
    pads = {"stride": given["stride"], "padding": given["padding"]}
    formula = page.get_by_text(re.compile("Output size: ")).inner_text()
    found = formula.split("rows;") if "rows;" in formula else [formula, formula]
    shown = [int(re.findall(r"= (-?\d+)", part)[-1]) for part in found]
    steps = page.get_by_role("slider", name="Step")
    if steps.is_enabled():
        steps.press("End")
    output = page.get_by_role("img", name=re.compile("^Output so far"))
    try:
        if transposed:
            pads["output_padding"] = given["output_padding"]
            size = conv_transpose_output_shape(A.shape, len(kernel), **pads)
            Z = conv_transpose2d(A[None, :, :, None] * 1.0, kernel[:, :, None, None], **pads)
            Z = Z[0, :, :, 0]
        else:
            size = conv_output_shape(A.shape, len(kernel), **pads)
            Z = correlated(A, kernel, **pads)
    except ShapeError as error:
        assert min(shown) < 1, error
        expect(output).to_have_count(0)
        expect(page.get_by_text(re.compile("no position for it|nothing is left"))).to_be_visible()
        return False
    assert tuple(shown) == size
    values, hatched, crossed = grid_of(page, "Output so far")
    if transposed:
        np.testing.assert_array_equal(values[~hatched].reshape(size), Z)
        reached = conv_transpose2d(
            np.ones((1, *A.shape, 1)), (np.abs(_ones(f, d)))[:, :, None, None], **pads
        )[0, :, :, 0]
        np.testing.assert_array_equal(crossed[~hatched].reshape(size), reached == 0)
    else:
        np.testing.assert_array_equal(values, Z)
        padded, padding, unread = grid_of(page, "Input")
        np.testing.assert_array_equal(padded, np.pad(A, given["padding"]))
        np.testing.assert_array_equal(padded[~padding], A.ravel())
        read = conv_transpose2d(
            np.ones((1, *size, 1)), _ones(f, d)[:, :, None, None], **{**pads, "padding": 0}
        )[0, :, :, 0]
        everything = np.zeros(padded.shape)
        everything[: read.shape[0], : read.shape[1]] = read
        np.testing.assert_array_equal(unread, (everything == 0) & ~padding)
    return True


def _ones(f, d):
    kernel = np.zeros((d * (f - 1) + 1,) * 2)
    kernel[::d, ::d] = 1
    return kernel


RANGES = {
    "rows": ("Input rows", 1, 8),
    "columns": ("Input columns", 1, 8),
    "f": ("Kernel size f", 1, 5),
    "stride": ("Stride s", 1, 4),
    "padding": ("Padding p", 0, 4),
    "dilation": ("Dilation d", 1, 3),
}


@pytest.mark.parametrize("transposed", [False, True])
def test_sizes_and_values_are_those_of_our_functions(open_page, transposed):
    page = open_page(explore_sizes())
    if transposed:
        page.get_by_role("button", name="transposed convolution").click()
    rng = np.random.default_rng(7)
    fitted = 0
    for _ in range(30):
        given = {name: int(rng.integers(low, high + 1)) for name, (_, low, high) in RANGES.items()}
        for name, value in given.items():
            move(page, RANGES[name][0], value)
        slider = page.get_by_role("slider", name="Output padding a")
        if transposed and given["stride"] > 1:
            given["output_padding"] = int(rng.integers(0, given["stride"]))
            slider.fill(str(given["output_padding"]))
        else:
            expect(slider).to_be_disabled()
            given["output_padding"] = 0
        fitted += check_sizes(page, given, transposed)
    assert 10 < fitted < 30


def test_steps_fill_the_output(open_page):
    page = open_page(explore_sizes(4, 5, f=2))
    Z = grid_of(page, "Output so far")[0]
    assert np.isnan(Z).sum() == 11 and not np.isnan(Z[0, 0])
    button = page.get_by_role("button", name="Next")
    for step in range(2, 13):
        button.click()
        assert np.isnan(grid_of(page, "Output so far")[0]).sum() == 12 - step
    button.click(force=True)
    expect(button).to_have_attribute("aria-disabled", "true")
    page.locator("[aria-label^='Output so far'] [data-row='1'][data-column='2']").click()
    expect(page.get_by_text(re.compile(r"^output\[1, 2\] = "))).to_be_visible()
    assert np.isnan(grid_of(page, "Output so far")[0]).sum() == 5
    page.get_by_role("slider", name="Step").press("Home")
    assert np.isnan(grid_of(page, "Output so far")[0]).sum() == 11


# ---- The edge network

LAYERS = [
    "block 1, convolution 1",
    "block 1, convolution 2",
    "pooling",
    "block 2, convolution 1",
    "block 2, convolution 2",
    "side output",
    "edges",
]
COLORS = np.random.default_rng(2).integers(0, 256, (2, 26, 36, 3)).astype(np.uint8)


def volumes_of(photo):
    """Return each layer's input and output, (n_H, n_W, n_C), and weights, computed by NumPy."""
    network, maps = load_blocks(), normalized(photo)
    volumes, weights = [maps], [None]
    for number, block in enumerate(network.blocks):
        if number:
            maps = halved(maps)
            volumes.append(maps)
            weights.append(None)
        for W, b in block:
            maps = relu(conv2d(maps, W, b, padding=1))
            volumes.append(maps)
            weights.append((W, b))
    volumes.append(conv2d(maps, *network.sides[1]))
    volumes.append(network.draw(photo)[None, ..., None])
    weights += [network.sides[1], None]
    return [volume[0] for volume in volumes], weights


def check_edges(page, photo):
    """Check all values of each layer, and the inputs of one value of each."""
    expect(page.get_by_role("progressbar")).to_be_hidden(timeout=120_000)
    volumes, weights = volumes_of(photo)
    for at, name in enumerate(LAYERS, 1):
        page.get_by_role("button", name=name, exact=True).click()
        expected = volumes[at]
        close = {"rtol": 1e-4, "atol": 1e-5 * float(np.abs(expected).max())}
        n_H, n_W, n_C = expected.shape
        if n_C > 1:
            sheet = canvas_of(page, f"The maps of all {n_C} channels")
            values = sheet.evaluate("it => Array.from(it.explored.volume.values)")
            values = np.reshape(values, (n_C, n_H, n_W)).transpose(1, 2, 0)
            np.testing.assert_allclose(values, expected, **close)
            move(page, "Channel", n_C // 3)
        c, h, w = (n_C // 3 if n_C > 1 else 0), n_H - 1, n_W // 2
        np.testing.assert_allclose(map_of(page, "The map of"), expected[..., c], **close)
        move(page, "Row", h)
        move(page, "Column", w)
        sentence = page.locator("[data-sum]")
        value = pytest.approx(float(expected[h, w, c]), rel=1e-4, abs=close["atol"])
        assert float(sentence.get_attribute("data-value")) == value
        if not weights[at]:
            continue
        W, b = weights[at]
        pad = len(W) // 2
        padded = np.pad(volumes[at - 1], ((pad, pad), (pad, pad), (0, 0)))
        patch = padded[h : h + len(W), w : w + len(W)]
        products = patch * W[..., c]
        bars = page.locator("[aria-label^='Contributions'] rect[data-value]")
        shown = bars.evaluate_all("all => all.map(it => Number(it.dataset.value))")
        scale = float(np.abs(products).sum())
        np.testing.assert_allclose(shown, products.sum(axis=(0, 1)), atol=1e-5 * scale)
        total = pytest.approx(float(products.sum() + b[c]), abs=1e-5 * scale)
        assert float(sentence.get_attribute("data-sum")) == total
        largest = int(page.get_by_role("slider", name="Input channel").input_value())
        assert abs(shown[largest]) == max(map(abs, shown))  # it is selected by default
        for k in (largest, W.shape[2] - 1):
            move(page, "Input channel", k)
            grids = {"Window": patch, "Kernel": W[..., c], "Products": products}
            for grid, numbers in grids.items():
                drawn = grid_of(page, grid)[0]
                np.testing.assert_allclose(drawn, numbers[..., k], rtol=1e-4, atol=1e-5 * scale)


def test_each_layer_of_the_edge_network_is_that_of_numpy(open_page, tmp_path):
    page = open_page(explore_edges(COLORS[0]))
    check_edges(page, COLORS[0])
    Image.fromarray(COLORS[1]).save(tmp_path / "own.png")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Own picture").click()
    chooser.value.set_files(tmp_path / "own.png")
    expect(page.get_by_text("stays in this page: nothing is sent")).to_be_visible()
    check_edges(page, COLORS[1])


def test_a_window_of_pooling_and_a_receptive_field(open_page):
    page = open_page(explore_edges(COLORS[0]))
    expect(page.get_by_role("progressbar")).to_be_hidden(timeout=120_000)
    page.get_by_role("button", name="pooling", exact=True).click()
    move(page, "Row", 5)
    move(page, "Column", 7)
    window = grid_of(page, "Window")[0]
    channel = int(page.get_by_role("slider", name="Channel", exact=True).input_value())
    volumes, _ = volumes_of(COLORS[0])
    np.testing.assert_allclose(window, volumes[2][10:12, 14:16, channel], rtol=1e-4)
    for layer, size in (("block 1, convolution 1", 3), ("block 1, convolution 2", 5)):
        page.get_by_role("button", name=layer, exact=True).click()
        move(page, "Row", 12)
        mark = page.locator(".lesson-explorable-mark").first
        height = mark.evaluate("it => it.style.height")
        assert float(re.search(r"([\d.]+)%", height)[1]) == pytest.approx(100 * size / 26, rel=1e-4)
    page.get_by_role("button", name="block 2, convolution 2", exact=True).click()
    move(page, "Row", 6)
    height = mark.evaluate("it => it.style.height")
    assert float(re.search(r"([\d.]+)%", height)[1]) == pytest.approx(100 * 14 / 26, rel=1e-4)


def test_the_overview_leads_from_the_photograph_to_the_edges(open_page):
    page = open_page(explore_edges(COLORS[0]))
    expect(page.get_by_role("progressbar")).to_be_hidden(timeout=120_000)
    overview = page.get_by_role("toolbar", name="Layers")
    photo = overview.get_by_role("img", name="The picture")
    pixels = "it => Array.from(it.getContext('2d').getImageData(0, 0, it.width, it.height).data)"
    colors = np.reshape(photo.evaluate(pixels), (26, 36, 4))
    np.testing.assert_array_equal(colors[..., :3], COLORS[0])
    layers = [overview.get_by_role("button", name=name, exact=True) for name in LAYERS]
    boxes = [photo.bounding_box(), *(layer.bounding_box() for layer in layers)]
    assert all(one["x"] + one["width"] < two["x"] for one, two in itertools.pairwise(boxes))
    assert len({box["y"] for box in boxes[1:]}) == 1  # one row
    volumes, _ = volumes_of(COLORS[0])
    for name, volume in zip(LAYERS, volumes[1:], strict=True):
        n_C = volume.shape[2]
        channels = np.argsort(-volume.mean(axis=(0, 1)), kind="stable")[:4]
        for c in channels:
            title = f"{name}, channel {c}" if n_C > 1 else name
            thumbnail = overview.get_by_role("button", name=f"map of {title}", exact=True)
            thumbnail.click()
            expect(canvas_of(page, f"The map of {title},")).to_be_visible()
            expected = volume[..., c]
            np.testing.assert_allclose(
                map_of(page, f"The map of {title},"), expected, rtol=1e-4, atol=1e-2
            )
            drawn = np.reshape(thumbnail.locator("canvas").evaluate(pixels), (*expected.shape, 4))
            shown = canvas_of(page, f"The map of {title},").evaluate(pixels)
            np.testing.assert_array_equal(drawn, np.reshape(shown, drawn.shape))
            pressed = overview.locator("[aria-pressed=true]")
            expect(pressed).to_have_count(2)
            expect(pressed.first).to_have_text(name)
            expect(pressed.last).to_have_accessible_name(f"map of {title}")
            if n_C > 1:
                expect(page.get_by_role("slider", name="Channel", exact=True)).to_have_value(str(c))
    expect(overview.get_by_role("button", name="map of")).to_have_count(5 * 4 + 2)


def test_keys_choose_a_map_in_the_overview(open_page):
    page = open_page(explore_edges(COLORS[0]))
    expect(page.get_by_role("progressbar")).to_be_hidden(timeout=120_000)
    focused = (
        "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
    )
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == LAYERS[0]
    strongest = np.argsort(-volumes_of(COLORS[0])[0][4].mean(axis=(0, 1)))
    for keys, name in [
        ("ArrowLeft", LAYERS[0]),  # the photograph is no layer
        ("ArrowRight", LAYERS[1]),
        ("ArrowRight", LAYERS[2]),
        ("ArrowRight", LAYERS[3]),
        ("ArrowDown", f"map of {LAYERS[3]}, channel {strongest[0]}"),
        ("ArrowDown", f"map of {LAYERS[3]}, channel {strongest[1]}"),
    ]:
        page.keyboard.press(keys)
        assert page.evaluate(focused) == name
    page.keyboard.press("Enter")
    expect(canvas_of(page, f"The map of {LAYERS[3]}, channel {strongest[1]},")).to_be_visible()
    page.keyboard.press("Tab")  # to the picture, past all other layers and maps
    assert page.evaluate(focused).startswith("The picture")


def test_keys_move_the_place_and_the_channel_of_the_edge_network(open_page):
    page = open_page(explore_edges(COLORS[0]))
    expect(page.get_by_role("progressbar")).to_be_hidden(timeout=120_000)
    row, column, channel = (
        page.get_by_role("slider", name=name, exact=True) for name in ("Row", "Column", "Channel")
    )
    for name in ("The picture, 26 x 36", "The map of"):
        h, w = int(row.input_value()), int(column.input_value())
        canvas_of(page, name).focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowLeft")
        expect(row).to_have_value(str(h + 1))
        expect(column).to_have_value(str(w - 1))
    channel.fill("0")
    canvas_of(page, "The maps of all").focus()
    for keys, c in (("ArrowRight", 1), ("ArrowDown", 17), ("ArrowLeft", 16), ("ArrowUp", 0)):
        page.keyboard.press(keys)
        expect(channel).to_have_value(str(c))
    page.keyboard.press("ArrowUp")
    expect(channel).to_have_value("0")


# ---- Padding

MODES = ("constant", "edge", "reflect", "symmetric", "wrap")


def check_padding(page, X, padding, mode, W):
    """Check the padded image, its output, the sentence on the border, and three windows."""
    padded = np.pad(X, padding, mode=mode)
    hatched = np.pad(np.zeros(X.shape, bool), padding, constant_values=True)
    Z = correlated(padded, W)
    np.testing.assert_array_equal(map_of(page, "The padded image"), padded)
    np.testing.assert_allclose(map_of(page, "The output"), Z, rtol=1e-6, atol=1e-9)
    expect(page.get_by_text(f'np.pad(image, {padding}, mode="{mode}")')).to_be_visible()
    border = correlated(hatched, np.ones((3, 3))) > 0
    if padding:
        effect = page.get_by_text("depend on the padding").inner_text()
        parts = [np.abs(Z[border]), np.abs(Z[~border])]
        numbers = [border.sum(), Z.size, *(f(part) for part in parts for f in (np.mean, np.max))]
        shown = [float(number) for number in re.findall(r"-?[\d.]*\d", effect)]
        assert shown == pytest.approx(numbers, rel=1e-3, abs=1e-9)
    else:
        expect(page.get_by_text("the output is smaller than the image")).to_be_visible()
    n_H, n_W = Z.shape
    for h, w in [(0, 0), (n_H // 2, n_W - 1), (n_H - 1, n_W // 3)]:
        move(page, "Output row", h)
        move(page, "Output column", w)
        patch, part = (slice(h, h + 3), slice(w, w + 3)), grid_of(page, "Window")
        np.testing.assert_array_equal(part[0], padded[patch])
        np.testing.assert_array_equal(part[1], hatched[patch])
        products = grid_of(page, "Products")[0]
        np.testing.assert_allclose(products, padded[patch] * W, rtol=1e-6, atol=1e-12)
        result = page.get_by_text(f"output[{h}, {w}] = ").inner_text()
        assert float(result.split(" = ")[-1]) == pytest.approx(Z[h, w], rel=1e-3, abs=1e-9)


@pytest.mark.parametrize("size", [(3, 4), (12, 12), (20, 31)])
def test_the_padded_image_and_its_output_are_those_of_numpy(open_page, size):
    X = np.random.default_rng(size[1]).integers(0, 256, size)
    page = open_page(explore_padding(X))
    check_padding(page, X, 1, "constant", np.ones((3, 3)) / 9)
    for number, mode in enumerate(MODES):
        page.get_by_role("button", name=mode).click()
        page.get_by_role("button", name="Sobel x" if number % 2 else "blur").click()
        for padding in (0, 1, 2, 8):
            move(page, "Padding p", padding)
            check_padding(page, X, padding, mode, SOBEL if number % 2 else np.ones((3, 3)) / 9)


def test_frames_divide_what_depends_on_the_padding(open_page):
    page = open_page(explore_padding(PHOTO[:10, :20]))
    move(page, "Padding p", 3)
    frames = page.locator(".lesson-explorable-frame")
    for at, (inner, outer) in enumerate([((10, 20), (16, 26)), ((8, 18), (14, 24))]):
        frame, canvas = (
            it.bounding_box() for it in (frames.nth(at), page.locator("canvas").nth(at))
        )
        for axis, (start, length) in enumerate((("y", "height"), ("x", "width"))):
            pixel = canvas[length] / outer[axis]
            assert frame[length] / pixel == pytest.approx(inner[axis], abs=0.1)
            assert (frame[start] - canvas[start]) / pixel == pytest.approx(3, abs=0.1)


def test_the_selected_value_stays_at_its_place_of_the_image(open_page):
    page = open_page(explore_padding(PHOTO[:10, :20]))
    move(page, "Output row", 4)
    move(page, "Output column", 0)
    move(page, "Padding p", 5)
    expect(page.get_by_text(re.compile(r"^output\[8, 4\] = "))).to_be_visible()


# ---- Pooling


@pytest.mark.parametrize("size", [(6, 10), (11, 19), (40, 60)])
def test_pooled_maps_and_what_changes_are_those_of_numpy(open_page, size):
    X = np.random.default_rng(size[0]).integers(0, 4, size)  # with equal neighbors
    page = open_page(explore_pooling(X, 3))
    expect(page.get_by_role("button", name="f = 3")).to_have_attribute("aria-pressed", "true")
    pools = {"max": max_pool2d, "average": avg_pool2d}

    def maps(shift, f, kind):
        moved = X[:, 4 - shift : X.shape[1] - shift].astype(float)
        features = relu(correlated(moved, SOBEL))
        return moved, features, pools[kind](features[None, :, :, None], f)[0, :, :, 0]

    for kind in pools:
        page.get_by_role("button", name=kind, exact=True).click()
        for f, shift in [(2, 1), (2, 4), (3, 2), (4, 3), (4, 0)]:
            page.get_by_role("button", name=f"f = {f}").click()
            move(page, "Shift in pixels", shift)
            before, after = maps(0, f, kind), maps(shift, f, kind)
            names = ("The image", "The feature map", "The pooled map")
            for name, expected in zip(names, after, strict=True):
                np.testing.assert_allclose(map_of(page, name), expected)
            change = map_of(page, "The change of the pooled map")
            np.testing.assert_allclose(change, after[2] - before[2], atol=1e-12)
            n_H, n_W = after[2].shape
            for h, w in [(0, 0), (n_H - 1, n_W - 1)]:
                move(page, "Pooled row", h)
                move(page, "Pooled column", w)
                place = slice(h * f, h * f + f), slice(w * f, w * f + f)
                for name, features in (("Window at shift 0", before[1]), ("Window now", after[1])):
                    np.testing.assert_array_equal(grid_of(page, name)[0], features[place])
                result = page.get_by_text(f"pooled[{h}, {w}] = ").inner_text()
                value, *old = map(float, re.findall(r"(?:values =|0:) ([\d.]*\d)", result))
                assert value == pytest.approx(after[2][h, w], rel=1e-3)
                same = np.isclose(before[2][h, w], after[2][h, w])
                assert old == ([] if same else [pytest.approx(before[2][h, w], rel=1e-3)])
            if not shift:
                expect(page.get_by_text("Since shift 0")).to_have_count(0)
                continue
            sentence = page.get_by_text("Since shift 0").inner_text()
            shown = re.findall(r"(\d+) of (\d+) values[^,(]*(?:\([^)]* (\d+)%\))?[,.]", sentence)
            for (count, total, relative), old, new in zip(shown, before, after, strict=True):
                assert (int(count), int(total)) == ((~np.isclose(old, new)).sum(), old.size)
                contrast = np.linalg.norm(old - old.mean())
                assert bool(relative) == (contrast > 0)  # a pooled map can be a single value
                if relative:
                    share = np.linalg.norm(new - old) / contrast
                    assert int(relative) == pytest.approx(100 * share, abs=0.51)


def test_the_relative_change_does_not_depend_on_the_brightness(open_page):
    sentences = []
    for image in (PHOTO, PHOTO + 1000):
        page = open_page(explore_pooling(image))
        move(page, "Shift in pixels", 1)
        sentences.append(page.get_by_text("Since shift 0").inner_text())
    assert sentences[0] == sentences[1]


@pytest.mark.parametrize("step", [-1, 0.1])  # the feature map is 0, or the same everywhere
def test_a_constant_feature_map_has_no_relative_change(open_page, step):
    page = open_page(explore_pooling(np.tile(step * np.arange(20), (8, 1))))
    move(page, "Shift in pixels", 1)
    sentence = page.get_by_text("Since shift 0")
    expect(sentence).to_contain_text("0 of 84 values of the feature map, 0 of 21 values")


def test_a_click_chooses_the_window_of_pooling(open_page):
    page = open_page(explore_pooling(PHOTO, 4))
    for name, size, point, expected in [
        ("The feature map", (38, 54), (13, 50), (3, 12)),
        ("The pooled map", (9, 13), (8, 0), (8, 0)),
        ("The image", (40, 56), (13, 50), (3, 12)),
    ]:
        canvas = canvas_of(page, name)
        box = canvas.bounding_box()
        row, column = ((place + 0.5) / count for place, count in zip(point, size, strict=True))
        page.mouse.move(box["x"] + box["width"] * column, box["y"] + box["height"] * row)
        text = re.compile(rf"^pooled\[{expected[0]}, {expected[1]}\] = ")
        expect(page.get_by_text(text)).to_be_visible()


@pytest.mark.parametrize(
    ("name", "count", "axes"),
    [
        ("padding", 2, ("Output row", "Output column")),
        ("pooling", 4, ("Pooled row", "Pooled column")),
    ],
)
def test_arrow_keys_move_the_window_of_padding_and_pooling(open_page, name, count, axes):
    page = open_page(EXPLORABLES[name]())
    row, column = (page.get_by_role("slider", name=axis) for axis in axes)
    row.fill("4")
    column.fill("5")
    canvases = page.get_by_role("application")
    expect(canvases).to_have_count(count)
    for canvas in canvases.all():
        for keys, place in (("ArrowUp", "35"), ("ArrowRight", "36"), ("ArrowDown", "46")):
            canvas.press(keys)
            assert row.input_value() + column.input_value() == place
        canvas.press("ArrowLeft")


# ---- Units with ReLU


def check_units(page, units, target=None):
    """Check the curve, the formula's numbers and the error of units, each (w, b, v)."""
    x, y = page.get_by_role("img", name=re.compile("^Plot of y")).evaluate(
        "({explored: {x, y}}) => [x, y]"
    )
    x, y = np.array(x), np.array(y)
    np.testing.assert_allclose(x, np.linspace(-3, 3, 241))
    expected = sum(v * relu(w * x + b) for w, b, v in units)
    np.testing.assert_allclose(y, expected, atol=1e-12)
    formula = page.locator(".lesson-explorable-formula").last.inner_text()
    formula = formula.replace("\u00a0", " ").replace("−", "-")
    numbers = re.findall(r"\(?(-?[\d.]+)\)?·ReLU\((-?[\d.]+)·x ([+-] [\d.]+)\)", formula)
    shown = [(float(w), float(b.replace(" ", "")), float(v)) for v, w, b in numbers]
    assert shown == units
    sentence = page.locator("p[role=status]").inner_text()
    if target is None:
        assert "error" not in sentence
    else:
        error = np.mean((y - target(x)) ** 2)
        number = float(re.search(r"error .*?is ([\d.e-]*\d)", sentence)[1])
        assert number == pytest.approx(error, rel=1e-3, abs=1e-9)


def set_unit(page, number, unit):
    for name, value in zip("wbv", unit, strict=True):
        move(page, f"{name}{'₁₂₃'[number]}", value)


def test_the_curve_is_the_sum_of_the_units(open_page):
    rng = np.random.default_rng(3)
    page = open_page(explore_activation())
    check_units(page, [(1, -1, 1)])
    curves = {"|x|": np.abs, "bump": lambda x: relu(1 - np.abs(x)), "x²/2": lambda x: x**2 / 2}
    for count in (1, 2, 3):
        page.get_by_role("button", name=re.compile(f"^{count} unit")).click()
        expect(page.get_by_role("slider")).to_have_count(3 * count)
        for name, curve in curves.items():
            units = [tuple(row) for row in rng.integers(-12, 13, (count, 3)) / 4]
            for number, unit in enumerate(units):
                set_unit(page, number, unit)
            page.get_by_role("button", name=name, exact=True).click()
            check_units(page, units, curve)
            page.get_by_role("button", name="none").click()
            check_units(page, units)


@pytest.mark.parametrize(
    ("target", "units", "corners"),
    [
        ("|x|", [(1, 0, 1), (-1, 0, 1)], "Corner at x = 0."),
        ("bump", [(1, 1, 1), (2, 0, -1), (0.5, -0.5, 2)], "Corners at x = -1, 0, 1."),
    ],
)
def test_units_can_equal_a_target(open_page, target, units, corners):
    page = open_page(explore_activation(len(units), target))
    for number, unit in enumerate(units):
        set_unit(page, number, unit)
    said = f"{corners} The curve is that of {target}: the mean squared error is 0."
    expect(page.locator("p[role=status]")).to_have_text(said)


def test_a_corner_is_dragged(open_page):
    page = open_page(explore_activation(2))
    plot = page.get_by_role("img", name=re.compile("^Plot of y"))
    box = plot.bounding_box()
    handles = page.locator("[data-unit]:visible")

    def place(x):
        return box["x"] + box["width"] * (208 + 61 * x) / 400, box["y"] + box["height"] * 140 / 300

    page.mouse.move(*place(1))
    page.mouse.down()
    page.mouse.move(*place(-1.5), steps=7)
    page.mouse.up()
    page.mouse.move(*place(2))  # released
    check_units(page, [(1, 1.5, 1), (1, 0.5, -1)])
    expect(page.get_by_role("slider", name="b₁")).to_have_value("1.5")
    centers = [handle.bounding_box() for handle in handles.all()]
    for center, x in zip(centers, (-1.5, -0.5), strict=True):
        assert center["x"] + center["width"] / 2 == pytest.approx(place(x)[0], abs=1)
    set_unit(page, 1, (-2, 0, 1))
    page.mouse.move(*place(0))
    page.mouse.down()
    page.mouse.move(*place(0.7))
    page.mouse.move(*place(2.9))  # at most where b is 3
    page.mouse.up()
    check_units(page, [(1, 1.5, 1), (-2, 3, 1)])
    set_unit(page, 1, (0, 3, 1))  # a unit without a corner
    expect(handles).to_have_count(1)
    expect(page.locator("p[role=status]")).to_have_text("Corner at x = -1.5.")


def test_a_finger_drags_a_corner(open_page):
    settings = {"has_touch": True, "is_mobile": True}
    page = open_page(explore_activation(), width=380, **settings)
    box = page.get_by_role("img", name=re.compile("^Plot of y")).bounding_box()
    session = page.context.new_cdp_session(page)
    y = box["y"] + box["height"] * 140 / 300
    for kind, x in [("touchStart", 1), ("touchMove", 0.5), ("touchMove", -2), ("touchEnd", None)]:
        places = (
            [] if x is None else [{"x": box["x"] + box["width"] * (208 + 61 * x) / 400, "y": y}]
        )
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})
    check_units(page, [(1, 2, 1)])


def test_keys_change_a_unit(open_page):
    page = open_page(explore_activation())
    page.get_by_role("slider", name="v₁").focus()
    page.keyboard.press("ArrowLeft")
    check_units(page, [(1, -1, 0.75)])
    expect(page.locator("p[role=status]")).to_have_attribute("aria-live", "polite")


# ---- Every explorable

EXPLORABLES = {
    "activation": explore_activation,
    "three units": lambda: explore_activation(3, "bump"),
    "padding": lambda: explore_padding(PHOTO),
    "pooling": lambda: explore_pooling(PHOTO, 3),
    "edges": lambda: explore_edges(COLORS[0]),
    "kernel": lambda: explore_kernel(PHOTO, KERNELS),
    "sizes": lambda: explore_sizes(7, 6, padding=1, stride=2),
    "transposed": lambda: explore_sizes(3, 4, stride=2, padding=1, transposed=True),
}


@pytest.mark.parametrize("name", EXPLORABLES)
def test_a_still_figure_stands_there_without_scripts_and_in_print(open_page, name):
    shown = EXPLORABLES[name]()
    page = open_page(shown, java_script_enabled=False)
    still = page.locator(".lesson-explorable-still")
    expect(still.get_by_role("img")).to_be_visible()
    assert len(still.get_by_role("img").get_attribute("alt")) > 60
    expect(page.get_by_role("button")).to_have_count(0)
    page = open_page(shown)
    expect(page.locator(".lesson-explorable-still")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".lesson-explorable-still")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize("name", EXPLORABLES)
@pytest.mark.parametrize("width", [360, 1000])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_legible_and_within_the_page(open_page, name, width, scheme):
    page = open_page(EXPLORABLES[name](), width=width, color_scheme=scheme)
    expect(page.get_by_role("button").first).to_be_visible()
    if name == "edges":
        expect(page.get_by_role("progressbar")).to_be_hidden(timeout=120_000)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    own = page.evaluate("getComputedStyle(document.body).color")
    colors = "all => [...new Set(all.map(it => getComputedStyle(it).{}))]"
    texts = page.locator("button, p, label > span, figcaption")
    assert texts.evaluate_all(colors.format("color")) == [own]
    if page.locator("svg text").count():  # on cells with light background colors
        assert page.locator("svg text").evaluate_all(colors.format("fill")) == ["rgb(0, 0, 0)"]
    weights = page.locator(".lesson-explorable-weights input")
    assert weights.evaluate_all(colors.format("color")) in ([], [own])
    assert weights.evaluate_all(colors.format("backgroundColor")) in ([], ["rgba(0, 0, 0, 0)"])
    small = page.locator("button, input:visible").evaluate_all("""all => all.filter(it =>
        it.getBoundingClientRect().height < 24 || !(it.getAttribute("aria-label") || it.textContent)
    ).length""")
    assert small == 0
    picture(page, f"explorable-{name}-{width}-{scheme}", full_page=True)


def luminance(color):
    """Return the relative luminance of a CSS color, by the definition of WCAG."""
    values = np.array([float(value) for value in re.findall(r"[\d.]+", color)[:3]]) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("media", ["screen", "print"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_frame_separates_it_from_the_text(open_page, media, scheme):
    page = open_page(explore_kernel(PHOTO, KERNELS), color_scheme=scheme)
    page.emulate_media(media=media)
    sides = ("Top", "Right", "Bottom", "Left")
    styles = page.locator(".lesson-explorable").evaluate("it => ({...getComputedStyle(it)})")
    body = page.evaluate("getComputedStyle(document.body).backgroundColor")
    paper = 1.0 if body == "rgba(0, 0, 0, 0)" else luminance(body)  # transparent: white
    for side in sides:
        assert styles[f"border{side}Style"] == "solid"
        assert float(styles[f"border{side}Width"][:-2]) >= 1
        assert float(styles[f"padding{side}"][:-2]) >= 8
        pair = sorted([luminance(styles[f"border{side}Color"]), paper])
        assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 3
    picture(page, f"explorable-frame-{media}-{scheme}", full_page=True)


CONTROLS = "button:not([tabindex='-1']), input:visible:enabled, canvas[tabindex]:visible"  # of Tab


@pytest.mark.parametrize("name", EXPLORABLES)
def test_the_keyboard_reaches_every_control(open_page, name):
    page = open_page(EXPLORABLES[name]())
    if name == "edges":
        expect(page.get_by_role("progressbar")).to_be_hidden(timeout=120_000)
    count = page.locator(CONTROLS).count()
    reached = set()
    for _ in range(count):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("""() => {
            const it = document.activeElement;
            // The outline of a canvas is around the box that cuts off its marks.
            const ring = it.closest("div:has(> canvas)") ?? it;
            const {outlineStyle, outlineWidth} = getComputedStyle(ring);
            if (outlineStyle !== "solid" || parseFloat(outlineWidth) < 2) return "no outline";
            return it.getAttribute("aria-label") || it.textContent;
        }""")
        )
    assert len(reached) == count and "no outline" not in reached


def test_explorables_of_a_page_do_not_disturb_each_other(open_page):
    twice = explore_kernel(PHOTO, KERNELS)
    page = open_page(twice, explore_sizes(), twice, explore_kernel(PHOTO.T, KERNELS))
    stages = page.locator(".lesson-explorable-stage")
    expect(stages).to_have_count(4)
    stages.nth(2).get_by_role("button", name="blur").click()
    for at, total in ((0, "0."), (2, "1."), (3, "0.")):
        expect(stages.nth(at).get_by_text(f"The weights add up to {total}")).to_be_visible()
    names = "Object.getOwnPropertyNames(window)"
    assert not [
        name for name in page.evaluate(names) if re.search("kernel|sizes|explor", name, re.I)
    ]


CELLS = [
    f"import sys\nsys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'course')!r}]\nimport numpy as np\n"
    "from lesson_tools.explorables import explore_kernel, explore_sizes",
    "explore_kernel(np.arange(400).reshape(20, 20) % 7, {'ones': np.ones((3, 3))})",
    "explore_sizes(5, 5)",
]


def test_it_works_in_jupyter_where_a_cell_is_run_twice(browser, server):
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    open_in_jupyter(page, server, json.dumps(notebook(CELLS)))
    run_all(page, last=3)
    field = page.get_by_label("Weight in row 0, column 0")
    expect(field).to_be_visible(timeout=60_000)
    field.click()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_text("The weights add up to 10.")).to_be_visible()
    page.keyboard.press("Enter")  # Jupyter has other uses for these keys
    page.get_by_role("button", name="Next").click()
    page.get_by_role("slider", name="Step").focus()
    for key in ("ArrowRight", "Enter", "ArrowLeft"):
        page.keyboard.press(key)
    expect(page.get_by_text(re.compile(r"^output\[0, 1\] = "))).to_be_visible()
    canvas = canvas_of(page, "The output")
    for keys in ("ArrowDown", "Shift+ArrowUp", "ArrowLeft"):  # from the middle, [10, 10]
        canvas.press(keys)
    expect(page.get_by_text(re.compile(r"^output\[1, 9\] = "))).to_be_visible()
    assert page.locator(".jp-mod-editMode").count() == 0
    program = "lab" if "/lab/" in page.url else "notebook"
    picture(page, f"explorable-{program}", full_page=True)
    run_all(page, last=6)
    expect(page.get_by_text("The weights add up to 9.")).to_be_visible(timeout=60_000)
    expect(page.locator(".lesson-explorable-stage")).to_have_count(2)
    page.close()
