"""Lessons are run, and the claims in their prose are compared with the results of their cells."""

import json
import os
import re
import shutil

import nbformat
import pytest

from tools.course import BUNDLE, ROOT, lessons
from tools.lesson_times import RUNNING_TIMES
from tools.lesson_words import report
from tools.lessons import LINK, check_lesson, kept, main, taught
from tools.notebooks import build_lesson
from tools.syllabus import CHECK

SETTING = '[tool.course]\naddress = "https://raw.githubusercontent.com/ada/course/main/release"\n'
FIGURE = (
    "# %%\nimport matplotlib.pyplot as plt\nfrom lesson_tools.figures import present\n"
    "fig, ax = plt.subplots()\n"
)


@pytest.fixture
def lesson(tmp_path, monkeypatch):
    """Return a function that checks a lesson with the given body."""
    (tmp_path / "course").mkdir()
    (tmp_path / "pyproject.toml").write_text(SETTING)
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{ROOT / 'course'}")

    def check(body):
        (tmp_path / "course" / "01_first.py").write_text(f"# %% [markdown]\n# # Title\n\n{body}")
        return check_lesson("01_first", tmp_path)

    return check


X = "# %%\nx = 3\n\n"
HOLDS = {
    "figures": X + "# %% [markdown]\n# It is [3]{= x } and [1,500]{= f'{500 * x:,}' }.\n",
    "a list": X + "# %% [markdown]\n# It is `[[1, 3]]{= [1, x] }`.\n",
    "a picture": FIGURE + 'present(fig, "an empty plot")\n',
    "a link": "# %% [markdown]\n# [one](01_first.py), [two](https://example.org), [up](#title)\n",
}
FAILS = {
    "an error": ("# %%\n1 / 0\n", "in the cell '1 / 0': ZeroDivisionError: division by zero"),
    "a warning": (
        '# %%\nimport warnings\nwarnings.warn("old")\n',
        "in the cell 'import warnings': UserWarning: old",
    ),
    "a wrong figure": (
        X + "# %% [markdown]\n# It is [4]{= x } of [3]{= x }.\n",
        "in the prose: AssertionError: the text says 4, x gives 3",
    ),
    "a wrong list": (
        X + "# %% [markdown]\n# It is `[[1, 4]]{= [1, x] }`.\n",
        "in the prose: AssertionError: the text says [1, 4], [1, x] gives [1, 3]",
    ),
    "a figure before its cell": (
        "# %% [markdown]\n# It is [3]{= x }.\n\n# %%\nx = 3\n",
        "in the prose: NameError: name 'x' is not defined",
    ),
    "a picture without words": (
        FIGURE + "plt.show()\n",
        "in the cell 'import matplotlib.pyplot as plt': an image without a text alternative",
    ),
    "a picture with empty words": (
        FIGURE + 'present(fig, "")\n',
        "in the cell 'import matplotlib.pyplot as plt': an image with an empty text alternative",
    ),
    "HTML without an image": (
        "# %%\nfrom IPython.display import HTML\n\n"
        "HTML(\"<img alt='a dot' src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>\")\n",
        "in the cell 'from IPython.display import HTML': HTML images without an image output; "
        "use present(...)",
    ),
    "a link to nowhere": (
        "# %% [markdown]\n# [there](02_second.ipynb)\n",
        "broken link to 02_second.ipynb",
    ),
}


@pytest.mark.parametrize("body", HOLDS.values(), ids=HOLDS)
def test_a_lesson_whose_prose_is_true_holds(lesson, body):
    assert lesson(body) == []


@pytest.mark.parametrize(("body", "problem"), FAILS.values(), ids=FAILS)
def test_a_lesson_that_is_not_true_says_where(lesson, body, problem):
    (found,) = lesson(body)
    assert found.startswith(problem)


def test_the_built_lesson_shows_the_figures_alone(tmp_path):
    (tmp_path / "course").mkdir()
    (tmp_path / "pyproject.toml").write_text(SETTING)
    text = "# %% [markdown]\n# # Title\n#\n# It is [0.5]{= accuracy } of [a](b.ipynb).\n"
    (tmp_path / "course" / "01_first.py").write_text(text)
    badge, prose = build_lesson("01_first", tmp_path).cells
    assert prose.source.endswith("It is 0.5 of [a](b.ipynb).")
    assert "/blob/main/course/01_first.ipynb)" in badge.source


