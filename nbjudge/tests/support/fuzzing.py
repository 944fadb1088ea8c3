"""Hypothesis strategies for notebook files: arbitrary JSON, and damaged notebooks."""

import copy
import json

from hypothesis import strategies as st

from tests.support.submissions import SAVED_BY, STRANGE

__all__ = ["any_json", "damaged_files", "damaged_notebooks"]

HUGE = [10**4000, -(10**400), 2**63, -0.0, 1e308, float("-inf"), float("nan")]
WORDS = ["cells", "cell_type", "source", "metadata", "outputs", "nbgrader", "grade_id", "id"]
WORDS += [
    "nbformat",
    "nbformat_minor",
    "worksheets",
    "code",
    "markdown",
    "raw",
    "double",
    "checksum",
]
TEXTS = st.sampled_from(WORDS) | st.text(st.characters(exclude_categories=()), max_size=8)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
LEAVES |= st.sampled_from([*HUGE, *STRANGE.values()])


def _json(leaves):
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
        max_leaves=12,
    )


def any_json():
    """Draw the bytes of any JSON document; notebooks are rare."""
    cells = st.lists(st.dictionaries(st.sampled_from(WORDS), _json(LEAVES)), max_size=4)
    notebooks = st.fixed_dictionaries(
        {"cells": cells | _json(LEAVES)},
        optional={"nbformat": st.sampled_from([3, 4, 5]) | LEAVES, "metadata": _json(LEAVES)},
    )
    return (_json(LEAVES) | notebooks).map(_as_bytes)


def _as_bytes(document):
    return json.dumps(document).encode()


@st.composite
def damaged_notebooks(draw, cells):
    """Draw a notebook with these cells, with parts deleted, copied, moved or of another type."""
    notebook = {"cells": copy.deepcopy(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    for _ in range(draw(st.integers(1, 6))):
        if notebook:
            _damage(draw, notebook)
    return notebook


def _damage(draw, notebook):
    """Change a part at a random depth, usually in a cell."""
    part, cells = notebook, notebook.get("cells")
    if cells and isinstance(cells, list) and draw(st.integers(0, 9)):
        part = cells
    key = draw(st.sampled_from(_keys(part)))
    while isinstance(part[key], (dict, list)) and part[key] and draw(st.integers(0, 2)):
        part = part[key]
        key = draw(st.sampled_from(_keys(part)))
    change = draw(st.sampled_from(["delete", "copy", "swap", "reverse", "nest", "replace"]))
    if change == "delete":
        del part[key]
    elif change == "copy" and isinstance(part, list):
        part.insert(draw(st.integers(0, len(part))), _copied(part[key]))
    elif change == "swap":
        other = draw(st.sampled_from(_keys(part)))
        part[key], part[other] = part[other], part[key]
    elif change == "reverse" and isinstance(part, list):
        part.reverse()
    elif change == "nest":
        for _ in range(draw(st.sampled_from([1, 2, 40]))):
            part[key] = draw(st.sampled_from([[part[key]], {"cells": part[key]}]))
    else:
        part[key] = _copied(draw(LEAVES))  # LEAVES yields the same objects for every example


def _copied(part):
    return json.loads(json.dumps(part))


def _keys(part):
    return list(part) if isinstance(part, dict) else range(len(part))


def damaged_files(cells):
    """Draw the bytes of a damaged notebook or of another program's, then often damage the file."""
    whole = damaged_notebooks(cells).map(_as_bytes)
    saved = st.sampled_from([*SAVED_BY.values()]).map(lambda save: save(copy.deepcopy(cells)))
    return (whole | saved).flatmap(_damaged)


@st.composite
def _damaged(draw, content):
    changes = ["cut", "mark", "encoding", "twice", "twice", "bytes"]
    change = draw(st.sampled_from(["none"] * 12 + changes))
    if change == "cut":
        return content[: draw(st.integers(0, len(content)))]
    if change == "mark":
        return draw(st.sampled_from([b"\xef\xbb\xbf", b"\xff\xfe", b"\n\n", b"\0"])) + content
    if change == "encoding":
        encoding = draw(st.sampled_from(["utf-16", "utf-32", "latin-1", "utf-7", "cp037"]))
        return content.decode().encode(encoding, "replace")
    if change == "twice":  # a duplicate key at the beginning of an object
        at = draw(st.sampled_from([n for n, byte in enumerate(content) if byte == ord("{")]))
        pair = {draw(st.sampled_from(WORDS)): draw(LEAVES)}
        return content[: at + 1] + json.dumps(pair).encode()[1:-1] + b", " + content[at + 1 :]
    if change == "bytes":
        at = draw(st.integers(0, len(content)))
        return content[:at] + draw(st.binary(min_size=1, max_size=8)) + content[at:]
    return content
