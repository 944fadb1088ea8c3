"""Phrases shared by many messages."""

import pytest

from nbjudge.wording import as_sentence, did_you_mean, nearest


def test_a_question_after_a_name_that_is_nearly_known():
    assert did_you_mean(nearest("ps3", ["ps1", "essay"])) == "; did you mean ps1?"
    assert did_you_mean(nearest("ps3", ["essay"])) == ""
    assert did_you_mean(["ann", "ben"]) == "; did you mean ann, ben?"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("It is late", "It is late."), ("It is late.", "It is late."), ("Late?", "Late?")],
)
def test_a_sentence_has_one_end(text, expected):
    assert as_sentence(text) == as_sentence(ValueError(text)) == expected
