"""Put solutions into notebooks for self-study, where `solution("zero_pad")` prints them.

Solutions are packed into the setup cell's line of checks. The notebooks in `source/` never contain
them: graded work runs with the setup cell of `source/`, so a submission cannot find a solution in
its own notebook.
"""

import json
import re
from pathlib import Path
from typing import Any

from exercises import EXERCISES
from tools.course import ROOT, solutions
from tools.notebooks import to_bytes
from tools.payload import LINE, payload

# The last of the calls listed above the setup cell.
HINT = re.compile(r'(- `hint\("(\w+)"\)`.*?)\.$', re.MULTILINE | re.DOTALL)
ITEM = """;
- `solution("{name}")` prints a solution to compare with yours, once you have checked an attempt."""
FOR_A_CLASS = "<details>\n<summary>In a class:"

__all__ = ["for_self_study", "with_solutions"]


def for_self_study(name: str, root: Path = ROOT) -> bytes:
    """Return the notebook that the site offers: with solutions, and without advice for a class.

    If the setting `solutions` is "nowhere", it is the one in release/.
    """
    data = (root / "release" / name / f"{name}.ipynb").read_bytes()
    if solutions(root) == "nowhere":
        return data
    notebook: dict[str, Any] = json.loads(with_solutions(data, root))
    cells = notebook["cells"]
    notebook["cells"] = [c for c in cells if not "".join(c["source"]).startswith(FOR_A_CLASS)]
    return to_bytes(notebook)


def with_solutions(data: bytes, root: Path = ROOT) -> bytes:
    """Return a released notebook with the solutions of its exercises."""
    # Environments that only run lessons have no nbgrader.
    from nbformat import from_dict
    from nbgrader.utils import compute_checksum

    notebook: dict[str, Any] = json.loads(data)
    about = (cell["metadata"].get("nbgrader", {}) for cell in notebook["cells"])
    names = [metadata["grade_id"] for metadata in about if metadata.get("solution")]
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and "`solution(" not in text:
            text = HINT.sub(lambda match: match[1] + ITEM.format(name=match[2]), text)
        carried = LINE.search(text)
        if carried:
            exercises = [name for name in names if name in EXERCISES]
            line = payload(exercises, root, solutions=True)
            text = text[: carried.start(1)] + line + text[carried.end(1) :]
            metadata = cell["metadata"]["nbgrader"]
            metadata["checksum"] = compute_checksum(from_dict(cell | {"source": text}))
        cell["source"] = text if isinstance(cell["source"], str) else text.splitlines(True)
    return to_bytes(notebook)
