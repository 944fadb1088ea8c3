"""A verdict as HTML: signs and words beside the colors, which are legible on light and dark."""

import re
import sys
from collections.abc import Mapping
from html import escape

__all__ = ["FAILED", "OPEN", "PASSED", "as_html"]

PASSED, FAILED, OPEN = "pass", "FAIL", "open"
# White on each of these colors has a contrast above 4.5, and each has above 3 to white and black.
_BADGES = {
    PASSED: ("#1a7f37", "\N{CHECK MARK}", PASSED),
    FAILED: ("#c62828", "\N{BALLOT X}", FAILED),
    OPEN: ("#5f6368", "\N{WHITE CIRCLE}", OPEN),
    "----": ("#5f6368", "\N{WHITE CIRCLE}", OPEN),
}
_ROW = re.compile(rf"^  ({'|'.join(_BADGES)})  ", re.M)
_BOX = (
    '<div style="border-left:.3em solid {color};padding:0 .8em;overflow-wrap:anywhere">'
    '<pre style="margin:0;padding:0;white-space:pre-wrap;word-break:normal;background:none">'
    "{badge} {text}</pre>"
    "</div>"
)


def as_html(text: str, state: str, links: Mapping[str, str] | None = None) -> str:
    """The text of a verdict as HTML.

    Parameters
    ----------
    state
        PASSED, FAILED or OPEN.
    links
        Words of the text, with the heading of the notebook that they link to. Colab shows outputs
        where no link reaches the headings, so there are none there.
    """
    first, *rest = text.split("\n", 1)
    html = "\n".join([f"<b>{escape(first)}</b>", *map(escape, rest)])
    for words, heading in ({} if "google.colab" in sys.modules else links or {}).items():
        pattern = r"\s+".join(re.escape(escape(word)) for word in words.split())
        # Jupyter looks for the id of a heading as it stands here: percent signs are not decoded.
        link = f'<a href="#{escape(heading.replace(" ", "-"))}">{escape(words)}</a>'
        html = re.sub(rf"(?<!\w){pattern}(?!\w)", link.replace("\\", r"\\"), html, count=1)
    html = _ROW.sub(lambda row: f"{_badge(row[1])}  ", html)
    return _BOX.format(color=_BADGES[state][0], badge=_badge(state), text=html)


def _badge(state: str) -> str:
    color, sign, word = _BADGES[state]
    style = f"background:{color};color:#fff;border-radius:.2em;padding:0 .4em"
    return f'<b style="{style}"><span aria-hidden="true">{sign}</span> {word}</b>'
