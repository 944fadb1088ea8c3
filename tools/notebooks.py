"""Build a notebook from the text of an assignment or a lesson.

The text is in jupytext's percent format, with these abbreviations:

- `include="hand_in"` inserts the cells of `tools/shared_cells/hand_in.py`, in which a line that
  imports from a module of convnet is replaced by that module's source; `include="padding"` inserts
  the body of another assignment: the cells between its shared cells, except those tagged "given".
- `solution="zero_pad"` inserts the function that students complete, `check="zero_pad"` its check
  and its graded cell. The check calls `zero_pad_test(zero_pad)`, or what the cell contains. It can
  be neither edited nor deleted, but is not an nbgrader cell: nbgrader restores a deleted graded
  cell after the previous nbgrader cell, which must be the solution.
- `copy="source"` on a cell that imports functions from `convnet` or `exercises` replaces the import
  by their source.
- nbgrader's metadata is completed with the schema version and locks. A cell that is both a solution
  and graded is a question for manual grading; its text is a model answer, which students do not
  get. A marking scheme, between nbgrader's markers, belongs in a locked cell; graders see it,
  students do not.
- The content of a graded cell is put between nbgrader's hidden-tests markers, except a call at its
  start, `validate("NAME", lambda: ...)`, which makes nbgrader's Validate fail if the public check
  fails.
- In shared cells, and only there, words of capitals are placeholders: GRADER becomes the versions
  of Python and packages that grade, LESSON the name of the text, BUNDLE and ADDRESS the file name
  and the web folder of the archive that lessons import, VERSIONED its file name with the version of
  the course, SOURCE the web address of the course's source. In a cell with `role="exercises"`,
  EXERCISE becomes the name of the notebook's first exercise, and EXERCISES those of the functions
  that students write.
- The setup cell of an assignment (`role="setup"`) gets the checks of its exercises, packed into one
  line.
- In a lesson, `[0.5]{= accuracy }` is shown as 0.5; `tools.lessons` compares it with the value of
  the expression after the cells above. Links to `glossary.md` and `notation.md` become links to
  GitHub, because Colab opens a notebook without its folder. A cell with `needs="torch"` is skipped
  if that package is missing. Code between nbgrader's solution markers is removed from its cell and
  shown, folded, after the next code cell, which checks it.

Other metadata than these words and what Jupyter and Colab know (`KEPT`) is refused. The same text
always gives the same bytes: cell ids derive from the content.
"""

import ast
import copy
import difflib
import functools
import hashlib
import json
import re
import textwrap
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode

from exercises import EXERCISES
from nbexercise.building.filling import graded_cell, question
from nbexercise.defining.source import source_in_module
from tools.course import (
    BUNDLE,
    ROOT,
    address,
    grader_packages,
    published,
    source_address,
    version,
)
from tools.payload import LINE, payload

__all__ = [
    "BADGE",
    "CLAIM",
    "EditedNotebookError",
    "build_lesson",
    "build_notebook",
    "refuse_if_edited",
    "to_bytes",
]

SHARED = Path(__file__).parent / "shared_cells"
COPIED_FROM = ("convnet", "exercises")
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"

# Brackets inside may be nested one level deep; a space ends the expression.
CLAIM = re.compile(r"\[((?:[^\[\]\n]|\[[^\]\n]*\])+)\]\{=\s*(.+?)\s\}")

# Words that are replaced, and those that stay in the notebook.
WORDS = ("include", "solution", "check", "copy", "needs", "role")
KEPT = ("nbgrader", "name", "tags", "editable", "deletable", "jupyter", "cellView")

PLACEHOLDER = re.compile(r"[A-Z]{4,}(?![A-Za-z])")
IMPORT = re.compile(r"^from convnet\.(\w+) import .*$", re.M)

PAGE = re.compile(r"\]\(((?:glossary|notation)\.md)")  # start of a link

SCHEME = "BEGIN MARK SCHEME"

