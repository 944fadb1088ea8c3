"""The pages of the web site: their paths, links and cells, and the errors that stop the build."""

import io
import json
import os
import re
import shutil

import nbformat
import pytest
from PIL import Image

from tools import lite, site
from tools.course import ROOT, assignments, lessons, published, site_address
from tools.lessons import check_lesson, kept, main
from tools.syllabus import lesson_table

SETTING = '[tool.course]\naddress = "https://raw.githubusercontent.com/ada/course/main/release"\n'
IMAGES = ["docs/edges.jpg", "docs/feedback-page.png", "docs/review-page.png"]
FOR_THE_SITE = [*site.MARKDOWN, *site.MOVED, *IMAGES]
TABLE = """\
# The lessons

| | lesson | min | needs | then do |
|---|---|--:|---|---|
| 01 | [First](01_first.ipynb) | 90 + 30 | | [padding](../release/padding/padding.ipynb) |
"""
LESSON = """\
# %% [markdown]
# # First
#
# It is about [stride](glossary.md#stride). Code is [here](../convnet/layers.py).

# %% [markdown]
# ## Padding with np.pad
# It adds zeros.

# %%
import matplotlib.pyplot as plt
from lesson_tools import needs
from lesson_tools.figures import present
from lesson_tools.questions import Prediction, Predictions

needs.start()
predict = Predictions(sum=Prediction(right=lambda two: two + 1, wrong={2: "More."}, why="Count."))
two = 2

# %% [markdown]
# **Predict.** How many?

# %%
predict("sum", None)

# %% jupyter={"source_hidden": true} cellView="form"
print("the sum is", two + 1)

# %% [markdown]
# ## Exercise 1: count
# Write the sum.

# %%
answer = None
### BEGIN SOLUTION
answer = 3
### END SOLUTION

# %%
print("right:", answer)

# %% needs="torch nothing"
x = 1

# %% [markdown]
# A figure:

# %%
present(plt.figure(figsize=(3, 2)), "an empty figure")
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """Make a repository with one lesson, which has been run, and one assignment."""
    root = tmp_path_factory.mktemp("repository")
    for name in FOR_THE_SITE:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    (root / "convnet").mkdir()
    shutil.copy(ROOT / "convnet" / "layers.py", root / "convnet")
    (root / "release").mkdir()
    shutil.copy(ROOT / "release" / "lessons.zip", root / "release")
    for name in ("release/padding", "public_tests"):
        shutil.copytree(ROOT / name, root / name)
    (root / "source").mkdir()
    shutil.copy(ROOT / "source" / "padding.py", root / "source")
    (root / "pyproject.toml").write_text(SETTING)
    (root / "course" / "README.md").write_text(TABLE)
    (root / "course" / "01_first.py").write_text(LESSON)
    (root / "course" / "01_first.ipynb").write_text('{"cells": []}')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "course")]))
        assert check_lesson("01_first", root) == []
    return root


@pytest.fixture(scope="module")
def pages(repository, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    site.lay_out(repository, folder)
    return folder


@pytest.fixture(scope="module")
def lesson(pages):
    return nbformat.read(pages / "course" / "01_first.ipynb", as_version=4)


def cell(notebook, beginning):
    (found,) = [one for one in notebook.cells if one.source.startswith(beginning)]
    return found


def test_the_syllabus_lists_every_lesson_with_its_assignments():
    assert [lesson.name for lesson in lesson_table()] == lessons()
    assert all(re.fullmatch(r"\d+( \+ \d+)?", lesson.minutes) for lesson in lesson_table())


def test_every_page_is_in_a_table_of_contents():
    index = (ROOT / "docs" / "index.md").read_text() + (ROOT / "docs" / "reference.md").read_text()
    for name in [*site.MARKDOWN, *site.MOVED.values()]:
        if name != "index.md":
            assert re.search(rf"(?:^|<){name.removesuffix('.md')}>?$", index, re.M), name


def test_the_address_of_the_site_follows_from_the_setting(repository, tmp_path):
    assert site_address(repository) == "https://ada.github.io/course/"
    assert published("../course/x.md", repository) == "ada/course/blob/main/course/x.md"
    (tmp_path / "pyproject.toml").write_text('[tool.course]\naddress = "https://example.org/x"\n')
    assert site_address(tmp_path) == ""


def test_the_menu_is_the_path_and_an_assignment_ends_with_the_next_step(tmp_path):
    pages = site._Pages(ROOT, tmp_path, {name: {} for name in assignments()})
    menu = pages._contents().splitlines()
    assert [line for line in menu if line.startswith(":caption:")][1] == ":caption: Part 2: Layers"
    assert "07 The convolution layer in libraries (optional) <course/07_" in "\n".join(menu)
    at = menu.index("04 Padding <course/04_padding>")
    assert menu[at + 1] == "Assignment: padding <release/padding/padding>"
    assert menu[at + 2] == "05 From dense to convolutional layers <course/05_why_convolution>"
    ends = {
        "padding": ["- Go on with [05 From dense to convolutional layers](../../course/05_"],
        "single_step": ["- Go on with [Assignment: conv_forward](../conv_forward/"],
        "conv_forward": [
            "- Your functions open [milestone 1](../../course/milestones.ipynb): *Your convolution",
            "- [07 The convolution layer in libraries](../../course/07_",
            "- Go on with [08 Output sizes](../../course/08_",
        ],
        "convolution_step_by_step": [
            "- Your functions open [milestone 3](",
            "- Go on with [14 Training](",
        ],
    }
    for name in assignments():
        pages.write_assignment(name)
        notebook = nbformat.read(tmp_path / f"release/{name}/{name}.ipynb", as_version=4)
        heading, _, *lines = notebook.cells[-1].source.splitlines()
        assert heading == "## Next"
        assert "Go on with" in lines[-1]
        for line, beginning in zip(lines, ends.get(name, lines), strict=True):
            assert line.startswith(beginning)


def test_a_lesson_begins_with_its_place_and_its_buttons(lesson):
    head = lesson.cells[0].source
    place = (
        "Lesson 01. 90 minutes, and 30 for the exercises. Practice it in the assignment [padding]("
    )
    assert head.startswith(f"# First\n\n{place}")
    address = "https://colab.research.google.com/github/ada/course/blob/main/course/01_first.ipynb"
    assert f'<a class="button" href="{address}">Open in Colab</a>' in head
    assert '<a class="button" href="01_first.ipynb" download>Download</a>' in head
    assert "colab-badge" not in head and "Run in the browser" not in head


def test_the_first_page_says_how_long_the_course_takes(pages):
    text = (pages / "index.md").read_text()
    assert re.search(r"^\d+ lessons \(about 2 hours\) and ten graded assignments", text, re.M)
    assert "The lessons that lead to the assignments take about 2 of the 2 hours" in text


def test_the_first_page_has_a_figure_of_each_assignment_on_the_ladder(pages):
    text = (pages / "index.md").read_text()
    assert re.findall(r'<a href="(release\S+)"><img src="(\S+)"', text) == [
        ("release/padding/padding.html", "pictures/padding.webp")
    ]
    with Image.open(pages / "extra" / "pictures" / "padding.webp") as picture:
        assert picture.width == 440
    assert "startKernel(" in text and (pages / "extra" / "figures").is_dir()


def test_a_card_has_a_figure_for_light_and_for_dark_pages(pages):
    text = (pages / "index.md").read_text()
    cards = re.findall(r'<span class="lesson-(\w+)"><img src="(\S+)"', text)
    assert cards == [("light", "pictures/01_first.webp"), ("dark", "pictures/01_first_dark.webp")]
    images = [Image.open(pages / "extra" / place).convert("RGBA") for _, place in cards]
    assert [image.getpixel((0, 0))[3] for image in images] == [255, 0]  # dark: transparent paper
    with Image.open(pages / "extra" / "pictures" / "01_first.jpg") as preview:
        assert preview.size == (1200, 630)


def test_the_search_finds_a_term_where_a_lesson_introduces_it(lesson):
    assert "</p>\n\n```{index} ! single: stride\n```\n\nIt is about" in lesson.cells[0].source
    assert sum("{index} ! single: stride" in cell.source for cell in lesson.cells) == 1


def test_the_search_finds_the_function_of_a_heading_and_the_words_in_a_comment(lesson, pages):
    named = cell(lesson, "## Padding with np.pad").source
    assert named.endswith("np.pad\n```{index} ! single: np.pad\n```\n\nIt adds zeros.")
    text = (pages / "docs/install.md").read_text()
    entries = ["```{index} ! single: Colab\n```\n", "```{index} ! single: Binder\n```\n"]
    assert "## Without installation\n\n" + "\n".join(entries) in text and "<!--" not in text


def test_a_lesson_is_for_reading_and_how_to_run_it_is_folded(lesson):
    text = cell(lesson, '<details class="for-running">').source
    assert "<summary>To run this notebook</summary>\n\nDownload it, or open it in Colab" in text
    assert not any("import matplotlib" in one.source for one in lesson.cells)


def test_a_notebook_of_several_parts_has_one_title(tmp_path):
    figures = {"convolution_step_by_step": {}}
    site._Pages(ROOT, tmp_path, figures).write_assignment("convolution_step_by_step")
    place = tmp_path / "release/convolution_step_by_step/convolution_step_by_step.ipynb"
    texts = [one.source for one in nbformat.read(place, as_version=4).cells]
    titles = [text.splitlines()[0] for text in texts if text.startswith("# ")]
    assert "# Part 1. Padding" not in titles
    assert titles[0] == "# Assignment: Convolutional networks, step by step"
    assert any(text.startswith("## Part 1. Padding") for text in texts)
    assert any(text.startswith("### Exercise: zero_pad") for text in texts)
    assert any(text.startswith("## Where you stand") for text in texts)
    assert texts[-1].startswith("## Next")


def test_headings_are_lowered_from_the_second_title_to_the_common_end_and_not_in_code():
    texts = {
        "# One\n\n## Two": "# One\n\n## Two",
        "## Three": "## Three",
        "# Four\n\n```\n# a comment\n```\n\n## Five": (
            "## Four\n\n```\n# a comment\n```\n\n### Five"
        ),
        "## Where you stand\n\nSee below.": None,
    }
    cells = [nbformat.v4.new_markdown_cell(text) for text in texts]
    site._give_one_title(cells)
    for cell_, (before, after) in zip(cells, texts.items(), strict=True):
        assert cell_.source == (after or before)


def test_a_lesson_offers_the_packages_that_it_imports_beside_its_notebook(
    lesson, pages, repository
):
    fold = cell(lesson, '<details class="for-running">').source
    assert '<a href="lessons.zip" download>lessons.zip</a>' in fold
    offered = (pages / "extra" / "course" / "lessons.zip").read_bytes()
    assert offered == (repository / "release" / "lessons.zip").read_bytes()


def test_an_exercise_is_linked_to_its_page_on_the_site_alone(pages):
    page = nbformat.read(pages / "release/padding/padding.ipynb", as_version=4)
    assert "[The page of zero_pad](../../exercises/zero_pad.md)" in cell(page, "## Exercise").source
    downloaded = (pages / "extra/release/padding/padding.ipynb").read_text()
    assert "The page of zero_pad" not in downloaded


def test_the_glossary_has_letters_to_jump_to_and_links_to_lessons(pages):
    text = (pages / "course/glossary.md").read_text()
    letters = re.findall(r"^## (.)$", text, re.M)
    assert letters == sorted(set(letters)) and {"1", "A", "Z"} <= set(letters)
    assert re.findall(r'<a href="#(.)">', text) == [letter.lower() for letter in letters]
    terms = re.findall(r"^### (.)|^## (.)$", text, re.M)
    letter = ""
    for term, heading in terms:
        letter = heading or letter
        assert term.upper() in ("", letter)
    assert "Lesson [01](01_first.ipynb)." in text
    assert "Lesson 03." in text  # which is missing in this course


@pytest.fixture
def in_browser(repository):
    """Add a JupyterLite site with one notebook; return its folder."""
    folder = repository / "docs" / "_build" / "lite"
    (folder / "files").mkdir(parents=True)
    (folder / "files" / "padding.ipynb").touch()
    yield folder
    shutil.rmtree(folder)


def first_cell(pages, place):
    return nbformat.read(pages / place, as_version=4).cells[0].source


def test_what_can_run_in_the_browser_has_a_button_for_it(repository, in_browser, tmp_path):
    site.lay_out(repository, tmp_path)
    first = first_cell(tmp_path, "release/padding/padding.ipynb")
    assert (
        'href="../../lite/notebooks/index.html?path=padding.ipynb">Run in the browser</a>' in first
    )
    assert "MB" not in first  # of a site that an earlier release built
    assert "Run in the browser" not in first_cell(tmp_path, "course/01_first.ipynb")


def test_an_exercise_of_a_lesson_is_linked_to_its_place_in_the_browser(
    repository, lesson, in_browser, tmp_path
):
    (in_browser / "files" / "01_first.ipynb").touch()
    site.lay_out(repository, tmp_path)
    text = (tmp_path / "course/01_first.ipynb").read_text()
    assert text.count("Do this exercise in the browser") == 1
    place = "../lite/notebooks/index.html?path=01_first.ipynb#Exercise-1:-count"
    exercise = cell(nbformat.reads(text, as_version=4), "## Exercise 1").source
    assert f'Write the sum.\n\n<p class="buttons"><a class="button" href="{place}">' in exercise
    assert "href" not in cell(lesson, "## Exercise 1").source


def test_the_button_states_how_much_the_browser_downloads(repository, in_browser, tmp_path):
    (in_browser / lite.MEASURED).write_text('{"notebook": 25700000}')
    site.lay_out(repository, tmp_path)
    first = first_cell(tmp_path, "release/padding/padding.ipynb")
    assert "On the first visit, your browser downloads 26 MB." in first


def test_the_first_page_has_the_check_if_the_browser_can_run_it(
    repository, pages, in_browser, tmp_path
):
    start = (pages / "index.md").read_text()
    assert 'data-worker=""' in start and 'href="release/padding/padding.html"' in start
    (in_browser / lite.MEASURED).write_text('{"notebook": 23400000, "page": 10700000}')
    site._Pages(repository, tmp_path, {}).write_markdown("docs/index.md")
    start = (tmp_path / "index.md").read_text()
    assert f'data-worker="lite/{lite.CHECKER}" data-megabytes="11"' in start
    assert 'href="lite/notebooks/index.html?path=padding.ipynb#Exercise:-zero_pad"' in start
    assert "notebook, 23 MB</a>" in start


@pytest.mark.parametrize(
    ("code", "needed"),
    [
        ("import scipy", "SciPy"),
        ("%%needs torch keras\nimport torch, keras", "Keras and PyTorch"),
        ("import sklearn, h5py, scipy", "h5py, scikit-learn and SciPy"),
    ],
)
def test_a_lesson_that_cannot_run_in_the_browser_states_why(
    repository, in_browser, tmp_path, monkeypatch, code, needed
):
    monkeypatch.setattr(lite, "_code", lambda name, root: [code])
    site.lay_out(repository, tmp_path)
    first = first_cell(tmp_path, "course/01_first.ipynb")
    assert f"This notebook does not run in the browser because it needs {needed}.</p>" in first


def test_without_notebooks_in_the_browser_no_page_mentions_it(lesson):
    assert "about-browser" not in lesson.cells[0].source


def test_links_lead_to_pages_and_else_to_github(lesson, repository, pages):
    head = lesson.cells[0].source
    assert "[stride](glossary.md#stride)" in head
    assert "[here](https://github.com/ada/course/blob/main/convnet/layers.py)" in head
    start = (pages / "index.md").read_text()
    assert "[guide](docs/instructors.md)" in start and "](edges.jpg)" not in start
    assert "![A photograph" in start and "](docs/edges.jpg)" in start
    assert (pages / "docs" / "edges.jpg").is_file()
    some = site._Pages(repository, pages, {})
    for text, expected in {
        "[a](../release)": "[a](https://github.com/ada/course/tree/main/release)",
        "[a](../nbjudge)": "[a](../nbjudge/README.md)",
        "[a](https://example.org/x.md)": "[a](https://example.org/x.md)",
        "[a](#there)": "[a](#there)",
        "```\n[a](../release)\n```": "```\n[a](../release)\n```",
        "[a](https://github.com/ada/course/blob/main/course/glossary.md#relu)": (
            "[a](../course/glossary.md#relu)"
        ),
    }.items():
        assert some.relink(text, "docs/instructors.md") == expected


def test_an_answer_stands_once(repository, monkeypatch, tmp_path):
    answer = "# %% [markdown]\n# <details>\n# <summary>Answer</summary>\n# 3\n# </details>\n"
    ask = '# %%\nsetup\n\n# %%\npredict("sum", None)'
    text = f"# %% [markdown]\n# # First\n\n{ask}\n\n{answer}"
    shutil.copytree(repository, tmp_path / "root", ignore=shutil.ignore_patterns("_build"))
    (tmp_path / "root" / "course" / "01_first.py").write_text(text)
    output = nbformat.v4.new_output
    asked = '<div class="prediction" data-question="{}">%s</div>'
    fold = "<details><summary>Answer</summary><p>3</p></details>"
    outputs = [output("display_data", {"text/html": asked % fold}), output("stream", text="no")]
    monkeypatch.setattr(site, "outputs", lambda name, root: [[], outputs])
    pages = site._Pages(tmp_path / "root", tmp_path / "pages", {})
    pages.write_lesson(pages.lessons[0])
    notebook = nbformat.read(tmp_path / "pages" / "course" / "01_first.ipynb", as_version=4)
    (left,) = cell(notebook, "predict(").outputs
    assert left.data["text/html"] == asked % ""
    assert cell(notebook, "predict(").metadata.tags == ["remove-input"]


def test_a_prediction_shows_its_answer_folded_and_the_result_below_is_folded(lesson):
    (answer,) = cell(lesson, "predict(").outputs
    page = answer.data["text/html"]
    assert page.startswith('<div class="prediction" data-question="{&quot;right&quot;: [3.0], ')
    assert "><details><summary>Answer</summary>" in page
    assert "<strong>3</strong>. Count." in page and "Not 2: More." in page
    assert {"hide-input", "hide-output"} <= set(cell(lesson, 'print("the sum').metadata.tags)


def test_an_exercise_shows_no_solution_outside_its_fold_and_no_output(lesson):
    assert "# Your code here" in cell(lesson, "answer = None").source
    assert cell(lesson, 'print("right').outputs == []
    assert "answer = 3" in cell(lesson, "<details>\n<summary>A solution").source


def test_figures_are_files_of_twice_the_pixels_for_light_and_dark_pages(lesson, pages):
    (output,) = cell(lesson, "present(").outputs
    names = re.findall(
        r'width="300" height="200" [^>]*src="(figures/\w+\.png)"', output.data["text/html"]
    )
    for name, transparent in zip(names, (False, True), strict=True):
        image = Image.open(pages / "extra" / "course" / name)
        assert image.size == (600, 400)
        assert (image.getpixel((0, 0))[3] == 0) == transparent


def test_a_large_figure_keeps_its_transparency():
    memory = io.BytesIO()
    Image.new("RGBA", (2, 2), (0, 0, 0, 0)).save(memory, "png")
    webp = Image.open(io.BytesIO(site._webp(memory.getvalue())))
    assert webp.getpixel((0, 0))[3] == 0


def test_what_a_page_says_to_run_has_been_run():
    text = site._worded("Run the next two code cells to see it, which takes some\nseconds.")
    assert text == "Look at the results of the next two code cells to see it."
    assert site._worded("Run the next cell once.") == "Run the next cell once."
    text = site._worded("Replace `None` with your answer and run the cell.")
    assert text == "Type your answer."


def test_a_cell_for_a_framework_is_tagged_with_it(lesson):
    assert "framework-PyTorch" in cell(lesson, "x = 1").metadata.tags
    assert site._framework(["keras", "tensorflow"]) == "Keras"
    assert site._framework(["tensorflow", "keras"]) == "TensorFlow"
    assert site._framework(["keras", "tensorflow", "torch"]) == ""


def test_an_assignment_shows_its_figures_and_no_solution(pages):
    place = pages / "release" / "padding" / "padding.ipynb"
    notebook = nbformat.read(place, as_version=4)
    assert notebook.cells[0].source.startswith(
        "# Assignment: Padding\n\nPractice for lesson [01 First]"
    )
    text = place.read_text()
    assert text.count("Figure. Its description follows.") == 4
    assert "np.pad(X, " not in text and "HIDDEN TESTS" not in text
    assert len(text) < 100_000  # without the checks, a line of 50,000 characters
    released = (ROOT / "release" / "padding" / "padding.ipynb").read_bytes()
    assert (pages / "extra" / "release" / "padding" / "padding.ipynb").read_bytes() == released


def test_the_same_texts_give_the_same_pages(repository, pages, tmp_path):
    site.lay_out(repository, tmp_path)
    files = {path.relative_to(pages): path.read_bytes() for path in pages.rglob("*.*")}
    assert files == {
        path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.*")
    }


def test_what_is_no_page_any_more_is_removed(repository, pages):
    (pages / "old.md").write_text("# Old\n")
    (pages / "reference" / "convnet").mkdir(parents=True)
    (pages / "reference" / "convnet" / "modules.rst").touch()
    site.lay_out(repository, pages)
    assert not (pages / "old.md").exists()
    assert not (pages / "reference" / "convnet" / "modules.rst").exists()  # of a deleted module


def test_only_lessons_that_have_changed_are_run_again(repository, capsys, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "course")]))
    monkeypatch.setattr("tools.lessons.build_bundle", lambda root: None)
    monkeypatch.setattr("tools.lessons.build_cases", lambda root: None)
    before = kept("01_first", repository).read_bytes()
    assert main(["--changed"], repository) == 0
    assert "0 of 1 lessons to run" in capsys.readouterr().err
    assert kept("01_first", repository).read_bytes() == before
    (repository / "public_tests" / "new.py").touch()
    assert main(["--changed"], repository) == 0
    assert "01_first passed" in capsys.readouterr().err


def test_a_lesson_that_fails_is_not_kept(tmp_path, monkeypatch):
    (tmp_path / "course").mkdir()
    (tmp_path / "pyproject.toml").write_text(SETTING)
    (tmp_path / "course" / "01_first.py").write_text("# %%\n1 / 0\n")
    assert check_lesson("01_first", tmp_path)
    assert not kept("01_first", tmp_path).exists()


PAGE = '<html><body><p id="here">x</p>{}</body></html>'
ELSEWHERE = "from another site"
PICTURE, SCRIPT = "https://example.org/x.png", "//example.org/x.js"
BROKEN = {
    '<a href="no.html">': "broken link to no.html",
    '<a href="b.html#no">': "the page has no id for the link to b.html#no",
    '<a href="#no">': "the page has no id for the link to #no",
    '<p id="here">': "the id 'here' occurs more than once",
    f'<img src="{PICTURE}">': f"the page fetches {PICTURE} {ELSEWHERE}",
    f'<script src="{SCRIPT}"></script>': f"the page fetches {SCRIPT} {ELSEWHERE}",
}
SOUND = ['<a href="b.html#here">', '<a href="https://example.org/">', '<a href="folder/?x=1">']


@pytest.mark.parametrize(("part", "problem"), BROKEN.items())
def test_a_broken_page_is_named(tmp_path, part, problem):
    (tmp_path / "a.html").write_text(PAGE.format(part))
    (tmp_path / "b.html").write_text(PAGE.format(""))
    assert list(site.broken_links(tmp_path)) == [f"a.html: {problem}"]


def test_a_sound_page_is_not(tmp_path):
    (tmp_path / "a.html").write_text(PAGE.format("".join(SOUND)))
    (tmp_path / "b.html").write_text(PAGE.format(""))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "index.html").touch()
    assert list(site.broken_links(tmp_path)) == []


def test_the_fonts_are_those_of_the_program_that_sets_formulas():
    """docs/static/katex is copied from the KaTeX version that sphinxcontrib-katex requires."""
    style = (ROOT / "docs" / "static" / "katex" / "katex.css").read_text()
    version = re.search(r'version::?after\{content:"([\d.]+)"', style)
    pinned = (ROOT / "pyproject.toml").read_text()
    assert f"KaTeX {version[1]}" in pinned
    fonts = set(re.findall(r"url\(fonts/(.*?)\)", style))
    assert fonts == {path.name for path in (ROOT / "docs/static/katex/fonts").iterdir()}


def test_broken_links_from_notebooks_to_the_site_are_reported(tmp_path):
    files = tmp_path / "lite" / "files"
    files.mkdir(parents=True)
    (tmp_path / "page.html").write_text('<h2 id="there">')
    text = "[a](../../page.html#there) [b](../../page.html#not) [c](../../no.html) [d](x.ipynb)"
    text += " [e](https://example.org/) [f](#here)"
    cells = [{"cell_type": "markdown", "source": text}]
    (files / "a.ipynb").write_text(json.dumps({"cells": cells}))
    assert list(site.broken_notebook_links(tmp_path / "lite")) == [
        "a.ipynb: ../../page.html has no id for the link to #not",
        "a.ipynb: broken link to ../../no.html",
        "a.ipynb: broken link to x.ipynb",
    ]
