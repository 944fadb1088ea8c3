"""What is done with any page: a picture of it, and Run All Cells in Jupyter's menu."""

import os
import re
import tempfile
from pathlib import Path


def picture(page, name, **settings):
    """Keep a picture of the page, to be looked at: in the folder PICTURES, else a temporary one."""
    folder = Path(os.environ.get("PICTURES") or tempfile.gettempdir())
    page.screenshot(path=folder / f"{name}.png", **settings)


def run_all(page):
    """Choose Run All Cells in the menu of JupyterLab, Notebook 7 or JupyterLite."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("^Run All Cells")).click()
