"""The table of the levels of isolation, and that nothing else decides by a level's name."""

import ast
import textwrap
from dataclasses import fields
from pathlib import Path

import pytest

import nbjudge
from nbjudge.cli.doctor import WIDTH
from nbjudge.sandbox.levels import LEVELS, NAMES, SAFE, at_least, level_called
from nbjudge.sandbox.sandbox import Limits, Sandbox
from nbjudge.settings import NbJudge

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
        assert f"limits.{limit.name}" in text, f"no line of the sandbox sets the limit {limit.name}"


def test_a_filter_is_made_where_the_table_says_so():
    for level in LEVELS:
        program = Sandbox(level.name, Limits(), ()).prepare_filter()
        assert bool(program) == level.system_call_filter, level.name


def deciding(tree):
    """The texts that a module decides by: compared, matched, looked up or keys of a table."""
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
    for path in SOURCE.rglob("*.py"):
        found = set(deciding(ast.parse(path.read_text()))) & set(NAMES)
        assert not found, path.relative_to(SOURCE)


def test_every_level_is_explained():
    settings = NbJudge.isolation.help
    texts = [settings, *((HERE / name).read_text() for name in ("README.md", "SECURITY.md"))]
    for name in NAMES:
        assert f"'{name}': " in settings
        assert all(name in text for text in texts)
    readme = texts[1]
    assert all(f"- **{name}**: " in readme for name in NAMES)


def test_what_a_level_means_fits_under_its_name():
    for level in LEVELS:
        assert 1 <= len(textwrap.wrap(level.meaning, WIDTH)) <= 2, level.name
