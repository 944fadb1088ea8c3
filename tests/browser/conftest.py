"""Fixtures: Chromium, and a server for notebooks (JupyterLab, and Notebook 7)."""

import os
import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.jupyter import PLACES, jupyter_server
from tests.browser.offline import chromium_path
from tests.browser.term import Term
from tests.browser.users import skip_without_users

expect.set_options(timeout=60_000)  # for busy machines; elements that exist are not waited for


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        options = {"executable_path": chromium_path(), "args": ["--no-sandbox"]}
        browser = playwright.chromium.launch(**options)
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=PLACES)
def server(request, tmp_path_factory):
    """Serve a folder; return the pattern of its notebooks' addresses, and the folder."""
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("alone")
    with jupyter_server(request.param, folder, home) as start:
        yield f"{start}/{PLACES[request.param]}", folder


@pytest.fixture
def term():
    """Return a course and its students, in a folder that all users can enter."""
    if os.geteuid() != 0:
        pytest.skip("acting as several users takes root: run `make test-browser` as root")
    with tempfile.TemporaryDirectory() as folder:
        term = Term(Path(folder))
        skip_without_users(term.users)
        yield term
