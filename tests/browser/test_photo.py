"""The button that asks for a photograph, in JupyterLab and in Notebook 7."""

import json
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.jupyter import notebook, open_in_jupyter, run_all

ROOT = Path(__file__).parents[2]
CELLS = [
    f"import sys\nsys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'course')!r}]\n"
    "from lesson_tools.photo import draw_edges",
    "draw_edges()",
]


def test_a_photograph_is_uploaded_and_drawn(browser, server, tmp_path):
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    open_in_jupyter(page, server, json.dumps(notebook(CELLS)))
    run_all(page, last=2)
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="Photograph").click()
    (tmp_path / "text.png").write_text("no image")
    chosen.value.set_files(tmp_path / "text.png")
    expect(page.get_by_text("Pillow cannot read text.png: choose an image")).to_be_visible()
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="Photograph").click()
    chosen.value.set_files(ROOT / "docs" / "failing-check.png")
    drawn = page.get_by_role("img", name="A photograph, its edges found by")
    expect(drawn).to_be_visible(timeout=300_000)
    expect(page.get_by_text("text.png is no image")).to_have_count(0)
    page.close()
