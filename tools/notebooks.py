"""Build a notebook from the text of an assignment or a lesson.

The text is in jupytext's percent format, with these abbreviations:

- `include="hand_in"` inserts the cells of `tools/shared_cells/hand_in.py`, and `include="padding"`
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
- In shared cells, and only there, words of capitals are placeholders: `PLACEHOLDERS` lists them,
  and `OF_EXERCISE` those in the cells of an exercise.
- In a lesson, `[0.5]{= accuracy }` is shown as 0.5; `tools.lessons` compares it with the value of
  the expression after the cells above. Links to `glossary.md` and `notation.md` become links to
  GitHub, because Colab opens a notebook without its folder. A cell with `needs="torch"` is skipped
  if that package is missing. Code between nbgrader's solution markers is removed from its cell and
  shown, folded, after the next code cell, which checks it.

`WORDS` lists the words for assignments (source/) and lessons (course/). Any other metadata is
refused, except what nbgrader, Jupyter and Colab know (`KEPT`). The same text always gives the same
bytes: cell ids derive from the content.
"""

import ast
import contextlib
import copy
import difflib
import functools
import hashlib
import json
import re
import textwrap
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode

from exercises import EXERCISES
from nbexercise.building.filling import graded_cell, question
from nbexercise.defining.exercise import Exercise
from nbexercise.defining.source import source_in_module
from tools.course import (
    BUNDLE,
    ROOT,
    address,
    bundle_digest,
    grader_packages,
    kept_bundle,
    pinned_bundle,
    published,
    source_address,
)
from tools.payload import payload

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

# Metadata that stays in the notebook.
KEPT = ("nbgrader", "name", "tags", "editable", "deletable", "jupyter", "cellView")

CAPITALS = re.compile(r"[A-Z]{4,}(?![A-Za-z])")

PAGE = re.compile(r"\]\(((?:glossary|notation)\.md)")  # start of a link

SCHEME = "BEGIN MARK SCHEME"

RUN_ABOVE = "Run > Run All Above Selected Cell"  # the item of Jupyter's menu
BEFORE = f"""\
*Opened here? Select this cell and run all cells above it, which define what it needs: in Jupyter
with {RUN_ABOVE}, in Colab with Runtime > Run before. Then write the function,
unless it is already there, and press Shift+Enter or ▶ until its check, `CHECK`, has run.*"""

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

Cells = Iterable[NotebookNode]

# Python 3.11 may raise SystemError if two threads parse at once (python/cpython#106905).
_parsing = threading.Lock()


class EditedNotebookError(Exception):
    """A built notebook contains edits that are not in its text."""


@dataclass
class _Notebook:
    """A notebook that is being built.

    Attributes
    ----------
    text
        Path of its text, relative to `root`.
    shared
        Cells whose placeholders are replaced when all cells are known.
    """

    text: str
    root: Path
    cells: list[NotebookNode] = field(default_factory=list)
    shared: list[NotebookNode] = field(default_factory=list)

    @property
    def written(self) -> list[str]:
        """Names of the functions that students write."""
        about = (c.metadata.get("nbgrader", {}) for c in self.cells if c.cell_type == "code")
        return [nb["grade_id"] for nb in about if nb.get("solution") and not nb["grade"]]

    @property
    def graded(self) -> list[str]:
        """Names of the exercises and variables that graded cells judge."""
        about = (cell.metadata.get("nbgrader", {}) for cell in self.cells)
        graded = (nb["grade_id"] for nb in about if nb.get("grade") and not nb["solution"])
        return [grade_id.removesuffix("_grade") for grade_id in graded]


