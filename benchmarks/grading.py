"""How fast a class is graded: stock nbgrader, the plug-in, nbjudge, and the floor beside them.

    python -m benchmarks.grading [--students 24] [--rounds 3] [--growth 25 100 1000] [--write]

The class hands in the assignment conv_forward, once with one figure and once without any. All four
are run in turn, round by round, on the same submissions:

stock    `nbgrader autograde` as it comes, one kernel for each submission
plug-in  `nbgrader autograde` with `nbjudge.configure(c)` in its configuration
nbjudge  `nbjudge autograde`, with one worker for each processor
floor    the same cells and checks in one warm process: no isolation, no notebook, no gradebook

Times are of the whole command, start included, divided by the number of submissions; processor time
counts all processes that the command started. The floor's start is not counted.
"""

import argparse
import compileall
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from benchmarks._figures import put_figures
from nbjudge import _names

ROOT = Path(__file__).resolve().parents[1]
NAME = "conv_forward"
KINDS = {"one figure": 1, "no figure": 0}
STOCK_CONFIG = """
import os, sys
c = get_config()
c.CourseDirectory.course_id = "convolution"
c.CourseDirectory.root = {root!r}
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
os.environ["PYTHONPATH"] = {root!r}
c.Execute.timeout = 20
"""
WRONG = ("h * stride", "h")  # every fourth student forgets the stride downwards

console = Console(stderr=True, highlight=False)


def make_course(folder: Path, kind: str, students: int, stock: bool) -> Path:
    """A course whose class handed in `conv_forward` with as many figures as `kind` says."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file() and not name.startswith("submitted/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    for text in (folder / "source").glob("*.py"):
        if text.stem != NAME:
            text.unlink()
    run([sys.executable, "-m", "tools.release"], folder)
    if stock:
        (folder / "nbgrader_config.py").write_text(STOCK_CONFIG.format(root=str(folder)))
    source = json.loads((folder / "source" / NAME / f"{NAME}.ipynb").read_text())
    for number in range(students):
        place = folder / "submitted" / f"student{number:04}" / NAME
        place.mkdir(parents=True)
        notebook = submission(source, KINDS[kind], wrong=number % 4 == 3)
        (place / f"{NAME}.ipynb").write_text(json.dumps(notebook))
    compileall.compile_dir(folder, quiet=1)  # as after the first use
    return folder


def submission(source, figures, wrong):
    """The solved notebook with only its first figures, and what other cells use of the rest."""
    notebook, cells, used = json.loads(json.dumps(source)), [], set()
    for cell in reversed(notebook["cells"]):
        text = cell["source"]
        if "plt.show()" in text and "nbgrader" not in cell["metadata"]:
            text = re.split(r"^.*plt\.", text, maxsplit=1, flags=re.MULTILINE)
            text = text[0] if _names.assigned_names(_names.parse(text[0])) & used else ""
            cell["without"] = text
        if cell["cell_type"] == "code":
            used |= _names.read_names(_names.parse(cell.get("without", text)))
    for cell in notebook["cells"]:
        if "without" in cell:
            without = cell.pop("without")
            figures -= 1
            if figures < 0:
                if not without:
                    continue
                cell["source"] = without
        if wrong and "def conv_forward" in cell["source"]:
            cell["source"] = cell["source"].replace(*WRONG)
        cells.append(cell)
    return {**notebook, "cells": cells}


def run(command, folder, memory=False):
    """Run a command; returns its seconds, processor seconds, and peak memory in MB if asked."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    peak = Peak(process.pid) if memory else None
    errors = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{errors[-3000:]}")
    return seconds, used.ru_utime + used.ru_stime, peak.stop() if peak else None


class Peak(threading.Thread):
    """The most memory that a process and its descendants had; shared pages are counted once."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.most, self.done = pid, 0, threading.Event()
        self.start()

    def run(self):
        while not self.done.wait(0.2):
            self.most = max(self.most, sum(map(_memory, _family(self.pid))))

    def stop(self):
        """End watching; returns megabytes."""
        self.done.set()
        self.join()
        return self.most / 1024


def _family(pid):
    try:
        children = [
            int(child)
            for thread in os.listdir(f"/proc/{pid}/task")
            for child in Path(f"/proc/{pid}/task/{thread}/children").read_text().split()
        ]
    except OSError:
        return [pid]
    return [pid, *(one for child in children for one in _family(child))]


def _memory(pid):
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)


FLOOR = """
import json, os, sys, time
os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
sys.path.insert(0, ".")
from pathlib import Path
from nbjudge._shell import make_shell
import exercises, public_tests
shell = make_shell(2_000_000)
def run(path):
    shell.reset(new_session=False)
    source = json.loads(Path("source/{name}/{name}.ipynb").read_text())
    graded = [c for c in source["cells"] if c["metadata"].get("nbgrader", {{}}).get("grade")]
    tests = {{c["id"]: c["source"] for c in graded}}
    for cell in json.loads(path.read_text())["cells"]:
        if cell["cell_type"] == "code":
            shell.run("".join(tests.get(cell["id"], cell["source"])))
