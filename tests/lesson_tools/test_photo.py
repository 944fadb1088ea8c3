"""The edges of the reader's photograph: from a file, from Colab's upload and from a button."""

import base64
import datetime
import io
import re
import sys
import types

import matplotlib
import numpy as np
import pytest
from PIL import Image

matplotlib.use("Agg")

from lesson_tools import photo as photo_module  # noqa: E402
from lesson_tools.photo import draw_edges  # noqa: E402

NOW = datetime.datetime.now(datetime.UTC)


def png(n_H=40, n_W=60):
    memory = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (n_H, n_W, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(memory, format="PNG")
    return memory.getvalue()


def test_a_file_is_drawn(tmp_path):
    (tmp_path / "my.png").write_bytes(png())
    html = draw_edges(tmp_path / "my.png").data
    assert "data:image/png;base64," in html and "two Sobel kernels" in html


@pytest.mark.parametrize(("n_H", "n_W", "rows"), [(40, 60, 2), (60, 40, 1), (900, 60, 1)])
def test_the_figure_fits_on_a_phone(n_H, n_W, rows):
    html = draw_edges(io.BytesIO(png(n_H, n_W)), "leaves & tiles").data
    assert 'alt="leaves &amp; tiles"' in html
    data = base64.b64decode(re.search(r"base64,([^\"]+)", html)[1])
    width, height = Image.open(io.BytesIO(data)).size
    assert width == 700 and height <= 700
    assert (height > 500) == (rows == 2 or n_H > 600)


@pytest.mark.parametrize(("name", "text"), [("missing.png", "missing.png"), ("no.png", "identify")])
def test_what_is_no_photograph_is_refused(tmp_path, name, text):
    (tmp_path / "no.png").write_text("no image")
    with pytest.raises(OSError, match=text):
        draw_edges(tmp_path / name)


def test_the_longer_side_is_reduced(monkeypatch):
    sizes = []
    monkeypatch.setattr(photo_module, "SIZE", 50)
    monkeypatch.setattr(photo_module, "sobel_edges", lambda image: sizes.append(image.shape) or 0)
    with pytest.raises(TypeError):  # nothing to draw
        draw_edges(io.BytesIO(png(100, 60)))
    assert sizes == [(50, 30, 3)]


@pytest.mark.parametrize("uploaded", [{"my.png": png()}, {}], ids=["one", "none"])
def test_in_colab_it_is_uploaded(monkeypatch, uploaded):
    files = types.SimpleNamespace(upload=lambda: uploaded)
    monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", types.SimpleNamespace(files=files))
    shown = draw_edges()
    assert (shown is None) == (not uploaded)


def test_a_button_asks_for_it(monkeypatch):
    widgets = pytest.importorskip("ipywidgets", reason="ipywidgets is not installed")
    monkeypatch.setitem(sys.modules, "google.colab", None)
    shown = []
    monkeypatch.setattr(photo_module, "display", shown.append)
    button, below = draw_edges().children
    assert isinstance(button, widgets.FileUpload) and button.accept == "image/*"
    button.value = (
        {
            "name": "my.png",
            "content": memoryview(png()),
            "type": "",
            "size": 1,
            "last_modified": NOW,
        },
    )
    assert "data:image/png;base64," in shown[0].data
    button.value = ()
    assert len(shown) == 1


def test_a_button_says_what_is_no_photograph(monkeypatch, capsys):
    pytest.importorskip("ipywidgets", reason="ipywidgets is not installed")
    monkeypatch.setitem(sys.modules, "google.colab", None)
    button, _ = draw_edges().children
    button.value = (
        {
            "name": "a.txt",
            "content": memoryview(b"text"),
            "type": "",
            "size": 4,
            "last_modified": NOW,
        },
    )
    assert "Pillow cannot read a.txt: choose an image" in capsys.readouterr().out


def test_without_widgets_a_name_is_asked_for(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "google.colab", None)
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert draw_edges() is None
    assert 'draw_edges("my.jpg")' in capsys.readouterr().out
