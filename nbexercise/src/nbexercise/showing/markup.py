"""Format a verdict as HTML, with signs and words besides colors, for light and dark themes."""

import re
from collections.abc import Mapping
from html import escape

from ..judging.wording import unbroken

__all__ = ["FAILED", "OPEN", "PASSED", "as_html"]

PASSED, FAILED, OPEN = "pass", "FAIL", "todo"
# Contrast of each color: above 4.5 with white text, above 3 with a white or black background.
_BADGES = {
    PASSED: ("#1a7f37", "\N{CHECK MARK}", PASSED),
    FAILED: ("#c62828", "\N{BALLOT X}", FAILED),
    OPEN: ("#5f6368", "\N{WHITE CIRCLE}", "to do"),
    "----": ("#5f6368", "\N{WHITE CIRCLE}", "not checked yet"),
}
_ROW = re.compile(rf"^  ({'|'.join(_BADGES)})  ", re.M)
_BOX = (
    '<div style="border-left:.3em solid {color};padding:0 .8em;overflow-wrap:anywhere">'
    '<pre style="margin:0;padding:0;white-space:pre-wrap;word-break:normal;background:none">'
    "{badge} {text}</pre>"
    "</div>"
)


def as_html(text: str, state: str, links: Mapping[str, str] | None = None) -> str:
    """Return the text of a verdict, without line breaks inside paragraphs, as HTML.

    Parameters
    ----------
    state
        PASSED, FAILED or OPEN.
    links
        Words of the text, with the headings of the notebook that they link to.
    """
    first, *rest = unbroken(text).split("\n", 1)
    html = "\n".join([f"<b>{escape(first)}</b>", *map(escape, rest)])
    for words, heading in (links or {}).items():
        pattern = r"\s+".join(re.escape(escape(word)) for word in words.split())
        # Jupyter does not decode percent signs when it looks for the id of a heading.
        link = f'<a href="#{escape(heading.replace(" ", "-"))}">{escape(words)}</a>'
        html = re.sub(rf"(?<!\w){pattern}(?!\w)", link.replace("\\", r"\\"), html, count=1)
    html = _ROW.sub(lambda row: f"{_badge(row[1])}  ", html)
    return _BOX.format(color=_BADGES[state][0], badge=_badge(state), text=html)


def _badge(state: str) -> str:
    color, sign, word = _BADGES[state]
    style = f"background:{color};color:#fff;border-radius:.2em;padding:0 .4em"
    return f'<b style="{style}"><span aria-hidden="true">{sign}</span> {word}</b>'
