"""Attacks: notebook."""

import json

from tests.red_team.declared import attack


@attack
def notebook_bom(submission):
    """The notebook begins with a byte order mark, as written by some editors on Windows.

    Success: the class stops.
    """
    submission.change(lambda data: b"\xef\xbb\xbf" + data)


@attack
def notebook_cells_no_list(submission):
    """The notebook's cells are a number.

    Success: the class stops.
    """
    submission.change(
        lambda data: b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 7}'
    )


@attack(alone=True)
def notebook_deep(submission):
    """JSON nested a hundred thousand levels deep, as the notebook's metadata.

    Success: the class stops.
    """
    deep = b'{"x": ' + b"[" * 100000 + b"]" * 100000 + b", "
    submission.change(lambda data: data.replace(b'"metadata": {', b'"metadata": ' + deep, 1))


@attack
def notebook_double_keys(submission):
    """The JSON contains duplicate keys, for parsers that take the first and parsers that take the
    last.

    Success: the attack earns points, or the class stops.
    """
    submission.change(
        lambda data: (
            data.replace(b'"grade": true', b'"grade": false, "grade": true, "grade": 1')
            .replace(b'"locked": true', b'"locked": true, "locked": false')
            .replace(
                b'"grade_id": "root_test"', b'"grade_id": "root_test", "grade_id": "root_test "'
            )
        )
    )


@attack
def notebook_empty(submission):
    """The notebook is an empty file.

    Success: the class stops.
    """
    submission.change(lambda data: b"")


@attack(deserves="everything")
def notebook_kernel_bash(submission):
    """The notebook requests a kernel of another language, which is not installed.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()
    submission.notebook.metadata["kernelspec"] = {"name": "bash", "display_name": "Bash",
                                                  "language": "bash"}  # fmt: skip
    submission.notebook.metadata["language_info"] = {"name": "bash"}


KERNEL = {"argv": ["touch", "/tmp/red-team-was-here"], "display_name": "Mine", "language": "python"}


@attack
def notebook_kernel_beside(submission):
    """The submission contains a kernel spec, and the notebook requests that kernel.

    Success: the attack earns points, or leaves a trace.
    """
    for folder in ("kernels/mine", "share/jupyter/kernels/mine", ".ipython/kernels/mine"):
        submission.file(f"{folder}/kernel.json", json.dumps(KERNEL))
    submission.notebook.metadata["kernelspec"] = {"name": "mine", "display_name": "Mine"}


@attack(deserves="everything")
def notebook_kernel_strange(submission):
    """The notebook's kernel name is a path, a command or missing.

    Success: the attack leaves a trace, the class stops, or deserved points are lost.
    """
    submission.solve()
    submission.notebook.metadata["kernelspec"] = {
        "name": "../../../../tmp/$(touch /tmp/red-team-was-here)",
        "display_name": "x" * 10000,
        "argv": ["touch", "/tmp/red-team-was-here"],
    }
    submission.notebook.metadata["language_info"] = {"name": "python", "version": [3]}


@attack(alone=True)
def notebook_large(submission):
    """A notebook of 60 MB: one cell with a very long comment.

    Success: the class stops.
    """
    submission.add("# " + "x" * (60 << 20))


@attack(alone=True, deserves="everything")
def notebook_many_cells(submission):
    """Five thousand cells that do nothing; the answers are right.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()
    for number in range(5000):
        submission.add(str(number))


@attack(deserves="everything")
def notebook_metadata_strange(submission):
    """The notebook's metadata have the wrong types.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()
    submission.notebook.metadata = {
        "kernelspec": "python3",
        "language_info": 5,
        "authors": {},
        "title": ["<script>alert(1)</script>"],
        "nbgrader": 3,
    }


@attack(deserves="everything")
def notebook_minor_99(submission):
    """The notebook is in nbformat 4.99, from the future; the answers are right.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()
    submission.change(lambda data: data.replace(b'"nbformat_minor": 5', b'"nbformat_minor": 99'))


@attack
def notebook_nan(submission):
    """The JSON contains NaN and Infinity, which JSON does not allow; the answers are right.

    Success: the class stops, or the attack earns points.
    """
    submission.change(lambda data: data.replace(b'"points": 4.0', b'"points": NaN')
                      .replace(b'"points": 5.0', b'"points": Infinity'))  # fmt: skip


@attack(deserves="everything")
def notebook_no_metadata(submission):
    """The notebook has no metadata; the answers are right.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()
    submission.notebook.metadata = {}


@attack
def notebook_no_version(submission):
    """The notebook does not state its nbformat version.

    Success: the class stops.
    """
    submission.change(lambda data: data.replace(b'"nbformat": 4', b'"format": 4'))


@attack
def notebook_not_json(submission):
    """The notebook is not JSON: it is truncated.

    Success: the class stops.
    """
    submission.change(lambda data: data[: len(data) // 2])


@attack
def notebook_not_text(submission):
    """The notebook is a renamed image.

    Success: the class stops.
    """
    submission.change(lambda data: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100)


@attack
def notebook_not_utf8(submission):
    """The notebook contains bytes that are not UTF-8, and lone surrogates.

    Success: the class stops.
    """
    submission.add("note = 'PLACE'")
    submission.change(lambda data: data.replace(b"PLACE", b"\xff\xfe\\ud800"))


@attack
def notebook_other_json(submission):
    """The notebook is valid JSON, but a list, a number or null.

    Success: the class stops.
    """
    submission.change(lambda data: b"[null, 5]")


@attack
def notebook_strange_cells(submission):
    """Cells without source, without type, of unknown type, and cells that are not objects.

    Success: the class stops.
    """

    def spoil(data):
        notebook = json.loads(data)
        notebook["cells"] += [{}, 5, None, {"cell_type": "video", "metadata": {}, "source": "x"}]
        notebook["cells"] += [{"cell_type": "code", "metadata": None, "source": 7, "outputs": {}}]
        return json.dumps(notebook).encode()

    submission.change(spoil)


@attack(deserves="everything")
def notebook_surrogates(submission):
    """Lone surrogates, null bytes and control characters in code, text and metadata.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()
    submission.add("print('HALF')")
    submission.add("HALF", kind="markdown")
    submission.change(lambda data: data.replace(b"HALF", b"\\ud800\\u0000\\u001b[2J\\udfff"))


CELL = {"cell_type": "code", "language": "python", "input": "x = 1", "outputs": [], "metadata": {}}
OLD = {
    "nbformat": 3,
    "nbformat_minor": 0,
    "metadata": {"name": "ps1"},
    "worksheets": [{"cells": [CELL | {"collapsed": False}], "metadata": {}}],
}


@attack
def notebook_version_3(submission):
    """The notebook is in nbformat 3, with worksheets.

    Success: the class stops.
    """
    submission.change(lambda data: json.dumps(OLD).encode())


@attack
def notebook_version_99(submission):
    """The notebook claims to be in nbformat 99.

    Success: the class stops.
    """
    submission.change(lambda data: data.replace(b'"nbformat": 4', b'"nbformat": 99'))
