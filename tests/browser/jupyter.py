"""Notebooks in JupyterLab and in Notebook 7, as a reader opens and runs them."""

import contextlib
import re

from playwright.sync_api import expect


def notebook(cells):
    code = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [{**code, "id": f"cell-{at}", "source": text} for at, text in enumerate(cells)]
    about = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": about, "cells": cells}


def open_in_jupyter(page, server, content):
    address, folder = server
    (folder / "player.ipynb").write_text(content)
    page.goto(address.format("player.ipynb"))
    page.wait_for_load_state("networkidle")  # the notebook is there before its kernel is
    expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")).to_be_attached(
        timeout=60_000
    )


def run_all(page, last):
    number = page.locator(".jp-CodeCell .jp-InputPrompt").last
    for _ in range(5):  # on a busy machine the menu can come before what it is about
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name=re.compile("^Run All Cells")).click()
        with contextlib.suppress(AssertionError):
            expect(number).to_have_text(re.compile(rf"\[(\*|{last})\]"), timeout=10_000)
            break
    # When the last cell is done, Jupyter moves the focus to it.
    expect(number).to_have_text(re.compile(rf"\[{last}\]"), timeout=60_000)
    expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")).to_be_attached()
