"""The table of isolation levels: no other code makes decisions by a level's name."""

import ast
import inspect
import re
import textwrap
from dataclasses import fields
from pathlib import Path

import pytest

import nbjudge
from nbjudge.cli.doctor import WIDTH
from nbjudge.course import nbgrader_feedback
from nbjudge.feedback import prose
from nbjudge.judging import waiting
from nbjudge.notebook import static_names
from nbjudge.sandbox import users
from nbjudge.sandbox.levels import LEVELS, NAMES, SAFE, Level, at_least, level_called
from nbjudge.sandbox.sandbox import Limits, Sandbox
from nbjudge.settings import NbJudge
from nbjudge.wire import format

SOURCE = Path(nbjudge.__file__).parent
HERE = Path(__file__).parents[2]


def test_levels_for_untrusted_code_come_first():
    assert NAMES == ("full", "reduced", "none")
    assert SAFE == ("full", "reduced")
    assert at_least("full") == ("full",)
    assert at_least("none") == NAMES


@pytest.mark.parametrize("level", LEVELS, ids=NAMES)
def test_a_level_for_untrusted_code_lacks_no_step(level):
    steps = level.unprivileged, level.system_call_filter, level.own_namespaces or level.landlock
    assert all(steps) == any(steps) == level.for_untrusted


@pytest.mark.parametrize("name", ["", "Full", "auto"])
def test_there_is_no_sandbox_at_a_level_that_does_not_exist(name):
    with pytest.raises(ValueError, match="not in tuple"):
        level_called(name)
    with pytest.raises(ValueError, match="not in tuple"):
        Sandbox(name, Limits(), ()).prepare_filter()


def test_every_limit_limits_something():
    text = "".join(
        (SOURCE / "sandbox" / name).read_text() for name in ("sandbox.py", "fork_server.py")
    )
    for limit in fields(Limits):
        sets = rf"\blimits\.{limit.name}\b"
        assert re.search(sets, text), f"no line of the sandbox sets the limit {limit.name}"


def section(title):
    """Return a section of SECURITY.md."""
    text = (HERE / "SECURITY.md").read_text()
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_every_limit_is_documented():
    steps = section("Isolation steps")
    for limit in fields(Limits):
        assert f"(`{limit.name}`" in steps, f"SECURITY.md does not say how {limit.name} is limited"


def test_numbers_of_the_page_are_those_of_the_code():
    text = " ".join((HERE / "SECURITY.md").read_text().split())
    for words, value, number in (
        ("sixteen user ids", users.PER_WORKER, 16),
        ("a fiftieth of a second", waiting.LEAST, 1 / 50),
        ("at most 256 MB at once", format.MAX_CONFINED, 256 << 20),
        ("64 MB of text", format.MAX_CONFINED // 4, 64 << 20),
        ("more than 200 blanks", prose._MOST_BLANKS, 200),
        ("500,000 characters is shown", prose.LONGEST_TEXT, 500_000),
        ("more than 50 magics", static_names.MOST_COMMANDS, 50),
        ("100,000 characters per cell", prose.LONGEST_CODE, 100_000),
        ("1,000,000 per notebook", nbgrader_feedback.MOST_SHOWN, 1_000_000),
    ):
        assert words in text and value == number, words


def test_every_step_of_the_table_is_explained_and_performed():
    attributes = inspect.cleandoc(Level.__doc__).partition("Attributes")[2]
    text = "".join(path.read_text() for path in (SOURCE / "sandbox").glob("*.py"))
    steps = {field.name for field in fields(Level)} - {"name", "meaning", "for_untrusted"}
    for step in steps:
        assert f"\n{step}\n" in attributes, f"the docstring of Level does not explain {step}"
        assert re.search(rf"\blevel\.{step}\b", text), f"nothing in the sandbox reads {step}"


def test_a_filter_is_made_where_the_table_says_so():
    for level in LEVELS:
        program = Sandbox(level.name, Limits(), ()).prepare_filter()
        assert bool(program) == level.system_call_filter, level.name


def deciding(tree):
    """Yield the constants that a module branches on: compared, matched, looked up or table keys."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare():
                parts = [node.left, *node.comparators]
                parts += [e for p in parts if isinstance(p, ast.Tuple | ast.Set) for e in p.elts]
            case ast.MatchValue():
                parts = [node.value]
            case ast.Subscript():
                parts = [node.slice]
            case ast.Dict():
                parts = node.keys
            case _:
                continue
        yield from (part.value for part in parts if isinstance(part, ast.Constant))


def test_the_search_for_such_decisions_finds_them():
    for text in ('x == "full"', 'x in ("reduced",)', '{"none": 1}', 'x["full"]'):
        assert set(deciding(ast.parse(text))) & set(NAMES), text
    matching = ast.parse('match x:\n    case "full":\n        pass')
    assert set(deciding(matching)) == {"full"}


def test_nothing_else_decides_by_a_name():
    for path in (path for path in SOURCE.rglob("*.py") if "tests" not in path.parts):
        found = set(deciding(ast.parse(path.read_text()))) & set(NAMES)
        assert not found, path.relative_to(SOURCE)


def test_every_level_is_explained():
    settings = NbJudge.isolation.help
    texts = [
        settings,
        *((HERE / name).read_text() for name in ("docs/isolation.md", "SECURITY.md")),
    ]
    for name in NAMES:
        assert f"'{name}': " in settings
        assert all(name in text for text in texts)
    page = texts[1]
    assert all(f"- **{name}**: " in page for name in NAMES)


def test_every_promise_has_a_column_for_each_level():
    header = next(line for line in section("Guarantees").splitlines() if line)
    assert [cell.strip() for cell in header.strip("|").split("|")] == ["", *NAMES]


def test_the_steps_that_levels_differ_in_have_the_same_numbers_in_the_table_and_in_the_page():
    """In SECURITY.md, a step that not all levels take names its levels."""
    steps = section("Isolation steps")
    sentence = re.search(r"which of the steps ([\d,\sand]+)\s+a level has", steps)
    listed = set(re.findall(r"\d+", sentence[1]))
    attributes = inspect.cleandoc(Level.__doc__).partition("Attributes")[2]
    named = re.findall(r"\(steps? (\d+)(?: and (\d+))?\)", attributes)
    assert {number for pair in named for number in pair if number} == listed
    for level in NAMES:
        own = re.findall(rf"^(\d+)\. \*\*[^*]+\*\* \({level};", steps, re.M)
        assert set(own) <= listed, level


def test_the_meaning_of_a_level_fits_under_its_name():
    for level in LEVELS:
        assert 1 <= len(textwrap.wrap(level.meaning, WIDTH)) <= 2, level.name
