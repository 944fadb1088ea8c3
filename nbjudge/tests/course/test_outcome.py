"""What is said of submissions, in words that a terminal can show."""

from nbjudge.course.outcome import MAX_SAID, listed


def test_of_many_names_a_few_are_listed():
    assert listed(["ben", "ada"]) == "ada, ben"
    assert listed(["e\x1b[2J"]) == r"e\x1b[2J"
    many = [f"s{number:02}" for number in range(MAX_SAID + 2)]
    assert listed(many[:MAX_SAID]) == ", ".join(many[:MAX_SAID])
    assert listed(many[::-1]) == f"{', '.join(many[:MAX_SAID])} and 2 more"
