"""Open and run every notebook in three front ends, in Chromium without a network.

    make bench NAME=lessons.front_ends ARGS="[--front-end NAME] [--again] [NOTEBOOK ...]"

`jupyter` is JupyterLab with the packages of .venv-frameworks, `colab` is JupyterLab with the
package versions of Colab, from .venv-colab, and `browser` is the site that `make lite` builds. Each
notebook is opened as the only file in its folder, or from the site, with a new browser profile, and
all its cells are run from the menu: an assignment as released and again with the solutions, a
lesson once, with unwritten and solved exercises one after the other.

Results are stored in docs/_build/front_ends.json, so that an interrupted run resumes; notebooks
that have changed or failed are run again. --write puts the tables of all stored results into
front_ends.md.
"""

import argparse
import functools
import hashlib
import json
import math
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import expect, sync_playwright

from benchmarks._figures import show_figures
from tests.browser.jupyter import PLACES, jupyter_server, start_all, wait_until_idle
from tests.browser.lite import in_site, served
from tests.browser.offline import chromium_path, offline_chromium, refusing_proxy
from tests.browser.pages import END, with_end
from tests.publisher import published
from tools.course import BUNDLE, ROOT, address, assignments, course_notebooks, write_if_changed

__all__ = [
    "FRONT_ENDS",
    "FrontEnd",
    "Jupyter",
    "Result",
    "Site",
    "machine",
    "main",
    "measure",
    "tables",
]

LIMIT = 1800  # seconds per run of a notebook
KEPT = ROOT / "docs" / "_build" / "front_ends.json"
SITE = ROOT / "docs" / "_build" / "lite"
# Addresses that a notebook may request: the badge's image comes from Colab, and without a network a
# lesson prints a line, and uses a sample instead of a data set, or continues without weights.
LET_OFF = (
    "colab.research.google.com",
    "fashion-mnist.s3-website.eu-central-1.amazonaws.com",
    "storage.googleapis.com",
)

CHECK = re.compile(r"^public_tests\.check_(?:answer|function)\(", re.M)  # check of a lesson
NOT_DONE = re.compile(r": not (?:answered|written) yet\.")  # its output
RIGHT = re.compile(r": right[.,]")
SUMMARY = re.compile(r"(\d+) of (\d+) exercises pass their checks\.")  # of an assignment
OPEN = ": not written yet"  # line of the summary
PASSED = re.compile(r"checks? passed")
SKIPPED = re.compile(r"^Skipped: ")  # printed by lesson_tools.needs
ANY = re.compile(".")
# An error, which ends Run All, or output on stderr: some front ends show both as stderr.
FAULT = ":is([data-mime-type$='jupyter.error'], [data-mime-type$='jupyter.stderr'])"
# Counts the images in the outputs, and the ones that the browser cannot display, once loaded.
IMAGES = """async all => {
    await Promise.all(all.map(it => it.decode?.().catch(() => null)));
    return [all.length, all.filter(it => it.tagName === 'IMG' && !it.naturalWidth).length];
}"""

Cells = list[dict[str, Any]]


# Notebooks with and without solutions

# The solved notebooks by name, built in the course's environment.
SOLVED = """
import json, sys
from tools.course import assignments
from tools.notebooks import build_lesson, build_notebook
known = assignments()
built = {
    name: build_notebook(name) if name in known else build_lesson(name, claims=True)
    for name in sys.argv[1:]
}
print(json.dumps({name: notebook.cells for name, notebook in built.items()}))
"""


def solved_cells(names: Sequence[str]) -> dict[str, Cells]:
    """Return the cells of notebooks with their solutions."""
    command = [str(ROOT / ".venv/bin/python"), "-c", SOLVED, *names]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    cells: dict[str, Cells] = json.loads(done.stdout)
    return cells


@dataclass(frozen=True)
class Work:
    """The versions of a notebook to open, one after the other, and the expected checks.

    Attributes
    ----------
    texts
        The notebooks as files.
    verdict
        Output of the first check in the last version.
    exercises
        Number of checks.
    """

    texts: list[str]
    verdict: re.Pattern[str]
    exercises: int


