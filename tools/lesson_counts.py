"""Count the length of lessons and their use of the course's terms, for `tools.lessons --count`."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tools.course import ROOT
from tools.notebooks import SOLUTION, build_lesson
from tools.vocabulary import Word, discouraged, glossary, terms_in

__all__ = ["Counts", "count", "report"]

FIGURE = re.compile(r"^\s*(?:present|animate|explore_\w+|draw\.\w+)\(", re.M)
PROMPT = re.compile(r"(?<![.\w])predict\(")  # not model.predict
TIME = re.compile(r"\bTime:\W+about\s+(\d+)\s+minutes(?:,\s+and\s+(\d+)\s+for\s+the\s+exercises)?")

# Parts of a Markdown cell that are not prose, and their replacement in the count.
NO_PROSE = (
    (re.compile(r"^```.*?^```", re.S | re.M), ""),
    (re.compile(r"\$\$.*?\$\$", re.S), ""),
    (re.compile(r"\{=.*?\s\}"), ""),
    (re.compile(r"`[^`]*`"), "code"),
    (re.compile(r"\$[^$]*\$"), "formula"),
    (re.compile(r"\]\([^)]*\)"), "]"),
    (re.compile(r"https?://\S+"), ""),
    (re.compile(r"<[^>]*>"), ""),
)
MARKDOWN = re.compile(r"^# %% \[markdown\].*\n((?:#.*\n)*)", re.M)


class Counts(NamedTuple):
    """Counts for one lesson."""

    cells: int  # in the notebook that students open
    visible: int  # lines of code
    hidden: int  # lines of code in folded cells
    words: int  # of prose; a formula or a piece of code counts as one word
    minutes: str  # as announced in the lesson: "35 + 25" with its exercises; "?" if it is not
    figures: int
    prompts: int  # questions to answer before a cell is run
    exercises: int
    terms: int  # distinct terms of the glossary
    discouraged: list[Word]
    missing: list[str]  # terms that the lesson should introduce, by the glossary, but does not use


def count(name: str, root: Path = ROOT) -> Counts:
    """Count one lesson.

    Raises
    ------
    ValueError
        If `build_lesson` raises it.
    """
    built, written = build_lesson(name, root), build_lesson(name, root, claims=True)
    prose = "\n\n".join(_prose(cell.source) for cell in built.cells if cell.cell_type == "markdown")
    code = "\n\n".join(cell.source for cell in written.cells if cell.cell_type == "code")
    minutes = TIME.search(prose)
    lines = {True: 0, False: 0}
    for cell in built.cells:
        if cell.cell_type == "code":
            is_hidden = bool(cell.metadata.get("jupyter", {}).get("source_hidden"))
            lines[is_hidden] += len(cell.source.splitlines())
    terms = glossary(root)
    used = terms_in(prose, [term.name for term in terms])
    introduced = [term.name for term in terms if term.lesson == int(name.partition("_")[0])]
    return Counts(
        cells=len(built.cells),
        visible=lines[False],
        hidden=lines[True],
        words=len(re.findall(r"\w*[^\W\d_][\w'-]*", prose)),
        minutes=" + ".join(filter(None, minutes.groups())) if minutes else "?",
        figures=len(FIGURE.findall(code)),
        prompts=max(len(PROMPT.findall(code)), prose.count("**Predict")),
        exercises=sum(bool(SOLUTION.search(cell.source)) for cell in written.cells),
        terms=len(used),
        discouraged=list(_discouraged(root / "course" / f"{name}.py")),
        missing=[term for term in introduced if term not in used],
    )


def _prose(markdown: str) -> str:
    for pattern, instead in NO_PROSE:
        markdown = pattern.sub(instead, markdown)
    return markdown


def _discouraged(path: Path) -> Iterator[Word]:
    """Yield the discouraged words in a lesson's prose, with their line numbers."""
    text = path.read_text(encoding="utf-8")
    for cell in MARKDOWN.finditer(text):
        prose = re.sub(r"^#", "", cell[1], flags=re.M)
        for pattern, _ in NO_PROSE:
            prose = pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), prose)
        line = text.count("\n", 0, cell.start(1))
        for word in discouraged(prose):
            yield word._replace(line=line + word.line)


def report(names: Iterable[str], root: Path = ROOT, words: bool = False) -> Iterator[str]:
    """Yield the lines of a table of lessons.

    Parameters
    ----------
    words
        True to list the discouraged words and missing terms below the table.
    """
    yield (
        f"{'lesson':<34}{'cells':>7}{'visible':>9}{'hidden':>8}{'words':>8}{'minutes':>9}"
        f"{'figures':>9}{'prompts':>9}{'exercises':>11}{'terms':>7}{'discouraged':>13}"
    )
    listed = []
    for name in names:
        counts = count(name, root)
        yield (
            f"{name:<34}{counts.cells:>7}{counts.visible:>9}{counts.hidden:>8}{counts.words:>8,}"
            f"{counts.minutes:>9}{counts.figures:>9}{counts.prompts:>9}{counts.exercises:>11}"
            f"{counts.terms:>7}{len(counts.discouraged):>13}"
        )
        listed += [
            f"course/{name}.py:{word.line}: {word.found} -> {word.instead}"
            for word in counts.discouraged
        ]
        if counts.missing:
            listed.append(f"{name} lacks terms of the glossary: {', '.join(counts.missing)}")
    if words:
        yield from listed
