"""Formulas in feedback pages: MathML from LaTeX, without active content."""

import re
import time

import pytest

from nbjudge.feedback.formulas import typeset
from nbjudge.feedback.outputs import show_outputs
from nbjudge.feedback.prose import markdown


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("$x^2$", "<msup><mi>x</mi><mn>2</mn></msup>"),
        ("$$\\frac{a}{b}$$", 'display="block"'),
        ("\\begin{align*} a &= b \\\\ c &= d \\end{align*}", "<mtable"),
        ("$$\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}$$", "<mtable"),
        ("$\\begin{pmatrix} 1 & 0 \\\\ 0 & 1 \\end{pmatrix}$", "<mtd><mn>0</mn></mtd>"),
        ("$a < b$", "<mo>&lt;</mo>"),
        ("$\\hat y_i \\le 0.5\\,$", 'width="0.167em"'),
    ],
)
def test_formulas_become_mathml(text, part):
    page = markdown(f"before {text} after")
    assert part in page and "$" not in page and "\\" not in page
    assert "before" in page and "after" in page
    assert part in show_outputs(
        [{"output_type": "display_data", "data": {"text/latex": text}, "metadata": {}}]
    )


@pytest.mark.parametrize(
    "text",
    [
        "$\\unknown{x}$",
        "$\\begin{CD} a & b \\end{CD}$",
        "$" + "{" * 999 + "}" * 999 + "$",
        "$" + "x" * 3000 + "$",
        "$\\def\\a{xx}"
        + "".join(
            f"\\def\\{b}{{\\{a}\\{a}}}"
            for a, b in zip("abcdefghijklmn", "bcdefghijklmno", strict=True)
        )
        * 3
        + "\\o$",
        "5 \\$ and 6 \\$",
        "costs $5",
    ],
)
def test_inconvertible_text_stays_unchanged(text):
    start = time.monotonic()
    assert typeset(text) == text.replace("&", "&amp;")
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    "latex",
    [
        "\\href{javascript:alert(1)}{x}",
        "\\style{position:fixed}{x}",
        "\\class{full-credit}{x}",
        "\\text{<script>alert(1)</script>}",
        "\\text{&lt;img src=x onerror=alert(1)&gt;}",
        '\\color{red"onload="alert(1)}{x}',
        "\\hspace{-50em}x",
        "\\hspace{5000em}x",
        "</math><script>alert(1)</script>",
        "\\verb|<img src=x onerror=alert(1)>|",
    ],
)
def test_nothing_active_comes_of_a_formula(latex):
    page = typeset(f"${latex}$")
    tags = re.findall(r"<[^>]*>", page)
    for tag in tags:
        assert re.fullmatch(r'</?m[a-z]+( [a-z]+="[^"<>]*")* ?/?>', tag), tag
    assert not re.search(r'\b(?:on\w+|href|style|class|src)="|50em|5000em', " ".join(tags))


def test_html_of_a_student_in_a_formula_is_escaped():
    page = markdown('<span class="math">$x &lt;img src=y onerror=z&gt; \\text{<b>}$</span>')
    assert "<img" not in page


def test_text_without_an_end_takes_no_long_time():
    start = time.monotonic()
    typeset("\\begin{a}" * 10_000 + "$" * 9 + "\\$" * 10_000)
    assert time.monotonic() - start < 20