def build_notebook(name: str, root: Path = ROOT) -> NotebookNode:
    """Build the instructor's notebook of an assignment.

    Raises
    ------
    ValueError
        If the text is malformed; the message names the text and the line.
    """
    with _parsing:
        notebook = _read_notebook(f"source/{name}.py", root)
        _begin_exercises(notebook)
        _refuse_leaks(notebook)
        return _finished(notebook, f"{name}/{name}.ipynb")


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
    with _parsing:
        notebook = _read_notebook(f"course/{name}.py", root)
        if not claims:
            _show_claims(notebook)
            _fold_solutions(notebook)
        return _finished(notebook, f"../course/{name}.ipynb")


def _read_notebook(text: str, root: Path) -> _Notebook:
    """Read a text, and replace its words and placeholders."""
    notebook = _Notebook(text, root)
    notebook.cells += _walk(_read(root / text, root), notebook)
    for cell in notebook.shared:
        with _located(cell):
            cell.source = _filled(cell.source, PLACEHOLDERS, notebook)
    return notebook


def _begin_exercises(notebook: _Notebook) -> None:
    """Insert BEFORE below the heading of the first exercise, where links open the notebook."""
    checks = {cell.metadata.get("name"): cell.source for cell in notebook.cells}
    for cell in notebook.cells:
        heading, _, text = cell.source.partition("\n\n")
        if heading.startswith("## Exercise: "):
            check, *_ = checks[f"{heading.removeprefix('## Exercise: ')}_check"].splitlines()
            cell.source = f"{heading}\n\n{BEFORE.replace('CHECK', check)}\n\n{text}"
            return


def _read(path: Path, root: Path, fill: Callable[[str], str] = str) -> list[NotebookNode]:
    """Return the cells of a text, each with its text and line in `at`, for error messages."""
    text = fill(path.read_text(encoding="utf-8"))
    return copy.deepcopy(_parsed(text, path.relative_to(root).as_posix()))


@functools.cache  # many notebooks include the same texts
def _parsed(text: str, path: str) -> list[NotebookNode]:
    cells = jupytext.reads(text, fmt="py:percent").cells
    starts = [n for n, line in enumerate(text.splitlines(), start=1) if re.match("# ?%%", line)]
    for cell, line in zip(cells, [1] * (len(cells) - len(starts)) + starts, strict=False):
        cell.at = path, line
        # jupytext counts the blank lines above a cell that begins with def
        cell.metadata.pop("lines_to_next_cell", None)
    return cells


@contextlib.contextmanager
def _located(cell: NotebookNode) -> Iterator[None]:
    """Name the text and the line of a cell in the errors that the block raises."""
    try:
        yield
    except (ValueError, ImportError, AttributeError, TypeError, OSError) as error:
        text, line = cell.at
        raise ValueError(f"{text}, line {line}: {error}") from error


# Words


def _walk(cells: Cells, notebook: _Notebook) -> Iterator[NotebookNode]:
    """Yield the cells of a notebook: a word of `WORDS` replaces the cell that has it."""
    words = WORDS[Path(notebook.text).parts[0]]
    for cell in cells:
        with _located(cell):
            word = next(filter(cell.metadata.__contains__, words), "")
            value = cell.metadata.pop(word, None)
            replacement = list(words[word](value, cell, notebook)) if word else [cell]
            known = [*words, *KEPT]
            lost = [w for w in cell.metadata if w not in known or cell not in replacement]
            if lost:
                raise ValueError(
                    f"{lost[0]}={cell.metadata[lost[0]]!r} has no effect here. The metadata of a "
                    f"cell may have {', '.join(known)}."
                )
            if word:
                yield from _walk(replacement, notebook)
                continue
            if "nbgrader" in cell.metadata:
                _complete(cell)
            yield cell


def _included(name: str, cell: NotebookNode, notebook: _Notebook) -> Cells:
    """Return shared cells, or the body of another assignment."""
    shared, other = SHARED / f"{name}.py", f"source/{name}.py"
    if shared.exists():
        cells = _read(shared, SHARED.parents[1])
        notebook.shared += cells
        return cells
    if other == cell.at[0] or not (notebook.root / other).exists():
        names = ", ".join(sorted(path.stem for path in SHARED.glob("*.py")))
        raise ValueError(
            f'include="{name}" does not name another text in source/, or shared cells ({names}).'
        )
    return _body(_read(notebook.root / other, notebook.root), other)


