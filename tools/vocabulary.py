"""Read the course's glossary, and find words that its standard terms should replace.

`course/glossary.md` has one heading per term. `python -m tools.lessons --words` lists the terms
that lessons lack, and the words that `INSTEAD` replaces.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tools.course import ROOT

__all__ = ["INSTEAD", "Term", "Word", "anchor", "discouraged", "glossary", "terms_in"]

GLOSSARY = "course/glossary.md"
ENTRY = re.compile(r"^### (.+)\n((?:(?!^#).*\n?)*)", re.M)
LESSON = re.compile(r"\bLesson (\d\d)\.\s*\Z")
ELSEWHERE = re.compile(r"You\s+may\s+also\s+see([^.]*)")

# Patterns of words to avoid, and the terms to use instead. A space matches any white space, except
# in a look-behind; patterns match whole words and ignore case. "Window" for a kernel is missing,
# because no pattern can distinguish it from a pooling window.
INSTEAD = {
    r"turn(s|ed|ing)? (the |a |its )?(kernel|filter)s?|half a turn": (
        "flip the kernel, rotate it by 180 degrees"
    ),
    r"(multiply|multiplies|multiplied|multiplying) in pairs|in pairs and add|place by place": (
        "dot product; element-wise product, then sum"
    ),
    r"moving pictures?": "animation",
    r"(?<!moving\s)pictures?": "image, figure",
    r"sums of sums": "a composition of linear maps is linear; nonlinearity",
    r"(plain )?rows? of numbers|plain rows?": "1-D array, vector",
    r"(?<!decimal\s)(?<!in\s)(?<!take\s)(?<!takes\s)(?<!taking\s)places?(?! by place)": (
        "positions, locations"
    ),
    r"la(y|ys|id|ying) down|stamp(s|ed|ing)?": "add a scaled copy of the kernel",
    r"(arriv\w+|comes?) from behind": "upstream gradient",
    r"layers? (behind|in front of)": "next layer, previous layer",
    r"(step|operation) in hand": "local gradient, local derivative",
    r"(filter|kernel|detector|layer|network|unit)s? answers?|maps? of answers": (
        "response, activation; prediction; score map"
    ),
    r"slopes?(?! of (the|a) (graph|curve|line|tangent))|steep\w*": "derivative",
    r"(learn\w*|know\w*) by heart": "overfit, memorize",
    r"nudg(e|es|ed|ing)": "finite differences, gradient checking",
    r"enlarg\w+": "upsample",
    r"spread(s|ing)? (the )?(rows|columns|pixels|numbers|values|zeros)": "insert zeros",
    r"tak(e|es|en|ing) away": "crop",
    r"(?<!matrix\s)multiplications": "multiply-accumulates (MACs), FLOPs",
    r"passed over": "skipped",
    r"(its|their|whose|a|each|the) shares?": "contributions",
}
_INSTEAD = {
    re.compile(rf"\b(?:{pattern})\b".replace(" ", r"\s+"), re.I): word
    for pattern, word in INSTEAD.items()
}


class Term(NamedTuple):
    """An entry of the glossary."""

    name: str
    definition: str
    lesson: int | None  # introduces the term; None if the entry does not name it

    @property
    def names(self) -> list[str]:
        """The term and its synonyms."""
        elsewhere = ELSEWHERE.search(self.definition)
        others = re.findall(r"\*([^*]+)\*", elsewhere[1]) if elsewhere else []
        return [self.name, *(" ".join(name.split()) for name in others)]


class Word(NamedTuple):
    """A word that the standard term should replace."""

    line: int
    found: str
    instead: str


def glossary(root: Path = ROOT) -> list[Term]:
    """Return the entries of the glossary, in its order."""
    text = (root / GLOSSARY).read_text(encoding="utf-8")
    return [_term(name, body.strip()) for name, body in ENTRY.findall(text)]


def _term(name: str, body: str) -> Term:
    lesson = LESSON.search(body)
    return Term(name, LESSON.sub("", body).strip(), int(lesson[1]) if lesson else None)


def anchor(name: str) -> str:
    """Return a heading's anchor on GitHub: the part of its address after #."""
    return re.sub(r"[^\w\- ]", "", name.lower()).replace(" ", "-")


def terms_in(prose: str, names: list[str]) -> set[str]:
    """Return the terms that occur in a text, in the singular or plural."""
    return {
        name
        for name in names
        if re.search(rf"(?<![\w-]){_spaced(name)}(?:s|es)?(?![\w-])", prose, re.I)
    }


def _spaced(name: str) -> str:
    """Return a pattern for a term, with line breaks or hyphens for its spaces."""
    return r"[\s-]+".join(re.escape(word) for word in re.split(r"[ -]", name))


def discouraged(prose: str) -> Iterator[Word]:
    """Yield the words in a text that standard terms should replace, in order."""
    matches = [
        (match, word) for pattern, word in _INSTEAD.items() for match in pattern.finditer(prose)
    ]
    for match, word in sorted(matches, key=lambda pair: pair[0].start()):
        line = prose.count("\n", 0, match.start()) + 1
        yield Word(line, " ".join(match[0].split()), word)
