"""Put solutions into notebooks for self-study, where `solution("zero_pad")` prints them.

They go into what a notebook's setup cell carries, packed as it is. The notebooks in `source/` never
hold any: what is graded runs with their setup cell, so a submission finds no solution in its own.
"""

import json
import re
from pathlib import Path
from typing import Any

from exercises import EXERCISES
from nbjudge.notebook.repair import checksum
from tools.course import ROOT, solutions
from tools.notebooks import to_bytes
from tools.payload import LINE, payload

# The last of the calls that the text above the setup cell names.
HINT = re.compile(r'(- `hint\("(\w+)"\)`.*?)\.$', re.MULTILINE | re.DOTALL)
SAID = """;
- `solution("{name}")` prints a solution to compare with yours, once you have checked a try."""

__all__ = ["for_self_study", "with_solutions"]


def for_self_study(name: str, root: Path = ROOT) -> bytes:
    """An assignment's notebook as the site offers it: that of release/, with solutions.

    Without them where the setting `solutions` is "nowhere".
    """
    data = (root / "release" / name / f"{name}.ipynb").read_bytes()
    return data if solutions(root) == "nowhere" else with_solutions(data, root)


def with_solutions(data: bytes, root: Path = ROOT) -> bytes:
    """A released notebook with the solutions of its exercises."""
    notebook: dict[str, Any] = json.loads(data)
    about = (cell["metadata"].get("nbgrader", {}) for cell in notebook["cells"])
    names = [said["grade_id"] for said in about if said.get("solution")]
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and "`solution(" not in text:
            text = HINT.sub(lambda found: found[1] + SAID.format(name=found[2]), text)
        carried = LINE.search(text)
        if carried:
            exercises = [name for name in names if name in EXERCISES]
            line = payload(exercises, root, carried[1], solutions=True)
            text = text[: carried.start(1)] + line + text[carried.end(1) :]
            said = cell["metadata"]["nbgrader"]
            said["checksum"] = checksum(text, cell["cell_type"], said)  # as nbgrader hands it out
        cell["source"] = text if isinstance(cell["source"], str) else text.splitlines(True)
    return to_bytes(notebook)
