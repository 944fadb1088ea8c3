"""How many seconds the formgrader's pages take with a large class.

    .venv-browser/bin/python -m benchmarks.formgrader [--students 1000] [--rounds 3] [--write]

One submission of padding is graded in a copy of the repository. All others get its graded notebook
and its points, by nbgrader's own interface: the pages read the gradebook and the notebooks, and do
not care how the points came there. Each page is opened in Chromium, as for the first time, and the
time ends when its table has all rows.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from benchmarks._figures import show_figures
from tests.browser.jupyter import jupyter_server
from tests.browser.offline import chromium_path
from tests.files import ROOT, copy_repository, environment, keep_assignments

ENROL = """
import shutil, sys
from nbgrader.api import Gradebook

with Gradebook("sqlite:///gradebook.db") as gradebook:
    graded = gradebook.find_submission("padding", "student-0000").notebooks[0]
    scores = {grade.name: grade.auto_score for grade in graded.grades}
    for at in range(1, int(sys.argv[1])):
        student = f"student-{at:04}"
        for folder in ("submitted", "autograded"):
            shutil.copytree(f"{folder}/student-0000/padding", f"{folder}/{student}/padding")
        gradebook.add_student(student, first_name="Ada", last_name=f"Number {at:04}")
        submission = gradebook.add_submission("padding", student)
        for grade in submission.notebooks[0].grades:
            grade.auto_score, grade.needs_manual_grade = scores[grade.name], False
    gradebook.db.commit()
"""
# The pages by their titles: their addresses, and how many rows their tables have.
PAGES = {
    "Manage Assignments": ("manage_assignments", 1),
    "Manage Submissions of an assignment": ("manage_submissions/padding", None),
    "Manual Grading": ("gradebook", 1),
    "Manual Grading, the notebooks of an assignment": ("gradebook/padding", 1),
    "Manual Grading, the submissions of a notebook": ("gradebook/padding/padding", None),
    "Manage Students": ("manage_students", None),
    "Manage Students, one student": ("manage_students/student-0500", 1),
}
SUBMISSION = "A submission, with its notebook"


def run(course: Path, *arguments: str) -> None:
    """Run Python in the copy, or end with what it says."""
    done = subprocess.run(
        [ROOT / ".venv" / "bin" / "python", *arguments],
        cwd=course,
        env=variables(course),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stderr[-3000:]}")


def variables(course: Path) -> dict[str, str]:
    """The environment of programs in the copy."""
    given = environment(course)
    return given | {"PATH": os.pathsep.join([str(ROOT / ".venv" / "bin"), given["PATH"]])}


def make_class(course: Path, students: int) -> None:
    """Copy the repository, grade one submission, and enrol everybody."""
    copy_repository(course)
    keep_assignments(course, ["padding"])
    run(course, "-m", "tools.release")
    first = course / "submitted" / "student-0000" / "padding"
    shutil.copytree(course / "source" / "padding", first)
    run(course, "-m", "nbjudge", "autograde", "padding")
    run(course, "-c", ENROL, str(students))


def seconds(page: Page, address: str, rows: int) -> float:
    """How long a page takes until its table has all rows, and no other."""
    start = time.perf_counter()
    page.goto(address)
    table = page.locator("#main-table tr")
    expect(table).to_have_count(rows, timeout=300_000)
    expect(table.first).not_to_contain_text("Loading", timeout=300_000)
    return time.perf_counter() - start


def measure(students: int, rounds: int, folder: Path) -> dict[str, float]:
    """The median seconds of each page."""
    course, home = folder / "course", folder / "home"
    home.mkdir()
    make_class(course, students)
    found: dict[str, list[float]] = {}
    options = {"executable_path": chromium_path(), "args": ["--no-sandbox"]}
    with (
        sync_playwright() as playwright,
        jupyter_server("lab", course, home, variables(course), course / "nbjudge/src") as address,
    ):
        browser = playwright.chromium.launch(**options)
        for _ in range(rounds):
            for title, (path, rows) in PAGES.items():
                page = browser.new_context().new_page()
                page.route("**/*MathJax*", lambda route: route.abort())  # from another site
                taken = seconds(page, f"{address}/formgrader/{path}", rows or students)
                found.setdefault(title, []).append(taken)
                if path == "gradebook/padding/padding":
                    link = page.get_by_role("link", name="Submission #1", exact=True)
                    start = time.perf_counter()
                    link.click()
                    expect(page.locator(".score").first).to_be_visible(timeout=300_000)
                    found.setdefault(SUBMISSION, []).append(time.perf_counter() - start)
                page.context.close()
        browser.close()
    return {title: statistics.median(times) for title, times in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description="How many seconds the formgrader's pages take.")
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="put the table into formgrader.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(options.students, options.rounds, Path(folder))
    lines = [
        f"{options.students:,} submissions of one assignment; {options.rounds} rounds, medians; "
        f"{os.cpu_count()} processors, load average {os.getloadavg()[2]:.0f}.",
        "",
        "| page | seconds |",
        "|---|--:|",
        *(f"| {title} | {taken:.1f} |" for title, taken in found.items()),
    ]
    show_figures(__file__, "\n".join(lines) + "\n", options.write)


if __name__ == "__main__":
    main()
