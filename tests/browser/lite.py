"""The site that `make lite` builds, on a server of this machine, and a browser that reads it."""

import functools
import json
import shutil
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import expect

# What Chromium itself asks for, whatever the page: new versions, how to fill in forms, an account.
ITS_OWN = ("update.googleapis.com", "content-autofill.googleapis.com", "accounts.google.com")
SECONDS = 300  # at most, for what takes some seconds on a machine that does nothing else
END = "the notebook has run to its end"
EMPTY = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}


@contextmanager
def _serving(handler):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def served(site):
    """The address of a folder."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    with _serving(functools.partial(Quiet, directory=site)) as address:
        yield address


@contextmanager
def offline_chromium(playwright, path):
    """Chromium without a network but this machine, and the list of what it asks others for."""
    asked = []

    class Proxy(BaseHTTPRequestHandler):
        def refuse(self):
            if not any(host in self.path for host in ITS_OWN):
                asked.append(f"{self.command} {self.path}")
            self.send_error(502)

        do_GET = do_POST = do_CONNECT = do_HEAD = do_OPTIONS = refuse

        def log_message(self, *arguments):
            pass

    with _serving(Proxy) as address:
        options = ["--no-sandbox", f"--proxy-server={address}"]  # which is not for this machine
        browser = playwright.chromium.launch(executable_path=path, args=options)
        try:
            yield browser, asked
        finally:
            browser.close()


def released(site, name):
    """A notebook of the site as `make lite` built it, whatever `put_notebook` has written since."""
    path = Path(site, "files", f"{name}.ipynb")
    original = path.with_suffix(".original")
    if not original.exists():
        shutil.copy(path, original)
    return json.loads(original.read_bytes())


def put_notebook(site, name, change=lambda cells: cells):
    """Write a notebook into the site as it is once a student has written into it.

    change: takes the list of cells and returns the new one. A last cell prints that the run has
    ended.
    """
    content = released(site, name)
    end = {"id": "the-end", "source": f"print({END!r})"}
    content["cells"] = [*change(content["cells"]), {**EMPTY, **end}]
    Path(site, "files", f"{name}.ipynb").write_text(json.dumps(content))


def open_notebook(page, address, name):
    page.goto(f"{address}/notebooks/index.html?path={name}.ipynb")
    expect(page.locator(".jp-MarkdownOutput").first).to_be_visible(timeout=SECONDS * 1000)


def wait_for(page, text):
    """The output that holds a text, once it is there; it may be out of sight."""
    place = page.locator(".jp-OutputArea-output", has_text=text).first
    expect(place).to_be_attached(timeout=SECONDS * 1000)
    return place
