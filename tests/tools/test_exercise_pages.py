"""The exercise pages are complete, agree with the definitions, and contain no answer."""

import re

import numpy as np
import pytest

from exercises import EXERCISES, PAGES
from exercises.page import Page
from nbexercise.defining.exercise import PUBLIC_SEED
from nbexercise.defining.source import BEGIN, END, function_source
from tests.exercises.expressions import answers, expressions_in
from tools import exercise_pages
from tools.course import ROOT, assignments
from tools.exercise_pages import places, small_cases, write_exercise_pages
from tools.lessons import LINK
from tools.notebooks import CLAIM

LITE = "../lite/notebooks/index.html?path="


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages") / "exercises"
    write_exercise_pages(folder, in_browser=["padding.ipynb"])
    return folder


def text_of(folder, name):
    path = folder / f"{name}.md"
    assert path.is_file(), f"course/README.md: no lesson links the assignment of {name}"
    return path.read_text(encoding="utf-8")


def words_of(page):
    """Return the text of a page without its pictures."""
    return re.sub(r"<svg.*?</svg>", "", page)


def test_every_exercise_has_a_page_in_the_order_of_the_course(folder):
    order = list(places())
    assert sorted(order) == sorted(EXERCISES)
    assert order[:4] == ["zero_pad", "conv_single_step", "conv_forward", "output_size"]
    assert order.index("softmax") < order.index("conv_backward") < order.index("lenet_forward")
    assert {path.stem for path in folder.iterdir()} == {"index", *EXERCISES}
    index = text_of(folder, "index")
    assert re.findall(r"^\| \[(\w+)\]\(\1\.md\)", index, re.M) == order
    assert index.partition("{toctree}")[2].split() == [":hidden:", *order, "```"]


def test_the_same_definitions_give_the_same_pages(folder, tmp_path):
    write_exercise_pages(tmp_path, in_browser=["padding.ipynb"])
    for path in folder.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.mark.parametrize("name", EXERCISES)
def test_a_page_says_what_the_definition_says(folder, name):
    exercise, page = EXERCISES[name], text_of(folder, name)
    common = PAGES[name].mistakes if name in PAGES else ()
    for line in (exercise.loops.__doc__ or "").splitlines():
        argument, dashes, meaning = line.strip().partition(" -- ")
        assert not dashes or f"| `{argument}` | {meaning} |" in page
    for check in exercise.checks:
        assert f"| {check.name} | {check.points:g} | " in page
    for hint in exercise.hints:
        assert hint in page
    assert f"**Points:** {exercise.points:g}, in {len(exercise.checks)} checks" in page
    for mistake in exercise.mistakes:
        if mistake.name in common:
            assert mistake.diagnosis in page and mistake.hint in page
    if common:
        assert page.count("**What you see:**") == len(common)


@pytest.mark.parametrize("name", EXERCISES)
def test_hints_are_folded_one_within_the_other(folder, name):
    hints = text_of(folder, name).partition("\n## Hints\n")[2].partition("\n## ")[0]
    tags = re.findall(r"<details>|</details>|Hint \d", hints)
    opened = [tag for number in (1, 2, 3) for tag in ("<details>", f"Hint {number}")]
    assert tags == [*opened, *["</details>"] * 3]
    visible = hints.partition("<details>")[0]
    assert not any(hint[:20] in visible for hint in EXERCISES[name].hints)


def test_no_page_holds_a_line_of_a_solution(folder):
    pages = {name: text_of(folder, name) for name in [*EXERCISES, "index"]}
    for name, exercise in EXERCISES.items():
        text = function_source(exercise.loops, markers=True)
        inside = text.partition(BEGIN)[2].partition(END)[0]
        lines = {line.strip() for line in inside.splitlines() if len(line.strip()) > 12}
        assert lines
        for page, content in pages.items():
            assert not [line for line in lines if line in content], f"{page} solves {name}"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", EXERCISES)
