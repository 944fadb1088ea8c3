"""Every notebook works as a single file, opened by Colab's badge or uploaded."""

import importlib.util
import re
import zipfile

import pytest

from tests import publisher as how
from tests.alone.figures import as_html, drawn, figures
from tests.publisher import closed_port
from tools.course import assignments, bundle_digest, kept_bundle

LESSON, ERROR = "04_padding", "error"


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def errors(notebook):
    return [output for output in outputs(notebook) if output.output_type == ERROR]


def printed(notebook):
    streams = (o.text for o in outputs(notebook) if o.output_type == "stream")
    texts = (o.data.get("text/plain", "") for o in outputs(notebook) if "data" in o)
    return "\n".join([*streams, *texts])


def checks(notebook):
    return [cell for cell in notebook.cells if cell.id.endswith("_check")]


@pytest.mark.parametrize("name", assignments())
def test_an_untouched_assignment_says_what_is_not_written(alone, run, name):
    path = alone(name)
    notebook = run(path)
    assert checks(notebook)
    for cell in checks(notebook):
        assert "has not been written yet" in printed_of(cell), cell.id
    assert not errors(notebook)  # so that Run All reaches the summary
    assert "\n  todo  " in printed(notebook)
    assert list(path.parent.iterdir()) == [path], "nothing is fetched or written"


@pytest.mark.parametrize("name", assignments())
def test_a_solved_assignment_passes_all_its_checks(alone, run, name):
    notebook = run(alone(name, solved=True))
    assert not errors(notebook), errors(notebook)[0].evalue
    for cell in checks(notebook):
        assert "passed" in printed_of(cell), cell.id
    assert_figures(notebook)


def assert_figures(notebook):
    """Assert that every figure has an image for readers without HTML, and appears in nbconvert."""
    assert figures(notebook)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if re.search(r"<img|<canvas|<svg", data.get("text/html", "")):
                assert "image/png" in data or "image/svg+xml" in data, cell.source
                assert not data["text/plain"].startswith("<"), "the name of a class"
    assert drawn(as_html(notebook)) == len(figures(notebook))


def printed_of(cell):
    return "".join(o.get("text", "") + str(o.get("data", "")) for o in cell.outputs)


# The first cell, which downloads, is the same in all lessons; `make lessons LIBRARIES=colab` runs
# them all.
LESSONS = ("04_padding", "16_one_layer_four_libraries")


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_fetches_what_it_imports_and_runs_to_its_end(alone, run, name, server):
    server.answer = how.whole
    path = alone(name)
    notebook = run(path)
    assert not errors(notebook), errors(notebook)[0].evalue
    assert_figures(notebook)
    assert zipfile.is_zipfile(path.parent / kept_bundle(bundle_digest()))
    skipped = re.findall(r"^Skipped: .*", printed(notebook), flags=re.M)
    for package in ("torch", "keras", "tensorflow"):
        if importlib.util.find_spec(package):
            assert not any(re.search(rf"\b{package}\b", text) for text in skipped), skipped


@pytest.mark.parametrize("fault", [how.missing, how.login_page, None])
def test_a_lesson_that_cannot_fetch_its_packages_stops_at_its_first_cell(alone, run, server, fault):
    server.answer = fault or how.whole
    try:
        notebook = run(alone(LESSON, at=None if fault else f"http://127.0.0.1:{closed_port()}"))
    finally:
        server.answer = how.whole
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert errors(notebook)[0] in first.outputs
