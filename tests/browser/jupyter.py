"""Open and run notebooks in JupyterLab and in Notebook 7 as a reader does."""

import contextlib
import json
import os
import re
import subprocess
import time
from pathlib import Path

import pytest
from playwright.sync_api import TimeoutError as TooLate
from playwright.sync_api import expect

from tests.browser import pages

ROOT = Path(__file__).parents[2]
JUPYTER = ROOT / ".venv" / "bin" / "jupyter"
STARTED = re.compile(r"http://127\.0\.0\.1:\d+/\S*")
PLACES = {"lab": "lab/tree/{}", "notebook": "notebooks/{}"}
CONNECTED = """async () => {
    // The answer is an error while a kernel starts.
    const kernels = await (await fetch("/api/kernels")).json();
    const isReady = kernel => kernel.connections && kernel.execution_state === "idle";
    return Array.isArray(kernels) && kernels.some(isReady);
}"""
STUB = '    raise NotImplementedError("write your code here, then delete this line")\n'


@contextlib.contextmanager
def jupyter_server(program, folder, home, environment=os.environ, path="", prefix=()):
    """Serve a folder with a program of PLACES; the address has no slash at its end.

    Parameters
    ----------
    home
        Folder for the program's settings.
    environment
        Variables of the program and its kernels.
    path
        Search path for modules.
    prefix
        Command that starts the program, for example as another user.
    """
    options = ["--no-browser", "--ip=127.0.0.1", "--port=0", "--IdentityProvider.token="]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")
    own = {"JUPYTER_PLATFORM_DIRS": "1", "HOME": str(home), "PYTHONPATH": str(path)}
    log = Path(home, "log")
    with log.open("w") as out:
        process = subprocess.Popen(
            [*prefix, JUPYTER, program, *options],
            cwd=folder,
            env={**environment, **own},
            stdout=out,
            stderr=out,
        )
    try:
        while not (started := STARTED.search(log.read_text())):
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        yield started[0].split("/lab")[0].split("/tree")[0].rstrip("/")
    finally:
        process.terminate()
        process.wait()


def notebook(cells):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [{**pages.EMPTY, "id": f"cell-{at}", "source": text} for at, text in enumerate(cells)]
    about = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": about, "cells": cells}


def open_in_jupyter(page, server, content):
    address, folder = server
    (folder / "player.ipynb").write_text(content)
    page.set_default_timeout(120_000)
    page.goto(address.format("player.ipynb"))
    page.wait_for_load_state("networkidle")  # the notebook appears before its kernel
    wait_until_idle(page)


def wait_until_idle(page, seconds=120):
    """Wait until the kernel of the page's notebook exists and is idle.

    The notebook's indicator also says idle before there is a kernel, and cells that are run so
    early may be lost. The server knows which kernels a page is connected to.
    """
    deadline = time.monotonic() + seconds
    while not page.evaluate(CONNECTED):
        assert time.monotonic() < deadline, f"no kernel is connected and idle after {seconds} s"
        page.wait_for_timeout(200)
    idle = page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    expect(idle).to_be_attached(timeout=seconds * 1000)


def run_all(page, last):
    number = page.locator(".jp-CodeCell .jp-InputPrompt").last
    for _ in range(5):  # on a busy machine the menu may appear before its notebook
        with contextlib.suppress(AssertionError, TooLate):
            pages.run_all(page)
            expect(number).to_have_text(re.compile(rf"\[(\*|{last})\]"), timeout=10_000)
            break
    # When the last cell is done, Jupyter moves the focus to it.
    expect(number).to_have_text(re.compile(rf"\[{last}\]"), timeout=300_000)
    wait_until_idle(page)


def written(name, function=STUB):
    """Return a released notebook with a function's body in place of the stub."""
    notebook = json.loads((ROOT / "release" / name / f"{name}.ipynb").read_text())
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).replace(STUB, function)
    return json.dumps(notebook)


def start_all(page):
    """Choose Run All Cells, and a kernel if a slow machine has not started one yet."""
    begun = page.locator(".jp-InputPrompt", has_text=re.compile(r"\[(\*|\d+)\]"))
    question = page.locator(".jp-Dialog", has_text="Select Kernel")
    for _ in range(6):
        with contextlib.suppress(AssertionError, TooLate):
            if question.count():
                question.locator(".jp-mod-accept").click()
            else:
                pages.run_all(page)
            expect(begun.first).to_be_attached(timeout=10_000)
            return
    pytest.fail("no cell was run")


def validate(page):
    """Click Validate; return the dialog with the results.

    On a busy machine, Jupyter may say first that it could not start a kernel or save the notebook,
    and shows no other dialog until that one is closed.
    """
    dialog = page.locator(".jp-Dialog").last
    for _ in range(5):
        with contextlib.suppress(TooLate):  # another dialog may lie over the button
            page.get_by_role("button", name="Validate").click(timeout=20_000)
        expect(dialog).to_be_attached(timeout=180_000)
        if "Validation Results" in dialog.inner_text():
            return dialog
        print("Jupyter said:", dialog.inner_text())
        dialog.locator(".jp-Dialog-button").last.click()  # OK or Close
    pytest.fail("no results of Validate")


def find(page, text, seconds=120):
    """Wait for an output and scroll to it; Jupyter removes distant cells from the page."""
    place = page.locator(".jp-OutputArea-output", has_text=text).first
    scrolled = page.locator(".jp-WindowedPanel-outer").first
    scrolled.hover(position={"x": 300, "y": 300})
    step, deadline = 400, time.monotonic() + seconds
    while time.monotonic() < deadline:
        if place.is_visible():
            place.scroll_into_view_if_needed()
            return place
        above, below = scrolled.evaluate(
            "it => [it.scrollTop, it.scrollHeight - it.clientHeight - it.scrollTop]"
        )
        step = -400 if below < 2 else 400 if above < 2 else step  # at an end, change direction
        page.mouse.wheel(0, step)
        page.wait_for_timeout(150)
    pytest.fail(f"{text!r} is nowhere on the page")


def picture(page, name):
    """Save a picture of the page, with the program's name as a prefix."""
    program = "lab" if "/lab" in page.url else "notebook"
    pages.picture(page, f"{program}-{name}")
