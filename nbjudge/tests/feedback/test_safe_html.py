"""Sanitized HTML of students."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from nbjudge.feedback import safe_html
from tests.support.pages import FRAME, HONEST, HTML, STYLED_TABLE, named, notebook


def test_a_picture_from_elsewhere_becomes_a_link():
    assert safe_html.clean_html('<img src="https://example.org/x.png" alt="A">') == (
        '<a href="https://example.org/x.png">'
        "[A: an image on another server, which is not loaded here]</a>"
    )
    badge = '<a href="https://example.org"><img src="https://example.org/b.svg" alt="badge"></a>'
    assert safe_html.clean_html(badge) == '<a href="https://example.org">[badge]</a>'


@pytest.mark.parametrize("text", [*HTML.values(), HONEST, FRAME, STYLED_TABLE])
def test_cleaning_twice_is_cleaning_once(text):
    once = safe_html.clean_html(named(text, "x"))
    assert safe_html.clean_html(once) == once


def test_only_what_is_not_listed_is_left_out():
    page = safe_html.clean_html(
        '<p onclick="x" data-y="1" class="score alert" title="t">a<tag>b</tag> &amp; c</p></div>'
    )
    assert page == '<p title="t" class="alert">ab &amp; c</p>'
    assert safe_html.clean_html("<b>" * 9 + "x") == "<b>x</b>"
    assert safe_html.clean_html("a < b > c <d") == "a &lt; b &gt; c &lt;d"


def test_end_tags_may_be_left_out():
    table = "<table>" + "<tr><td>1<td>2" * 100 + "</table><ul>" + "<li>x" * 100 + "</ul>"
    page = safe_html.clean_html(table)
    assert page.count("<td>2</td></tr>") == 100
    assert page.count("<li>x</li>") == 100


BOMBS = {
    "open tags": "<div>" * 40_000,
    "open letters": "<p>" + "".join(f"<b a={i}>" for i in range(5_000)) + "<p>x" * 5_000,
    "few letters": "<p>" + "".join(f"<b a={i}>" for i in range(45)) + "<p>x" * 30_000,
    "tags without end": "<a " * 40_000,
    "attributes without end": "<a b=c " * 40_000,
    "quotes without end": '<a b="' * 40_000,
    "comments": "<!--" * 40_000,
    "sheets": "<style>" * 40_000,
    "rules": "<style>" + "#a{color:red}" * 20_000 + "</style>" + "<p id=a>" * 20_000,
    "brackets in style": "<p style='" + "color:rgb(" * 20_000 + "'>",
    "brackets in a sheet": "<style>" + "{" * 40_000 + "</style>",
    "one rule for all": f"<style>{'#a,' * 20_000}#b{{{'color:red;' * 90}}}</style><p id=a>",
    "formulas": "\\\\[ a" * 40_000,
    "environments": "\\begin{a}" * 40_000,
    "lists": "\n".join("  " * i + "- a" for i in range(300)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_content_stops_the_page(course, name):
    """The limits hold. Nothing asserts a time, but each input once took minutes or gigabytes."""
    output = new_output("display_data", {"text/html": BOMBS[name]})
    page = course.formgrader(
        notebook(new_markdown_cell(BOMBS[name]), new_code_cell("1", outputs=[output]))
    )
    assert len(page) < 5_000_000
    assert "double" in page


@pytest.mark.parametrize(
    "text",
    [
        "<script>",
        "<b onclick='x'>",
        "<a href='x.html'>",
        "<p style='position: fixed;'>",
        "<i class='score'>",
        "<!-- x -->",
        "<!x>",
        "<?x>",
    ],
)
def test_the_second_check_rejects_what_the_first_accepts(monkeypatch, text):
    monkeypatch.setattr(
        safe_html._Tidy, "__init__", lambda self, source: setattr(self, "text", text)
    )
    assert safe_html.clean_html("<p>x</p>") == "<pre>&lt;p&gt;x&lt;/p&gt;</pre>"


def test_very_many_tags_are_shown_as_text():
    page = safe_html.clean_html("<p>x" * 60_000)
    assert page == "<pre>" + "&lt;p&gt;x" * 2_500 + "</pre>"
