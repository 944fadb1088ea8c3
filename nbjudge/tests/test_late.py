"""The late penalty per day, as a function and as a plug-in of nbgrader."""

import re
from pathlib import Path

import pytest
from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config import Config

from nbjudge.late import PerDay

PAGE = Path(__file__).parents[1] / "docs" / "dates.md"
HOUR, DAY = 3_600, 86_400


def penalty(late, score=20, **settings):
    """Return the penalty that nbgrader gets from the plug-in, configured as in a course."""
    config = Config()
    config.AssignLatePenalties.plugin_class = "nbjudge.late.PerDay"
    for name, value in settings.items():
        config.PerDay[name] = value
    penalties = AssignLatePenalties(config=config)
    penalties.init_plugin()
    return penalties.plugin_inst.late_submission_penalty("ada", score, late)


@pytest.mark.parametrize(
    "late, settings, expected",
    [
        (1, {"percent": 10}, 2),
        (DAY, {"percent": 10}, 2),
        (DAY + 1, {"percent": 10}, 4),
        (11 * DAY, {"percent": 10}, 20),
        (2 * DAY, {"points": 1.5}, 3),
        (2 * DAY, {"points": 1.5, "percent": 10}, 7),
        (12 * HOUR, {"points": 3, "whole_days": False}, 1.5),
        (HOUR, {"percent": 10, "whole_days": False}, 0.08),
        (15 * 60, {"percent": 10, "grace_minutes": 15}, 0),
        (15 * 60 + 1, {"percent": 10, "grace_minutes": 15}, 2),
        (DAY + 15 * 60, {"percent": 10, "grace_minutes": 15}, 2),
        (9 * DAY, {"percent": 10, "max_percent": 50}, 10),
        (9 * DAY, {"points": 5, "max_percent": 25}, 5),
    ],
)
def test_the_cost_of_being_late(late, settings, expected):
    assert penalty(late, **settings) == pytest.approx(expected)


def test_the_page_lists_each_setting_with_its_default():
    section = PAGE.read_text().partition("\n## Penalties per day\n")[2].partition("\n## ")[0]
    listed = dict(re.findall(r"^\| `(\w+)` \| `?(\w+)`? \| ", section, re.MULTILINE))
    settings = PerDay.class_own_traits(config=True)
    assert listed == {name: str(trait.default_value) for name, trait in settings.items()}


def test_nothing_earned_is_nothing_lost():
    assert penalty(3 * DAY, 0, percent=10, points=2) == 0


def test_a_penalty_has_to_be_set():
    with pytest.raises(ValueError, match=r"c\.PerDay\.percent and c\.PerDay\.points are both 0"):
        penalty(DAY)
