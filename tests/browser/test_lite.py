"""The site that `make lite` builds: an assignment and a lesson in a browser tab, also offline.

Pyodide comes from the folder in the variable PYODIDE or from the folder that `make lite` filled;
without either, these tests are skipped.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from benchmarks.front_ends import solved_cells, work_of
from tests.browser.lite import SECONDS, open_notebook, served, wait_for
from tests.browser.offline import offline_chromium
from tests.browser.pages import END, picture, run_all, with_end

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv" / "bin" / "python"
RIGHT = """\
def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
"""
MISSING = (
    "there is no Pyodide: `make lite` downloads it; on a closed network, "
    "make test-browser PYODIDE=FOLDER"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Return the address of the site, and its folder."""
    downloaded = sorted((ROOT / "docs" / "_build").glob("pyodide-*"))
    pyodide = os.environ.get("PYODIDE") or (downloaded[-1] if downloaded else None)
    if pyodide is None:
        pytest.skip(MISSING)
    folder = tmp_path_factory.mktemp("lite") / "course" / "lite"  # a path below the server's root
    command = [ROOT / ".venv-docs/bin/python", "-m", "tools.lite", folder, "--pyodide", pyodide]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    with served(folder.parents[1]) as address:
        yield f"{address}/course/lite", folder


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright, offline_chromium(playwright) as browser_and_asked:
        yield browser_and_asked


@pytest.fixture
def page(chromium):
    browser, asked = chromium
    context = browser.new_context(viewport={"width": 1200, "height": 1000}, accept_downloads=True)
    context.set_default_timeout(SECONDS * 1000)
    asked.clear()
    yield context.new_page()
    context.close()
    assert not asked, asked


def test_an_assignment_is_solved_kept_downloaded_and_graded(page, site, tmp_path):
    address, _ = site
    open_notebook(page, address, "padding")
    run_all(page)
    wait_for(page, "0 of 1 exercises pass their checks.")
    wait_for(
        page,
        "zero_pad has not been written yet: it still holds a `raise NotImplementedError` line.",
    )
    picture(page, "lite-untouched")

    editor = page.locator(".jp-CodeCell .cm-content", has_text="def zero_pad").first
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(RIGHT)
    run_all(page)
    wait_for(page, "zero_pad: all 4 checks passed.").scroll_into_view_if_needed()
    picture(page, "lite-solved")
    page.keyboard.press("Control+s")
    page.get_by_role("menuitem", name="File", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=re.compile("^Download")).click()
    download.value.save_as(tmp_path / "padding.ipynb")
    assert points(tmp_path) == [["student", "padding", "zero_pad", 5]]

    # The second visit caches what the memory cache hid from the first; the third works offline.
    for offline in (False, True):
        page.context.set_offline(offline)
        open_notebook(page, address, "padding")
        kept = page.locator(".jp-CodeCell .cm-content", has_text="return np.pad(X, ((0, 0)")
        expect(kept.first).to_be_attached(timeout=SECONDS * 1000)
        run_all(page)
        wait_for(page, "zero_pad: all 4 checks passed.")
    picture(page, "lite-offline")


def points(folder):
    """Return the points of a downloaded notebook when only its assignment is graded."""
    course = folder / "graded"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        parts = Path(name).parts
        needed = parts[0] not in ("course", "release", "source") or "padding" in Path(name).stem
        if needed and parts[0] != "course" and (ROOT / name).is_file():
            (course / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, course / name)
    submitted = course / "submitted" / "student" / "padding"
    submitted.mkdir(parents=True)
    shutil.copy(folder / "padding.ipynb", submitted)
    for module in ("tools.release", "tests.notebooks.grade_submissions"):
        done = subprocess.run(
            [PYTHON, "-m", module],
            cwd=course,
            env={**os.environ, "PYTHONPATH": f"{course}{os.pathsep}{course / 'nbjudge' / 'src'}"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout.splitlines()[-1])
    assert not outcome["failed"]
    return [row[:4] for row in outcome["rows"]]


def test_a_lesson_runs_to_its_end_with_figures_and_says_what_is_for_colab(page, site):
    address, folder = site
    path = folder / "files" / "04_padding.ipynb"
    path.write_text(json.dumps(with_end(json.loads(path.read_bytes()))))
    open_notebook(page, address, "04_padding")
    run_all(page)
    wait_for(page, END)
    outputs = page.locator(".jp-OutputArea-output")
    assert outputs.locator("img").count() >= 3
    wait_for(page, "Skipped: Keras and TensorFlow do not run in a browser.")
    wait_for(page, "No prediction yet")
    expect(page.locator(".lesson-player").first.get_by_role("slider")).to_be_attached()
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").all_inner_texts() == []
    outputs.locator("img").first.scroll_into_view_if_needed()
    picture(page, "lite-lesson")


def test_functions_that_pass_in_the_browser_open_a_milestone_there(page, site):
    address, folder = site
    needed = ["padding", "single_step", "conv_forward"]
    solved = solved_cells(needed)
    for name in needed:
        path = folder / "files" / f"{name}.ipynb"
        work = work_of(name, json.loads(path.read_bytes()), solved[name])
        path.write_text(work.texts[-1])
        open_notebook(page, address, name)
        run_all(page)
        wait_for(page, END)
    open_notebook(page, address, "milestones")
    run_all(page)
    wait_for(page, "Milestone 1 is reached: your loops computed")
    wait_for(page, "Milestone 2 is closed.")
    bars = page.locator("[data-mime-type='application/vnd.jupyter.stderr']").all_inner_texts()
    assert len(bars) == 1 and bars[0].startswith("conv_forward: 100%")
    picture(page, "lite-milestone")