def test_a_link_to_the_glossary_works_in_colab(tmp_path):
    (tmp_path / "course").mkdir()
    text = (
        "# %% [markdown]\n# The [stride](glossary.md#stride), [x](notation.md), [y](02_second.py)\n"
    )
    (tmp_path / "course" / "01_first.py").write_text(text)
    pages = "https://github.com/ada/course/blob/main/course"
    for address, before in (
        ("raw.githubusercontent.com/ada/course/main", f"{pages}/"),
        ("x.org", ""),
    ):
        setting = f'[tool.course]\naddress = "https://{address}/release"\n'
        (tmp_path / "pyproject.toml").write_text(setting)
        *_, prose = build_lesson("01_first", tmp_path).cells
        assert prose.source == (
            f"The [stride]({before}glossary.md#stride), [x]({before}notation.md), [y](02_second.py)"
        )


PARTS = (
    *("By the end of this lesson you will be able to", "**Time:**", "draw."),
    *("**Predict", 'predict("', "## Further", "## Exercises", "Discussion", "## Recap", "Terms:"),
    "## What to read next",
)


def test_the_template_is_a_lesson_with_all_its_parts_in_order(tmp_path, lesson):
    text = (ROOT / "course" / "lesson_template.py").read_text()
    shutil.copy(ROOT / "course" / "glossary.md", tmp_path / "course")
    (tmp_path / "release").mkdir(exist_ok=True)
    shutil.copy(ROOT / "release" / BUNDLE, tmp_path / "release")
    assert lesson(text) == []
    positions = [text.index(part) for part in PARTS]
    assert positions == sorted(positions)
    assert not [line for line in report(["01_first"], tmp_path) if " -> " in line]