SOLUTION = re.compile(
    r"^([ \t]*)### BEGIN SOLUTION\n(.*?)^[ \t]*### END SOLUTION(?:\n|\Z)", re.S | re.M
)
FOLDED = """\
<details>
<summary>A solution</summary>

```python
{code}
```

</details>"""


# Python 3.11 may raise SystemError if two threads parse at once (python/cpython#106905).
_parsing = threading.Lock()


class EditedNotebookError(Exception):
    """A built notebook contains edits that are not in its text."""


def build_notebook(name: str, root: Path = ROOT) -> NotebookNode:
    """Build the instructor's notebook of an assignment.

    Raises
    ------
    ValueError
        If the text is malformed; the message names the text and the cell.
    """
    place = f"{name}/{name}.ipynb"

    def finish(cells: list[NotebookNode]) -> list[NotebookNode]:
        _carry_checks(cells, root)
        return cells

    return _build(f"source/{name}.py", place, _complete, root, finish)


def build_lesson(name: str, root: Path = ROOT, claims: bool = False) -> NotebookNode:
    """Build the notebook of a lesson.

    Parameters
    ----------
    claims
        True to keep the claims in the prose unchanged, so that they can be checked.

    Raises
    ------
    ValueError
        If `build_notebook` raises it.
    """

    def page(link: re.Match[str]) -> str:
        path = published(f"../course/{link[1]}", root)
        return f"](https://github.com/{path}" if path else link[0]

    def complete(cell: NotebookNode) -> None:
        if "needs" in cell.metadata:
            cell.source = f"%%needs {cell.metadata.pop('needs')}\n{cell.source}"
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"] = _full_metadata(cell.metadata["nbgrader"])
        if cell.cell_type == "markdown" and not claims:
            cell.source = PAGE.sub(page, CLAIM.sub(r"\1", cell.source))

    finish = list if claims else _fold_solutions
    return _build(f"course/{name}.py", f"../course/{name}.ipynb", complete, root, finish)


