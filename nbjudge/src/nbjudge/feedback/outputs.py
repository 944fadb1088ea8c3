"""Render a cell's outputs as HTML: escaped and shortened text, sanitized HTML, embedded images."""

import re
from collections.abc import Callable, Sequence

from markupsafe import Markup

from nbjudge.feedback.formulas import typeset
from nbjudge.feedback.plain import ANSI, Table, table_of, text_of
from nbjudge.feedback.prose import markdown
from nbjudge.feedback.safe_html import clean_html
from nbjudge.wire.outputs import REPORT

LONGEST_OUTPUT = 20_000  # characters of a text output that a page shows
LONGEST_HTML = 500_000
MOST_OUTPUTS = 50  # outputs shown per cell
_BASE64 = re.compile(r"[\w+/=\s]+", re.A)


def show_outputs(outputs: Sequence[Table]) -> Markup:
    """Return the outputs of a cell as HTML."""
    parts = [_output(output) for output in outputs[:MOST_OUTPUTS]]
    if len(outputs) > MOST_OUTPUTS:
        parts.append(_note(f"({len(outputs) - MOST_OUTPUTS:,} more outputs are not shown.)"))
    return Markup().join(parts)


def _output(output: Table) -> Markup:
    kind = output.get("output_type")
    if kind == "stream":
        return Markup('<pre class="output">{}</pre>').format(cut(text_of(output.get("text"))))
    if kind == "error":
        return Markup('<pre class="output error">{}</pre>').format(shown_error(output))
    data, metadata = table_of(output.get("data")), table_of(output.get("metadata"))
    if REPORT in data:  # shown in the results above, with its image
        return Markup()
    for kind, show in _SHOWN.items():
        content = text_of(data.get(kind)) if kind in data else ""
        if content:
            return show(content, table_of(metadata.get(kind)))
    return _note("(An output that is not shown here.)")


def _note(text: str) -> Markup:
    return Markup("<p><em>{}</em></p>").format(text)


def shown_error(error: Table) -> str:
    """Return the traceback of an error, or its name and message if it has none."""
    text = text_of(error.get("traceback"), "\n") or f"{error.get('ename')}: {error.get('evalue')}"
    lines = [line.rstrip() for line in ANSI.sub("", text).strip("\n").split("\n")]
    return cut("\n".join(line for line in lines if set(line) != {"-"}))


def _show_html(content: str, metadata: Table) -> Markup:
    if len(content) > LONGEST_HTML:
        return _note(f"(An output of {len(content):,} characters is not shown here.)")
    return Markup('<div class="output rich">{}</div>').format(Markup(clean_html(content)))


def _show_markdown(content: str, metadata: Table) -> Markup:
    return Markup('<div class="output rich">{}</div>').format(Markup(markdown(cut(content))))


def _show_formula(content: str, metadata: Table) -> Markup:
    return Markup('<div class="output">{}</div>').format(Markup(typeset(cut(content))))


def _show_text(content: str, metadata: Table) -> Markup:
    return Markup('<pre class="output">{}</pre>').format(cut(content))


def _picture_shower(kind: str) -> Callable[[str, Table], Markup]:
    def show(content: str, metadata: Table) -> Markup:
        if not _BASE64.fullmatch(content):
            return _note("(An image that cannot be read.)")
        alt = metadata.get("alt") if isinstance(metadata.get("alt"), str) else "Output of the code"
        given: Table = {name: metadata.get(name) for name in ("width", "height")}
        sizes = Markup().join(
            Markup(' {}="{:g}"').format(name, size)
            for name, size in given.items()
            if type(size) in (int, float) and 0 < size < 10_000
        )
        return Markup('<div class="output"><img alt="{}"{} src="data:{};base64,{}"></div>').format(
            alt, sizes, kind, "".join(content.split())
        )

    return show


# Displayable output types, in order of preference.
_SHOWN: dict[str, Callable[[str, Table], Markup]] = {
    "text/html": _show_html,
    "text/latex": _show_formula,
    "image/svg+xml": _show_html,
    "image/png": _picture_shower("image/png"),
    "image/jpeg": _picture_shower("image/jpeg"),
    "text/markdown": _show_markdown,
    "text/plain": _show_text,
}


def cut(text: str) -> str:
    """Return a text without ANSI colors, shortened in the middle if it is too long."""
    text = ANSI.sub("", text)
    if len(text) <= LONGEST_OUTPUT:
        return text
    half = LONGEST_OUTPUT // 2
    left_out = len(text) - 2 * half
    return f"{text[:half]}\n(... {left_out:,} characters are not shown here ...)\n{text[-half:]}"