def test_no_expression_outside_the_hints_is_an_answer(folder, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = words_of(text_of(folder, name))
    shown = re.sub(r"\n## Hints\n.*?(?=\n## )", "", page, flags=re.S)
    lines = "\n".join(f"# {line}" for line in shown.splitlines())
    found = {
        (text, exercise)
        for text, function in expressions_in(f"# %% [markdown]\n{lines}").items()
        for exercise in answers(function, [EXERCISES[name]])
    }
    assert found == set()


def test_no_page_holds_a_hidden_check(folder):
    for path in folder.iterdir():
        page = path.read_text(encoding="utf-8")
        for word in ("HIDDEN", str(PUBLIC_SEED), f"{PUBLIC_SEED:_}", "seed", "import "):
            assert word not in words_of(page), path.name


def test_every_link_leads_somewhere(folder):
    glossary = (ROOT / "course/glossary.md").read_text(encoding="utf-8")
    anchors = {
        heading.lower().replace(" ", "-") for heading in re.findall(r"^### (.+)$", glossary, re.M)
    }
    for path in folder.iterdir():
        page = words_of(path.read_text(encoding="utf-8"))
        targets = LINK.findall(page) + re.findall(r'href="([^"]+)"', page)
        assert len(targets) > 1
        for target in targets:
            place, _, anchor = target.partition("#")
            if target.startswith("https://colab.research.google.com/github/"):
                assert (ROOT / place.partition("/main/")[2]).is_file()
            elif target.startswith(LITE):
                assert target == f"{LITE}padding.ipynb#Exercise:-zero_pad"
                continue
            elif place.endswith(".md") and "/" not in place:
                assert (folder / place).is_file(), target
            else:
                assert (ROOT / "exercises" / place).resolve().is_file(), target
            assert not anchor or (place == "../course/glossary.md" and anchor in anchors), target


def test_a_notebook_that_runs_in_the_browser_gets_a_link(folder):
    assert f'href="{LITE}padding.ipynb#Exercise:-zero_pad"' in text_of(folder, "zero_pad")
    assert "lite/" not in text_of(folder, "conv_forward")


@pytest.mark.parametrize("name", EXERCISES)
def test_the_assignment_has_the_section_that_a_page_names(folder, name):
    assert f"under *Exercise: {name}*" in text_of(folder, name)
    assignment = places()[name].assignment[1]
    assert assignment in assignments()
    headings = (ROOT / "source" / f"{assignment}.py").read_text(encoding="utf-8").splitlines()
    heading = f"# ## Exercise: {name}"
    assert heading in headings, f"source/{assignment}.py needs the heading {heading!r}"


@pytest.mark.parametrize("name", PAGES)
def test_the_figures_of_a_reading_are_those_of_the_case(name):
    case = small_cases(EXERCISES[name])[0]
    gradients = {
        key.split("'")[1]: value for key, value in case.expected.values.items() if "['" in key
    }
    namespace = {"np": np, **case.parts, **case.expected.values, "gradients": gradients}
    for said, expression in CLAIM.findall(PAGES[name].reading):
        actual = float(eval(expression, namespace))
        digits = len(said.partition(".")[2])
        assert said == f"{round(actual, digits) + 0.0:.{digits}f}", expression


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_of_the_course_says_what_is_on_its_page(name):
    shown, file = PAGES.get(name, Page()), f"exercises/{name}.py"
    assert len(shown.terms) >= 3, f"{file}: PAGE needs three terms"
    assert len(shown.mistakes) >= 4, f"{file}: PAGE needs four mistakes"
    assert shown.reading, f"{file}: PAGE needs a reading"
    assert set(shown.mistakes) <= {mistake.name for mistake in EXERCISES[name].mistakes}


def test_an_exercise_that_says_nothing_of_its_page_has_one(tmp_path, monkeypatch):
    """The page of a new exercise needs no content."""
    monkeypatch.setattr(exercise_pages, "PAGES", {})
    write_exercise_pages(tmp_path)
    page = text_of(tmp_path, "zero_pad")
    first = EXERCISES["zero_pad"].mistakes[0]
    assert first.diagnosis in page and "<svg" in page
    assert "## Terms" not in page
