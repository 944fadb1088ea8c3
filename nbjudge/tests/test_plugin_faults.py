"""A fault of a plug-in is reported with its package, its function and its line."""

import pytest

from nbjudge import plugins
from nbjudge.cli.console import USAGE
from nbjudge.errors import GradebookError, PluginError
from tests.support.small_course import RIGHT

GROUP = "nbjudge.open_work"
HEAD = "the package mine does not work: mine in nbjudge.open_work: "
SOURCE = """
def work(reason):
    raise reason


def none():
    return 0


def numbers(_):
    yield 1
"""


def ask(site, function, *arguments):
    """Call the plug-in of a package."""
    site.install("mine", f"[{GROUP}]\nmine = mine:{function}", SOURCE)
    for name in plugins.find(GROUP).keys() - {"mine"}:
        del plugins.find(GROUP)[name]
    return plugins.ask(GROUP, "__call__", *arguments)


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (KeyError("maximum"), "KeyError: 'maximum' (work, mine.py:3)"),
        (OSError(2, "No such file"), "FileNotFoundError: [Errno 2] No such file (work, mine.py:3)"),
        (ValueError("A sentence."), "ValueError: A sentence. (work, mine.py:3)"),
        (ZeroDivisionError("by zero\nmore"), "ZeroDivisionError: by zero (work, mine.py:3)"),
    ],
)
def test_a_fault_names_the_package_the_function_and_the_line(site, reason, text):
    with pytest.raises(PluginError) as raised:
        ask(site, "work", reason)
    assert str(raised.value) == HEAD + text


def test_a_wrong_signature_is_a_fault(site):
    with pytest.raises(PluginError) as raised:
        ask(site, "none", 1)
    text = "TypeError: none() takes 0 positional arguments but 1 was given"
    assert str(raised.value) == HEAD + text


def test_an_error_of_the_gradebook_remains(site):
    with pytest.raises(GradebookError, match="locked"):
        ask(site, "work", GradebookError("The gradebook is locked."))


def test_a_generator_runs_in_the_call(site):
    assert ask(site, "numbers", 1) == {"mine": [1]}


@pytest.mark.parametrize(
    ("reason", "remains"),
    [
        (ValueError("There is no column ID."), True),
        (ValueError("not enough values to unpack (expected 2, got 1)"), False),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte."), False),
        (FileNotFoundError(2, "No such file"), True),
    ],
)
def test_a_meant_error_remains_if_it_is_a_sentence(site, reason, remains):
    site.install("mine", f"[{GROUP}]\nmine = mine:work", SOURCE)
    with (
        pytest.raises(type(reason) if remains else PluginError) as raised,
        plugins.naming(GROUP, "mine", (ValueError, OSError)),
    ):
        raise reason
    assert remains == (raised.value is reason)


def test_a_line_in_a_package_has_its_path(site):
    (site.folder / "mine").mkdir()
    (site.folder / "mine" / "__init__.py").write_text("from mine.deep import fail\n")
    (site.folder / "mine" / "deep.py").write_text("def fail(_):\n    raise TypeError('no')\n")
    site.install("other", f"[{GROUP}]\nmine = mine:fail", "")
    site.modules += ["mine", "mine.deep"]
    with pytest.raises(PluginError, match=r"no \(fail, mine/deep\.py:2\)$"):
        plugins.load(GROUP, "mine")
        with plugins.naming(GROUP, "mine"):
            plugins.load(GROUP, "mine")(1)


CHECKS = """
def find_differences(recorded, notebook, config):
    return []

def find_slips(spec, notebook, config):
    yield spec.no_such_attribute
"""
REMARKS = """
def describe_missing(coursedir, assignment):
    return coursedir["no such key"]

def folder_remarks(coursedir, assignments):
    return []
"""
DATES = """
def dates(coursedir, assignments):
    return lambda records, zone, students: records.no_such_attribute
"""


@pytest.mark.parametrize(
    ("point", "source", "where"),
    [
        ("checks]\nmine = mine", CHECKS, "(find_slips, mine.py:6)"),
        ("remarks]\nmine = mine", REMARKS, "(describe_missing, mine.py:3)"),
        ("dates]\nmine = mine:dates", DATES, "(<lambda>, mine.py:3)"),
    ],
)
def test_each_plug_in_of_a_run_is_named(command, course, site, point, source, where):
    course.submit("ann", RIGHT)
    site.install("mine", f"[nbjudge.{point}", source)
    done = command("autograde", "ps1")
    assert done.status == USAGE
    assert "the package mine does not work: mine in nbjudge." in done.stderr
    assert where in done.stderr