def test_the_command_says_which_lesson_fails(tmp_path, capsys):
    for name in ("public_tests", "convnet", "release"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.ipynb"))
    (tmp_path / "course").mkdir()
    (tmp_path / "pyproject.toml").write_text(SETTING)
    (tmp_path / "course" / "01_first.py").write_text("# %%\n1 + 1\n")
    (tmp_path / "course" / "02_second.py").write_text("# %%\n1 / 0\n")
    assert main(["--write-times"], tmp_path) == 1
    said = capsys.readouterr().err
    assert "01_first passed" in said and "02_second failed" in said
    assert list(json.loads((tmp_path / RUNNING_TIMES).read_text())) == ["01_first"]
    cells = nbformat.read(kept("01_first", tmp_path), as_version=4).cells
    assert all(cell.metadata["seconds"] >= 0 for cell in cells if cell.cell_type == "code")
    assert main(["01_first"], tmp_path) == 0
    with pytest.raises(SystemExit):
        main(["03_third"], tmp_path)


EXERCISE = """\
# %%
def double(x):
    result = None
    ### BEGIN SOLUTION
    result = 2 * x
    ### END SOLUTION
    return result


# %%
import public_tests

public_tests.check_function("Exercise 1", double, lambda x: 2 * x, [(3,)])
"""


def test_a_lesson_runs_with_its_solutions(lesson):
    assert lesson(EXERCISE) == []
    (problem,) = lesson(EXERCISE.replace("2 * x\n    ###", "3 * x\n    ###"))
    assert "Exercise 1: not yet." in problem
    (problem,) = lesson(EXERCISE.replace("result = 2 * x", ""))
    assert problem == "in the cell 'import public_tests': the exercise above has no solution"


def test_the_built_lesson_folds_the_solution_behind_its_check(tmp_path):
    (tmp_path / "course").mkdir()
    (tmp_path / "pyproject.toml").write_text(SETTING)
    (tmp_path / "course" / "01_first.py").write_text(EXERCISE)
    _, function, check, solution = build_lesson("01_first", tmp_path).cells
    assert function.source == (
        "def double(x):\n    result = None\n    # Your code here\n    return result"
    )
    assert "check_function" in check.source
    assert solution.source.startswith("<details>")
    assert "```python\nresult = 2 * x\n```" in solution.source
    number = "# %%\nn = None\n### BEGIN SOLUTION\nn = 3\n### END SOLUTION\n\n\ndef double"
    (tmp_path / "course" / "01_first.py").write_text(EXERCISE.replace("# %%\ndef double", number))
    _, function, _, solution = build_lesson("01_first", tmp_path).cells
    assert function.source.startswith("n = None\n# Your code here\n\n\ndef double")
    assert function.source.endswith("    # Your code here\n    return result")
    assert "```python\nn = 3\n\nresult = 2 * x\n```" in solution.source
    (tmp_path / "course" / "01_first.py").write_text(EXERCISE.partition("# %%\nimport")[0])
    with pytest.raises(ValueError, match=r"^course/\w+.py: no code cell checks the last"):
        build_lesson("01_first", tmp_path)


def test_a_claim_over_two_lines_is_refused_as_nothing_would_check_it(tmp_path):
    (tmp_path / "course").mkdir()
    (tmp_path / "pyproject.toml").write_text(SETTING)
    lesson = tmp_path / "course" / "01_first.py"
    lesson.write_text("# %% [markdown]\n# It is [1 to 2]{= 3 }.\n")
    assert build_lesson("01_first", tmp_path).cells[1].source == "It is 1 to 2."
    lesson.write_text("# %% [markdown]\n# It is [1\n# to 2]{= 3 }.\n")
    with pytest.raises(ValueError, match=r"line 1: this claim must be on one line: to 2\]"):
        build_lesson("01_first", tmp_path)


def test_what_a_cell_needs_becomes_its_first_line(tmp_path):
    (tmp_path / "course").mkdir()
    (tmp_path / "pyproject.toml").write_text(SETTING)
    (tmp_path / "course" / "01_first.py").write_text('# %% needs="torch"\nimport torch\n')
    _, cell = build_lesson("01_first", tmp_path).cells
    assert cell.source == "%%needs torch\nimport torch"


def test_the_syllabus_says_where_each_subject_is_taught():
    text = (ROOT / "course" / "README.md").read_text()
    table = text.partition("## Subjects by lesson")[2]
    rows = {int(row[0]): row for row in re.findall(r"^\| (\d+) \| (.+) \| (.*) \|$", table, re.M)}
    assert list(rows) == list(range(1, 28))
    found = taught()
    assert set(found) == set(rows)
    for number, (_, _, where) in rows.items():
        places = {}
        for lesson, heading in found[number]:
            places.setdefault(lesson, []).append(f"*{heading}*")
        assert where == "; ".join(
            f"[{lesson[:2]}]({lesson}.ipynb): {', '.join(headings)}"
            for lesson, headings in places.items()
        ), f"course/README.md, row {number}"


def test_no_notebook_links_to_a_heading_of_its_own():
    """Jupyter, Colab and the web site each form another anchor of a heading."""
    for source in [*ROOT.glob("course/*.py"), *ROOT.glob("source/*.py")]:
        assert "](#" not in source.read_text(encoding="utf-8"), source.name


def test_the_syllabus_has_every_lesson_and_its_links_lead_somewhere():
    text = (ROOT / "course" / "README.md").read_text()
    assert re.findall(r"^\| \d\d \| \[[^]]+\]\((.+?)\.ipynb\)", text, re.M) == lessons()
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert (ROOT / "course" / target).exists(), target


@pytest.mark.parametrize("name", lessons())
def test_a_lesson_is_built_as_every_lesson_is(name):
    notebook = build_lesson(name)
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    everything = "\n".join(texts)
    (opening,) = (text for text in texts[1:4] if "you will be able to" in text)
    promises = re.findall(r"^ ?[1-9]\. ", opening, re.M)
    assert len(promises) == 3
    assert "## Recap" in everything and "## What to read next" in everything
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    checks = [cell for cell in code if CHECK.search(cell.source)]
    assert len(checks) >= 2 and everything.count("<summary>A solution</summary>") >= len(checks)
    assert not any("BEGIN SOLUTION" in cell.source for cell in notebook.cells)
    for target in LINK.findall(everything):
        path = ROOT / "course" / target
        assert path.exists() or path.with_suffix(".py").exists(), target