def _body(cells: list[NotebookNode], text: str) -> Iterator[NotebookNode]:
    """Yield the cells between the first and the last include, except those tagged "given"."""
    marks = [index for index, cell in enumerate(cells) if "include" in cell.metadata]
    if len(marks) < 2:
        raise ValueError(f"{text} cannot be included: no shared cells enclose its body.")
    for cell in cells[marks[0] + 1 : marks[-1]]:
        if "given" not in cell.metadata.get("tags", []):
            yield cell


def _exercise_cells(kind: str, name: str, cell: NotebookNode, notebook: _Notebook) -> Cells:
    """Return the shared cells of a kind for an exercise; a text in `cell` is the first one's."""
    if name not in EXERCISES:
        raise ValueError(f'{kind}="{name}": exercises/ has no exercise {name!r}.')
    fill = functools.partial(_filled, placeholders=OF_EXERCISE, owner=EXERCISES[name])
    first, *others = _read(SHARED / f"{kind}.py", SHARED.parents[1], fill)
    first.source = cell.source or first.source
    return [first, *others]


def _copied(what: str, cell: NotebookNode, notebook: _Notebook) -> Cells:
    """Replace the imports of a cell by the sources of the functions."""
    imported = _imported_functions(cell)
    if what != "source" or not imported:
        raise ValueError('copy="source" needs a cell with one import from convnet or exercises.')
    markers = bool(cell.metadata.get("nbgrader", {}).get("solution"))
    texts = (source_in_module(module, name, markers=markers) for module, name in imported)
    cell.source = "\n\n\n".join(texts)
    return [cell]


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


def _needing(package: str, cell: NotebookNode, notebook: _Notebook) -> Cells:
    """Skip a cell if a package is missing."""
    cell.source = f"%%needs {package}\n{cell.source}"
    return [cell]


# By folder of the text: the words, each with the function that returns what replaces a cell, from
# the value of the word, the cell without it, and the notebook.
WORDS: dict[str, dict[str, Callable[[str, NotebookNode, _Notebook], Cells]]] = {
    "source": {
        "include": _included,
        "solution": functools.partial(_exercise_cells, "solution"),
        "check": functools.partial(_exercise_cells, "check"),
        "copy": _copied,
    },
    "course": {"include": _included, "needs": _needing},
}


# Placeholders

# What replaces a placeholder of shared cells, from the notebook or the exercise.
PLACEHOLDERS: dict[str, Callable[[_Notebook], str]] = {
    "GRADER": lambda notebook: grader_packages(),  # versions of Python and packages
    "LESSON": lambda notebook: Path(notebook.text).stem,
    "FINDER": lambda notebook: _filled(_finder(), PLACEHOLDERS, notebook),
    "BUNDLE": lambda notebook: BUNDLE,  # archive that lessons import
    "DIGEST": lambda notebook: bundle_digest(notebook.root),  # its SHA-256
    "KEPT": lambda notebook: kept_bundle(bundle_digest(notebook.root)),
    "PINNED": lambda notebook: pinned_bundle(notebook.root),
    "ADDRESS": lambda notebook: address(notebook.root),  # web folder of the newest archive
    "SOURCE": lambda notebook: source_address(notebook.root),
    "EXERCISE": lambda notebook: next(iter(notebook.graded), "NAME"),
    "EXERCISES": lambda notebook: ", ".join(f'"{name}"' for name in notebook.written),
    "CHECKS": lambda notebook: payload(
        [name for name in notebook.written if name in EXERCISES], notebook.root
    ),
}
OF_EXERCISE: dict[str, Callable[[Exercise], str]] = {
    "MODULE": lambda exercise: exercise.loops.__module__,
    "NAME": lambda exercise: exercise.name,
    "POINTS": lambda exercise: str(exercise.points),
}