paths = sorted(Path("submitted").glob("*/{name}/{name}.ipynb"))
run(paths[0])
wall, used = time.perf_counter(), time.process_time()
for path in paths:
    run(path)
print(json.dumps([time.perf_counter() - wall, time.process_time() - used]))
"""


def measure(engine, folder):
    """Grade the class of a course; returns seconds and processor seconds."""
    if engine == "floor":
        code = FLOOR.format(name=NAME)
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        return json.loads(done.stdout.splitlines()[-1])
    nbgrader = str(Path(sys.executable).with_name("nbgrader"))
    command = {
        "stock": [nbgrader, "autograde", NAME, "--force"],
        "plug-in": [nbgrader, "autograde", NAME, "--force"],
        "nbjudge": [sys.executable, "-m", "nbjudge", "autograde", NAME, "--force"],
    }[engine]
    return run(command, folder)[:2]


def compare(students, rounds, folder):
    """Medians over the rounds: {kind: {engine: (seconds, processor seconds)}} a submission."""
    engines, found = ("stock", "plug-in", "nbjudge", "floor"), {}
    courses = {
        (kind, stock): make_course(folder / f"{kind}-{stock}", kind, students, stock)
        for kind in KINDS
        for stock in (True, False)
    }
    with Progress(console=console) as progress:
        task = progress.add_task("Grading", total=rounds * len(KINDS) * len(engines))
        for _ in range(rounds):
            for kind in KINDS:
                for engine in engines:
                    seconds = measure(engine, courses[kind, engine == "stock"])
                    found.setdefault((kind, engine), []).append([s / students for s in seconds])
                    progress.advance(task)
    return {
        kind: {
            engine: tuple(map(statistics.median, zip(*found[kind, engine], strict=True)))
            for engine in engines
        }
        for kind in KINDS
    }


def grow(sizes, folder):
    """Classes of several sizes, without figures: {size: (seconds, processor seconds, MB)}."""
    found = {}
    for size in sizes:
        course = make_course(folder / f"growth-{size}", "no figure", size, stock=False)
        command = [sys.executable, "-m", "nbjudge", "autograde", NAME, "--force"]
        seconds, used, memory = run(command, course, memory=True)
        found[size] = seconds / size, used / size, memory
        console.print(f"{size} submissions: {seconds:.1f} s")
    return found


def as_text(students, rounds, compared, grown) -> str:
    """The figures as Markdown."""
    cores = os.cpu_count()
    lines = [
        f"{students} submissions of {NAME}, {rounds} rounds, medians; {cores} processors, "
        f"Python {platform.python_version()}.",
        "",
        "| class | engine | seconds each | times faster | processor seconds | of the floor |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for kind, engines in compared.items():
        stock, floor = engines["stock"][0], engines["floor"][1]
        for engine, (seconds, used) in engines.items():
            lines.append(
                f"| {kind} | {engine} | {seconds:.3f} | {stock / seconds:.1f} | {used:.3f} "
                f"| {used / floor:.2f} |"
            )
    if grown:
        lines += ["", "| submissions | seconds each | processor seconds each | peak memory, MB |"]
        lines += ["|--:|--:|--:|--:|"]
    for size, (seconds, used, memory) in grown.items():
        lines.append(f"| {size} | {seconds:.3f} | {used:.3f} | {memory:.0f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=24, help="size of the class [24]")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run [3]")
    parser.add_argument("--growth", type=int, nargs="*", default=[], help="sizes, as 25 1000")
    parser.add_argument("--write", action="store_true", help="put the tables in grading.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="grading-") as folder:
        compared = compare(options.students, options.rounds, Path(folder)) if options.rounds else {}
        grown = grow(options.growth, Path(folder))
    text = as_text(options.students, options.rounds, compared, grown)
    print(text)
    if options.write:
        put_figures(__file__, text)


if __name__ == "__main__":
    main()
