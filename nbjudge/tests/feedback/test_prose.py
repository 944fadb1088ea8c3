"""Markdown of any kind is rendered in about linear time, or shown as typed."""

import pytest

from nbjudge.feedback import prose
from nbjudge.feedback.prose import LONGEST_TEXT, markdown
from tests.support.processor_time import finishes

SLOW = {
    "blanks": "a" + " " * 100_000 + "b",
    "blanks in a heading": "# a" + " " * 100_000 + "b",
    "other blanks in a heading": "# a" + "\N{NO-BREAK SPACE}" * 100_000 + "b",
    "ten megabytes": "a " * 5_000_000,
    "formulas": "$x_1$ " * 50_000,
    "formulas without an end": r"\\begin{a}" * 50_000,
    "brackets": "[" * 200_000,
    "emphasis": "*a **a " * 30_000,
    "quotes": "> " * 100_000,
    "tables": "|a" * 50_000 + "\n" + "|-" * 50_000,
}


@pytest.mark.parametrize("kind", SLOW)
def test_no_text_takes_long(kind):
    assert finishes(lambda: markdown(SLOW[kind]))


@pytest.mark.parametrize("blanks", [1, 199, 200, 5_000])
def test_a_run_of_blanks_is_shown_as_a_space(blanks):
    page = markdown(f"*a*{' ' * blanks}b")
    assert " ".join(page.split()) == "<p><em>a</em> b</p>"


def test_a_text_that_is_too_long_is_cut_and_says_so(monkeypatch):
    monkeypatch.setattr(prose, "LONGEST_TEXT", 10)
    assert markdown("*a* & " + "b" * 10) == (
        "<pre>*a* &amp; bbbb</pre><p>(... 6 characters are not shown here ...)</p>"
    )
    assert LONGEST_TEXT >= 100_000, "an essay is shown"
