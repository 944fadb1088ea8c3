"""Parse rubric items: the list items of a marking scheme that state their points.

Points may be written in any common way: "- *Any size* (2 points): ...", "- [1] Names it.", "- 1
point for naming it", "- Names it: 1 point", "- -1: mixes up rows and columns". List items without
points are not rubric items; they appear only in the scheme itself.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nbjudge.files import digest_of

_NUMBER = r"(?P<points>[+\u2212-]?\d+(?:[.,]\d+)?)"
_UNIT = r"\s*(?:points?|pts?|marks?|p)\b\.?"
_PATTERNS = (  # notations of an item's points, in the order in which they are tried
    re.compile(rf"\s*[\[(]{_NUMBER}{_UNIT}[\])]", re.I),
    re.compile(rf"^[\[(]{_NUMBER}[\])]:?\s*"),
    re.compile(rf"^{_NUMBER}{_UNIT}\s*(?:[:,]|for\b)?\s*", re.I),
    re.compile(r"^(?P<points>[+\u2212-]\d+(?:[.,]\d+)?):?\s+"),
    re.compile(rf"\s*[:,=]\s*{_NUMBER}{_UNIT}$", re.I),
    re.compile(rf"\s*[\[(]{_NUMBER}[\])]\.?$"),
)
_ITEM = re.compile(r"^(?P<indent>\s*)(?:[-*+]|\d+[.)])\s+(?P<text>.*)$")
_FENCE = re.compile(r"\s*(```|~~~)")


@dataclass(frozen=True)
class RubricItem:
    """A statement about an answer, with the points that it adds or deducts.

    Attributes
    ----------
    key
        Key of the item in the gradebook.
    points
        Points, negative for a deduction.
    text
        Text in Markdown.
    own
        True if a grader added the item; False if it comes from the marking scheme.
    """

    key: str
    points: float
    text: str
    own: bool = False


def find_items(scheme: str) -> list[RubricItem]:
    """Return the rubric items of a marking scheme in Markdown, in order."""
    items: dict[str, RubricItem] = {}
    for text in _list_items(scheme):
        for pattern in _PATTERNS:
            if match := pattern.search(text):
                rest = " ".join(f"{text[: match.start()]} {text[match.end() :]}".split())
                rest = re.sub(r" (?=[:,.;])", "", rest)
                points = float(match["points"].replace("\u2212", "-").replace(",", "."))
                key = digest_of([("item", f"{points:g} {rest}".encode())])[:32]
                items.setdefault(key, RubricItem(key, points, rest))
                break
    return list(items.values())


def _list_items(scheme: str) -> Iterable[str]:
    """Yield the texts of the list items, each as one line; skip code blocks."""
    item: list[str] = []
    code = False
    for line in scheme.splitlines():
        if _FENCE.match(line):
            code = not code
        elif code:
            continue
        elif match := _ITEM.match(line):
            yield " ".join(item)
            item = [match["text"].strip()]
        elif item and line.startswith((" ", "\t")):
            item.append(line.strip())
        else:
            yield " ".join(item)
            item = []
    yield " ".join(item)


def start_points(items: Sequence[RubricItem], out_of: float) -> float:
    """Return the points with no item selected: all if the rubric has only deductions, else 0."""
    return out_of if items and all(item.points < 0 for item in items) else 0.0
