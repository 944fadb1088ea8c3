"""Read whatever file a student submitted as a notebook: its cells, and nothing about grades."""

import json
from typing import Any, NotRequired, TypedDict

from nbjudge.errors import UnreadableNotebookError
from nbjudge.notebook.spec import CellSpec
from nbjudge.wire.outputs import Output


class Cell(TypedDict):
    """A cell of a submitted notebook as nbformat 4.5 has it, and what is noted on the way.

    Attributes
    ----------
    id
        Whatever the file has; repaired, it is valid.
    submitted
        Whatever the file has as its outputs; gone when it is judged.
    spec
        The instructor's cell that it is, if any; while it is repaired and judged.
    handed_out
        Whether it is locked, and as some release had it; while it is repaired.
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


def read_notebook(content: bytes) -> list[Cell]:
    """The cells of a notebook file of any version, reduced to type, source, metadata, attachments.

    Raises
    ------
    UnreadableNotebookError
        Where the file is no notebook.
    """
    try:
        text = content.decode("utf-8-sig", errors="replace")
        notebook = json.loads(text)
        if isinstance(notebook, dict) and notebook.get("nbformat", 4) != 4:
            import nbformat  # takes long to load, and old notebooks are rare

            notebook = nbformat.reads(text, as_version=4)
        cells = notebook["cells"]
    except Exception as error:  # nbformat lets out whatever the content provokes
        what = "it has no cells" if isinstance(error, (KeyError, TypeError)) else error
        lines = str(what).splitlines() or [type(what).__name__]
        damaged = "; the file may be damaged" if isinstance(error, json.JSONDecodeError) else ""
        text = f"not a Jupyter notebook: {lines[0][:300]}{damaged}"
        raise UnreadableNotebookError(text) from None
    if not isinstance(cells, list):
        raise UnreadableNotebookError("not a Jupyter notebook: its cells are no list")
    return [_clean(cell) for cell in cells if isinstance(cell, dict)]


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
