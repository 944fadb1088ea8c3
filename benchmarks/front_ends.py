"""Every notebook opened and run in three front ends, in Chromium without a network.

    make bench-front-ends ARGS="[--front-end NAME] [--again] [NOTEBOOK ...]"

`jupyter` is JupyterLab with the packages of .venv-frameworks, `colab` is JupyterLab with the
package versions of Colab, from .venv-colab, and `browser` is the site that `make lite` builds. Each
notebook is opened as one file in a folder of its own, or from the site, in a browser that has never
seen it, and all its cells are run from the menu: an assignment as it is released and again with the
solutions, a lesson once, with the unwritten and the solved exercises one after the other.

Results are kept in docs/_build/front_ends.json, so that a run that was stopped continues; a
notebook that has changed, or in which something was wrong, is run again. --write puts the tables of
all kept results into front_ends.md.
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
from tests.browser.pages import END, run_all, with_end
from tests.publisher import published
from tools.course import BUNDLE, ROOT, address, assignments, course_notebooks, write_if_changed

__all__ = ["FRONT_ENDS", "FrontEnd", "Jupyter", "Result", "Site", "main", "measure", "tables"]

LIMIT = 1800  # seconds for one run of a notebook
KEPT = ROOT / "docs" / "_build" / "front_ends.json"
SITE = ROOT / "docs" / "_build" / "lite"
# Whom a notebook may ask: the badge's picture is Colab's, and where there is no network, a lesson
# says so in a line, and takes a sample in the place of a data set, or goes on without weights.
LET_OFF = (
    "colab.research.google.com",
    "fashion-mnist.s3-website.eu-central-1.amazonaws.com",
    "storage.googleapis.com",
)

CHECK = re.compile(r"^public_tests\.check_(?:answer|function)\(", re.M)  # of a lesson
NOT_DONE = re.compile(r": not (?:answered|written) yet\.")  # what such a check says
RIGHT = re.compile(r": right[.,]")
SUMMARY = re.compile(r"(\d+) of (\d+) exercises pass their checks\.")  # of an assignment
OPEN = ": not written yet"  # in the summary
PASSED = re.compile(r"checks? passed")
SKIPPED = re.compile(r"^Skipped: ")  # by lesson_tools.needs
ANY = re.compile(".")
# An error, which ends Run All, or what was written to stderr: some front ends show both as stderr.
FAULT = ":is([data-mime-type$='jupyter.error'], [data-mime-type$='jupyter.stderr'])"
# Of the images in the outputs, once they are loaded, all and those that the browser cannot show.
IMAGES = """async all => {
    await Promise.all(all.map(it => it.decode?.().catch(() => null)));
    return [all.length, all.filter(it => it.tagName === 'IMG' && !it.naturalWidth).length];
}"""

Cells = list[dict[str, Any]]


# The notebooks, with and without their solutions

# The solved notebooks by name, built in the environment of the course.
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
    """The cells of notebooks with their solutions."""
    command = [str(ROOT / ".venv/bin/python"), "-c", SOLVED, *names]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    cells: dict[str, Cells] = json.loads(done.stdout)
    return cells


@dataclass(frozen=True)
class Work:
    """What is opened of a notebook, one after the other, and what its checks have to say.

    texts: the notebooks as files; verdict: what the last one's first check prints; exercises: the
    number of its checks
    """

    texts: list[str]
    verdict: re.Pattern[str]
    exercises: int


def work_of(name: str, notebook: dict[str, Any], solved: Cells) -> Work:
    """An assignment as released and with its solutions, or a lesson with both."""
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
    """The cells of an assignment as a student hands them in."""
    texts = {
        cell["id"]: cell["source"]
        for cell in _code(solved)
        if cell["metadata"].get("nbgrader", {}).get("solution")
    }
    return [{**cell, "source": texts.get(cell["id"], cell["source"])} for cell in cells]


def _with_both(cells: Cells, solved: Cells) -> Cells:
    """The cells of a lesson; a cell with a solution follows the stub and the check of the stub."""
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
    """Where a notebook is opened."""

    @property
    def title(self) -> str:
        """Its name in the tables."""

    def missing(self) -> str:
        """What is not there and how to have it; "" where nothing is missing."""

    def names(self) -> list[str]:
        """The notebooks that can be opened there."""

    def path(self, name: str) -> Path:
        """The file of a notebook."""

    def imported(self, name: str) -> bytes:
        """What a notebook imports beside its own text and installed packages."""

    def opened(self, name: str, text: str) -> Any:
        """A context: the address of a notebook's page, and the list of what is asked of others."""

    def start(self, page: Any) -> None:
        """Run all cells of the page's notebook."""

    def versions(self) -> str:
        """The packages of its Python."""


@dataclass(frozen=True)
class Jupyter:
    """JupyterLab, with a kernel of another environment and a folder that holds one notebook."""

    title: str
    environment: str  # its folder, in the repository

    @property
    def python(self) -> Path:
        return ROOT / self.environment / "bin" / "python"

    def missing(self) -> str:
        if self.python.exists():
            return ""
        return f"there is no Python in {self.environment}: `make bench-front-ends` installs it"

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
        """The environment of JupyterLab, with settings and a kernel in its home folder."""
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
        """A folder with matplotlib's list of fonts; its first import takes seconds to make it."""
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


