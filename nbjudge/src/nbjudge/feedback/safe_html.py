"""Sanitize HTML from students.

The HTML passes through two stages. `_Tidy` rebuilds it from the tags and attributes allowed here,
balanced and in linear time, and moves the style of pandas' tables into their cells. `_Check` then
parses the result with the standard library and rejects everything that is not allowed. Neither
nbconvert's sanitizer nor bleach is sufficient: the former misses scripts and breaks Markdown, and
both take 12 s for 13 kB of unclosed tags, and longer for a table of 30,000 rows.
"""

import html
import posixpath
import re
from base64 import b64encode
from collections.abc import Iterable
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, unquote

import tinycss2
from pygments.token import STANDARD_TYPES


def words(text: str) -> frozenset[str]:
    """Return the set of words in a text."""
    return frozenset(text.split())


_INLINE = words("a b big code em font i s small strike strong tt u")
_EMPTY = words("br col hr img")
_TAGS = (_INLINE | _EMPTY) | words(
    "abbr blockquote caption center cite colgroup dd del details dfn div dl dt figcaption figure h1"
    " h2 h3 h4 h5 h6 ins kbd li mark ol p pre q samp section span sub summary sup table tbody td"
    " tfoot th thead tr ul var"
)
# HTML allows end tags to be omitted: {tag: innermost tags that it closes implicitly}.
_ENDS = {"p": words("p"), "li": words("p li"), "dt": words("p dt dd"), "dd": words("p dt dd")}
_ENDS |= {"td": words("p td th"), "th": words("p td th"), "tr": words("p td th tr")}
_ENDS |= {"tbody": words("p td th tr thead"), "tfoot": words("p td th tr tbody")}
_ATTRIBUTES = words(
    "align alt border cellpadding cellspacing colspan color dir height lang open rowspan scope span"
    " start title valign width"
)
# No other classes: the formgrader's scripts find a score's buttons and fields by class and id.
_CLASSES = frozenset(STANDARD_TYPES.values()) | words(
    "highlight dataframe anchor-link math alert alert-info alert-success alert-warning alert-danger"
)
_PREFIX = "in-notebook-"
# No other links and images: the formgrader serves a submission's files, including HTML pages, from
# its own origin, and an image on another server would reveal who views the page, and when.
_LINK = re.compile(rf"https?://|mailto:|#{_PREFIX}", re.I)
_ENDING = r"\.(?:png|jpe?g|jfif|gif|webp|svg)"
_PICTURE = re.compile(
    r"data:image/(?:png|jpe?g|gif|webp|svg\+xml);base64,[\w+/=\s]*"
    rf"|(?!.*\.\.)(?=[\w%])(?:[\w./~-]|%(?!2[ef]|5c)[\da-f]{{2}})+{_ENDING}",
    re.I | re.A,
)
_QUERY = re.compile(rf"({_ENDING})[?#].*", re.I | re.S)
_SCHEME = re.compile(r"[a-z][a-z\d+.-]*:|[/\\]", re.I)  # beginning of an address that is not local
_STYLES = words(
    "background background-color border border-bottom border-collapse border-color border-left"
    " border-radius border-right border-spacing border-style border-top border-width color display"
    " float font-family font-size font-style font-weight height line-height list-style-type margin"
    " margin-bottom margin-left margin-right margin-top max-height max-width min-width overflow-x"
    " padding padding-bottom padding-left padding-right padding-top text-align text-decoration"
    " text-transform vertical-align white-space width word-break"
)
_FUNCTIONS = words("rgb rgba hsl hsla linear-gradient")
_MOST_TAGS, _DEEPEST, _MOST_STYLE = 50_000, 50, 500_000
_UNSEEN = re.compile(  # elements whose content is not text to show
    r"<!--.*?(?:-->|\Z)|<(style|svg|script|template|iframe|object|noscript|math|title|select)\b"
    r".*?(?:</\1\s*>|\Z)",
    re.I | re.S,
)
# The pattern never scans beyond the next "<", so its run time is linear for any text.
_TAG = re.compile(r"""<(/?)([a-zA-Z]\w*)((?:[^<>"']++|"[^"<]*"|'[^'<]*')*+)>""")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)(?:\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'<>]++)))?""")


def _one_form(address: str) -> str:
    """Normalize the address of a file next to the notebook; return other addresses unchanged.

    GitHub's suffix, as in fig.png?raw=1, is removed.
    """
    if not address or _SCHEME.match(address):
        return address
    path = posixpath.normpath(unquote(_QUERY.sub(r"\1", address)).replace("\\", "/"))
    return quote(path, errors="replace")


def _inwords(address: str, alt: str, is_link: bool) -> str:
    """Return HTML that replaces an image that cannot be shown.

    Parameters
    ----------
    is_link
        True if the image is inside a link.
    """
    name = html.escape(alt or "image")
    if is_link or not address:
        return f"[{name}]"
    if _LINK.match(address):
        text = f"[{name}: an image on another server, which is not loaded here]"
        return f'<a href="{html.escape(address)}">{text}</a>'
    path = unquote(address if len(address) <= 100 else f"{address[:100]}...")
    return f"[{name}: the file {html.escape(path)} cannot be shown here]"


def _allowed(tag: str, name: str, value: str) -> bool:
    """True if a tag may have an attribute with this value. Both stages use this check."""
    if name == "href":
        return tag == "a" and bool(_LINK.match(value))
    if name == "src":
        return tag == "img" and bool(_PICTURE.fullmatch(value))
    if name == "class":
        return set(value.split()) <= _CLASSES
    if name == "style":
        return value == _clean_style(value)
    return name in _ATTRIBUTES or (name == "id" and value.startswith(_PREFIX))


def _harmless(tokens: Iterable[Any]) -> bool:
    """True if a style's value neither loads a resource nor moves an element outside its box."""
    for token in tokens:
        if token.type == "function":
            fine = token.lower_name in _FUNCTIONS and _harmless(token.arguments)
        elif token.type in ("number", "percentage", "dimension"):
            fine = token.value >= 0
        else:
            fine = token.type in ("ident", "hash", "string", "whitespace") or token == ","
        if not fine:
            return False
    return True


@lru_cache(1000)
def _clean_style(style: str) -> str:
    """Return the allowed and harmless declarations of a style; "" for a long style."""
    if len(style) > 2_000:
        return ""
    return " ".join(
        f"{declaration.lower_name}: {tinycss2.serialize(declaration.value).strip()};"
        for declaration in tinycss2.parse_declaration_list(style, True, True)
        if declaration.type == "declaration"
        and declaration.lower_name in _STYLES
        and _harmless(declaration.value)
    )


class _Tidy:
    """The first stage: rebuild HTML, balanced, from the allowed tags and attributes.

    Attributes
    ----------
    text
        The rebuilt HTML.
    active
        True if anything other than text was left out.

    Raises
    ------
    ValueError
        If there are too many tags.
    """

    def __init__(self, source: str):
        self.active = False
        self._styles: dict[str, str] = {}  # rules of the source's style sheets, by selector
        self._room = _MOST_STYLE  # remaining characters for style attributes
        self._table: str | None = None  # id of the last table
        self._opened: list[str] = []
        self._parts: list[str] = []
        source = _UNSEEN.sub(self._unseen, source)
        if source.count("<") > _MOST_TAGS:
            raise ValueError(f"more than {_MOST_TAGS} tags")
        at = 0
        for tag in _TAG.finditer(source):
            self._add_text(source[at : tag.start()])
            at = tag.end()
            if not tag[1]:
                self._start(tag[2].lower(), tag[3])
            elif tag[2].lower() in self._opened:
                while self._end() != tag[2].lower():
                    pass
        self._add_text(source[at:])
        while self._opened:
            self._end()
        self.text = "".join(self._parts)

    def _unseen(self, match: re.Match[str]) -> str:
        name = (match[1] or "").lower()
        if name == "svg":
            start, rest = match[0][:4], match[0][4:]
            label = re.search(r'\saria-label="([^"<>]{1,500})"', rest.partition(">")[0])
            text = html.escape(html.unescape(label[1])) if label else "drawing"
            if "xmlns=" not in rest.partition(">")[0]:
                start += ' xmlns="http://www.w3.org/2000/svg"'
            drawing = b64encode((start + rest).encode("utf-8", "replace")).decode()
            style = "max-width: 100%; height: auto"
            return f'<img alt="{text}" style="{style}" src="data:image/svg+xml;base64,{drawing}">'
        if name == "style":
            for rule in tinycss2.parse_stylesheet(match[0].partition(">")[2], True, True):
                if rule.type == "qualified-rule":
                    style = _clean_style(tinycss2.serialize(rule.content))
                    for selector in tinycss2.serialize(rule.prelude).split(","):
                        both = self._styles.get(selector.strip(), "") + style
                        if len(both) < 500:  # bounded, because it is copied into every cell
                            self._styles[selector.strip()] = both
        elif name:
            self.active = True
        return ""

    def _add_text(self, text: str) -> None:
        self._parts.append(text.replace("<", "&lt;").replace(">", "&gt;"))

    def _end(self) -> str:
        self._parts.append(f"</{self._opened[-1]}>")
        return self._opened.pop()

    def _start(self, tag: str, attributes: str) -> None:
        given: dict[str, str] = {}
        for name, *value in _ATTRIBUTE.findall(attributes):
            given.setdefault(name.lower(), html.unescape("".join(value)).strip())
        for name in {"href", "src"} & set(given):
            given[name] = re.sub(r"^/?files/", "", given[name])
        if tag == "img":
            given["src"] = _one_form(given.get("src", ""))
        if tag == "input" and given.get("type") == "checkbox":
            self._parts.append("\u2611 " if "checked" in given else "\u2610 ")
        elif tag == "img" and not _allowed("img", "src", given.get("src", "")):
            address, alt = given.get("src", ""), given.get("alt", "")
            self._parts.append(_inwords(address, alt, "a" in self._opened))
        elif tag in _TAGS:
            while self._opened and self._opened[-1] in _ENDS.get(tag, ()):
                self._end()
            again = tag in _INLINE and tag in self._opened
            if tag in _EMPTY or (len(self._opened) < _DEEPEST and not again):
                self._parts.append(f"<{tag}{self._attributes(tag, given)}>")
                self._opened += [tag] if tag not in _EMPTY else []

    def _attributes(self, tag: str, given: dict[str, str]) -> str:
        name = given.pop("id", "") or (given.get("name", "") if tag == "a" else "")
        classes = given.pop("class", "").split()
        if self._styles:  # pandas' rules select cells by id, or by table id and tag or class
            self._table = name if tag == "table" else self._table
            simple_selectors = [
                tag,
                *(f"{t}.{css_class}" for css_class in classes[:5] for t in ("", tag)),
            ]
            selectors = [*(f"#{self._table} {simple}" for simple in simple_selectors), f"#{name}"]
            style = "".join(self._styles.get(selector, "") for selector in selectors)
            given["style"] = style + given.get("style", "")
        if "style" in given:
            style = given.pop("style")
            self._room -= len(style)
            if self._room > 0 and (style := _clean_style(style)):
                given["style"] = style
        if classes := [css_class for css_class in classes if css_class in _CLASSES]:
            given["class"] = " ".join(classes)
        if name:
            given["id"] = _PREFIX + name.removeprefix(_PREFIX)
        if given.get("href", "").startswith("#"):
            given["href"] = f"#{_PREFIX}" + given["href"][1:].removeprefix(_PREFIX)
        return "".join(
            f' {name}="{html.escape(value)}"'
            for name, value in given.items()
            if _allowed(tag, name, value)
        )


class _Check(HTMLParser):
    """The second stage: raise ValueError for everything that is not allowed."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Reject a start tag or an attribute that is not allowed."""
        if tag not in _TAGS or not all(_allowed(tag, name, value or "") for name, value in attrs):
            raise ValueError(f"tag not allowed: {tag}")

    def unknown_decl(self, data: str) -> None:
        """Reject anything that is neither text nor a tag."""
        raise ValueError("not a tag")

    def handle_decl(self, decl: str) -> None:
        """Reject a declaration, such as a document type."""
        self.unknown_decl(decl)

    handle_comment = handle_pi = unknown_decl


def clean_html(source: str | bytes) -> str:
    """Return a student's HTML without anything that could affect the surrounding page.

    Scripts, forms, frames and everything else outside this module's lists are removed. SVG drawings
    become images, in which browsers run no scripts; images on other servers become links. Images
    next to the notebook keep their addresses, for `nbjudge.feedback.pictures`. HTML that cannot be
    sanitized quickly is shown as text, cut to 10,000 characters.
    """
    source = source.decode("utf-8", "replace") if isinstance(source, bytes) else str(source)
    try:
        tidy = _Tidy(source)
        check = _Check()
        check.feed(tidy.text)
        check.close()
    except Exception:  # on any failure, the HTML is escaped
        return f"<pre>{html.escape(source[:10_000])}</pre>"
    if tidy.active and "<img" not in tidy.text and not re.sub(r"<[^>]*>", "", tidy.text).strip():
        return "<p><em>(An interactive output, which is not shown here.)</em></p>"
    return tidy.text
