"""The examples in docstrings and in docs/python.md are true.

Other tests run those of docs/plugins.md.
"""

import doctest
import importlib
import re
from pathlib import Path

import pytest

import nbjudge
from nbjudge.sandbox import probe
from nbjudge.sandbox.levels import SAFE
from tests.support.small_course import RIGHT, SmallCourse, cell, test_cell

SOURCE = Path(nbjudge.__file__).parent
DOCS = Path(__file__).parents[1] / "docs"
PAGE, PLUGINS = ((DOCS / name).read_text() for name in ("python.md", "plugins.md"))
NEED_PLUGINS = ("docs/python.md", "nbjudge.course.presenter.Presenter")
HALF_TEST = "y = half(3)\nassert y == 1.5, f'half(3) is {y}, not 1.5'"
WRONG = {**RIGHT, "half": "def half(x):\n    return x // 2"}
PUBLIC = {name: getattr(nbjudge, name) for name in nbjudge.__all__}
# Neither an exception nor a constant has an example.
SHOWN = [
    name
    for name, value in PUBLIC.items()
    if callable(value) and not (isinstance(value, type) and issubclass(value, Exception))
]
MODULES = [
    ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in SOURCE.rglob("*.py")
    if ">>>" in path.read_text()
]
EXAMPLES = [
    doctest.DocTestParser().get_doctest(PAGE, {}, "docs/python.md", None, 0),
    *(
        test
        for module in sorted(MODULES)
        for test in doctest.DocTestFinder().find(importlib.import_module(module), globs={})
        if test.examples
    ),
]


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A course with one graded assignment: ann's work is right, and half of bob's; cem has none."""
    if all(reasons := [probe.missing()[level] for level in SAFE]):
        pytest.skip(f"no isolation here: {reasons[0]}")
    folder = tmp_path_factory.mktemp("examples")
    course = SmallCourse(folder / "course")
    course.root.mkdir()
    course.configure()
    double = [cell("double", "### BEGIN SOLUTION\n### END SOLUTION", solution=True)]
    half = [cell("half", "### BEGIN SOLUTION\n### END SOLUTION", solution=True)]
    tests = (
        test_cell("double_test", "assert double(2) == 4", 2),
        test_cell("half_test", HALF_TEST, 3),
    )
    course.write_source("ps1", ps1=[*double, tests[0], *half, tests[1]])
    course.release("ps1")
    for student in ("ann", "bob", "cem"):
        course.write("insert into student (id, first_name) values (?, ?)", student, student.title())
    course.submit("ann")
    course.submit("bob", WRONG)
    course.grade()
    SmallCourse.cool()
    return course.root.rename(folder / "template")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_is_true(example, template):
    if example.name in NEED_PLUGINS and not (SOURCE / "plugins/standings").is_dir():
        pytest.skip("the core is tested without plug-ins")
    course = SmallCourse.make(template.parent / "course", template)
    report = []
    with course.here():
        doctest.DocTestRunner().run(example, out=report.append)
    assert not report, "".join(report)


@pytest.mark.parametrize("name", SHOWN)
def test_a_public_function_or_class_has_an_example(name):
    in_page = re.search(rf"^(>>>|\.\.\.) .*\bnbjudge\.{name}\b", PAGE, re.M)
    in_plugins = re.search(rf"^from nbjudge import .*\b{name}\b", PLUGINS, re.M)
    has_own = any(example.name.endswith(f".{name}") for example in EXAMPLES)
    assert has_own or in_page or in_plugins
