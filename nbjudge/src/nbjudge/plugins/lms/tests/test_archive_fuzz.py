"""Random hostile archives: nobody gets another's work or time, and nothing is lost in silence.

slow/test_archive_fuzz.py tries 10,000 of them.
"""

from collections import Counter

from nbjudge.plugins.lms.tests.archive_truth import Class

ARCHIVES = 300


def test_hostile_archives(tmp_path):
    made, counts = Class(tmp_path), Counter()
    assert [text for seed in range(ARCHIVES) for text in made.check(seed, counts)] == []
    assert counts["archives"] == ARCHIVES
    assert counts["honest works in their folder"] > ARCHIVES
    assert counts["archives refused"] < ARCHIVES / 10
