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

from tests.browser.jupyter import start_all
from tests.browser.lite import (
    SECONDS,
    STORED,
    in_site,
    open_notebook,
    run_all_anew,
    served,
    solved,
    wait_for,
    whole,
)
from tests.browser.offline import offline_chromium
from tests.browser.pages import END, picture, with_end
from tests.files import copy_repository
from tools.course import assignments, course_notebooks

FIRST, MEASURED = "padding", "first_check.json"  # the ones of tools/lite.py
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
    missing = []
    context.on("response", lambda it: it.status >= 400 and missing.append(it.url))
    asked.clear()
    yield context.new_page()
    context.close()
    assert not asked and not missing


@pytest.mark.skipif("EVERY" not in os.environ, reason="takes half an hour: set the variable EVERY")
@pytest.mark.parametrize("name", [*course_notebooks(), *assignments()])
def test_every_notebook_of_the_site_runs_to_its_end(page, site, name):
    address, folder = site
    path = folder / "files" / f"{name}.ipynb"
    if not path.exists():
        pytest.skip("for Colab")
    released = path.read_bytes()
    notebook = json.loads(released) if name in course_notebooks() else solved(path)
    path.write_text(json.dumps(with_end(notebook)))
    open_notebook(page, address, name)
    start_all(page)
    outputs = page.locator(".jp-OutputArea-output")
    error = page.locator("[data-mime-type$='jupyter.error']")
    ended = outputs.filter(has_text=END).or_(error).first
    expect(ended).to_be_attached(timeout=6 * SECONDS * 1000)
    assert error.all_inner_texts() == []
    assert outputs.locator("img").evaluate_all(BROKEN) == 0
    path.write_bytes(released)


# Counts the images that the browser cannot display, once they are loaded.
BROKEN = """async images => {
    await Promise.all(images.map(image => image.decode().catch(() => null)));
    return images.filter(image => !image.naturalWidth).length;
}"""


def test_an_assignment_is_solved_kept_downloaded_and_graded(page, site, tmp_path):
    address, _ = site
    open_notebook(page, address, "padding")
    start_all(page)
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
    start_all(page)
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
        run_all_anew(page)
        wait_for(page, "zero_pad: all 4 checks passed.")
    picture(page, "lite-offline")


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
)
def test_prose_is_narrow_trusted_and_linked_to_the_web_site(chromium, site, width, scheme):
    browser, _ = chromium
    address, folder = site
    page_of_site = folder.parent / "course" / "glossary.html"
    page_of_site.parent.mkdir(exist_ok=True)
    page_of_site.write_text("<title>The glossary</title>")
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    context.set_default_timeout(SECONDS * 1000)
    page = context.new_page()
    open_notebook(page, address, "01_images_and_convolution")
    light = str(scheme == "light").lower()
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", light)
    expect(page.get_by_role("button", name="Trusted", exact=True)).to_be_attached()
    longest = page.locator(".jp-MarkdownOutput p").evaluate_all(LONGEST_LINE)
    assert (60 if width > 600 else 25) <= longest <= 80
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    picture(page, f"lite-{width}-{scheme}")
    back = page.locator(".jp-MarkdownOutput a").first
    back.hover()
    expect(back).to_have_attribute(
        "href", f"{address.removesuffix('/lite')}/course/01_images_and_convolution.html"
    )
    with context.expect_page() as opened:
        page.locator(".jp-MarkdownOutput a[href*='glossary']:visible").first.click()
    expect(opened.value).to_have_title("The glossary")
    assert opened.value.url.startswith(f"{address.removesuffix('/lite')}/course/glossary.html#")
    context.close()


# The number of characters in the longest line of paragraphs.
LONGEST_LINE = """paragraphs => {
    const lengths = paragraphs.map(paragraph => {
        const lines = new Map(), walker = document.createTreeWalker(paragraph, 4);
        for (let text; (text = walker.nextNode()); ) {
            for (let at = 0; at < text.length; at++) {
                const range = document.createRange();
                range.setStart(text, at);
                range.setEnd(text, at + 1);
                const bottom = Math.round(range.getBoundingClientRect().bottom / 9);
                lines.set(bottom, (lines.get(bottom) ?? 0) + 1);
            }
        }
        return Math.max(0, ...lines.values());
    });
    return Math.max(...lengths);
}"""


def test_a_first_check_loads_as_many_bytes_as_the_build_states(chromium, site):
    browser, _ = chromium
    _, folder = site
    sent = set()
    with served(folder, sent=sent) as address:
        page = browser.new_page()  # with a cold cache
        page.set_default_timeout(SECONDS * 1000)
        open_notebook(page, address, FIRST)
        start_all(page)
        wait_for(page, "zero_pad has not been written yet")
        page.context.close()
    sizes = {path.relative_to(folder.resolve()): path.stat().st_size for path in map(whole, sent)}
    assert not [path for path in sizes if path.name.startswith(("others-", "lessons-"))]
    stated = json.loads((folder / MEASURED).read_bytes())["notebook"]
    assert sum(sizes.values()) == pytest.approx(stated, rel=0.01)
    assert stated < 24_000_000


