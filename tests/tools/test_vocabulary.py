"""The glossary is sorted, links to it name a term, and discouraged words are found."""

import re

import pytest

from tools.course import ROOT, lessons
from tools.vocabulary import INSTEAD, anchor, discouraged, glossary, terms_in

TERMS = glossary()
NAMES = [term.name for term in TERMS]
LESSONS = [int(name[:2]) for name in lessons()]

LINK = re.compile(r"glossary\.md#([\w-]*)")


def broken_links(text):
    anchors = {anchor(name) for name in NAMES}
    return [target for target in LINK.findall(text) if target not in anchors]


def test_every_heading_of_the_glossary_is_a_term():
    text = (ROOT / "course" / "glossary.md").read_text()
    assert re.findall(r"^#+ (.+)", text, re.M) == ["Glossary", *NAMES]


def test_the_glossary_is_in_alphabetical_order():
    keys = [name.casefold().replace("-", " ") for name in NAMES]
    assert keys == sorted(keys)


def test_the_glossary_has_each_term_once():
    anchors = [anchor(name) for name in NAMES]
    assert len(set(anchors)) == len(anchors)


def test_an_entry_defines_its_term_and_names_its_lesson(subtests):
    for term in TERMS:
        with subtests.test(term.name):
            bold = re.findall(r"\*\*(.+?)\*\*", term.definition)
            assert [name.casefold() for name in bold] == [term.name.casefold()]
            assert term.lesson in LESSONS


def test_a_term_has_the_names_of_other_texts():
    names = {term.name: term.names for term in TERMS}
    assert names["1x1 convolution"] == ["1x1 convolution", "pointwise", "network in network"]
    assert names["feature"] == ["feature"]


@pytest.mark.parametrize("folder", ["course", "source"])
def test_links_to_the_glossary_name_a_term(folder):
    for path in sorted((ROOT / folder).glob("*.*")):
        if path.suffix in (".py", ".md"):
            assert broken_links(path.read_text()) == [], path.name


def test_a_link_to_no_term_is_found():
    text = "[a](glossary.md#stride), [b](https://example.org/course/glossary.md#strides)"
    assert broken_links(text) == ["strides"]


def test_anchors_are_those_of_github():
    assert [anchor(name) for name in ("ReLU", "1x1 convolution", "multiply-accumulate")] == [
        "relu",
        "1x1-convolution",
        "multiply-accumulate",
    ]


def test_terms_are_counted_in_the_plural_over_lines_and_once():
    prose = "Kernels, kernel. A receptive\nfield, a mini batch and a subkernel."
    names = ["kernel", "kernel size", "mini-batch", "receptive field", "batch"]
    assert terms_in(prose, names) == {"kernel", "receptive field", "mini-batch", "batch"}


@pytest.mark.parametrize("page", ["glossary.md", "notation.md"])
def test_the_pages_use_the_standard_terms_themselves(page):
    assert list(discouraged((ROOT / "course" / page).read_text())) == []


# An example for each pattern, in the same order.
OTHERS = (
    ("we turn the kernel round", "turn the kernel"),
    ("multiply in pairs", "multiply in pairs"),
    ("a moving picture", "moving picture"),
    ("the picture", "picture"),
    ("for sums of sums", "sums of sums"),
    ("a plain row\n  of numbers", "plain row of numbers"),
    ("at three places", "places"),
    ("lays down its filter", "lays down"),
    ("what arrives from behind", "arrives from behind"),
    ("a layer in front of it", "layer in front of"),
    ("the step in hand", "step in hand"),
    ("a filter answers", "filter answers"),
    ("the slope there", "slope"),
    ("it learns by heart", "learns by heart"),
    ("by nudging it", "nudging"),
    ("to enlarge it", "enlarge"),
    ("spread the pixels", "spread the pixels"),
    ("padding takes away rows", "takes away"),
    ("nine multiplications", "multiplications"),
    ("it is passed over", "passed over"),
    ("adds its share", "its share"),
)


@pytest.mark.parametrize(("pattern", "example"), list(zip(INSTEAD, OTHERS, strict=True)))
def test_other_words_are_found_with_their_line(pattern, example):
    prose, expected = example
    (word,) = discouraged(f"One line.\n{prose.capitalize()}.\n")
    assert word.found.casefold() == expected and word.line == 2
    assert word.instead == INSTEAD[pattern]


@pytest.mark.parametrize(
    "prose",
    [
        "In place of a dense layer it takes place in two decimal places.",
        "They share the same weights: parameter sharing.",
        "The answer is 3, in front of the comma.",
        "It spreads over the displaced greyhounds.",
    ],
)
def test_right_uses_are_left_alone(prose):
    assert list(discouraged(prose)) == []
