"""Rubric items: the list items of a marking scheme that say how many points they are worth.

The points stand in a list item as people write them: "- *Any size* (2 points): ...", "- [1] Names
it.", "- 1 point for naming it", "- Names it: 1 point", "- -1: mixes up rows and columns". Items
without points are no rubric items: they are read in the scheme itself.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nbjudge.files import digest_of

_NUMBER = r"(?P<points>[+\u2212-]?\d+(?:[.,]\d+)?)"
_UNIT = r"\s*(?:points?|pts?|marks?|p)\b\.?"
_PLACES = (  # where an item says its points, in the order in which they are looked for
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
    """A statement about an answer, with the points that it gives or takes.

    Attributes
    ----------
    key
        That names it in the gradebook.
    points
        Below 0 for a deduction.
    text
        Markdown.
    own
        Whether a grader has added it, and it is not of the marking scheme.
    """

    key: str
    points: float
    text: str
    own: bool = False


def find_items(scheme: str) -> list[RubricItem]:
    """The rubric items of a marking scheme, which is Markdown, in order."""
    items: dict[str, RubricItem] = {}
    for text in _list_items(scheme):
        for place in _PLACES:
            if match := place.search(text):
                rest = " ".join(f"{text[: match.start()]} {text[match.end() :]}".split())
                rest = re.sub(r" (?=[:,.;])", "", rest)
                points = float(match["points"].replace("\u2212", "-").replace(",", "."))
                key = digest_of([("item", f"{points:g} {rest}".encode())])[:32]
                items.setdefault(key, RubricItem(key, points, rest))
                break
    return list(items.values())


def _list_items(scheme: str) -> Iterable[str]:
    """The texts of the list items, each in one line; code blocks are none."""
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
    """The points before an item is ticked: all where a rubric has deductions only, else 0."""
    return out_of if items and all(item.points < 0 for item in items) else 0.0
