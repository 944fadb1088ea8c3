"""The submitted file that is judged as each notebook: cells before names."""

import json

import pytest

from nbjudge.course.submission import choose_files
from nbjudge.notebook.spec import NotebookSpec
from tests.support.engines import cells_of, notebook_bytes, spec

P1 = spec(
    ("# Part 1: sums", "text"),
    ("f = sum", "solution", "f"),
    ("assert f([1]) == 1", "test", "f_test"),
    ("Why are sums \N{GREEK CAPITAL LETTER SIGMA}?", "locked text", "why"),
)
P2 = spec(
    ("# Part 2: products", "text"),
    ("g = max", "solution", "g"),
    ("assert g([2]) == 2", "test", "g_test"),
    ("h = min", "solution", "h"),
)
SPECS = {"p1": P1, "p2": P2}


def written(of, *more, kept=True):
    """Return a submitted notebook; without `kept`, its cells have lost their metadata."""
    cells = [*cells_of(of), *more]
    return notebook_bytes([cell if kept else {**cell, "metadata": {}} for cell in cells])


KEPT = {"1": written(P1), "2": written(P2)}
LOST = {"1": written(P1, kept=False), "2": written(P2, kept=False)}
OTHER = written(spec(("k = 1", "solution", "k"), ("assert k", "test", "k_test")))
EMPTY = b'{"cells": [], "metadata": {}, "nbformat": 4}'


@pytest.mark.parametrize(
    "works", [KEPT, LOST, KEPT | {"2": LOST["2"]}], ids=["ids", "texts", "both"]
)
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("p1.ipynb", "p2.ipynb"),
        ("Copy of p1.ipynb", "p2.ipynb"),
        ("p1 (1).ipynb", "Kopie von p2.ipynb"),
        ("p2.ipynb", "p1.ipynb"),
        ("p2 (1).ipynb", "p1-1.ipynb"),
        ("a.ipynb", "b.ipynb"),
        ("p2.ipynb", "p2 (1).ipynb"),
        ("p1.ipynb.txt", "p1.ipynb"),
    ],
)
def test_cells_say_which_notebook_a_file_is(works, first, second):
    files = {second: works["2"], first: works["1"]}
    assert choose_files(SPECS, files) == {"p1": first, "p2": second}


@pytest.mark.parametrize(
    ("files", "chosen"),
    [
        ({"p1.ipynb": KEPT["2"]}, {"p2": "p1.ipynb"}),
        ({"p1.ipynb": KEPT["1"], "Copy of p1.ipynb": KEPT["1"]}, {"p1": "p1.ipynb"}),
        ({"a.ipynb": KEPT["1"], "b.ipynb": KEPT["1"]}, {}),
        ({"p1.ipynb": EMPTY, "Copy of p1.ipynb": KEPT["1"]}, {"p1": "p1.ipynb"}),
        ({"p1.ipynb": OTHER, "Copy of p1.ipynb": KEPT["1"]}, {"p1": "Copy of p1.ipynb"}),
        ({"p1.ipynb": OTHER}, {"p1": "p1.ipynb"}),
        ({"p1.ipynb": b"%PDF-", "p2.ipynb": KEPT["2"]}, {"p1": "p1.ipynb", "p2": "p2.ipynb"}),
        (
            {"p1.ipynb": written(P1, *cells_of(P2)[1:]), "p2.ipynb": KEPT["2"]},
            {"p1": "p1.ipynb", "p2": "p2.ipynb"},
        ),
    ],
    ids=[
        "the other notebook",
        "and a copy",
        "two copies",
        "unknown cells",
        "another assignment",
        "another assignment alone",
        "no notebook",
        "with more cells of the other",
    ],
)
def test_names_decide_where_cells_do_not(files, chosen):
    assert choose_files(SPECS, files) == chosen


def test_one_line_of_another_notebook_says_nothing():
    cells = [{**cell, "metadata": {}, "source": "mine"} for cell in cells_of(P1)]
    cells[0]["source"] = "# Part 2: products"
    assert choose_files(SPECS, {"p1.ipynb": notebook_bytes(cells)}) == {"p1": "p1.ipynb"}


def test_notebooks_that_share_ids_are_distinguished_by_names():
    larger = spec(*((c.source, "solution", c.grade_id) for c in P2.cells if c.solution))
    specs = {"one": larger, "two": P2}
    part = written(larger)
    for name in specs:
        assert choose_files(specs, {f"{name}.ipynb": part}) == {name: f"{name}.ipynb"}


def test_the_only_notebook_of_an_assignment_is_found_beside_that_of_another():
    files = {"ps1.ipynb": OTHER, "ps1 (1).ipynb": KEPT["1"], "notes.ipynb": EMPTY}
    assert choose_files({"ps1": P1}, files) == {"ps1": "ps1 (1).ipynb"}
    del files["ps1 (1).ipynb"], files["notes.ipynb"]
    assert choose_files({"ps1": P1}, files) == {"ps1": "ps1.ipynb"}


def test_lines_are_found_in_any_json():
    text = json.dumps(json.loads(LOST["1"]), ensure_ascii=False, indent=1)
    assert choose_files(SPECS, {"x.ipynb": text.encode()}) == {"p1": "x.ipynb"}


@pytest.mark.parametrize(
    ("names", "paths", "chosen"),
    [
        ("a", "a-1 notes", {}),
        ("a", "A", {"a": "A"}),
        ("a b", "a notes", {"a": "a"}),
        ("a b", "a copy/B-1 notes", {"a": "a", "b": "copy/B-1"}),
        ("a a_b", "a-1 a_b-1", {"a": "a-1", "a_b": "a_b-1"}),
        ("a ab", "ab-1", {"ab": "ab-1"}),
    ],
)
def test_matching_names_to_notebooks(names, paths, chosen):
    files = {f"{path}.ipynb": b"{}" for path in paths.split()}
    found = choose_files({name: NotebookSpec(name, ()) for name in names.split()}, files)
    assert found == {name: f"{path}.ipynb" for name, path in chosen.items()}