def _fold_solutions(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Move the solutions out of their cells, each to below the next code cell."""
    unchecked, folded = "", []  # code of the last solution, until a cell has checked it
    for cell in cells:
        folded.append(cell)
        if cell.cell_type == "code" and unchecked:
            folded.append(nbformat.v4.new_markdown_cell(FOLDED.format(code=unchecked)))
            unchecked = ""
        solutions = SOLUTION.findall(cell.source) if cell.cell_type == "code" else []
        if solutions:
            bodies = [textwrap.dedent(body).strip("\n") for _, body in solutions]
            unchecked = "\n\n".join(bodies)
            cell.source = SOLUTION.sub(r"\1# Your code here\n", cell.source).rstrip()
    if unchecked:
        raise ValueError("the last solution is not followed by a code cell that checks it.")
    return folded


def _build(
    text: str,
    place: str,
    complete: Callable[[NotebookNode], None],
    root: Path,
    finish: Callable[[list[NotebookNode]], list[NotebookNode]] = list,
) -> NotebookNode:
    """Build a notebook from its text.

    Parameters
    ----------
    place
        Path of the notebook, relative to release/.
    complete
        Function that completes a cell in place.
    finish
        Function that takes all cells and returns those of the notebook.
    """
    with _parsing:
        cells = [
            cell
            for cell in _expand(_read(root / text), root, text)
            if cell.cell_type != "markdown" or cell.source.strip()
        ]
        for cell in cells:
            try:
                complete(cell)
            except (ValueError, ImportError, AttributeError, TypeError, OSError) as error:
                raise ValueError(f"{text}, cell {_start(cell)!r}: {error}") from error
        try:
            cells = finish(cells)
        except ValueError as error:
            raise ValueError(f"{text}: {error}") from None
    _name_exercises(cells)
    for cell in cells:
        _refuse_unknown(cell, KEPT, text)
    badge = _colab_badge(place, root)
    if badge:
        cells.insert(0, nbformat.v4.new_markdown_cell(badge))
    _give_ids(text, cells)
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "course": {"text": text, "content": _content_hash(cells)},
    }
    try:
        notebook = nbformat.v4.new_notebook(cells=cells, metadata=metadata, nbformat_minor=5)
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        raise ValueError(f"{text} does not give a valid notebook: {error.message}") from error
    return notebook


def _start(cell: NotebookNode) -> str:
    """Return the first line of a cell, for messages."""
    return (cell.source.strip().splitlines() or ["(empty)"])[0]


def _refuse_unknown(cell: NotebookNode, known: Iterable[str], text: str) -> None:
    """Raise ValueError if a cell has metadata that is not known, or that no step has used."""
    unknown = [f"{word}={cell.metadata[word]!r}" for word in cell.metadata if word not in known]
    if unknown:
        raise ValueError(
            f"{text}, cell {_start(cell)!r}: {unknown[0]} has no effect here. The metadata of a "
            f"cell may have {', '.join([*WORDS, *KEPT])}."
        )


def to_bytes(notebook: Mapping[str, Any]) -> bytes:
    """Return the content of a notebook's file."""
    return (json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def refuse_if_edited(path: Path, new: NotebookNode) -> None:
    """Raise EditedNotebookError if the notebook at `path` was edited since it was built.

    Parameters
    ----------
    new
        The notebook that would replace it.
    """
    if not path.exists():
        return
    try:
        old = nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat raises various errors for malformed content
        raise EditedNotebookError(
            f"{path} exists but cannot be read ({type(error).__name__}). If you do not need it, "
            "delete it and build again."
        ) from error
    if old.metadata.get("course", {}).get("content") == _content_hash(old.cells):
        return
    built, edited = (_as_lines(notebook) for notebook in (new, old))
    names = "built from the text", "edited notebook"
    diff = difflib.unified_diff(built, edited, *names, lineterm="", n=2)
    raise EditedNotebookError(
        f"{path} was edited since it was built; building again would lose the edit.\n"
        f"Move it into {new.metadata['course']['text']} (or the function that it copies), "
        "then delete the notebook and build again.\nThe edit:\n" + "\n".join(diff)
    )


def _as_lines(notebook: NotebookNode) -> list[str]:
    return [line for cell in notebook.cells for line in [*cell.source.splitlines(), ""]]


def _content_hash(cells: list[NotebookNode]) -> str:
    """Return a hash of a notebook's content, without outputs and execution counts."""
    content = [[c.cell_type, c.source, c.metadata.get("nbgrader")] for c in cells]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _read(path: Path) -> list[NotebookNode]:
    """Return the cells of a file."""
    return _parsed_copy(path.read_text(encoding="utf-8"))


def _parsed_copy(text: str) -> list[NotebookNode]:
    """Return the cells of a text, as copies that the caller may change."""
    return copy.deepcopy(_parsed(text))


@functools.cache  # many notebooks include the same texts
def _parsed(text: str) -> list[NotebookNode]:
    cells = jupytext.reads(text, fmt="py:percent").cells
    for cell in cells:  # jupytext counts the blank lines above a cell that begins with def
        cell.metadata.pop("lines_to_next_cell", None)
    return cells


def _expand(cells: Iterable[NotebookNode], root: Path, text: str) -> Iterator[NotebookNode]:
    """Yield the cells, with every include, solution and check replaced by the cells it names."""
    for cell in cells:
        word = next(
            (word for word in ("include", "solution", "check") if word in cell.metadata), ""
        )
        if not word:
            yield cell
            continue
        _refuse_unknown(cell, [word], text)
        named = cell.metadata[word]
        included = f"source/{named}.py"
        if word != "include":
            yield from _exercise_cells(word, named, cell.source, text)
        elif (SHARED / f"{named}.py").exists():
            values = _course_values(root, text)
            yield from _expand(_parsed_copy(_shared(named, values)), root, text)
        elif included != text and (root / included).exists():
            yield from _expand(_body(_read(root / included), included), root, included)
        else:
            shared = ", ".join(sorted(path.stem for path in SHARED.glob("*.py")))
            raise ValueError(
                f'{text}: include="{named}" does not name another text in source/, or shared cells '
                f"({shared})."
            )


def _shared(name: str, values: Mapping[str, str]) -> str:
    """Return the text of shared cells, with values for placeholders and sources for imports."""

    def value(placeholder: re.Match[str]) -> str:
        if placeholder[0] not in values:
            raise ValueError(
                f"{SHARED.parent.name}/{SHARED.name}/{name}.py: unknown placeholder "
                f"{placeholder[0]}; here, the placeholders are {', '.join(values)}."
            )
        return values[placeholder[0]]

    text = PLACEHOLDER.sub(value, (SHARED / f"{name}.py").read_text(encoding="utf-8"))
    return IMPORT.sub(lambda match: _module_text(match[1]), text)


def _course_values(root: Path, text: str) -> dict[str, str]:
    """Return the values of the placeholders that do not depend on an exercise."""
    stem, dot, extension = BUNDLE.rpartition(".")
    return {
        "GRADER": grader_packages(),
        "LESSON": Path(text).stem,
        "BUNDLE": BUNDLE,
        "ADDRESS": address(root),
        "SOURCE": source_address(root),
        "VERSIONED": f"{stem}-{version(root)}{dot}{extension}",
        "EXERCISE": "EXERCISE",  # `_name_exercises` replaces these two
        "EXERCISES": "EXERCISES",
    }


def _exercise_cells(kind: str, name: str, source: str, text: str) -> list[NotebookNode]:
    """Return the shared cells of a kind for an exercise; `source`, if any, is the first one's."""
    if name not in EXERCISES:
        raise ValueError(f'{text}, {kind}="{name}": exercises/ has no exercise {name!r}.')
    exercise = EXERCISES[name]
    module, points = exercise.loops.__module__, str(exercise.points)
    shared = _shared(kind, {"MODULE": module, "NAME": name, "POINTS": points})
    first, *others = _parsed_copy(shared)
    first.source = source or first.source
    return [first, *others]


def _module_text(name: str) -> str:
    """Return the source of a module of convnet, without its docstring and `__all__`."""
    text = (ROOT / "convnet" / f"{name}.py").read_text(encoding="utf-8")
    about, *body = ast.parse(text).body
    names = [node for node in body if ast.unparse(node).startswith("__all__ =")]
    lines = text.splitlines()
    for node in reversed([about, *names]):
        lines[node.lineno - 1 : node.end_lineno] = []
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines).strip("\n"))


