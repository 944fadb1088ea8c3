"""List words of lessons that a standard term should replace, and missing terms."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.course import ROOT
from tools.notebooks import build_lesson
from tools.vocabulary import Word, discouraged, glossary, terms_in

__all__ = ["prose", "report"]

# Parts of a Markdown cell that are not prose.
NO_PROSE = (
    re.compile(r"^```.*?^```", re.S | re.M),
    re.compile(r"\$\$.*?\$\$", re.S),
    re.compile(r"\{=.*?\s\}"),
    re.compile(r"`[^`]*`"),
    re.compile(r"\$[^$]*\$"),
    re.compile(r"(?<=\])\([^)]*\)"),
    re.compile(r"https?://\S+"),
    re.compile(r"<[^>]*>"),
)
MARKDOWN = re.compile(r"^# %% \[markdown\].*\n((?:#.*\n)*)", re.M)


def report(names: Iterable[str], root: Path = ROOT) -> Iterator[str]:
    """Yield a line for each discouraged word and for each lesson with missing terms.

    Raises
    ------
    ValueError
        If `build_lesson` raises it.
    """
    for name in names:
        for word in _discouraged(root / "course" / f"{name}.py"):
            yield f"course/{name}.py:{word.line}: {word.found} -> {word.instead}"
        if missing := _missing(name, root):
            yield f"{name} lacks terms of the glossary: {', '.join(missing)}"


def _missing(name: str, root: Path) -> list[str]:
    """Return the terms that a lesson should introduce, by the glossary, but does not use."""
    cells = build_lesson(name, root).cells
    text = "\n\n".join(prose(cell.source) for cell in cells if cell.cell_type == "markdown")
    number = int(name.partition("_")[0])
    introduced = [term.name for term in glossary(root) if term.lesson == number]
    used = terms_in(text, introduced)
    return [term for term in introduced if term not in used]


def prose(markdown: str) -> str:
    """Return a text of the same length, with spaces in place of everything that is not prose."""
    for pattern in NO_PROSE:
        markdown = pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), markdown)
    return markdown


def _discouraged(path: Path) -> Iterator[Word]:
    """Yield the discouraged words in a lesson's prose, with their line numbers."""
    text = path.read_text(encoding="utf-8")
    for cell in MARKDOWN.finditer(text):
        line = text.count("\n", 0, cell.start(1))
        for word in discouraged(prose(re.sub(r"^#", "", cell[1], flags=re.M))):
            yield word._replace(line=line + word.line)
