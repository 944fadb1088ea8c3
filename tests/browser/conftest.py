"""Chromium, and a program that shows notebooks: JupyterLab, and Notebook 7."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
JUPYTER = ROOT / ".venv" / "bin" / "jupyter"
STARTED = re.compile(r"http://127\.0\.0\.1:\d+/\S*")
PLACES = {"lab": "lab/tree/{}", "notebook": "notebooks/{}"}


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=PLACES)
def server(request, tmp_path_factory):
    """Where a program serves a folder, the folder, and how a notebook's address ends in it."""
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("alone")
    log = home / "log"
    options = ["--no-browser", "--ip=127.0.0.1", "--port=0", "--IdentityProvider.token="]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")
    quiet = {"JUPYTER_PLATFORM_DIRS": "1", "HOME": str(home), "PYTHONPATH": ""}
    with log.open("w") as out:
        process = subprocess.Popen(
            [JUPYTER, request.param, *options],
            cwd=folder,
            env={**os.environ, **quiet},
            stdout=out,
            stderr=out,
        )
    try:
        while not (found := STARTED.search(log.read_text())):
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        start = found[0].split("/lab")[0].split("/tree")[0].rstrip("/")
        yield f"{start}/{PLACES[request.param]}", folder
    finally:
        process.terminate()
        process.wait()