def _body(cells: list[NotebookNode], text: str) -> Iterator[NotebookNode]:
    """Yield the cells between the first and the last include, except those tagged "given"."""
    marks = [index for index, cell in enumerate(cells) if "include" in cell.metadata]
    if len(marks) < 2:
        raise ValueError(f"{text} cannot be included: no shared cells enclose its body.")
    for cell in cells[marks[0] + 1 : marks[-1]]:
        if "given" not in cell.metadata.get("tags", []):
            yield cell


def _name_exercises(cells: list[NotebookNode]) -> None:
    """Replace EXERCISE, by NAME in a notebook without graded exercises, and EXERCISES."""
    about = (cell.metadata.get("nbgrader", {}) for cell in cells)
    graded = (
        metadata["grade_id"].removesuffix("_grade")
        for metadata in about
        if metadata.get("grade") and not metadata.get("solution")
    )
    asked = (name for name in map(_asked, cells) if name)
    values = {"EXERCISE": next(graded, "NAME"), "EXERCISES": ", ".join(f'"{n}"' for n in asked)}
    for cell in cells:
        if cell.metadata.get("role") == "exercises":
            del cell.metadata["role"]
            cell.source = PLACEHOLDER.sub(lambda match: values.get(match[0], match[0]), cell.source)


def _asked(cell: NotebookNode) -> str:
    """Return the name of the function that a student writes in a cell, or ""."""
    about = cell.metadata.get("nbgrader", {})
    asked = about.get("solution") and not about["grade"] and cell.cell_type == "code"
    return about["grade_id"] if asked else ""


