"""The site that `make lite` builds, on a server of this machine, and its notebooks in a page."""

import functools
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.offline import serving

SECONDS = 300  # at most, for what takes some seconds on a machine that does nothing else


@contextmanager
def served(site, instead=None):
    """The address of a folder.

    instead: a folder whose files are served in the place of the site's files of the same path
    """

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

        def translate_path(self, path):
            place = Path(super().translate_path(path))
            other = Path(instead, place.relative_to(site)) if instead else place
            return str(other if other.is_file() else place)

    with serving(functools.partial(Quiet, directory=site)) as address:
        yield address


def in_site(name):
    """The path and query of a notebook's page in the site."""
    return f"notebooks/index.html?path={name}.ipynb"


def open_notebook(page, address, name):
    page.goto(f"{address}/{in_site(name)}")
    expect(page.locator(".jp-MarkdownOutput").first).to_be_visible(timeout=SECONDS * 1000)


def wait_for(page, text):
    """The output that holds a text, once it is there; it may be out of sight."""
    place = page.locator(".jp-OutputArea-output", has_text=text).first
    expect(place).to_be_attached(timeout=SECONDS * 1000)
    return place
