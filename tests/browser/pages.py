"""Helpers for any page: pictures, Run All Cells in Jupyter's menu, and a last cell."""

import os
import re
import tempfile
from pathlib import Path

END = "the notebook has run to its end"
EMPTY = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}


def picture(page, name, **settings):
    """Save a picture of the page for people, in the folder PICTURES or a temporary one."""
    folder = Path(os.environ.get("PICTURES") or tempfile.gettempdir())
    page.screenshot(path=folder / f"{name}.png", **settings)


def run_all(page):
    """Choose Run All Cells in the menu of JupyterLab, Notebook 7 or JupyterLite."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("^Run All Cells")).click()


def with_end(notebook):
    """Return a notebook with an additional last cell that prints END."""
    last = {**EMPTY, "id": "the-end", "source": f"print({END!r})"}
    return {**notebook, "cells": [*notebook["cells"], last]}
