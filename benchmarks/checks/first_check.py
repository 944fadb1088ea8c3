"""Time the first check in the browser: on the start page, and in the notebook padding.

    make bench NAME=checks.first_check ARGS="[--runs N] [--site FOLDER]"

The web site, with the notebooks of `make lite`, is opened in a fresh Chromium without a network. On
the start page, on a phone's width, Check is clicked twice. The assignment is opened with a right
solution and with a wrong one, and Run All Cells is selected as soon as the notebook is on the page.
--write puts the tables into first_check.md.
"""

import json
import math
import os
import platform
import re
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import expect, sync_playwright

from benchmarks._figures import argument_parser, show_figures
from tests.browser.jupyter import start_all
from tests.browser.lite import in_site, served, solved, whole
from tests.browser.offline import chromium_path, offline_chromium
from tools.course import ROOT

__all__ = ["main"]

SITE = ROOT / "docs" / "_build" / "site"
LIMIT = 1800  # seconds per run of the notebook
NAME, FUNCTION = "padding", "zero_pad"
WRONG = "def zero_pad(X, pad):\n    return np.pad(X, pad)  # also pads the examples and channels\n"
VERDICTS = {
    "right": re.compile("all 4 checks passed"),
    "wrong": re.compile("[0-3] of 4 checks passed"),
}
# An error, which ends Run All, or output on stderr: the front end shows both as stderr.
FAULT = ":is([data-mime-type$='jupyter.error'], [data-mime-type$='jupyter.stderr'])"
STEPS = ("the notebook", "the first output", "the verdict")
PAGE = {"width": 390, "height": 844}  # of the start page
# Such a visitor's browser loads nothing before the click.
SAVER = "Object.defineProperty(navigator, 'connection', { value: { saveData: true } })"
WITH_VERDICT = "document.querySelector('.start-check output').textContent.includes('checks passed')"
PAGE_HEAD = "| on the start page | MB | s from the click to the verdict |\n| --- | --: | --: |\n"
HEAD = f"| solution | {' | '.join(f's to {step}' for step in STEPS)} |\n| --- | --: | --: | --: |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if every check gave the expected verdict, else 1."""
    parser = argument_parser(__file__, __doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs of each solution [5]")
    parser.add_argument("--site", type=Path, default=SITE, help="folder of the site")
    options = parser.parse_args(arguments)
    lite = options.site / "lite"
    path = lite / "files" / f"{NAME}.ipynb"
    if not path.exists():
        parser.error(f"the site is missing in {options.site}: run `make lite site`")
    if not chromium_path():
        parser.error("Chromium was not found: set the variable CHROMIUM to its path")
    right = solved(path)
    cells = [
        {**cell, "source": WRONG} if cell["id"] == FUNCTION else cell for cell in right["cells"]
    ]
    rows, loads, clicks = [], [], []
    with sync_playwright() as playwright:
        with offline_chromium(playwright) as (browser, _):
            version = browser.version
        for _ in range(options.runs):
            loads.append(os.getloadavg()[0])
            clicks.append(click(playwright, options.site))
        for title, notebook in (("right", right), ("wrong", {**right, "cells": cells})):
            runs = []
            for _ in range(options.runs):
                loads.append(os.getloadavg()[0])
                seconds, texts = visit(playwright, lite, notebook, VERDICTS[title])
                if not any(map(VERDICTS[title].search, texts)):
                    print(f"Unexpected verdict on the {title} solution: {texts}")
                    return 1
                runs.append(seconds)
            rows.append(_row(title, list(zip(*runs, strict=True))))
    cores = f"{_processor()}, {os.cpu_count()} cores, {platform.system()}"
    about = f"Chromium {version}; {cores}. Load averages from {min(loads):.1f} to {max(loads):.1f}."
    table = PAGE_HEAD + "\n".join(map(_page_row, PAGE_STEPS, zip(*clicks, strict=True)))
    show_figures(__file__, "\n".join([table, "", HEAD, *rows, "", about, ""]), options.write)
    return 0


PAGE_STEPS = ("the page", "the first check", "a second check")


def click(playwright: Any, site: Path) -> list[tuple[int, float]]:
    """Open the start page with a new browser profile, and click Check twice.

    Returns
    -------
    list of (int, float)
        For the page and for each check, the bytes sent and the seconds from click to verdict.
    """
    sent: set[Path] = set()
    with served(site, sent=sent) as address, offline_chromium(playwright) as (browser, _):
        page = browser.new_page(viewport=PAGE)
        page.set_default_timeout(LIMIT * 1000)
        page.add_init_script(SAVER)
        page.goto(f"{address}/index.html", wait_until="networkidle")
        steps = [(_bytes(sent), 0.0)]
        for _ in range(2):
            before, start = _bytes(sent), time.perf_counter()
            page.locator(".start-check").get_by_role("button", name="Check").click()
            page.wait_for_function(WITH_VERDICT)
            steps.append((_bytes(sent) - before, time.perf_counter() - start))
        return steps


def _bytes(sent: set[Path]) -> int:
    return sum(whole(path).stat().st_size for path in sent)


def _page_row(step: str, runs: Sequence[tuple[int, float]]) -> str:
    """Return a row of the table of the start page; no time is measured for the page itself."""
    sizes, seconds = zip(*runs, strict=True)
    times = f"{median(seconds):.1f} ({min(seconds):.1f} to {max(seconds):.1f})"
    return f"| {step} | {median(sizes) / 1e6:.1f} | {'' if step == PAGE_STEPS[0] else times} |"


def visit(
    playwright: Any, site: Path, notebook: dict[str, Any], verdict: re.Pattern[str]
) -> tuple[list[float], list[str]]:
    """Open the notebook in the site with a new browser profile, and run all its cells.

    Returns
    -------
    seconds
        Times from opening the page to the steps; infinite after a timeout.
    texts
        Texts of the outputs.
    """
    with (
        tempfile.TemporaryDirectory() as instead,
        served(site, instead) as address,
        offline_chromium(playwright) as (browser, _),
    ):
        path = Path(instead, "files", f"{NAME}.ipynb")
        path.parent.mkdir()
        path.write_text(json.dumps(notebook), encoding="utf-8")
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        page.set_default_timeout(LIMIT * 1000)
        start = time.perf_counter()

        def seconds_until(there: Any) -> float:
            seconds_left = start + LIMIT - time.perf_counter()
            try:
                expect(there.first).to_be_attached(timeout=max(seconds_left, 0.001) * 1000)
            except AssertionError:
                return math.inf
            return time.perf_counter() - start

        page.goto(f"{address}/{in_site(NAME)}")
        seconds = [seconds_until(page.locator(".jp-Notebook .jp-Cell"))]
        start_all(page)
        outputs, fault = page.locator(".jp-OutputArea-output"), page.locator(FAULT)
        for words in (re.compile("."), verdict):
            seconds.append(seconds_until(outputs.filter(has_text=words).or_(fault)))
        return seconds, [*outputs.all_text_contents(), *fault.all_text_contents()]


def _processor() -> str:
    """Return the name of the processor from Linux."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        text = ""
    model = re.search(r"^model name\s*:\s*(.+)$", text, re.M)
    return model[1] if model else platform.machine()


def _row(title: str, seconds: Sequence[Sequence[float]]) -> str:
    """Return a row of the table: the median of each step, its smallest and its largest time."""
    cells = [f"{median(step):.1f} ({min(step):.1f} to {max(step):.1f})" for step in seconds]
    return f"| {' | '.join([title, *cells])} |"


if __name__ == "__main__":
    raise SystemExit(main())
