"""Read values from a notebook's untrusted JSON; values of the wrong type become empty."""

import json
import re
from collections.abc import Iterable
from typing import Any

Table = dict[str, Any]  # a JSON object
ANSI = re.compile(r"\x1b\[[^@-~]*[@-~]")  # colors of a terminal


def text_of(value: object, between: str = "") -> str:
    """Return a string, or a list of strings joined; "" for anything else.

    Parameters
    ----------
    between
        Separator for joining a list.
    """
    if isinstance(value, list):
        value = between.join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def table_of(value: object) -> Table:
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def tables_of(data: Table, name: str) -> list[Table]:
    return [item for item in list_of(data.get(name)) if isinstance(item, dict)]


def points_of(value: object) -> float:
    return value if isinstance(value, int | float) else 0.0


def cells_of(notebooks: Iterable[bytes]) -> list[Table]:
    """Return the cells of graded notebooks, parsed from JSON.

    Raises
    ------
    ValueError, TypeError, KeyError, RecursionError
        If one is not a notebook.
    """
    return [cell for notebook in notebooks for cell in json.loads(notebook)["cells"]]


def check_notebook(notebook: bytes) -> int:
    """Return the number of cells of a graded notebook; raise an error like `cells_of`."""
    return len(cells_of([notebook]))
