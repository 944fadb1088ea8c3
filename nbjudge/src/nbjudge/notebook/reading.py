"""Read whatever file a student submitted as a notebook: its cells, and nothing about grades."""

import json

from nbjudge.errors import UnreadableNotebookError


def read_notebook(content: bytes) -> list[dict]:
    """The cells of a notebook file of any version, reduced to type, source, metadata, attachments.

    Whatever the file has as a cell's outputs is its key "submitted", which nothing here looks at.

    raises: UnreadableNotebookError
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
        raise UnreadableNotebookError(f"not a Jupyter notebook: {lines[0][:300]}") from None
    if not isinstance(cells, list):
        raise UnreadableNotebookError("not a Jupyter notebook: its cells are no list")
    return [_clean(cell) for cell in cells if isinstance(cell, dict)]


def _clean(raw):
    kind = raw.get("cell_type")
    source = raw.get("source", "")
    parts = source if isinstance(source, list) else [source]
    source = "".join(part for part in parts if isinstance(part, str))
    source = source.encode("utf-8", "replace").decode().replace("\r\n", "\n")
    metadata = raw.get("metadata") if isinstance(raw.get("metadata"), dict) else {}
    cell = {
        "id": raw.get("id"),
        "cell_type": kind if kind in ("code", "markdown") else "raw",
        "metadata": metadata,
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
