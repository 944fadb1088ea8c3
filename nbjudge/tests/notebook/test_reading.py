"""Notebook files of all programs and versions, and files that are not notebooks."""

import json
import random

import pytest

from nbjudge.errors import UnreadableNotebookError
from nbjudge.notebook.reading import read_notebook
from nbjudge.notebook.repair import repair
from tests.support.engines import new_cell, notebook_bytes
from tests.support.submissions import (
    DOUBLE,
    IDS,
    SAVED_BY,
    SPEC,
    STRANGE,
    as_version_3,
    check,
    repaired,
    submitted,
)


def test_a_notebook_of_version_3_is_read():
    content = json.dumps(as_version_3(submitted())).encode()
    cells, repairs = repair(read_notebook(content), SPEC)
    check(cells)
    by_id = {cell["spec"].grade_id: cell for cell in cells if cell["spec"]}
    assert list(by_id) == IDS and by_id["double"]["source"] == DOUBLE and repairs == []


@pytest.mark.parametrize("minor", [*range(10), 99, 10**6, -1, None, "5", 4.5, []])
def test_any_minor_version_is_read(minor):
    by_id, _, repairs = repaired(submitted(), minor=minor)
    assert list(by_id) == IDS and repairs == []


@pytest.mark.parametrize("program", SAVED_BY)
def test_a_notebook_saved_by_another_program_is_the_same_notebook(program):
    cells, repairs = repair(read_notebook(SAVED_BY[program](submitted())), SPEC)
    check(cells)
    twins, _ = repair(read_notebook(notebook_bytes(submitted())), SPEC)
    assert repairs == []
    assert [c["source"].rstrip() for c in cells] == [c["source"].rstrip() for c in twins]
    assert [c["cell_type"] for c in cells] == [c["cell_type"] for c in twins]
    assert [c["spec"] for c in cells] == [c["spec"] for c in twins]


UNREADABLE = {
    "an empty file": b"",
    "no JSON": b"not a notebook",
    "a part of a notebook": notebook_bytes([])[:-1],
    "a number": b"3",
    "a list": b"[]",
    "a text": b'"notebook"',
    "nothing": b"null",
    "no cells": b"{}",
    "cells that are no list": b'{"cells": {}, "nbformat": 4}',
    "cells that are a text": b'{"cells": "abc", "nbformat": 4}',
    "cells that are nothing": b'{"cells": null, "nbformat": 4}',
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "a zip file": b"PK\3\4" + bytes(100),
    "a web page": b"<!DOCTYPE html><html><head><title>Log in</title></head></html>",
    "too deep": b"[" * 100_000,
    "version 5": b'{"cells": [], "nbformat": 5}',
    "version 99": b'{"cells": [], "nbformat": 99}',
    "version 0": b'{"cells": [], "nbformat": 0}',
    "version 2 without cells": b'{"nbformat": 2}',
    "version 3 without sheets": b'{"nbformat": 3}',
    "version 3 with strange sheets": b'{"nbformat": 3, "worksheets": [3], "metadata": {}}',
    "a version in words": b'{"cells": [], "nbformat": "four"}',
    "a version that is a list": b'{"cells": [], "nbformat": [4]}',
    "a large number": b'{"cells": ' + b"1" * 5000 + b"}",
}


KINDS = {  # text of the message: file, advice
    "an HTML page": (b"\xef\xbb\xbf\n<!DOCTYPE html><html>", "Download raw file"),
    "an HTML page ": (b"<html lang=en>", "download the notebook itself"),
    "is empty": (b" \n", "save the notebook and submit it again"),
    "a ZIP archive": (b"PK\3\4" + bytes(50), "unpack it"),
    "a Word document": (b"PK\3\4...word/document.xml", "copy the answers into the notebook"),
    "a gzip archive": (b"\x1f\x8b\x08" + bytes(20), "unpack it"),
    "a PDF file": (b"%PDF-1.7\n%\xe2", "submit the original notebook"),
    "a Git LFS pointer": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n",
        "git lfs pull",
    ),
    "a Git merge conflict, the first in line 2": (
        b'{"cells": [\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> other\n]}',
        "resolve the conflict",
    ),
    "nbformat is 5": (b'{"cells": [], "nbformat": 5}', "save it as nbformat 4"),
    "nbformat is 'four'": (b'{"cells": [], "nbformat": "four"}', "which is not a version"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_another_kind_is_called_so(kind):
    content, advice = KINDS[kind]
    with pytest.raises(UnreadableNotebookError) as raised:
        read_notebook(content)
    assert kind.strip() in str(raised.value) and advice in str(raised.value)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_a_notebook_in_another_encoding_is_the_same_notebook(encoding):
    content = notebook_bytes(submitted())
    assert read_notebook(content.decode().encode(encoding)) == read_notebook(content)


@pytest.mark.parametrize("version", ["4", 4.0, "4.5"])
def test_a_version_written_otherwise_is_read(version):
    content = json.loads(notebook_bytes(submitted()))
    text = json.dumps(content | {"nbformat": version}).encode()
    assert read_notebook(text) == read_notebook(notebook_bytes(submitted()))


def test_text_about_conflicts_and_pages_is_not_mistaken_for_a_file_type():
    text = "<<<<<<< HEAD\n=======\n>>>>>>> other\n<!DOCTYPE html>"
    assert read_notebook(notebook_bytes([new_cell(text)]))[0]["source"] == text


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_invalid_notebook_is_rejected_with_a_reason(name):
    with pytest.raises(UnreadableNotebookError) as raised:
        read_notebook(UNREADABLE[name])
    reason = str(raised.value)
    assert reason.startswith("not a Jupyter notebook: ") and 26 < len(reason) < 400
    assert "\n" not in reason


def test_bytes_that_are_not_text_are_read_as_far_as_possible():
    content = notebook_bytes([new_cell("MARK")]).replace(b"MARK", b"x = '\xff'")
    assert "x = '" in read_notebook(content)[0]["source"]


def test_damaged_notebooks_are_repaired_or_refused():
    rng = random.Random(4)
    whole = notebook_bytes(submitted())
    refused = 0
    for _ in range(600):
        content = bytearray(whole)
        for _ in range(rng.choice([1, 1, 3])):
            at = rng.randrange(len(content))
            content[at : at + rng.choice([0, 1, 1, 30])] = rng.choice(
                [b"", b"\0", b'"', b"{", b"]", b"NaN", b"1e999", b"null", rng.randbytes(2)]
            )
        try:
            cells = read_notebook(bytes(content))
        except UnreadableNotebookError:
            refused += 1
            continue
        check(repair(cells, SPEC)[0])
    assert 100 < refused < 590


def test_cells_of_random_content_are_repaired():
    rng = random.Random(6)
    values = [*STRANGE.values(), True, "code", "markdown", "double", "essay", DOUBLE, {}, [], "a\0"]
    fields = ["id", "cell_type", "metadata", "source", "attachments", "outputs", "nbgrader"]
    for _ in range(300):
        cells = []
        for _ in range(rng.randint(0, 8)):
            cell = {field: rng.choice(values) for field in rng.sample(fields, 5)}
            if rng.random() < 0.7:
                inner = {rng.choice(["grade_id", "points"]): rng.choice(values)}
                cell["metadata"] = {"nbgrader": inner, "name": rng.choice(values)}
            cells.append(rng.choice([cell, cell, cell, rng.choice(values)]))
        repaired(cells)
