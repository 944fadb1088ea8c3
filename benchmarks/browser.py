"""Every notebook of the site that `make lite` builds, opened and run in Chromium.

    .venv-browser/bin/python -m benchmarks.browser SITE [--write] [NAME ...]

`make lite` builds SITE, `make test-browser` makes the environment. The network is this machine
alone. Each notebook is opened in a browser that has never seen the site, and all its cells are run
from the menu; an assignment as it is released, and again with the solutions. --write puts the table
into browser.md.
"""

import argparse
import json
import math
import os
import platform
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import expect, sync_playwright

from benchmarks._figures import show_figures
from tests.browser.lite import (
    END,
    SECONDS,
    offline_chromium,
    open_notebook,
    put_notebook,
    served,
)
from tests.browser.pages import run_all

__all__ = ["main"]

ROOT = Path(__file__).parents[1]
HEAD = (
    "| notebook | opened | unwritten functions reported | solutions pass | figures "
    "| skipped for Colab | errors | s to the notebook | s to the first output "
    "| s to the first verdict | s to the end |\n|---|---|---|---|--:|--:|--:|--:|--:|--:|--:|\n"
)
CHECK = re.compile(r"^public_tests\.check_(?:answer|function)\(", re.M)  # of a lesson
NOT_DONE = re.compile(r": not (?:answered|written) yet\.")  # what such a check says
RIGHT = re.compile(r": right[.,]")
SUMMARY = re.compile(r"(\d+) of (\d+) exercises pass their checks\.")  # of an assignment
PASSED = re.compile(r"checks? passed")
ANY = re.compile(".")

# The code cells of lessons with their solutions, by lesson, in the environment of the course.
SOLVED = """
import json, sys
from tools.notebooks import build_lesson
cells = {name: build_lesson(name, claims=True).cells for name in sys.argv[1:]}
code = {name: [c.source for c in cells[name] if c.cell_type == "code"] for name in cells}
print(json.dumps(code))
"""


def solved_assignment(name: str) -> dict[str, str]:
    """The solved cells of an assignment by id, from the instructor's notebook."""
    cells = json.loads((ROOT / "source" / name / f"{name}.ipynb").read_bytes())["cells"]
    marked = [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("solution")]
    code = [cell for cell in marked if cell["cell_type"] == "code"]
    return {cell["id"]: "".join(cell["source"]) for cell in code}


def solved_lessons(names: Sequence[str]) -> dict[str, list[str]]:
    """The code cells of lessons, with their solutions."""
    command = [ROOT / ".venv/bin/python", "-c", SOLVED, *names]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    cells: dict[str, list[str]] = json.loads(done.stdout)
    return cells


def with_both(cells: list[dict[str, Any]], solved: Sequence[str]) -> list[dict[str, Any]]:
    """The cells of a lesson; a cell with a solution follows the stub and the check of the stub."""
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    texts = dict(zip((cell["id"] for cell in code), solved, strict=True))
    checks = dict(zip((cell["id"] for cell in code[:-1]), code[1:], strict=True))
    both = []
    for cell in cells:
        if "### BEGIN SOLUTION" in texts.get(cell["id"], ""):
            both += [{**one, "id": f"stub-{one['id']}"} for one in (cell, checks[cell["id"]])]
            cell = {**cell, "source": texts[cell["id"]]}
        both.append(cell)
    return both


@dataclass
class Visit:
    """What one run of a notebook showed, in a browser that had never seen the site."""

    texts: list[str]  # of the outputs
    errors: int
    figures: int
    seconds: tuple[float, float, float, float]  # to the notebook, an output, a verdict, the end


def visit(browser: Any, address: str, name: str, verdict: re.Pattern[str]) -> Visit:
    """Open a notebook and run it; `verdict` is what the output of a check holds."""
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    context.set_default_timeout(SECONDS * 1000)
    page = context.new_page()
    begin = time.perf_counter()
    open_notebook(page, address, name)
    times = [time.perf_counter() - begin]
    run_all(page)
    outputs = page.locator(".jp-OutputArea-output")
    error = page.locator("[data-mime-type='application/vnd.jupyter.error']")
    for text in (ANY, verdict, re.compile(END)):
        there = outputs.filter(has_text=text).or_(error).first  # an error stops Run All
        try:
            expect(there).to_be_attached(timeout=SECONDS * 1000)
            times.append(time.perf_counter() - begin)
        except AssertionError:
            times.append(math.inf)
    texts = outputs.all_text_contents()
    errors = error.count()
    errors += page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count()
    figures = outputs.locator("img, svg, canvas").count()
    context.close()
    return Visit(texts, errors, figures, tuple(times))


