"""Figures that nobody grades are not drawn again: the submitted images are kept."""

import base64
import json
import struct
import zlib

import pytest

from nbjudge.judging.pictures import keep_pictures
from nbjudge.wire.outputs import NOT_DRAWN, Allowance
from tests.support.engines import cells_of, grade_id_of, new_cell, spec


def _chunk(kind, content):
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def png(width=2, height=1, *more):
    """Return a PNG image of one color; more: further chunks before its end."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width + 1) * min(height, 10)))
    chunks = [_chunk(b"IHDR", head), _chunk(b"IDAT", rows), *more, _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\0\1\1\0\0\1\0\1\0\0"
    b"\xff\xc0\x00\x0b\x08\x00\x05\x00\x07\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x00?\0*\xff\xd9"
)


def text(picture):
    return base64.b64encode(picture).decode()


def shown(kind, content, metadata=None):
    """Return a submitted output with an image."""
    data = {kind: content, "text/plain": "<Figure>"}
    return {"output_type": "display_data", "data": data, "metadata": metadata or {}}


MARK = {
    "output_type": "display_data",
    "data": {"text/plain": "<Figure size 640x480 with 1 Axes>", NOT_DRAWN: ""},
    "metadata": {},
}


def kept(submitted, outputs=(MARK,), limit=100_000):
    return keep_pictures(list(outputs), submitted, limit, Allowance(limit))


def pictures(outputs):
    return [item.get("data", {}).get("image/png") for item in outputs]


GOOD = text(png())


@pytest.mark.parametrize(
    "content",
    [GOOD, [GOOD[:10], GOOD[10:]], GOOD[:20] + "\n" + GOOD[20:] + "\n"],
    ids=["text", "lines in a list", "lines in a text"],
)
def test_a_submitted_png_is_kept_as_plain_base64(content):
    (item,) = kept([shown("image/png", content)])
    assert item["data"] == {
        "text/plain": "<Figure size 640x480 with 1 Axes>",
        "image/png": GOOD,
    }
    assert item["metadata"] == {"nbjudge": {"picture": "submitted"}}


def test_a_submitted_jpeg_is_kept():
    (item,) = kept([shown("image/jpeg", text(JPEG))])
    assert item["data"]["image/jpeg"] == text(JPEG)


BROKEN = bytearray(png())
BROKEN[40] ^= 1
NO_PICTURES = {
    "not base64": ("image/png", '"><script>alert(1)</script>'),
    "not ASCII": ("image/png", "é" * 8),
    "HTML in base64": ("image/png", text(b"<script>alert(1)</script>")),
    "SVG": ("image/svg+xml", "<svg onload='alert(1)'/>"),
    "HTML": ("text/html", "<script>alert(1)</script>"),
    "SVG that calls itself PNG": ("image/png", text(b"<svg onload='alert(1)'/>")),
    "a JPEG that calls itself PNG": ("image/png", text(JPEG)),
    "a PNG that calls itself JPEG": ("image/jpeg", GOOD),
    "only the first bytes": ("image/png", text(b"\x89PNG\r\n\x1a\n")),
    "cut off": ("image/png", text(png()[:-3])),
    "something behind the end": ("image/png", text(png() + b"<script>")),
    "a wrong checksum": ("image/png", text(bytes(BROKEN))),
    "a length beyond the end": (
        "image/png",
        text(png().replace(b"\0\0\0\x0d", b"\x7f\xff\xff\xff")),
    ),
    "no rows of pixels": ("image/png", text(png()[:33] + _chunk(b"IEND", b""))),
    "more pixels than memory": ("image/png", text(png(20_000, 20_000))),
    "too wide": ("image/png", text(png(1_000_000, 1))),
    "no width": ("image/png", text(png(0, 1))),
    "a JPEG without a frame": ("image/jpeg", text(JPEG[:20] + b"\xff\xd9")),
    "a JPEG of 65535 by 65535": ("image/jpeg", text(JPEG.replace(b"\0\5\0\7", b"\xff" * 4))),
    "larger than the limit": ("image/png", text(png(2, 1, _chunk(b"tEXt", bytes(100_000))))),
    "a number": ("image/png", 7),
    "a table": ("image/png", {"a": "b"}),
    "a list of numbers": ("image/png", [1, 2]),
}


@pytest.mark.parametrize("kind, content", NO_PICTURES.values(), ids=NO_PICTURES)
def test_an_invalid_image_leaves_the_text_of_the_figure(kind, content):
    (item,) = kept([shown(kind, content)])
    assert item == {**MARK, "data": {"text/plain": "<Figure size 640x480 with 1 Axes>"}}


@pytest.mark.parametrize(
    "submitted",
    [None, 5, "text", [], [None, 3, []], [{}], [{"data": 5}], [{"data": {"image/png": None}}]],
    ids=repr,
)
def test_outputs_of_any_form_do_no_harm(submitted):
    assert NOT_DRAWN not in kept(submitted)[0]["data"]


def test_the_kth_figure_gets_the_kth_image():
    made = [text(png(n, 1)) for n in (1, 2, 3)]
    submitted = [shown("image/png", picture) for picture in made]
    submitted.insert(1, {"output_type": "stream", "name": "stdout", "text": "between"})
    drawn = shown("image/png", "drawn now")
    assert pictures(kept(submitted, [MARK, drawn, MARK])) == [made[0], "drawn now", made[2]]
    assert pictures(kept(submitted[:1], [MARK, MARK])) == [made[0], None]


def test_outputs_without_a_mark_are_left_alone():
    outputs = [shown("image/png", "drawn now"), {"output_type": "stream", "text": "a"}]
    assert kept([shown("image/png", GOOD)], outputs) == outputs


def test_pictures_use_up_the_allowance_of_cell_and_notebook():
    many = [shown("image/png", GOOD)] * 3
    assert pictures(kept(many, [MARK] * 3, 2 * len(GOOD))) == [GOOD, GOOD, None]
    allowance = Allowance(1)
    allowance.total = len(GOOD)
    found = [keep_pictures([MARK], many, 10_000, allowance) for _ in range(2)]
    assert [pictures(outputs) for outputs in found] == [[GOOD], [None]]


@pytest.mark.parametrize(
    "given, expected",
    [
        ({"image/png": {"width": 320, "height": 240}}, {"width": 320, "height": 240}),
        ({"image/png": {"width": "1 onload=JS", "alt": '" onload="'}}, None),
        ({"image/png": {"width": True, "height": -5}}, None),
        ({"image/png": [1], "filenames": {"image/png": "/logout"}}, None),
        ([1], None),
    ],
)
def test_only_the_size_of_an_images_metadata_is_kept(given, expected):
    (item,) = kept([{**shown("image/png", GOOD), "metadata": given}])
    sizes = {"image/png": expected} if expected else {}
    assert item["metadata"] == {"nbjudge": {"picture": "submitted"}} | sizes


# Whole notebooks.

PLOT = "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1, 2]);\n"


def answer_of(judge, cell_spec, outputs, **changes):
    """Judge a submission in which every code cell has these outputs."""
    cells = cells_of(cell_spec)
    for cell in cells:
        if cell["cell_type"] == "code":
            cell["outputs"] = outputs
    return judge(cell_spec, cells, **changes)


def kinds(answer, which):
    return [sorted(o.get("data", ())) for o in answer.cell(which)["outputs"]]


@pytest.mark.parametrize(
    "end",
    ["plt.show()", "figure", "display(figure)", "plt.gcf()", "", "figure.show(); plt.show()"],
)
def test_a_figure_that_nobody_grades_is_not_drawn(judge, end):
    cell_spec = spec((f"{PLOT}{end}", "locked", "plot"))
    empty = answer_of(judge, cell_spec, [])
    assert {tuple(k) for k in kinds(empty, "plot")} == {("text/plain",)}
    assert "1 Axes" in empty.shown("plot")
    filled = answer_of(judge, cell_spec, [shown("image/png", GOOD)] * 2)
    assert set(pictures(filled.cell("plot")["outputs"])) == {GOOD}
    drawn = answer_of(judge, cell_spec, [shown("image/png", GOOD)] * 2, draw_all=True)
    assert set(pictures(drawn.cell("plot")["outputs"])).isdisjoint({GOOD, None})


def test_solutions_tests_and_cells_of_the_students_own_are_not_drawn(judge):
    cell_spec = spec(
        (f"{PLOT}def draw():\n    plt.plot([1, 2])\n    plt.show()", "solution", "s"),
        ("draw()", "test", "t"),
        ("draw()", "child test", "c"),
    )
    cells = [*cells_of(cell_spec), {**new_cell(PLOT), "outputs": [shown("image/png", GOOD)]}]
    answer = judge(cell_spec, cells)
    for cell in answer.cells[:3]:
        assert [list(o["data"]) for o in cell["outputs"] if "data" in o] == [["text/plain"]]
    assert pictures(answer.cells[3]["outputs"]) == [GOOD]


def test_figures_of_manually_graded_cells_are_drawn(judge):
    cell_spec = spec(
        (PLOT, "manual", "m"),
        (PLOT, "plain"),
        ("Plot it below.", "task", "project"),
        (PLOT, "plain"),
        (PLOT, "locked", "later"),
    )
    cells = cells_of(cell_spec)
    own = new_cell(PLOT)
    cells.insert(4, own)
    for cell in cells:
        if cell["cell_type"] == "code":
            cell["outputs"] = [shown("image/png", GOOD)]
    answer = judge(cell_spec, cells)
    drawn = [
        [picture != GOOD for picture in pictures(cell["outputs"])]
        for cell in answer.cells
        if cell["cell_type"] == "code"
    ]
    assert drawn == [[True], [False], [True], [True], [False]]
    assert [grade_id_of(cell) for cell in answer.cells][-1] == "later"


def test_a_forged_mark_brings_no_image_into_a_graded_cell(judge):
    forged = f"from IPython.display import display\ndisplay({{{NOT_DRAWN!r}: ''}}, raw=True)"
    cell_spec = spec((forged, "manual", "m"))
    answer = answer_of(judge, cell_spec, [shown("image/png", GOOD)])
    assert pictures(answer.cell("m")["outputs"]) == [None]
    assert NOT_DRAWN not in json.dumps(answer.cell("m")["outputs"])


def test_figures_exist_and_what_draws_them_by_itself_does(judge):
    solution = f"""