# JupyterLab leaves cells out of the page that are far from what it shows, and asks for news.
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
    """What lessons import, as the course's address serves it."""
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
        return "" if self._lock.exists() else f"there is no site in {self.folder}: run `make lite`"

    def names(self) -> list[str]:
        return [name for name in [*course_notebooks(), *assignments()] if self.path(name).exists()]

    def path(self, name: str) -> Path:
        return self.folder / "files" / f"{name}.ipynb"

    def imported(self, name: str) -> bytes:
        return self._lock.read_bytes()

    @property
    def _lock(self) -> Path:
        """Pyodide's list of all packages, with their hashes."""
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
        run_all(page)

    def versions(self) -> str:
        lock = json.loads(self._lock.read_bytes())
        packages = {name: lock["packages"][name]["version"] for name in ("numpy", "matplotlib")}
        python = f"Pyodide with Python {lock['info']['python']}"
        return f"{python}, NumPy {packages['numpy']}, matplotlib {packages['matplotlib']}"


FRONT_ENDS: dict[str, FrontEnd] = {
    "jupyter": Jupyter("Jupyter", ".venv-frameworks"),
    "colab": Jupyter("Colab's versions", ".venv-colab"),
    "browser": Site("Browser"),
}


# What a run shows


@dataclass(frozen=True)
class Visit:
    """What one run of a notebook showed, in a browser that had never seen it.

    seconds: from opening the page to the notebook, the first output, the first verdict of a check,
    and the end; infinite where the limit came first
    """

    texts: list[str]  # of the outputs
    faults: list[str]
    figures: int
    seconds: list[float]


def visit(
    playwright: Any, front_end: FrontEnd, name: str, text: str, verdict: re.Pattern[str]
) -> Visit:
    """Open a notebook and run all its cells; `verdict` is what the output of a check holds."""
    with (
        front_end.opened(name, text) as (place, asked_by_python),
        offline_chromium(playwright) as (browser, asked_by_page),
    ):
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        page.set_default_timeout(LIMIT * 1000)
        begin = time.perf_counter()

        def seconds_until(there: Any) -> float:
            left = begin + LIMIT - time.perf_counter()
            try:
                expect(there.first).to_be_attached(timeout=max(left, 0.001) * 1000)
            except AssertionError:
                return math.inf
            return time.perf_counter() - begin

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
        f"another server was asked: {what}"
        for what in asked
        if not any(host in what for host in LET_OFF)
    ]
    return Visit(texts, faults, images - broken, seconds)


@dataclass(frozen=True)
class Result:
    """What the runs of a notebook showed in one front end.

    exercises: the number of checks; unwritten: of how many of them the unwritten function is
    reported; passed: how many pass with the solutions; load: the load average after the run;
    digest: of what was run
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
        """Whether all is as it should be."""
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
        if summary := SUMMARY.search(last):  # which counts what lenet has trained, too
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


# The tables

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
    """The summary of all front ends, and a table of each."""
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
    machine = f"Chromium {chromium}; {_processor()}, {os.cpu_count()} cores, {platform.system()}."
    return "\n\n".join([*parts, machine]) + "\n"


def _head(names: Sequence[str], words: int) -> list[str]:
    """The head of a table, whose first columns hold words and the others numbers."""
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


def _processor() -> str:
    """The name of the processor, as Linux has it."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        text = ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.M)
    return found[1] if found else platform.machine()


# The command


def _read(path: Path) -> dict[str, dict[str, Result]]:
    """The results that earlier runs have kept."""
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
    """Returns 0 where all is as it should be in every notebook that was asked for, else 1."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NOTEBOOK", help="else all notebooks")
    parser.add_argument("--front-end", action="append", choices=FRONT_ENDS, help="else all three")
    parser.add_argument("--again", action="store_true", help="also what has been measured before")
    parser.add_argument("--write", action="store_true", help="put the tables into front_ends.md")
    options = parser.parse_args(arguments)
    known = [*course_notebooks(), *assignments()]
    unknown = [name for name in options.names if name not in known]
    if unknown:
        parser.error(f"there is no notebook {unknown[0]!r}; there are {', '.join(known)}")
    chosen = options.front_end or list(FRONT_ENDS)
    for key in chosen:
        if missing := FRONT_ENDS[key].missing():
            parser.error(f"{FRONT_ENDS[key].title}: {missing}")
    if not chromium_path():
        parser.error("there is no Chromium; name its program in the variable CHROMIUM")
    wanted = {
        key: [name for name in FRONT_ENDS[key].names() if name in (options.names or known)]
        for key in chosen
    }
    solved = solved_cells(sorted(set().union(*wanted.values())))
    results, bad = _read(KEPT), 0
    with sync_playwright() as playwright:
        with offline_chromium(playwright) as (browser, _):
            version = browser.version
        for key, names in wanted.items():
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
