"""Where a benchmark's results go: arrays to the course, figures into the page beside the script."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["put_figures", "show_figures", "store_arrays"]

MARK = "<!-- figures -->"


def put_figures(script: str, text: str) -> None:
    """Replace what stands behind the mark in the page of a script; `script` is its __file__."""
    page = Path(script).with_suffix(".md")
    head = page.read_text().partition(MARK)[0] if page.exists() else ""
    page.write_text(f"{head}{MARK}\n\n{text}")


def show_figures(script: str, text: str, write: bool) -> None:
    """Print a script's figures, and put them into its page where `write` asks for it."""
    print(text)
    if write:
        put_figures(script, text)


def store_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    """Write arrays that a lesson loads, and print the size of the file."""
    path.parent.mkdir(exist_ok=True)
    np.savez_compressed(path, **arrays)
    print(f"{path.name}: {path.stat().st_size:,} bytes")
