"""Settings: each has its effect and a row in the table of docs/settings.md."""

import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory
from traitlets import TraitError

from nbjudge.judging.messages import TimeLimits
from nbjudge.sandbox.sandbox import Limits
from nbjudge.settings import NbJudge

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
ROW = re.compile(r"^\| `(\w+)` \| (\S.*?) \| ", re.MULTILINE)


def limits(settings, tmp_path):
    """Return the limits of a submission under these settings."""
    return settings.sandbox_config(CourseDirectory(root=str(tmp_path)), "none").sandbox.limits


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_a_limit_of_a_submission_is_the_setting_of_its_name(tmp_path, name):
    default = getattr(NbJudge(), name)
    changed = limits(NbJudge(**{name: 2 * default}), tmp_path)
    for field in fields(Limits):
        factor = 2 if field.name == name else 1
        assert getattr(changed, field.name) == factor * getattr(Limits(), field.name)


@pytest.mark.parametrize("name", [field.name for field in fields(TimeLimits)])
def test_a_limit_in_time_is_the_setting_of_its_name(name):
    default = getattr(NbJudge(), name)
    changed = NbJudge(**{name: 2 * default}).limits("padding")
    for field in fields(TimeLimits):
        factor = 2 if field.name == name else 1
        assert getattr(changed, field.name) == factor * getattr(NbJudge(), field.name)


def test_the_judge_may_have_more_memory_than_a_submission(tmp_path):
    config = NbJudge(memory=100).sandbox_config(CourseDirectory(root=str(tmp_path)), "none")
    assert config.judge_memory == 2 * config.sandbox.limits.memory + (2 << 30)


@pytest.mark.parametrize(
    "address",
    ["", "https://example.org/regrades?x=1", "HTTP://example.org", "mailto:a@b.org?subject=x"],
)
def test_an_address_for_questions_is_accepted(address):
    assert NbJudge(contact=address).contact == address


@pytest.mark.parametrize(
    "address",
    [
        "staff@example.org",
        "mailto:staff",
        "https://",
        "https:///path",
        "javascript:alert(1)//https://example.org",
        "data:text/html,x",
        "https://example.org/ x",
        "https://example.org\n",
        "mailto:a@b.org c",
        7,
    ],
)
def test_another_address_for_questions_is_refused_with_an_example(address):
    with pytest.raises(TraitError, match="'contact' trait .* such as 'mailto:staff@example.org'"):
        NbJudge(contact=address)


def test_the_page_lists_each_setting_with_its_default():
    rows = ROW.findall(PAGE.read_text().partition("\n## ")[0])
    listed = {name: default.strip("`").replace(",", "") for name, default in rows}
    assert sorted(listed) == sorted(set(NbJudge.class_own_traits(config=True)))
    for name, default in listed.items():
        assert ast.literal_eval(default) == getattr(NbJudge(), name), name
