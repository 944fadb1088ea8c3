"""The figures of a notebook that was run, and of a page that was made of it."""

import re

import pytest


def figures(notebook):
    """The outputs that hold an image, each as its forms by type."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [o.data for o in outputs if any(kind.startswith("image/") for kind in o.get("data", ()))]


def as_html(notebook):
    exporter = pytest.importorskip("nbconvert", reason="nbconvert is not installed").HTMLExporter
    return exporter(embed_images=True).from_notebook_node(notebook)[0]


def drawn(page):
    """How many images a page has, without those of buttons."""
    return len(re.findall(r'<img\b[^>]*\bsrc="data:image/|<svg\b[^>]*\brole="img"', page))