ON_DEMAND = """\
import io, statistics
import numpy as np, fontTools.ttLib, numpy.polynomial
import matplotlib.pyplot as plt

plt.savefig(io.BytesIO(), format="pdf")
print("on demand:", statistics.mean([1, 3]))
try:
    import scipy
except ModuleNotFoundError as error:
    print(error)
np.pad(np.ones(2), -1)
"""


def test_modules_that_did_not_load_at_the_start_are_imported_on_demand(page, site):
    address, folder = site
    keep_one_cell(folder, "one_by_one", ON_DEMAND)
    for offline in (False, False, True):  # the second visit fills the cache
        page.context.set_offline(offline)
        open_notebook_of_code(page, address, "one_by_one")
        run_all_anew(page)
        wait_for(page, "on demand: 2")
        wait_for(page, "No module named 'scipy'")
        # A traceback through a module without its source ends in the error.
        wait_for(page, "index can't contain negative values")
        page.keyboard.press("Control+s")  # without a network, only saved notebooks can be opened
        page.wait_for_function(STORED, arg="one_by_one.ipynb")
        expect(page.get_by_text("Last Checkpoint")).to_have_count(0)  # has the time of the build
    picture(page, "lite-traceback")


LISTED = """\
import os
os.makedirs("own_layers", exist_ok=True)  # as public_tests does
print("listed:", "pooling.ipynb" in os.listdir() and os.listdir("own_layers") == [])
"""


def test_python_starts_while_jupyterlab_loads(page, site):
    address, folder = site
    keep_one_cell(folder, "pooling", LISTED)
    for _ in range(2):  # the first visit also starts the service worker, which serves the files
        open_notebook_of_code(page, address, "pooling")
        run_all_anew(page)
        wait_for(page, "listed: True")
    assert workers(page) == ["lite_worker.mjs"]  # and none of the kernel
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("^Restart Kernel and Clear Outputs")).click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    expect(page.locator(".jp-OutputArea-output")).to_have_count(0)
    start_all(page)
    wait_for(page, "listed: True")
    (own,) = workers(page)
    assert own.startswith("comlink.worker.")


def workers(page):
    return [worker.url.rpartition("/")[2] for worker in page.workers]


def keep_one_cell(folder, name, code):
    """Replace the cells of a notebook of the site by one cell."""
    path = folder / "files" / f"{name}.ipynb"
    notebook = json.loads(path.read_bytes())
    cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    notebook["cells"] = [{**cell, "metadata": {}, "source": code}]
    path.write_text(json.dumps(notebook))


def open_notebook_of_code(page, address, name):
    page.goto(f"{address}/{in_site(name)}")
    expect(page.locator(".jp-CodeCell").first).to_be_visible(timeout=SECONDS * 1000)


def points(folder):
    """Return the points of a downloaded notebook when only its assignment is graded."""
    course = folder / "graded"
    notebooks = "release", "source"
    copy_repository(
        course,
        lambda path: (
            path.parts[0] != "course" and (path.parts[0] not in notebooks or "padding" in path.stem)
        ),
    )
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
    start_all(page)
    wait_for(page, END)
    outputs = page.locator(".jp-OutputArea-output")
    assert outputs.locator("img").count() >= 3
    wait_for(page, "Skipped: Keras and TensorFlow do not run in a browser.")
    wait_for(page, "No answer yet")
    expect(page.locator(".lesson-player").first.get_by_role("slider")).to_be_attached()
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").all_inner_texts() == []
    outputs.locator("img").first.scroll_into_view_if_needed()
    picture(page, "lite-lesson")


def test_functions_that_pass_in_the_browser_open_a_milestone_there(page, site):
    address, folder = site
    for name in ("padding", "single_step", "conv_forward"):
        path = folder / "files" / f"{name}.ipynb"
        path.write_text(json.dumps(with_end(solved(path))))
        open_notebook(page, address, name)
        start_all(page)
        wait_for(page, END)
    open_notebook(page, address, "milestones")
    start_all(page)
    wait_for(page, "Milestone 1 is reached: your loops computed")
    wait_for(page, "Milestone 2 is closed.")
    bars = page.locator("[data-mime-type='application/vnd.jupyter.stderr']").all_inner_texts()
    assert len(bars) == 1 and bars[0].startswith("conv_forward: 100%")
    picture(page, "lite-milestone")