def _filled(text: str, placeholders: Mapping[str, Callable[[Any], str]], owner: object) -> str:
    """Replace the placeholders in a text by their values for a notebook or an exercise."""

    def value(match: re.Match[str]) -> str:
        if match[0] not in placeholders:
            known = ", ".join(placeholders)
            raise ValueError(f"unknown placeholder {match[0]}; the placeholders here are {known}.")
        return placeholders[match[0]](owner)

    return CAPITALS.sub(value, text)


def _finder() -> str:
    """Return the code of the shared cell find_packages, without its comments."""
    return (SHARED / "find_packages.py").read_text(encoding="utf-8").split("\n", 2)[2].strip()


# nbgrader's metadata


def _complete(cell: NotebookNode) -> None:
    """Complete nbgrader's metadata of a cell, and hide the content of a graded cell."""
    about = cell.metadata["nbgrader"] = _full_metadata(cell.metadata["nbgrader"])
    if about["grade"] and not about["solution"] and cell.cell_type == "code":
        first, _, rest = cell.source.partition("\n")
        visible = f"{first}\n" if first.startswith("validate(") else ""
        cell.source = graded_cell(rest if visible else cell.source, visible)


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


# The whole notebook


def _refuse_leaks(notebook: _Notebook) -> None:
    """Raise ValueError if students would get a marking scheme, or an import that fails."""
    for cell in notebook.cells:
        with _located(cell):
            locked = cell.metadata.get("nbgrader", {}).get("locked")
            if SCHEME in cell.source and not locked:
                raise ValueError("the marking scheme's cell is not locked: give it a grade_id.")
            if _imported_functions(cell):
                raise ValueError('students cannot import this: use copy="source" instead.')


def _show_claims(notebook: _Notebook) -> None:
    """Show the claims in the prose of a lesson as text, and link to its pages on GitHub."""

    def page(link: re.Match[str]) -> str:
        path = published(f"../course/{link[1]}", notebook.root)
        return f"](https://github.com/{path}" if path else link[0]

    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = PAGE.sub(page, CLAIM.sub(r"\1", cell.source))
            if "]{=" in cell.source:
                with _located(cell):
                    claim = next(line for line in cell.source.splitlines() if "]{=" in line)
                    raise ValueError(f"this claim must be on one line: {claim.strip()}")


def _fold_solutions(notebook: _Notebook) -> None:
    """Move the solutions out of their cells, each to below the next code cell."""
    unchecked, folded = "", []  # code of the last solution, until a cell has checked it
    for cell in notebook.cells:
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
        raise ValueError(f"{notebook.text}: no code cell checks the last solution.")
    notebook.cells = folded


def _finished(notebook: _Notebook, released: str) -> NotebookNode:
    """Return a notebook in Jupyter's format; `released` is its path, relative to release/."""
    cells = [c for c in notebook.cells if c.cell_type != "markdown" or c.source.strip()]
    if badge := _colab_badge(released, notebook.root):
        cells.insert(0, nbformat.v4.new_markdown_cell(badge))
    _give_ids(notebook.text, cells)
    for cell in cells:
        cell.pop("at", None)
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "course": {"text": notebook.text, "content": _content_hash(cells)},
    }
    try:
        finished = nbformat.v4.new_notebook(cells=cells, metadata=metadata, nbformat_minor=5)
        nbformat.validate(finished)
    except nbformat.ValidationError as error:
        problem = f"{notebook.text} does not give a valid notebook: {error.message}"
        raise ValueError(problem) from error
    return finished


def _colab_badge(released: str, root: Path) -> str:
    """Return the badge that opens a notebook in Colab, or "" if the course is not on GitHub."""
    page = published(released, root)
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
                with _located(cell):
                    raise ValueError(f"grade_id {grade_id!r} is used twice.")
            cell.id = f"{digest}-{seen[cell.id]}"


# Files


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