def of_assignment(browser: Any, address: str, site: Path, name: str) -> tuple[str, str, Visit]:
    """Whether stubs are reported, whether solutions pass, and the visit with the solutions."""
    solved = solved_assignment(name)
    put_notebook(site, name)
    stubs = visit(browser, address, name, SUMMARY)
    before = "\n".join(stubs.texts)
    written, count = _summary(before)
    open_ones = before.count(": not written yet")
    reported = written == 0 and open_ones == count and not stubs.errors

    def solve(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**cell, "source": solved.get(cell["id"], cell["source"])} for cell in cells]

    put_notebook(site, name, solve)
    done = visit(browser, address, name, PASSED)
    passed, _ = _summary("\n".join(done.texts))
    right = passed == count and not done.errors
    return _of(reported, open_ones, count), _of(right, passed, count), done


def of_lesson(
    browser: Any, address: str, site: Path, name: str, solved: Sequence[str]
) -> tuple[str, str, Visit]:
    """The same of a lesson, in one visit."""
    count = sum(len(CHECK.findall(text)) for text in solved)
    put_notebook(site, name, lambda cells: with_both(cells, solved))
    verdict = re.compile(f"{NOT_DONE.pattern}|{RIGHT.pattern}") if count else ANY
    done = visit(browser, address, name, verdict)
    texts = "\n".join(done.texts)
    stubs, right = len(NOT_DONE.findall(texts)), len(RIGHT.findall(texts))
    return _of(stubs == count, stubs, count), _of(right == count, right, count), done


def _summary(text: str) -> tuple[int, int]:
    """How many exercises of an assignment pass, and of how many; -1 where an error came first."""
    match = SUMMARY.search(text)
    return (int(match[1]), int(match[2])) if match else (-1, -1)


def _of(good: bool, some: int, count: int) -> str:
    return f"{'yes' if good else 'NO'}, {some} of {count}" if count else "-"


def row(name: str, reported: str, passed: str, done: Visit) -> str:
    """The table's row of one notebook."""
    skipped = sum("not run in a browser" in text for text in done.texts)
    seconds = " | ".join(
        f"{time:.0f}" if time < math.inf else f"over {SECONDS}" for time in done.seconds
    )
    counts = f"{done.figures} | {skipped} | {done.errors}"
    return f"| {name} | yes | {reported} | {passed} | {counts} | {seconds} |\n"


def _processor() -> str:
    """The name of the processor, as Linux has it."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        text = ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.M)
    return found[1] if found else platform.machine()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("site", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME", help="else all notebooks of the site")
    parser.add_argument("--write", action="store_true", help="put the table into browser.md")
    options = parser.parse_args(arguments)
    files = sorted(path.stem for path in (options.site / "files").glob("*.ipynb"))
    names = options.names or files
    is_assignment = {name: (ROOT / "source" / f"{name}.py").exists() for name in names}
    lessons = solved_lessons([name for name in names if not is_assignment[name]])
    rows, before = [], os.getloadavg()[0]
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright, served(options.site) as address:
        for name in names:
            with offline_chromium(playwright, chromium) as (browser, asked):
                where = browser, address, options.site, name
                if is_assignment[name]:
                    outcome = of_assignment(*where)
                else:
                    outcome = of_lesson(*where, lessons[name])
                rows.append(row(name, *outcome))
                version = browser.version
                if asked:
                    raise SystemExit(f"{name} asked others for {asked}")
            print(rows[-1], end="", flush=True)
    machine = f"Chromium {version}; {_processor()}, {os.cpu_count()} cores, {platform.system()}. "
    machine += f"Load average before the run: {before:.1f}."
    show_figures(__file__, f"{HEAD}{''.join(rows)}\n{machine}\n", options.write)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
