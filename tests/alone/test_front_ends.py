"""A notebook's figures appear in HTML, in print, and with papermill."""

import re
import shutil
import subprocess

import pytest

from tests.alone.figures import as_html, figures

NAMES = ["padding", "04_padding"]  # an assignment, and a lesson with an animation


@pytest.fixture(scope="module")
def executed():
    """Return each notebook with its outputs, run once."""
    return {}


@pytest.fixture(params=NAMES)
def notebook(request, alone, run, executed):
    name = request.param
    if name not in executed:
        executed[name] = run(alone(name, solved=name == "padding"))
    return executed[name]


def test_a_browser_prints_every_figure(notebook, tmp_path):
    """Printing works as with `nbconvert --to webpdf`; LaTeX is not needed."""
    browser = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if not browser:
        pytest.skip("there is no chromium")
    (tmp_path / "page.html").write_text(as_html(notebook), encoding="utf-8")
    pdf = tmp_path / "page.pdf"
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/user"]
    offline = ["--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=20000"]
    command = [browser, *options, *offline, f"--print-to-pdf={pdf}", str(tmp_path / "page.html")]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    # A photograph is stored once even if it is shown often, and a mask counts as an image.
    images = {data.get("image/png", data.get("image/svg+xml")) for data in figures(notebook)}
    assert len(re.findall(rb"/Subtype\s*/Image", pdf.read_bytes())) >= len(images)


def test_papermill_keeps_every_figure(alone, tmp_path, monkeypatch):
    papermill = pytest.importorskip("papermill", reason="papermill is not installed")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setenv("no_proxy", "*")
    path = alone("04_padding")
    notebook = papermill.execute_notebook(
        str(path), str(tmp_path / "out.ipynb"), cwd=str(path.parent), progress_bar=False
    )
    assert len(figures(notebook)) >= 3
    assert all("image/png" in data and data["text/plain"] for data in figures(notebook))
