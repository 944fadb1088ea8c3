"""Convert LaTeX formulas to MathML, which browsers render without scripts or other servers."""

import html
import re
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element

from nbjudge.feedback.safe_html import words

_FORMULA = re.compile(  # finding and converting longer formulas would take too long
    r"(?s)(?<!\\)\$\$(?P<display>.{1,2000}?)\$\$|(?<!\\)\$(?P<inline>.{1,2000}?)(?<!\\)\$"
    r"|(?P<environment>\\begin\{(?P<name>[a-z]*\*?)\}.{0,2000}?\\end\{(?P=name)\})"
)
_MACRO = re.compile(r"\\(?:def|(?:re)?newcommand)\b")
_MATRIX = re.compile(r"\\begin\{(\wmatrix)\}.*?\\end\{\1\}", re.S)  # with stretched delimiters
_SAME = re.compile(r"(\\(?:begin|end))\{(?:aligned|gather|gathered|equation|eqnarray)\*?\}")
_TAGS = words(
    "math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow"
    " mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none"
)
# No other attributes: \href, \class and \style create attributes of the same names.
_ATTRIBUTES = words(
    "accent accentunder columnalign columnlines depth display displaystyle fence form height"
    " largeop linebreak linethickness lspace mathcolor mathsize mathvariant maxsize minsize"
    " movablelimits notation rowlines rspace scriptlevel separator stretchy symmetric width xmlns"
)
_VALUE = re.compile(  # lengths are below 100, and nothing moves to the left of the formula
    r"[a-z ]{1,60}|#[\da-f]{3,6}|-?0?\.\d+em|\d{0,2}(\.\d+)?(em|ex|pt|px|mm|cm|in|mu|%)?"
    r"|http://www\.w3\.org/1998/Math/MathML",
    re.I | re.A,
)


def typeset(text: str) -> str:
    """Convert text to HTML and its formulas to MathML; unconvertible formulas stay LaTeX."""
    parts, at = [], 0
    for formula in _FORMULA.finditer(text):
        parts += [html.escape(text[at : formula.start()], quote=False), _mathml(formula)]
        at = formula.end()
    return "".join([*parts, html.escape(text[at:], quote=False)])


def _mathml(formula: re.Match[str]) -> str:
    latex = formula["inline"] or formula["display"] or formula["environment"]
    try:
        if _MACRO.search(latex):
            raise ValueError("macros may grow without end")
        latex = _MATRIX.sub(r"{\g<0>}", _SAME.sub(r"\1{align*}", latex))
        math = convert_to_element(latex, display="inline" if formula["inline"] else "block")
        for element in math.iter():
            _make_inert(element)
        return tostring(math, encoding="unicode")
    except Exception:  # not LaTeX, or nested too deeply
        return html.escape(formula[0], quote=False)


def _make_inert(element: Element) -> None:
    """Remove everything that is not part of the formula, and unescape HTML character references.

    Raises
    ------
    ValueError
        If the element is not allowed.
    """
    text = element.text or ""
    if element.tag not in _TAGS or element.tail or text == "&" or re.match(r"\\[a-zA-Z]", text):
        raise ValueError(f"unknown command or environment: {element.tag} {text}")
    element.text = html.unescape(text)
    for name, value in list(element.attrib.items()):
        if name not in _ATTRIBUTES or not _VALUE.fullmatch(value):
            del element.attrib[name]