import io
{PLOT}
content = io.BytesIO()
figure.savefig(content, format="png")
size = len(content.getvalue())
figure.canvas.draw()
pixels = figure.canvas.buffer_rgba().shape[:2]
"""
    looks = f"""
{PLOT}
def looks():
    return len(plt.gcf().axes), plt.gcf().axes[0].get_title(), plt.get_fignums()
plt.title("a title")
assert looks() == (1, "a title", [1])
"""
    cell_spec = spec(
        (solution, "solution", "s"),
        ("assert size > 1000 and pixels == (480, 640)", "test", "t"),
        (looks, "child test", "c"),
    )
    assert judge(cell_spec).scores == {"t": 1.0, "c": 1.0}


def test_an_animation_made_explicitly_is_shown(judge):
    code = f"""
{PLOT}
from matplotlib.animation import FuncAnimation
from IPython.display import HTML
calls = []
def step(number):
    calls.append(number)
    return axes.lines
animation = FuncAnimation(figure, step, frames=2)
plt.close(figure)
HTML(animation.to_jshtml())
"""
    cell_spec = spec((code, "locked", "a"))
    (output,) = answer_of(judge, cell_spec, []).cell("a")["outputs"]
    assert "Animation" in output["data"]["text/html"]


def test_code_that_waits_for_a_figure_to_be_drawn_is_run(judge):
    code = f"""
{PLOT}
calls = []
figure.canvas.mpl_connect("draw_event", lambda event: calls.append(1))
plt.show()
"""
    cell_spec = spec((code, "solution", "a"), ("assert calls", "test", "t"))
    answer = judge(cell_spec)
    assert answer.scores == {"t": 1.0}
    assert all(pictures(answer.cell("a")["outputs"]))


def test_text_tables_and_pictures_of_other_kinds_are_the_same_with_and_without(judge):
    content = png()
    code = f"""
from IPython.display import Image, SVG, HTML, Markdown, display
print("printed")
display(Image(data={content!r}), HTML("<table><tr><td>1</td></tr></table>"), Markdown("*a*"))
display(SVG("<svg></svg>"), {{"a": 1}})
[1, 2]
"""
    cell_spec = spec((code, "solution", "a"), ("print(1)", "test", "t"))
    drawn = (False, True)
    answers = [answer_of(judge, cell_spec, [], draw_all=draw_all) for draw_all in drawn]
    assert answers[0].data == answers[1].data
    assert any(picture == GOOD for picture in pictures(answers[0].cell("a")["outputs"]))
