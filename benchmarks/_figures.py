"""Write a benchmark's results: arrays and runs for the course, figures for its Markdown page."""

import argparse
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

__all__ = ["argument_parser", "report", "show_figures", "store_arrays", "store_run"]

MARK = "<!-- figures -->"


def argument_parser(script: str, text: str | None) -> argparse.ArgumentParser:
    """Return the parser of a benchmark's command, with its docstring as help and --write."""
    parser = argparse.ArgumentParser(
        description=text, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    page = Path(script).with_suffix(".md").name
    parser.add_argument("--write", action="store_true", help=f"put the figures into {page}")
    return parser


def report(script: str, text: str | None, figures: Callable[[], str]) -> None:
    """Run the command of a benchmark that has no options but --write."""
    write = argument_parser(script, text).parse_args().write
    show_figures(script, figures(), write)


def show_figures(script: str, text: str, write: bool) -> None:
    """Print a script's figures; if `write` is True, also put them into its Markdown page."""
    print(text)
    if not write:
        return
    page = Path(script).with_suffix(".md")
    head = page.read_text().partition(MARK)[0] if page.exists() else ""
    page.write_text(f"{head}{MARK}\n\n{text}")


def store_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    """Write arrays that a lesson loads, and print the size of the file."""
    import numpy as np  # missing in the browser's environment

    path.parent.mkdir(exist_ok=True)
    np.savez_compressed(path, **arrays)
    print(f"{path.name}: {path.stat().st_size:,} bytes")


def store_run(path: Path, run: Mapping[str, Any]) -> None:
    """Write a training run as JSON, a line for each epoch; the file is complete or absent."""
    epochs = ",\n".join("  " + json.dumps(epoch) for epoch in run["epochs"])
    head = {key: value for key, value in run.items() if key != "epochs"}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.partial")
    partial.write_text(json.dumps(head, indent=1)[:-2] + f',\n "epochs": [\n{epochs}\n ]\n}}\n')
    partial.replace(path)
