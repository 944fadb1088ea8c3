"""Time the first check of an assignment in the browser, from opening the page to the verdict.

    make bench NAME=checks.first_check ARGS="[--runs N] [--site FOLDER]"

The assignment padding of the site that `make lite` builds is opened in a fresh Chromium without a
network, with a right solution and with a wrong one, and Run All Cells is selected as soon as the
notebook is on the page. --write puts the table into first_check.md.
"""

import argparse
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

from benchmarks._figures import show_figures
from benchmarks.lessons.front_ends import SITE, Site, machine, solved_cells, visit, work_of
from tests.browser.offline import chromium_path, offline_chromium

__all__ = ["main"]

NAME, FUNCTION = "padding", "zero_pad"
WRONG = "def zero_pad(X, pad):\n    return np.pad(X, pad)  # also pads the examples and channels\n"
VERDICTS = {
    "right": re.compile("all 4 checks passed"),
    "wrong": re.compile("[0-3] of 4 checks passed"),
}
STEPS = ("the notebook", "the first output", "the verdict")
HEAD = f"| solution | {' | '.join(f's to {step}' for step in STEPS)} |\n| --- | --: | --: | --: |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if every check gave the expected verdict, else 1."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5, help="runs of each solution [5]")
    parser.add_argument("--site", type=Path, default=SITE, help="folder of the site")
    parser.add_argument("--write", action="store_true", help="put the table into first_check.md")
    options = parser.parse_args(arguments)
    site = Site("Browser", options.site)
    if missing := site.missing():
        parser.error(missing)
    if not chromium_path():
        parser.error("Chromium was not found: set the variable CHROMIUM to its path")
    cells = solved_cells([NAME])[NAME]
    wrong = [{**cell, "source": WRONG} if cell["id"] == FUNCTION else cell for cell in cells]
    notebook = json.loads(site.path(NAME).read_bytes())
    rows, loads = [], []
    with sync_playwright() as playwright:
        with offline_chromium(playwright) as (browser, _):
            version = browser.version
        for title, solution in (("right", cells), ("wrong", wrong)):
            text = work_of(NAME, notebook, solution).texts[-1]
            runs = []
            for _ in range(options.runs):
                loads.append(os.getloadavg()[0])
                done = visit(playwright, site, NAME, text, VERDICTS[title])
                if not any(map(VERDICTS[title].search, [*done.texts, *done.faults])):
                    print(f"Unexpected verdict on the {title} solution: {done.texts} {done.faults}")
                    return 1
                runs.append(done.seconds[: len(STEPS)])
            rows.append(_row(title, list(zip(*runs, strict=True))))
    about = f"{machine(version)} Load averages from {min(loads):.1f} to {max(loads):.1f}."
    show_figures(__file__, "\n".join([HEAD, *rows, "", about, ""]), options.write)
    return 0


def _row(title: str, seconds: Sequence[Sequence[float]]) -> str:
    """Return a row of the table: the median of each step, its smallest and its largest time."""
    cells = [f"{median(step):.1f} ({min(step):.1f} to {max(step):.1f})" for step in seconds]
    return f"| {' | '.join([title, *cells])} |"


if __name__ == "__main__":
    raise SystemExit(main())
