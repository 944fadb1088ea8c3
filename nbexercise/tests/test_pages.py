"""The pages for authors: their examples work as shown, and they list the public names."""

import re
from pathlib import Path

import pytest

import nbexercise
from nbexercise.building.commands import main
from nbexercise.building.folder import exercise_named
from nbexercise.building.proving import prove

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAGES = {path.stem: path.read_text() for path in (ROOT / "docs").glob("*.md")}


def blocks(text, language=""):
    """Return the blocks of code in a language on a page."""
    every = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [code for of, code in every if of == language]


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    main(["new", "."])
    return tmp_path


def define(course, text):
    """Write a definition of a page to the course, and return it."""
    (name,) = re.findall(r'^ex = define\("(\w+)"', text, re.MULTILINE)
    (course / "checks" / f"{name}.py").write_text(text)
    return exercise_named(name, course)


def test_the_first_example_prints_what_the_front_page_shows(course, capsys):
    definition, wrong = blocks(README, "python")
    assert not prove(define(course, definition)).problems
    (course / "wrong.py").write_text(wrong)
    capsys.readouterr()
    assert main(["try", "median", "wrong.py"]) == 0
    assert capsys.readouterr().out.rpartition("\n\n")[0] + "\n" in blocks(README)


@pytest.mark.parametrize("page", ["start", "definition"])
def test_a_definition_on_a_page_is_ready(course, page):
    (text,) = (text for text in blocks(PAGES[page], "python") if "define(" in text)
    proof = prove(define(course, text))
    assert not proof.problems
    assert {row.named for row in proof.rows if row.function not in ("stub", "return None")} <= {
        "",
        "yes",
    }


def test_the_error_on_a_page_is_the_one_that_is_raised(course):
    (text,) = (text for text in blocks(PAGES["definition"], "python") if "define(" in text)
    definition = define(course, text.replace('fn("np.exp(x)"), 0.0', 'fn("exp(x)"), 0.0'))
    (problem,) = prove(definition).problems
    (shown,) = (block for block in blocks(PAGES["definition"]) if "ValueError" in block)
    assert shown.split() == problem.removeprefix(f"{course}/").split()


def test_a_result_within_bounds_is_judged_as_shown(course):
    header = "import numpy as np\n\nfrom nbexercise import Within, define\n\n"
    text = f'{header}ex = define("estimate_pi")\n\n\n{blocks(PAGES["values"], "python")[0]}'
    definition = define(course, text)
    proof = prove(definition)
    assert not proof.problems and "in another order" not in " ".join(proof.remarks)
    first = definition.exercise.case_set().cases[0].expected.values["result"]
    assert round(first.deviation, 3) == 0.016
    assert first.bounds[0] < 3.05 and first.bounds[0] > 3


def test_a_class_is_defined_as_shown(course):
    _, stack, header = blocks(PAGES["values"], "python")
    assert header in stack  # the section on exceptions repeats it
    proof = prove(define(course, stack))
    assert not proof.problems
    assert {row.named for row in proof.rows if row.named} == {"yes"}
    assert not prove(define(course, stack.replace('("pop",))', '("items",))'))).problems


def test_the_public_names_are_listed():
    section = PAGES["definition"].partition("## Names to import")[2]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted(nbexercise.__all__)


@pytest.mark.parametrize("page", ["README", *PAGES])
def test_links_of_a_page_lead_somewhere(page):
    path = ROOT / "README.md" if page == "README" else ROOT / "docs" / f"{page}.md"
    for target in re.findall(r"\]\((?!http)([^)\s]+)\)", path.read_text()):
        file, _, heading = target.partition("#")
        linked = path.parent / file if file else path
        assert linked.exists(), target
        headings = re.findall(r"^#+ (.+)$", linked.read_text(), re.MULTILINE) if heading else []
        anchors = [re.sub(r"[^\w -]", "", text).lower().replace(" ", "-") for text in headings]
        assert not heading or heading in anchors, target
