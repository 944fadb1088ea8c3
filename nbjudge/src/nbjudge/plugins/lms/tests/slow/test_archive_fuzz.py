"""10,000 random hostile archives; `NBJUDGE_ARCHIVES=100000` tries more, each with its own seed."""

import os
from collections import Counter

import pytest

from nbjudge.plugins.lms.tests.archive_truth import Class

ARCHIVES = int(os.environ.get("NBJUDGE_ARCHIVES", 10_000))
BLOCKS = 20


@pytest.mark.parametrize("block", range(BLOCKS))
def test_hostile_archives(tmp_path, capsys, block):
    """Print what happened, for the table in SECURITY.md."""
    made, counts = Class(tmp_path), Counter()
    seeds = range(block, ARCHIVES, BLOCKS)
    assert [text for seed in seeds for text in made.check(seed, counts)] == []
    assert counts["archives"] == len(seeds)
    with capsys.disabled():
        print(f"\nblock {block}: {dict(counts)}")