def work_of(name: str, notebook: dict[str, Any], solved: Cells) -> Work:
    """Return an assignment as released and with its solutions, or a lesson with both."""
    cells = notebook["cells"]
    if name in assignments():
        versions = [cells, _with_solutions(cells, solved)]
        exercises = sum(cell["id"].endswith("_check") for cell in cells)
        verdict = PASSED
    else:
        versions = [_with_both(cells, solved)]
        exercises = sum(len(CHECK.findall(cell["source"])) for cell in _code(solved))
        verdict = re.compile(f"{NOT_DONE.pattern}|{RIGHT.pattern}") if exercises else ANY
    texts = [json.dumps(with_end({**notebook, "cells": version})) for version in versions]
    return Work(texts, verdict, exercises)


def _code(cells: Cells) -> Cells:
    return [cell for cell in cells if cell["cell_type"] == "code"]


def _with_solutions(cells: Cells, solved: Cells) -> Cells:
    """Return an assignment's cells with the solutions filled in."""
    texts = {
        cell["id"]: cell["source"]
        for cell in _code(solved)
        if cell["metadata"].get("nbgrader", {}).get("solution")
    }
    return [{**cell, "source": texts.get(cell["id"], cell["source"])} for cell in cells]


def _with_both(cells: Cells, solved: Cells) -> Cells:
    """Return a lesson's cells; each solution follows the stub and the check of the stub."""
    code = _code(cells)
    texts = {cell["id"]: other["source"] for cell, other in zip(code, _code(solved), strict=True)}
    checks = dict(zip((cell["id"] for cell in code[:-1]), code[1:], strict=True))
    both = []
    for cell in cells:
        if "### BEGIN SOLUTION" in texts.get(cell["id"], ""):
            both += [{**one, "id": f"stub-{one['id']}"} for one in (cell, checks[cell["id"]])]
            cell = {**cell, "source": texts[cell["id"]]}
        both.append(cell)
    return both


# The front ends


class FrontEnd(Protocol):
    """A program that opens notebooks."""

    @property
    def title(self) -> str:
        """Return the front end's name in the tables."""

    def missing(self) -> str:
        """Return the missing requirement and how to install it, or ""."""

    def names(self) -> list[str]:
        """Return the names of the notebooks that can be opened."""

    def path(self, name: str) -> Path:
        """Return the path to a notebook."""

    def imported(self, name: str) -> bytes:
        """Return the packages that a notebook imports in addition to installed ones."""

    def opened(self, name: str, text: str) -> Any:
        """Serve a notebook while the block runs; yield its address and the external requests."""

    def start(self, page: Any) -> None:
        """Run all cells of the notebook in the page."""

    def versions(self) -> str:
        """Return the versions of Python and its packages."""


