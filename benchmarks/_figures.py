"""Where a benchmark's figures go: into the page beside it, behind the text that people wrote."""

from pathlib import Path

__all__ = ["put_figures"]

MARK = "<!-- figures -->"


def put_figures(script: str, text: str) -> None:
    """Replace what stands behind the mark in the page of a script; `script` is its __file__."""
    page = Path(script).with_suffix(".md")
    head = page.read_text().partition(MARK)[0] if page.exists() else ""
    page.write_text(f"{head}{MARK}\n\n{text}")
