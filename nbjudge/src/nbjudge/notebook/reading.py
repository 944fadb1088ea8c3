"""Read the cells of a submitted notebook file of any kind, without its grade metadata."""

import json
from typing import Any, NotRequired, TypedDict

from nbjudge.errors import UnreadableNotebookError
from nbjudge.notebook.spec import CellSpec
from nbjudge.wire.outputs import Output

_HEAD = 1000  # bytes at the beginning of a file in which HTML is recognized
_ZIP = "zip"
_OFFICE = "it is {}; copy the answers into the notebook you were given and submit that"
_IN_ZIP = {  # {bytes in a ZIP archive: description with remedy}
    b"word/document.xml": _OFFICE.format("a Word document"),
    b"xl/workbook.xml": _OFFICE.format("an Excel workbook"),
    b"application/vnd.oasis": _OFFICE.format("an OpenDocument file"),
    b"": "it is a ZIP archive; unpack it and submit the notebook inside",
}
_KINDS = {  # {first bytes of a file: description with remedy}
    b"PK\3\4": _ZIP,
    b"\x1f\x8b": "it is a gzip archive; unpack it and submit the notebook inside",
    b"7z\xbc\xaf\x27\x1c": "it is a 7z archive; unpack it and submit the notebook inside",
    b"Rar!": "it is a RAR archive; unpack it and submit the notebook inside",
    b"%PDF-": "it is a PDF file; submit the original notebook",
    b"\xd0\xcf\x11\xe0": _OFFICE.format("an old Word, Excel or PowerPoint file"),
    b"{\\rtf": _OFFICE.format("an RTF document"),
    b"\x89PNG": "it is an image; submit the notebook itself",
    b"\xff\xd8\xff": "it is an image; submit the notebook itself",
    b"version https://git-lfs.github.com/": "it is a Git LFS pointer, which only records where "
    "the notebook is stored; run `git lfs pull` and submit the file that replaces it",
}


class Cell(TypedDict):
    """A cell of a submitted notebook in nbformat 4.5, with intermediate results of grading.

    Attributes
    ----------
    id
        Cell id in the file; valid after the repair.
    submitted
        Outputs in the file, unchecked; removed during judging.
    spec
        Specification of the matching cell, if any; set during repair and judging.
    handed_out
        True if the cell is locked and unchanged from some release; set during the repair.
    doubt
        Reason why a person grades the cell if it earns less than all points, as a clause; set
        during the repair.
    """

    id: Any
    cell_type: str
    metadata: dict[str, Any]
    source: str
    attachments: NotRequired[dict[str, dict[str, str]]]
    outputs: NotRequired[list[Output]]
    execution_count: NotRequired[int | None]
    submitted: NotRequired[object]
    spec: NotRequired[CellSpec | None]
    handed_out: NotRequired[bool]
    doubt: NotRequired[str]


def read_notebook(content: bytes) -> list[Cell]:
    """Read the cells of a notebook file of any version: type, source, metadata and attachments.

    Raises
    ------
    UnreadableNotebookError
        If the file is not a notebook.
    """
    if kind := kind_of(content):
        raise UnreadableNotebookError(f"not a Jupyter notebook: {kind}")
    try:
        notebook = json.loads(_decoded(content))
        if isinstance(notebook, dict) and (version := _version(notebook)) != 4:
            if version > 4:
                raise ValueError(
                    f"its nbformat is {version}, but only versions up to 4 are supported; open it "
                    "in the program that wrote it and save it as nbformat 4"
                )
            import nbformat  # slow to import, and old notebooks are rare

            text = json.dumps(notebook | {"nbformat": version})
            notebook = nbformat.reads(text, as_version=4)
        cells = notebook["cells"]
    except Exception as error:  # nbformat raises any exception that the content causes
        reason = "it has no cells" if isinstance(error, (KeyError, TypeError)) else error
        lines = str(reason).splitlines() or [type(reason).__name__]
        damaged = "; the file may be damaged" if isinstance(error, json.JSONDecodeError) else ""
        text = f"not a Jupyter notebook: {lines[0][:300]}{damaged}"
        raise UnreadableNotebookError(text) from None
    if not isinstance(cells, list):
        raise UnreadableNotebookError("not a Jupyter notebook: its cells are not a list")
    return [_clean(cell) for cell in cells if isinstance(cell, dict)]


def is_notebook(content: bytes) -> bool:
    """True if a file's content looks like a notebook."""
    text = _decoded(content)
    return text.lstrip().startswith("{") and '"cells"' in text and '"nbformat"' in text


def kind_of(content: bytes) -> str:
    """Describe a file that is not a notebook, with a remedy; "" if it may be a notebook."""
    if not content.strip():
        return "the file is empty; save the notebook and submit it again"
    for beginning, kind in _KINDS.items():
        if content.startswith(beginning):
            if kind is _ZIP:
                names = (name for name in _IN_ZIP if name in content)
                kind = _IN_ZIP[next(names, b"")]
            return kind
    text = _decoded(content[:_HEAD]).lstrip().lower()
    if text.startswith(("<!doctype html", "<html")):
        return (
            "it is an HTML page, saved by a browser in place of the file or exported by Jupyter; "
            "download the notebook itself (in Jupyter: File > Download; on GitHub: Download raw "
            "file)"
        )
    if all(mark in content for mark in (b"<<<<<<< ", b"=======", b">>>>>>> ")):
        lines = content.splitlines()
        number = next((n for n, line in enumerate(lines, 1) if line.startswith(b"<<<<<<< ")), 0)
        if number:
            return (
                f"it contains the markers of a Git merge conflict, the first in line {number}; "
                "resolve the conflict, open the notebook in Jupyter and submit it again"
            )
    return ""


def _decoded(content: bytes) -> str:
    """Return the text of a file in any of JSON's encodings: UTF-8, UTF-16 or UTF-32."""
    return content.decode(json.detect_encoding(content), errors="replace")


def _version(notebook: dict[str, Any]) -> int:
    """Return the major version of the notebook format, which some programs write as a string."""
    version = notebook.get("nbformat", 4)
    try:
        return int(float(version))
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"its nbformat is {version!r}, which is not a version") from None


def _clean(raw: dict[str, Any]) -> Cell:
    kind = raw.get("cell_type")
    source = raw.get("source", "")
    parts = source if isinstance(source, list) else [source]
    source = "".join(part for part in parts if isinstance(part, str))
    source = source.encode("utf-8", "replace").decode().replace("\r\n", "\n")
    metadata = raw.get("metadata")
    cell: Cell = {
        "id": raw.get("id"),
        "cell_type": kind if kind in ("code", "markdown") else "raw",
        "metadata": metadata if isinstance(metadata, dict) else {},
        "source": source,
        "submitted": raw.get("outputs"),
    }
    if kind in ("heading", "html"):
        cell["cell_type"] = "markdown"
    if isinstance(raw.get("attachments"), dict) and kind == "markdown":
        cell["attachments"] = {
            name: {mime: data for mime, data in bundle.items() if isinstance(data, str)}
            for name, bundle in raw["attachments"].items()
            if isinstance(bundle, dict)
        }
    return cell
