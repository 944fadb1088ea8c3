"""Build a notebook from an assignment's text.

The text is jupytext's percent format. Beside it, a cell may be written in short:

- `include="hand_in"` takes the cells of `tools/shared_cells/hand_in.py`; `include="padding"` takes
  the body of another assignment: what lies between its shared cells, without cells tagged "given".
- A cell that is one import from `convnet` or `exercises` becomes the source of what it imports.
- nbgrader's metadata is completed: schema version, locks, and points from the exercise.
- A check cell (its id ends in `_check`) can be neither edited nor deleted, but is not nbgrader's:
  nbgrader puts a graded cell that a student deleted back behind the last of its own cells in front
  of it, and that must be the solution.
- A graded cell's content is put between nbgrader's hidden-tests markers.
- The setup cell gets the code that finds `public_tests`, wherever the notebook is.

The same text always gives the same bytes: cell ids derive from the content.
"""

import ast
import difflib
import hashlib
import importlib
import json
from pathlib import Path

import jupytext
import nbformat

from exercises import EXERCISES
from exercises._source import function_source
from tools.course import ROOT, address

__all__ = ["EditedNotebook", "build_notebook", "refuse_if_edited", "to_bytes"]

SHARED = Path(__file__).parent / "shared_cells"
COPIED_FROM = ("convnet", "exercises")

GRADED = """\
# This cell is graded. When you hand in, checks on inputs you have not seen run here.
# Leave the cell as it is.
### BEGIN HIDDEN TESTS
{source}
### END HIDDEN TESTS"""

SETUP = """\
# Run this cell first; there is nothing to change in it. It finds the checks: in the course's
# folder, else in the zip file beside this notebook, else at the course's address.
import hashlib
import importlib.util
import pathlib
import sys
import tempfile
import urllib.request


def find_public_tests(name, sha256, address):
    if importlib.util.find_spec("public_tests"):
        return
    file = pathlib.Path(name)
    if not file.exists():
        try:
            with urllib.request.urlopen(f"{{address}}/{{name}}", timeout=60) as answer:
                data = answer.read()
        except OSError as error:
            raise ModuleNotFoundError(
                f"The checks are missing: {{name}} is not beside this notebook, and "
                f"{{address}}/{{name}} could not be fetched ({{error}}). Check the connection and "
                "run this cell again, or put that file beside this notebook."
            ) from None
        if hashlib.sha256(data).hexdigest() == sha256:
            try:
                file.write_bytes(data)
            except OSError:  # this folder cannot be written to
                file = pathlib.Path(tempfile.mkdtemp(), name)
                file.write_bytes(data)
    else:
        data = file.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ImportError(
            f"{{name}} is not the file this notebook expects: its checksum differs. If it lies "
            "beside this notebook, delete it; then run this cell again."
        )
    sys.path.insert(0, str(file.resolve()))


find_public_tests(
    "{name}",
    "{sha256}",
    "{address}",
)
"""


class EditedNotebook(Exception):
    """A built notebook holds edits that are not in its text."""


def build_notebook(name: str, zip_name: str, sha256: str, root: Path = ROOT):
    """The instructor's notebook of an assignment, as an nbformat notebook.

    zip_name, sha256: the file that holds `public_tests`, and its checksum
    raises: ValueError that names the text and the cell where the text cannot be understood
    """
    cells = [
        cell
        for cell in _expand(_read(root / "source" / f"{name}.py"), root, name)
        if cell.cell_type != "markdown" or cell.source.strip()
    ]
    for cell in cells:
        try:
            _complete(cell, zip_name, sha256, root)
        except (ValueError, ImportError, AttributeError, TypeError, OSError) as error:
            start = (cell.source.strip().splitlines() or ["(empty)"])[0]
            raise ValueError(f"source/{name}.py, cell {start!r}: {error}") from error
    badge = _colab_badge(name, root)
    if badge:
        cells.insert(0, nbformat.v4.new_markdown_cell(badge))
    _give_ids(name, cells)
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "course": {"text": f"source/{name}.py", "content": _content_hash(cells)},
    }
    try:
        notebook = nbformat.v4.new_notebook(cells=cells, metadata=metadata, nbformat_minor=5)
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        raise ValueError(f"source/{name}.py gives no valid notebook: {error.message}") from error
    return notebook


