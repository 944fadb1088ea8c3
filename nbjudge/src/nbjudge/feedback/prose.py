"""Render a notebook's Markdown and code as safe HTML.

Results are cached by text, because the instructor's cells recur in every submission. nbconvert is
not used: its import takes longer than rendering a page.
"""

import html
import re
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import mistune
from ipython_pygments_lexers import IPython3Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES, Token

from nbjudge.feedback.formulas import typeset
from nbjudge.feedback.plain import Table
from nbjudge.feedback.safe_html import clean_html

HEADINGS_BELOW = 2  # heading levels of the page itself: its title and its parts
LONGEST_CODE = 100_000  # characters; longer code is not highlighted
LONGEST_TEXT = 500_000  # characters; longer Markdown is cut and shown as typed
_LANGUAGES = (
    "bash c c++ console cpp css diff html ini ipython ipython3 java javascript json julia latex "
    "matlab pycon py py3 python python3 r sh shell sql tex toml xml yaml"
)
LANGUAGES = frozenset(_LANGUAGES.split())
# Formulas in Jupyter's syntax. They are matched first, so that Markdown leaves them unchanged.
_DISPLAY = r"(?<!\\)\$\${}.*?(?<!\\)\$\$|\\\\\[{}.*?\\\\\]"
_ENVIRONMENT = r"\\begin\{{(?P<{0}>[a-z]*\*?)\}}.*?\\end\{{(?P={0})\}}"
_BLOCK = f"(?s:{_DISPLAY.format('', '')}|{_ENVIRONMENT.format('block_environment')})"
_INLINE = (
    f"(?s:{_DISPLAY.format('', '')}|{_ENVIRONMENT.format('inline_environment')}"
    r"|(?<![$\\])\$(?!\$).+?(?<![$\\])\$|\\\\\(.*?\\\\\))"
)
_ATTACHMENT = re.compile(r"""\bsrc=(["'])attachment:([^"']*)\1""")
_OPENED = re.compile(r"\\\\[\[(]|\\begin\{")
_MOST_FORMULAS = 20_000_000  # formulas times characters: each formula scans for its end
_MOST_BLANKS = 200
_BLANKS = re.compile(rf"[^\S\n]{{{_MOST_BLANKS},}}")
_FORMULA = re.compile(r'<span class="math">([^<]*)</span>')


def prepared(text: str) -> str:
    """Return Markdown text that can be rendered in nearly linear time.

    Mistune searches each run of blanks again from each of its blanks. A page shows a long run, and
    a shorter one, as a single space.

    Raises
    ------
    ValueError
        If the text is too long, or if finding the end of each formula would take too long.
    """
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"the text has more than {LONGEST_TEXT:,} characters")
    if len(_OPENED.findall(text)) * len(text) > _MOST_FORMULAS:
        raise ValueError("too many formulas: finding the end of each would take too long")
    return _BLANKS.sub(lambda blanks: blanks[0][:_MOST_BLANKS], text)


def markdown(text: str, attachments: Table | None = None) -> str:
    """Return Markdown as HTML without active content; unreadable text is shown verbatim.

    Parameters
    ----------
    attachments
        The cell's images: {name: {type: base64}}.
    """
    return _markdown(text, attachments) if attachments else _kept_markdown(text)


@lru_cache(1000)
def _kept_markdown(text: str) -> str:
    return _markdown(text, {})


def _markdown(text: str, attachments: Table) -> str:
    try:
        page = str(_parser()(prepared(text)))
        page = _ATTACHMENT.sub(lambda source: _attached(source, attachments), page)
    except Exception:  # for example lists nested too deeply, or a damaged attachment
        page = f"<pre>{html.escape(text[:LONGEST_TEXT])}</pre>"
        if len(text) > LONGEST_TEXT:
            page += f"<p>(... {len(text) - LONGEST_TEXT:,} characters are not shown here ...)</p>"
    return _FORMULA.sub(lambda span: typeset(html.unescape(span[1])), clean_html(page))


def _attached(source: re.Match[str], attachments: Table) -> str:
    """Return an image's `src` attribute with the content of the attachment it names, if any."""
    name = html.unescape(source[2])
    bundle = attachments.get(name) or attachments.get(unquote(name))
    if not bundle:
        return source[0]
    kind, data = next(iter(bundle.items()))
    address = html.escape(f"data:{kind};base64,{''.join(data)}")
    return f'src="{address}"'


def _parser() -> mistune.Markdown:
    names = ("strikethrough", "table", "url", "task_lists", "def_list")
    return mistune.create_markdown(escape=False, renderer=_Renderer(), plugins=[*names, _formulas])


def _formulas(md: mistune.Markdown) -> None:
    """Register formulas with mistune, which keeps them unchanged until the HTML is sanitized."""

    def parse_block(
        block: mistune.BlockParser, match: re.Match[str], state: mistune.BlockState
    ) -> int:
        state.add_paragraph(match[0])
        return match.end()

    def parse_inline(
        inline: mistune.InlineParser, match: re.Match[str], state: mistune.InlineState
    ) -> int:
        state.append_token({"type": "formula", "raw": match[0]})
        return match.end()

    md.block.register("formula_block", _BLOCK, parse_block, before=md.block.rules[0])
    md.inline.register("formula", _INLINE, parse_inline, before=md.inline.rules[0])


class _Renderer(mistune.HTMLRenderer):
    """Renders Markdown as HTML; `clean_html` sanitizes the result."""

    def __init__(self) -> None:
        super().__init__(escape=False, allow_harmful_protocols=True)

    def heading(self, text: str, level: int, **attributes: Any) -> str:
        level = min(6, level + HEADINGS_BELOW)
        name = html.unescape(re.sub(r"<[^>]*>", "", text)).strip().replace(" ", "-")
        return f'<h{level} id="{html.escape(name)}">{text}</h{level}>\n'

    def formula(self, text: str) -> str:
        text = re.sub(r"^\\\\\[|\\\\\]$", "$$", text) if text.startswith(r"\\[") else text
        text = re.sub(r"^\\\\\(|\\\\\)$", "$", text) if text.startswith(r"\\(") else text
        return f'<span class="math">{html.escape(text, quote=False)}</span>'

    def block_code(self, code: str, info: str | None = None) -> str:
        name = (info or "").split()[0].lower() if (info or "").strip() else ""
        return f"<pre>{highlighted(code.rstrip(), name)}</pre>\n"


@lru_cache(1000)
def highlighted(code: str, language: str = "ipython3") -> str:
    """Return highlighted code as HTML; only tokens that the style sheet colors get a class."""
    if language not in LANGUAGES or len(code) > LONGEST_CODE:
        return html.escape(code, quote=False)
    parts, last = [], ""
    for token, text in _lexer(language).get_tokens(code):
        name = _class(token)
        if name != last:
            parts.append(("</span>" if last else "") + (f'<span class="{name}">' if name else ""))
            last = name
        parts.append(html.escape(text, quote=False))
    return "".join(parts).rstrip("\n") + ("</span>" if last else "")


@lru_cache
def _lexer(language: str) -> Any:
    if language.startswith("ipython"):
        return IPython3Lexer()
    return get_lexer_by_name(language)


_COLORED = (
    Token.Comment,
    Token.Keyword,
    Token.Literal.String,
    Token.Literal.Number,
    Token.Name.Function,
    Token.Name.Class,
    Token.Name.Builtin,
    Token.Operator.Word,
)


@lru_cache(None)
def _class(token: Any) -> str:
    """Return the CSS class of a token; "" for tokens without a color."""
    return next((STANDARD_TYPES[kind] for kind in _COLORED if token in kind), "")