def _complete(cell: NotebookNode) -> None:
    """Complete a cell that the text abbreviates."""
    short = cell.metadata.get("nbgrader")
    solution = bool(short and short.get("solution"))
    imported = _imported_functions(cell)
    if cell.metadata.pop("copy", None) == "source":
        if not imported:
            raise ValueError('copy="source" needs a cell with one import from convnet or exercises')
        cell.source = "\n\n\n".join(
            source_in_module(module, name, markers=solution) for module, name in imported
        )
    elif imported:
        raise ValueError('students cannot import this: copy="source" inserts its source instead')
    if short:
        cell.metadata["nbgrader"] = _full_metadata(short)
        if short.get("grade") and not solution and cell.cell_type == "code":
            first, _, rest = cell.source.partition("\n")
            visible = f"{first}\n" if first.startswith("validate(") else ""
            source = rest if visible else cell.source
            cell.source = graded_cell(source, visible)
    if SCHEME in cell.source and not cell.metadata.get("nbgrader", {}).get("locked"):
        raise ValueError("the marking scheme's cell is not locked: give the cell a grade_id")


def _carry_checks(cells: list[NotebookNode], root: Path) -> None:
    """Put the checks of a notebook's exercises into its setup cell."""
    about = (cell.metadata.get("nbgrader", {}) for cell in cells)
    names = [metadata["grade_id"] for metadata in about if metadata.get("solution")]
    for cell in cells:
        if cell.metadata.get("role") == "setup":
            del cell.metadata["role"]
            line = payload([name for name in names if name in EXERCISES], root)
            cell.source, count = LINE.subn(f'_checks = "{line}"', cell.source)
            if count != 1:
                raise ValueError('the setup cell has no line _checks = "" for the checks.')


def _imported_functions(cell: NotebookNode) -> list[tuple[str, str]]:
    """Return the (module, name) of each course function that a cell's only statement imports."""
    if cell.cell_type != "code":
        return []
    try:
        statements = ast.parse(cell.source).body
    except SyntaxError:  # an IPython magic, for example
        return []
    if len(statements) != 1 or not isinstance(statements[0], ast.ImportFrom):
        return []
    module = statements[0].module or ""
    if module.split(".")[0] not in COPIED_FROM:
        return []
    return [(module, alias.name) for alias in statements[0].names]


def _full_metadata(short: Mapping[str, Any]) -> dict[str, Any]:
    """Complete nbgrader's cell metadata from the short form in the text."""
    if "grade_id" not in short:
        raise ValueError("the nbgrader metadata has no grade_id.")
    known = ("grade_id", "grade", "solution", "task", "locked")
    full = question(**{key: short[key] for key in known if key in short})
    if full["grade"] or full["task"]:
        full["points"] = _points(short)
    return full


def _points(short: Mapping[str, Any]) -> float:
    """Return the points of a graded cell or a task."""
    points = short.get("points")
    if not isinstance(points, (int, float)) or isinstance(points, bool) or points <= 0:
        raise ValueError(
            f"{short['grade_id']!r} is graded, so it needs a positive number of points, such as "
            f'"points": 6, not {points!r}.'
        )
    return points


def _colab_badge(place: str, root: Path) -> str:
    """Return the badge that opens a notebook in Colab, or "" if the course is not on GitHub."""
    page = published(place, root)
    badge = f"[![Open in Colab]({BADGE})](https://colab.research.google.com/github/{page})"
    return badge if page else ""


def _give_ids(text: str, cells: list[NotebookNode]) -> None:
    """Give each cell a unique id that changes only with its content."""
    name = Path(text).stem
    seen: dict[str, int] = {}
    for cell in cells:
        about = cell.metadata.get("nbgrader", {})
        grade_id = about.get("grade_id") or cell.metadata.get("name")
        digest = hashlib.sha256(f"{name}\n{cell.source}".encode()).hexdigest()[:12]
        cell.id = grade_id or digest
        seen[cell.id] = seen.get(cell.id, 0) + 1
        if seen[cell.id] > 1:
            if grade_id:
                raise ValueError(f"{text}: grade_id {grade_id!r} is used twice.")
            cell.id = f"{digest}-{seen[cell.id]}"