def to_bytes(notebook) -> bytes:
    """A notebook as the bytes of its file."""
    return (json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def refuse_if_edited(path: Path, new) -> None:
    """Raise EditedNotebook if the notebook at `path` was edited since it was built.

    new: the notebook about to take its place
    """
    if not path.exists():
        return
    try:
        old = nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat lets out whatever the content provokes
        raise EditedNotebook(
            f"{path} is there and cannot be read ({type(error).__name__}): if nothing in it is "
            "wanted, delete it and build again."
        ) from error
    if old.metadata.get("course", {}).get("content") == _content_hash(old.cells):
        return
    texts = (_as_lines(notebook) for notebook in (new, old))
    diff = difflib.unified_diff(*texts, "built from the text", "edited notebook", lineterm="", n=2)
    raise EditedNotebook(
        f"{path} was edited since it was built, and building would lose that.\n"
        f"Move the edit into {new.metadata['course']['text']} (or the function it is built from), "
        "then delete the notebook and build again.\nThe edit:\n" + "\n".join(diff)
    )


def _as_lines(notebook):
    return [line for cell in notebook.cells for line in [*cell.source.splitlines(), ""]]


def _content_hash(cells) -> str:
    """A hash of what makes a notebook's content: outputs and execution counts do not count."""
    content = [[c.cell_type, c.source, c.metadata.get("nbgrader")] for c in cells]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _read(path):
    return jupytext.read(path, fmt="py:percent").cells


def _expand(cells, root, name):
    """The cells with every include replaced by what it names."""
    for cell in cells:
        include = cell.metadata.pop("include", None)
        if include is None:
            yield cell
        elif (SHARED / f"{include}.py").exists():
            yield from _read(SHARED / f"{include}.py")
        elif include != name and (root / "source" / f"{include}.py").exists():
            text = f"source/{include}.py"
            yield from _body(_read(root / text), text)
        else:
            raise ValueError(f'source/{name}.py: there is no text to include="{include}".')


def _body(cells, text):
    """The cells between the first and the last include, without those tagged "given"."""
    marks = [index for index, cell in enumerate(cells) if "include" in cell.metadata]
    if len(marks) < 2:
        raise ValueError(f"{text} cannot be included: it lacks the shared cells round its body.")
    for cell in cells[marks[0] + 1 : marks[-1]]:
        if "given" not in cell.metadata.get("tags", []):
            yield cell


def _complete(cell, zip_name, sha256, root):
    """Write out what the text says in short."""
    short = cell.metadata.get("nbgrader")
    solution = bool(short and short.get("solution"))
    copied = _copied_functions(cell)
    if copied:
        cell.source = "\n\n\n".join(function_source(f, markers=solution) for f in copied)
    if cell.metadata.pop("role", None) == "setup":
        finder = SETUP.format(name=zip_name, sha256=sha256, address=address(root))
        cell.source = finder + "\n" + cell.source
    if short and short.get("grade_id", "").endswith("_check"):
        del cell.metadata["nbgrader"]
        cell.metadata.update(name=short["grade_id"], editable=False, deletable=False)
    elif short:
        cell.metadata["nbgrader"] = _full_metadata(short)
        if short.get("grade") and cell.cell_type == "code":
            cell.source = GRADED.format(source=cell.source)


def _copied_functions(cell):
    """The functions that a cell stands for: those its one statement imports from our packages."""
    if cell.cell_type != "code":
        return []
    try:
        statements = ast.parse(cell.source).body
    except SyntaxError:  # a magic, say
        return []
    if len(statements) != 1 or not isinstance(statements[0], ast.ImportFrom):
        return []
    module = statements[0].module
    if module.split(".")[0] not in COPIED_FROM:
        return []
    return [getattr(importlib.import_module(module), alias.name) for alias in statements[0].names]


def _full_metadata(short):
    """nbgrader's cell metadata, from the short form in the text."""
    if "grade_id" not in short:
        raise ValueError("its nbgrader metadata has no grade_id.")
    full = {
        "grade_id": short["grade_id"],
        "grade": short.get("grade", False),
        "solution": short.get("solution", False),
        "task": False,
        "schema_version": 3,
    }
    full["locked"] = short.get("locked", not full["solution"])
    if full["grade"]:
        exercise = short["grade_id"].removesuffix("_grade")
        if exercise not in EXERCISES:
            raise ValueError(f"there is no exercise {exercise!r} in exercises/.")
        full["points"] = EXERCISES[exercise].points
    return full


def _colab_badge(name, root):
    """The badge that opens the released notebook in Colab; "" where its address is elsewhere."""
    parts = address(root).removeprefix("https://raw.githubusercontent.com/").split("/", 3)
    if not address(root).startswith("https://raw.githubusercontent.com/") or len(parts) < 4:
        return ""
    owner, repository, branch, folder = parts
    page = f"github/{owner}/{repository}/blob/{branch}/{folder}/{name}/{name}.ipynb"
    image = "https://colab.research.google.com/assets/colab-badge.svg"
    return f"[![Open in Colab]({image})](https://colab.research.google.com/{page})"


def _give_ids(name, cells):
    """Ids that stay while a cell's content stays, and differ within the notebook."""
    seen = {}
    for cell in cells:
        about = cell.metadata.get("nbgrader", {})
        grade_id = about.get("grade_id") or cell.metadata.get("name")
        digest = hashlib.sha256(f"{name}\n{cell.source}".encode()).hexdigest()[:12]
        cell.id = grade_id or digest
        seen[cell.id] = seen.get(cell.id, 0) + 1
        if seen[cell.id] > 1:
            if grade_id:
                raise ValueError(f"source/{name}.py: grade_id {grade_id!r} is used twice.")
            cell.id = f"{digest}-{seen[cell.id]}"
