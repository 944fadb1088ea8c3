"""A verdict as HTML: its colors repeat what its words say, and no text becomes markup."""

import re
import sys
import types
from html.parser import HTMLParser

import pytest

from nbexercise.showing import display
from nbexercise.showing.markup import FAILED, OPEN, PASSED, as_html

TEXT = """\
f: 1 of 3 checks passed.

  pass  one
  FAIL  two <b>
  ----  three

Read again: "A & B
  together" in the notebook."""
COLOR = re.compile(r"background:#(\w{6});color:#fff")


class Words(HTMLParser):
    """The text of a page without what screen readers skip, and its links."""

    def __init__(self, html):
        super().__init__()
        self.words, self.links, self.hidden = "", {}, False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.hidden = ("aria-hidden", "true") in attributes
        self.link = dict(attributes).get("href") if tag == "a" else None

    def handle_endtag(self, tag):
        self.hidden, self.link = False, None

    def handle_data(self, data):
        self.words += "" if self.hidden else data
        if self.link:
            self.links[data] = self.link


def test_the_words_are_those_of_the_text():
    words = Words(as_html(TEXT, FAILED)).words
    said = [" ".join(line.split()) for line in words.splitlines()]
    expected = [" ".join(line.split()) for line in TEXT.splitlines()]
    expected[0], expected[4] = f"FAIL {expected[0]}", "not checked yet three"
    assert said == expected


def test_headings_in_the_text_are_links_where_they_can_be_reached(monkeypatch):
    links = {'"A & B together"': "A & B together", '"absent"': "absent"}
    assert Words(as_html(TEXT, FAILED, links)).links == {'"A & B together"': "#A-&-B-together"}
    told = []
    monkeypatch.setattr(display, "kernel_shell", object)
    monkeypatch.setattr(display, "publish", lambda data: told.append(data["text/html"]))
    display.tell(TEXT, FAILED, links)
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    display.tell(TEXT, FAILED, links)
    assert ["<a" in html for html in told] == [True, False]


def luminance(color):
    parts = [int(color[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("state", [PASSED, FAILED, OPEN])
def test_the_colors_are_legible_on_light_and_on_dark(state):
    color = COLOR.search(as_html("text", state))[1]
    light, dark, own = 1.05, luminance("111111") + 0.05, luminance(color) + 0.05
    assert light / own > 4.5, "white on it, as the words are, and it on a white page"
    assert own / dark > 3, "it on a dark page, as the line beside the verdict is"


def test_words_are_not_broken_where_the_page_breaks_those_of_outputs():
    """JupyterLab and nbconvert set word-break: break-all for <pre> in outputs."""
    assert "white-space:pre-wrap;word-break:normal;" in as_html(TEXT, FAILED)
