"""Markdown and code of a notebook as HTML for a page: harmless, and quick where texts recur.

What an instructor wrote is the same in every submission, so results are kept by text. Nothing of
nbconvert is used, whose import takes longer than a page.
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

HEADINGS_BELOW = 2  # a page's own headings: its title, and its parts
LONGEST_CODE = 100_000  # characters that are colored
_LANGUAGES = (
    "bash c c++ console cpp css diff html ini ipython ipython3 java javascript json julia latex "
    "matlab pycon py py3 python python3 r sh shell sql tex toml xml yaml"
)
LANGUAGES = frozenset(_LANGUAGES.split())
# Formulas as Jupyter reads them. They are matched before all else, so that Markdown leaves them.
_DISPLAY = r"(?<!\\)\$\${}.*?(?<!\\)\$\$|\\\\\[{}.*?\\\\\]"
_ENVIRONMENT = r"\\begin\{{(?P<{0}>[a-z]*\*?)\}}.*?\\end\{{(?P={0})\}}"
_BLOCK = f"(?s:{_DISPLAY.format('', '')}|{_ENVIRONMENT.format('block_environment')})"
_INLINE = (
    f"(?s:{_DISPLAY.format('', '')}|{_ENVIRONMENT.format('inline_environment')}"
    r"|(?<![$\\])\$(?!\$).+?(?<![$\\])\$|\\\\\(.*?\\\\\))"
)
_ATTACHMENT = re.compile(r"""\bsrc=(["'])attachment:([^"']*)\1""")
_OPENED = re.compile(r"\\\\[\[(]|\\begin\{")
_MOST_FORMULAS = 20_000_000  # formulas times characters: each looks for its end
_FORMULA = re.compile(r'<span class="math">([^<]*)</span>')


def markdown(text: str, attachments: Table | None = None) -> str:
    """Markdown as HTML without anything active; what cannot be read is shown as it is.

    Parameters
    ----------
    attachments
        The cell's pictures, {name: {type: base64}}.
    """
    return _markdown(text, attachments) if attachments else _kept_markdown(text)


@lru_cache(1000)
def _kept_markdown(text: str) -> str:
    return _markdown(text, {})


def _markdown(text: str, attachments: Table) -> str:
    try:
        if len(_OPENED.findall(text)) * len(text) > _MOST_FORMULAS:
            raise ValueError("it would take too long to find the end of each formula")
        page = str(_parser()(text))
        page = _ATTACHMENT.sub(lambda source: _attached(source, attachments), page)
    except Exception:  # lists are nested too deeply, an attachment is damaged, ...
        page = f"<pre>{html.escape(text)}</pre>"
    return _FORMULA.sub(lambda span: typeset(html.unescape(span[1])), clean_html(page))


def _attached(source: re.Match[str], attachments: Table) -> str:
    """Return the source of an image with the content of the attachment that it names, if any."""
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
    """A plugin of mistune: formulas are left as they are until the HTML is harmless."""

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
    """HTML of Markdown; what is harmful in it is `clean_html`'s to take out."""

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
    """Code as HTML; only what the page's style colors is marked."""
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
    """The class of a token's color, "" for those that have none."""
    return next((STANDARD_TYPES[kind] for kind in _COLORED if token in kind), "")
