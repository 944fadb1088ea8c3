"""The site that `make lite` builds, on a local server, and its notebooks in a page."""

import functools
import json
import re
import subprocess
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.offline import serving
from tests.browser.pages import run_all
from tools.course import ROOT

SECONDS = 300  # timeout for steps that take seconds on an idle machine

# Prints the cells of an assignment with its solutions, built in the course's environment.
SOLVED = """
import json, sys
from tools.notebooks import build_notebook
print(json.dumps(build_notebook(sys.argv[1]).cells))
"""


def solved(path):
    """Return a released assignment with its solutions."""
    command = [ROOT / ".venv/bin/python", "-c", SOLVED, path.stem]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    solutions = {
        cell["id"]: cell["source"]
        for cell in json.loads(done.stdout)
        if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution")
    }
    released = json.loads(path.read_bytes())
    cells = [
        {**cell, "source": solutions.get(cell["id"], cell["source"])} for cell in released["cells"]
    ]
    return {**released, "cells": cells}


# True once the browser's storage has a file.
STORED = """async name => {
    for (const { name: base } of await indexedDB.databases()) {
        const opened = indexedDB.open(base);
        const files = await new Promise(done => (opened.onsuccess = () => done(opened.result)));
        if (![...files.objectStoreNames].includes("files")) continue;
        const key = files.transaction("files").objectStore("files").getKey(name);
        if (await new Promise(done => (key.onsuccess = () => done(key.result)))) return true;
    }
    return false;
}"""


@contextmanager
def served(site, instead=None, sent=None):
    """Serve a folder while the block runs, and return its address.

    Parameters
    ----------
    instead
        Folder whose files replace the site's files with the same path.
    sent
        Set that collects the paths of the files that the server has sent.
    """

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

        def send_response(self, code, message=None):
            if sent is not None and code == 200:
                sent.add(Path(self.translate_path(self.path)))
            super().send_response(code, message)

        def translate_path(self, path):
            place = Path(super().translate_path(path))
            other = Path(instead, place.relative_to(site)) if instead else place
            return str(other if other.is_file() else place)

    with serving(functools.partial(Quiet, directory=site)) as address:
        yield address


def whole(path):
    """Return a file that the server has sent, also for the address of its folder."""
    return (path / "index.html" if path.is_dir() else path).resolve()


def in_site(name):
    """Return the path and query of a notebook's page in the site."""
    return f"notebooks/index.html?path={name}.ipynb"


def open_notebook(page, address, name):
    page.goto(f"{address}/{in_site(name)}")
    expect(page.locator(".jp-MarkdownOutput").first).to_be_visible(timeout=SECONDS * 1000)


def run_all_anew(page):
    """Run all cells after clearing outputs, which JupyterLite keeps from an earlier visit."""
    page.get_by_role("menuitem", name="Edit", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("^Clear Outputs of All Cells")).click()
    expect(page.locator(".jp-OutputArea-output")).to_have_count(0)
    run_all(page)


def wait_for(page, text):
    """Wait for the output that contains a text; it may be out of sight."""
    place = page.locator(".jp-OutputArea-output", has_text=text).first
    expect(place).to_be_attached(timeout=SECONDS * 1000)
    return place