@dataclass(frozen=True)
class Jupyter:
    """JupyterLab, with the kernel of another environment and a folder with one notebook."""

    title: str
    environment: str  # folder of the kernel's environment in the repository

    @property
    def python(self) -> Path:
        return ROOT / self.environment / "bin" / "python"

    def missing(self) -> str:
        if self.python.exists():
            return ""
        command = "make bench NAME=lessons.front_ends"
        return f"Python is missing in {self.environment}: `{command}` installs it"

    def names(self) -> list[str]:
        return [*course_notebooks(), *assignments()]

    def path(self, name: str) -> Path:
        folder = ROOT / "release" / name if name in assignments() else ROOT / "course"
        return folder / f"{name}.ipynb"

    def imported(self, name: str) -> bytes:
        return b"" if name in assignments() else _bundle()

    @contextmanager
    def opened(self, name: str, text: str) -> Iterator[tuple[str, list[str]]]:
        with (
            tempfile.TemporaryDirectory() as home,
            tempfile.TemporaryDirectory() as folder,
            refusing_proxy() as (proxy, asked),
            published({BUNDLE: _bundle()}) as publisher,
        ):
            text = text.replace(address(), publisher.address.rstrip("/"))
            Path(folder, f"{name}.ipynb").write_text(text, encoding="utf-8")
            variables = self._variables(Path(home), proxy)
            with jupyter_server("lab", folder, home, variables) as start:
                yield f"{start}/{PLACES['lab'].format(f'{name}.ipynb')}", asked

    def _variables(self, home: Path, proxy: str) -> dict[str, str]:
        """Write the kernel and the settings to JupyterLab's home folder; return its variables."""
        own = re.compile(r"(PYTHON|JUPYTER|MPL)|(?i:.*_proxy$)|CONVNET_DATA$|PROGRESS_FILE$")
        kept = {name: value for name, value in os.environ.items() if not own.match(name)}
        _write(home / "kernels" / "python3" / "kernel.json", self._kernel())
        for place, settings in LAB_SETTINGS.items():
            _write(home / "settings" / "@jupyterlab" / f"{place}.jupyterlab-settings", settings)
        return kept | {
            "http_proxy": proxy,
            "https_proxy": proxy,
            "no_proxy": "127.0.0.1,localhost",
            "JUPYTER_PATH": str(home),
            "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
            "MPLCONFIGDIR": self._fonts.name,
        }

    def _kernel(self) -> dict[str, Any]:
        command = [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return {"argv": command, "display_name": self.title, "language": "python"}

    @functools.cached_property
    def _fonts(self) -> "tempfile.TemporaryDirectory[str]":
        """Return a folder with matplotlib's font list, which takes seconds to build."""
        folder = tempfile.TemporaryDirectory()
        command = [str(self.python), "-c", "import matplotlib.pyplot"]
        variables = {**os.environ, "MPLCONFIGDIR": folder.name}
        subprocess.run(command, env=variables, check=True, capture_output=True)
        return folder

    def start(self, page: Any) -> None:
        wait_until_idle(page)
        start_all(page)

    def versions(self) -> str:
        done = subprocess.run(
            [self.python, "-c", VERSIONS], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()


# By default, JupyterLab removes distant cells from the page, and fetches news.
LAB_SETTINGS: dict[str, dict[str, Any]] = {
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
VERSIONS = """
import platform
from importlib import metadata
titles = {"ipykernel": "ipykernel", "ipython": "IPython", "numpy": "NumPy",
          "matplotlib": "matplotlib", "keras": "Keras", "tensorflow": "TensorFlow",
          "tensorflow-cpu": "TensorFlow", "torch": "PyTorch"}
found = {there.metadata["Name"].lower(): there.version for there in metadata.distributions()}
print(", ".join([f"Python {platform.python_version()}"] + [
    f"{title} {found[name]}" for name, title in titles.items() if name in found]))
"""


@functools.cache
def _bundle() -> bytes:
    """Return the packages for lessons, as the course's address serves them."""
    return (ROOT / "release" / BUNDLE).read_bytes()


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


@dataclass(frozen=True)
class Site:
    """The site that `make lite` builds, with Python in the page."""

    title: str
    folder: Path = SITE

    def missing(self) -> str:
        return (
            "" if self._lock.exists() else f"the site is missing in {self.folder}: run `make lite`"
        )

    def names(self) -> list[str]:
        return [name for name in [*course_notebooks(), *assignments()] if self.path(name).exists()]

    def path(self, name: str) -> Path:
        return self.folder / "files" / f"{name}.ipynb"

    def imported(self, name: str) -> bytes:
        return self._lock.read_bytes()

    @property
    def _lock(self) -> Path:
        """Return the path of Pyodide's list of packages and their hashes."""
        return self.folder / "static" / "pyodide" / "pyodide-lock.json"

    @contextmanager
    def opened(self, name: str, text: str) -> Iterator[tuple[str, list[str]]]:
        with tempfile.TemporaryDirectory() as instead:
            place = Path(instead, self.path(name).relative_to(self.folder))
            place.parent.mkdir()
            place.write_text(text, encoding="utf-8")
            with served(self.folder, instead) as start:
                yield f"{start}/{in_site(name)}", []

    def start(self, page: Any) -> None:
        start_all(page)

    def versions(self) -> str:
        about = json.loads(self._lock.read_bytes())["info"]
        packages = about["packages"]
        python = f"Pyodide with Python {about['python']}"
        return f"{python}, NumPy {packages['numpy']}, matplotlib {packages['matplotlib']}"


FRONT_ENDS: dict[str, FrontEnd] = {
    "jupyter": Jupyter("Jupyter", ".venv-frameworks"),
    "colab": Jupyter("Colab's versions", ".venv-colab"),
    "browser": Site("Browser"),
}


# Results of a run


@dataclass(frozen=True)
class Visit:
    """The results of one run of a notebook with a new browser profile.

    Attributes
    ----------
    seconds
        Times from opening the page to the notebook, the first output, the first verdict of a check,
        and the end; infinite after a timeout.
    """

    texts: list[str]  # texts of the outputs
    faults: list[str]
    figures: int
    seconds: list[float]


def visit(
    playwright: Any, front_end: FrontEnd, name: str, text: str, verdict: re.Pattern[str]
) -> Visit:
    """Open a notebook and run all its cells.

    Parameters
    ----------
    verdict
        Pattern of the output of a check.
    """
    with (
        front_end.opened(name, text) as (place, asked_by_python),
        offline_chromium(playwright) as (browser, asked_by_page),
    ):
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

        page.goto(place)
        seconds = [seconds_until(page.locator(".jp-Notebook .jp-Cell"))]
        front_end.start(page)
        outputs, fault = page.locator(".jp-OutputArea-output"), page.locator(FAULT)
        for words in (ANY, verdict, re.compile(END)):
            seconds.append(seconds_until(outputs.filter(has_text=words).or_(fault)))
        texts = outputs.all_text_contents()
        images, broken = outputs.locator("img, svg, canvas").evaluate_all(IMAGES)
        faults = fault.all_text_contents()
        faults += ["an image that cannot be shown"] * broken
    asked = [*asked_by_python, *asked_by_page]
    faults += [
        f"request to another server: {address}"
        for address in asked
        if not any(host in address for host in LET_OFF)
    ]
    return Visit(texts, faults, images - broken, seconds)


@dataclass(frozen=True)
class Result:
    """The results of a notebook's runs in one front end.

    Attributes
    ----------
    exercises
        Number of checks.
    unwritten
        Number of checks that report the unwritten function.
    passed
        Number of checks that pass with the solutions.
    load
        Load average after the run.
    digest
        Hash of the notebooks and packages.
    """

    exercises: int
    unwritten: int
    passed: int
    figures: int
    skipped: int
    faults: list[str]
    seconds: list[float]
    load: float
    digest: str

    @property
    def good(self) -> bool:
        """True if all checks gave the expected results, without faults and timeouts."""
        complete = self.unwritten == self.passed == self.exercises
        return complete and not self.faults and max(self.seconds) < math.inf


def measure(
    playwright: Any, front_end: FrontEnd, name: str, work: Work, digest: str = ""
) -> Result:
    """Open and run a notebook in a front end."""
    patterns = [SUMMARY, work.verdict] if len(work.texts) > 1 else [work.verdict]
    visits = [
        visit(playwright, front_end, name, text, pattern)
        for text, pattern in zip(work.texts, patterns, strict=True)
    ]
    first, last = ("\n".join(one.texts) for one in (visits[0], visits[-1]))
    exercises = work.exercises
    if len(visits) > 1:
        unwritten, passed = first.count(OPEN), 0
        if summary := SUMMARY.search(last):  # which also counts the training in lenet
            passed, exercises = int(summary[1]), int(summary[2])
    else:
        unwritten, passed = len(NOT_DONE.findall(last)), len(RIGHT.findall(last))
    return Result(
        exercises=exercises,
        unwritten=unwritten,
        passed=passed,
        figures=visits[-1].figures,
        skipped=sum(bool(SKIPPED.search(text)) for text in visits[-1].texts),
        faults=[fault for one in visits for fault in one.faults],
        seconds=visits[-1].seconds,
        load=os.getloadavg()[0],
        digest=digest,
    )


# Tables

Results = Mapping[str, Mapping[str, Result]]  # by front end and notebook

COLUMNS = (
    "notebook",
    "opened",
    "unwritten functions reported",
    "solutions pass",
    "figures",
    "cells skipped",
    "errors",
    "s to the notebook",
    "s to the first output",
    "s to the first verdict",
    "s to the end",
)


def tables(results: Results, chromium: str) -> str:
    """Return a summary of all front ends, and a table of each."""
    titles = {key: front_end.title for key, front_end in FRONT_ENDS.items()}
    names = [*course_notebooks(), *assignments()]
    lines = _head(["notebook", *titles.values()], 1)
    for name in names:
        cells = [_summary(results.get(key, {}).get(name), key, name) for key in titles]
        lines.append(_row([name, *cells]))
    parts = ["\n".join(lines)]
    for key, title in titles.items():
        there = results.get(key, {})
        if there:
            lines = _head(COLUMNS, 4)
            lines += [_details(name, there[name]) for name in names if name in there]
            loads = sorted(result.load for result in there.values())
            about = f"{FRONT_ENDS[key].versions()}. Load averages from {loads[0]:.1f} to "
            parts.append(f"### {title}\n\n{about}{loads[-1]:.1f}.\n\n" + "\n".join(lines))
    return "\n\n".join([*parts, machine(chromium)]) + "\n"


def _head(names: Sequence[str], words: int) -> list[str]:
    """Return a table's head, with `words` columns of text followed by columns of numbers."""
    return [_row(names), _row(["---"] * words + ["--:"] * (len(names) - words))]


def _row(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _summary(result: Result | None, key: str, name: str) -> str:
    if result is None:
        return "not measured" if name in FRONT_ENDS[key].names() else "for Colab"
    seconds = f"{_seconds(result.seconds[2])} s"
    return seconds if result.good else f"**fails**, {seconds}"


def _details(name: str, result: Result) -> str:
    opened = "yes" if result.seconds[0] < math.inf else "NO"
    counts = [_of(number, result.exercises) for number in (result.unwritten, result.passed)]
    numbers = [result.figures, result.skipped, len(result.faults)]
    return _row([name, opened, *counts, *numbers, *map(_seconds, result.seconds)])


def _of(number: int, exercises: int) -> str:
    good = "yes" if number == exercises else "NO"
    return f"{good}, {number} of {exercises}" if exercises else "-"


def _seconds(time: float) -> str:
    return f"{time:.0f}" if time < math.inf else f"over {LIMIT}"


def machine(chromium: str) -> str:
    """Return a sentence with the version of Chromium, the processor and the operating system."""
    return f"Chromium {chromium}; {_processor()}, {os.cpu_count()} cores, {platform.system()}."


def _processor() -> str:
    """Return the name of the processor from Linux."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        text = ""
    model = re.search(r"^model name\s*:\s*(.+)$", text, re.M)
    return model[1] if model else platform.machine()


# Command


def _read(path: Path) -> dict[str, dict[str, Result]]:
    """Return the results of earlier runs."""
    kept = json.loads(path.read_bytes()) if path.exists() else {}
    expected = {field.name for field in fields(Result)}
    return {
        key: {name: Result(**it) for name, it in there.items() if it.keys() == expected}
        for key, there in kept.items()
    }


def _keep(results: Results, path: Path) -> None:
    values = {
        key: {name: asdict(result) for name, result in there.items()}
        for key, there in results.items()
    }
    write_if_changed(path, json.dumps(values, indent=1).encode())


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if every selected notebook ran without a fault, else 1."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NOTEBOOK", help="a notebook [all]")
    parser.add_argument("--front-end", action="append", choices=FRONT_ENDS, help="[all three]")
    parser.add_argument("--again", action="store_true", help="repeat stored measurements")
    parser.add_argument("--write", action="store_true", help="put the tables into front_ends.md")
    options = parser.parse_args(arguments)
    known = [*course_notebooks(), *assignments()]
    unknown = [name for name in options.names if name not in known]
    if unknown:
        parser.error(f"unknown notebook {unknown[0]!r}; choose from {', '.join(known)}")
    chosen = options.front_end or list(FRONT_ENDS)
    for key in chosen:
        if missing := FRONT_ENDS[key].missing():
            parser.error(f"{FRONT_ENDS[key].title}: {missing}")
    if not chromium_path():
        parser.error("Chromium was not found: set the variable CHROMIUM to its path")
    selected = {
        key: [name for name in FRONT_ENDS[key].names() if name in (options.names or known)]
        for key in chosen
    }
    solved = solved_cells(sorted(set().union(*selected.values())))
    results, bad = _read(KEPT), 0
    with sync_playwright() as playwright:
        with offline_chromium(playwright) as (browser, _):
            version = browser.version
        for key, names in selected.items():
            for name in names:
                front_end, there = FRONT_ENDS[key], results.setdefault(key, {})
                work = work_of(name, json.loads(front_end.path(name).read_bytes()), solved[name])
                digest = _digest(work, front_end.imported(name))
                kept = there.get(name)
                if options.again or kept is None or kept.digest != digest or not kept.good:
                    there[name] = measure(playwright, front_end, name, work, digest)
                    _keep(results, KEPT)
                print(f"{front_end.title}: {_details(name, there[name])}", flush=True)
                for fault in there[name].faults:
                    print(f"  {fault[:1000]}", file=sys.stderr, flush=True)
                bad += not there[name].good
    show_figures(__file__, tables(results, version), options.write)
    return 1 if bad else 0


def _digest(work: Work, imported: bytes) -> str:
    return hashlib.sha256("".join(work.texts).encode() + imported).hexdigest()[:16]


if __name__ == "__main__":
    raise SystemExit(main())
