"""The figures in an executed notebook, and in a page made from it."""

import re

import pytest


def figures(notebook):
    """Return the outputs with an image, each as a dictionary of formats."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [o.data for o in outputs if any(kind.startswith("image/") for kind in o.get("data", ()))]


def as_html(notebook):
    exporter = pytest.importorskip("nbconvert", reason="nbconvert is not installed").HTMLExporter
    return exporter(embed_images=True).from_notebook_node(notebook)[0]


def drawn(page):
    """Return the number of images in a page, without the images of buttons."""
    return len(re.findall(r'<img\b[^>]*\bsrc="data:image/|<svg\b[^>]*\brole="img"', page))
