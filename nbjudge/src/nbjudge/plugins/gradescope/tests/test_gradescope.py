"""Gradescope: results.json is valid whatever is submitted, and its scores are the gradebook's."""

import contextlib
import io
import json
import math
import re
import shutil
import subprocess
import sys
import zipfile

import jsonschema
import markdown_it
import mistune
import pytest

from nbjudge.cli.console import OK, USAGE
from nbjudge.course.assignment import Assignment
from nbjudge.course.loading import load_course
from nbjudge.plugins.gradescope.autograder import (
    GradescopeOptions,
    make_autograder,
    seconds_for_students,
)
from nbjudge.plugins.gradescope.results import graders_failure, results_of
from nbjudge.plugins.standalone.grade_command import suspicions_in
from nbjudge.plugins.standalone.markdown import escaped, fenced
from nbjudge.plugins.standalone.requirements import imported, pinned
from tests.support.classes import WRONG
from tests.support.results import document, question
from tests.support.small_course import RIGHT, environment

# https://gradescope-autograders.readthedocs.io/en/latest/specs/
VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
NUMBER = {"type": "number", "minimum": 0}
SPECIFICATION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["output", "tests"],
    "properties": {
        "score": NUMBER,
        "execution_time": {"type": "integer", "minimum": 0},
        "output": {"type": "string"},
        "output_format": FORMAT,
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "extra_data": {"type": "object"},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["score", "max_score", "name"],
                "properties": {
                    "score": NUMBER,
                    "max_score": NUMBER,
                    "name": {"type": "string", "minLength": 1},
                    "output": {"type": "string"},
                    "output_format": FORMAT,
                    "visibility": VISIBILITY,
                },
            },
        },
    },
}
NOT_A_GRADE = "the score 0 is not a grade"


def check(results):
    """Assert that results.json follows the specification; return it."""
    jsonschema.validate(results, SPECIFICATION)
    assert results["tests"] or "score" in results  # one of them is required
    return results


def points(results):
    return {test["name"]: test["score"] for test in results["tests"]}


def autograder(course, **options):
    """Return the files of an autograder, {name: content}."""
    with (
        course.here(),
        contextlib.closing(Assignment("ps1", *load_course(), for_reading=True)) as opened,
    ):
        content = make_autograder(opened, GradescopeOptions(**options), {})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def root(course, tmp_path):
    """A folder like /autograder after setup.sh, in which this environment takes its place."""
    files = autograder(course)
    for name, content in files.items():
        if not name.startswith("nbjudge/"):
            (tmp_path / "source" / name).parent.mkdir(exist_ok=True)
            (tmp_path / "source" / name).write_bytes(content)
    python = tmp_path / "environment" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (tmp_path / "submission").mkdir()
    return tmp_path


def run_autograder(root):
    """Run the script as Gradescope does; return results.json and the output for instructors."""
    done = subprocess.run(
        ["bash", root / "source" / "run_autograder"],
        cwd=root,
        env=environment(AUTOGRADER_ROOT=str(root)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    results = json.loads((root / "results" / "results.json").read_bytes())
    return check(results), done.stdout + done.stderr


def submit(course, root, answers, name="ps1.ipynb"):
    shutil.copy(course.submit("ann", answers) / "ps1.ipynb", root / "submission" / name)


# The scripts.


def test_a_wrong_submission_gets_the_points_of_the_gradebook(course, root):
    submit(course, root, WRONG, "ps1 (2).ipynb")
    results, shown = run_autograder(root)
    course.submit("ann", WRONG)
    course.grade()
    scores = course.scores("ann")
    assert points(results) == {"double": scores["double_test"], "half": scores["half_test"]}
    assert {test["max_score"] for test in results["tests"]} == {2, 3}
    assert "**AssertionError**" in results["tests"][0]["output"]
    assert "- essay: 4 points" in results["output"]
    level = results["extra_data"]["nbjudge"]["isolation"]
    assert f"Isolation level: {level}" in results["output"]
    assert f"Isolation: {level}" in shown
    assert "leaderboard" not in results


def test_the_released_notebook_has_the_tests_that_pack_announced(course, root, command):
    """A blank answer gets 0 points without a person, but is not a test."""
    submit(course, root, {})
    results, _ = run_autograder(root)
    assert points(results) == {"double": 0, "half": 0}
    total = sum(test["max_score"] for test in results["tests"])
    said = command("pack", "ps1", "--gradescope").stderr
    assert f"set the autograder points to {total:g} " in " ".join(said.split())
    assert "- essay: 4 points, not answered" in results["output"]


def test_two_notebooks_get_an_explanation(course, root):
    submit(course, root, RIGHT, "a.ipynb")
    submit(course, root, RIGHT, "b.ipynb")
    results, _ = run_autograder(root)
    assert results["score"] == 0
    assert "This submission was not graded" in results["output"]
    assert r"a\.ipynb, b\.ipynb" in results["output"]
    assert NOT_A_GRADE not in results["output"]


def test_a_failure_of_the_grader_is_no_grade(course, root):
    submit(course, root, RIGHT)
    (root / "source" / "assignment.nbpack").write_bytes(b"PK")
    results, shown = run_autograder(root)
    assert NOT_A_GRADE in results["output"]
    assert "assignment.nbpack is not a readable pack" in shown
    (root / "source" / "options.json").write_text("{}")
    assert NOT_A_GRADE in run_autograder(root)[0]["output"]


def test_without_python_the_results_say_that_the_grader_failed(root):
    shutil.rmtree(root / "environment")
    (root / "results").mkdir()
    (root / "results" / "results.json").write_text("from an earlier run")
    results, _ = run_autograder(root)
    assert NOT_A_GRADE in results["output"]
    assert results == graders_failure()


def test_grading_that_takes_too_long_is_stopped(course, root):
    submit(course, root, RIGHT)
    options = json.loads((root / "source" / "options.json").read_text())
    (root / "source" / "options.json").write_text(json.dumps(options | {"timeout": 30.1}))
    results, shown = run_autograder(root)
    assert "grading took too long and was stopped" in results["output"]
    assert NOT_A_GRADE in results["output"]
    assert "Grading took longer than 0.1 seconds." in shown


def test_the_scripts_are_valid(root):
    for name in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", root / "source" / name], check=True)


# The conversion.


def test_questions_for_a_person_are_listed_but_not_scored():
    by_hand = question(title="essay", score=None, test=False, manual=True, max_score=4.0)
    results = check(results_of(document(question(), by_hand, manual=1)))
    assert points(results) == {"q": 1.0}
    assert "- essay: 4 points" in results["output"]
    results = check(results_of(document(by_hand, manual=1)))
    assert (results["tests"], results["score"]) == ([], 0)


def test_several_notebooks_name_their_tests():
    given = document(question())
    notebooks = given["results"][0]["notebooks"]
    notebooks.append({"name": "two", "file": None, "questions": [question()]})
    assert list(points(check(results_of(given)))) == ["ps1: q", "two: q"]


@pytest.mark.parametrize("visibility", VISIBILITY["enum"])
def test_visibility(visibility):
    results = check(results_of(document(question()), visibility))
    assert {test["visibility"] for test in results["tests"]} == {visibility}


def test_the_output_explains_lost_points():
    mistake = {"name": "m", "text": "One off.", "next": "Count again."}
    passed = {"name": "shape", "passed": True, "score": 1.0, "max_score": 1.0, "message": ""}
    undecided = passed | {"name": "value", "passed": None, "score": 0.0, "message": "too slow"}
    lost = question(
        diagnosis="One off.",
        mistakes=[mistake],
        next=["Read again."],
        notes=["a note"],
        checks=[passed, undecided],
        error="Traceback",
        case="f(1) = 2",
    )
    output = check(results_of(document(lost)))["tests"][0]["output"]
    for text in (
        r"**One off\.**",
        r"Next: Count again\.",
        r"Next: Read again\.",
        "```text\nf(1) = 2\n```",
        "```text\nTraceback\n```",
        "- shape: passed, 1 of 1 points",
        "- value: not decided (too slow), 0 of 1 points",
        "Note: a note",
    ):
        assert text in output
    full = check(results_of(document(question(score=2.0, diagnosis="All correct."))))
    assert "All correct" not in full["tests"][0]["output"]
    blank = check(results_of(document(question(score=0.0, unanswered=True))))
    assert blank["tests"][0]["output"] == "This question was not answered."


def test_an_output_has_a_limited_size():
    long = question(diagnosis="short", error="x" * 5000, case="y" * 5000, notes=["z" * 50_000])
    assert check(results_of(document(long)))["tests"][0]["output"] == "short"


def test_repairs_and_limits_are_shown():
    limit = {"name": "time limit", "message": "It ran too long.", "next": "a loop?"}
    given = document(question(), repairs=["A cell was put back."], limits=[limit], remarks=["R."])
    output = check(results_of(given))["output"]
    for text in ("- A cell was put back\\.", "- It ran too long\\.", "- R\\."):
        assert text in output


def test_only_instructors_read_what_the_code_may_have_done():
    given = document(question(), suspicions=["t: code can forge this score"])
    assert "forge" not in json.dumps(results_of(given))
    assert suspicions_in(given) == ["Note: t: code can forge this score."]


EVIL = [
    "<script>alert(1)</script>",
    "[a](javascript:alert(1))",
    "![x](http://example.org/x.png)",
    "```\n# title\n```",
    "*bold* _it_ `code` ~~x~~ $x^2$ &lt; a | b",
    "1. list\n- list\n+ list\n> quote\n# heading\n\n    code",
    "\\",
    "http://example.org www.example.org a@example.org",
]


@pytest.mark.parametrize("text", EVIL)
def test_the_texts_of_students_are_no_markup(text):
    reader = markdown_it.MarkdownIt("commonmark", {"html": True})
    (opening, inline, closing) = reader.parse(escaped(text))
    assert (opening.type, closing.type) == ("paragraph_open", "paragraph_close")
    assert {child.type for child in inline.children} <= {"text", "text_special"}
    shown = "".join(child.content for child in inline.children)
    assert shown.replace("\N{WORD JOINER}", "") == " ".join(text.split())
    (block,) = reader.parse(fenced(text))
    assert (block.type, block.content) == ("fence", f"{text}\n")


def test_broken_characters_are_replaced():
    text = "a\ud800b\x1b[31m"
    assert json.dumps(escaped(text) + fenced(text), ensure_ascii=False).encode()


# The zip file.


def test_the_zip_contains_all_that_gradescope_needs(course):
    files = autograder(course, visibility="after_due_date", timeout=900)
    top = {name for name in files if "/" not in name}
    assert top == {
        "assignment.nbpack",
        "direct-requirements.txt",
        "failed.json",
        "options.json",
        "python-version",
        "requirements.txt",
        "run_autograder",
        "setup.sh",
    }
    assert json.loads(files["options.json"]) == {"timeout": 900, "visibility": "after_due_date"}
    assert b"numpy==" in files["requirements.txt"]
    assert b"nbjudge" not in files["requirements.txt"]
    assert "nbjudge/plugins/gradescope/run.py" in files
    assert not any(name.endswith(".pyc") for name in files)
    check(json.loads(files["failed.json"]))
    assert autograder(course) == autograder(course)


def test_the_command(course, command):
    done = command("pack", "ps1", "--gradescope")
    assert done.status == OK, done.stderr
    with zipfile.ZipFile(course.root / "ps1-gradescope.zip") as archive:
        modes = {info.filename: info.external_attr >> 16 & 0o777 for info in archive.infolist()}
    assert modes["run_autograder"] == modes["setup.sh"] == 0o755
    assert modes["assignment.nbpack"] == 0o644
    assert "set the autograder points to 5 and the container's time limit to 600 sec" in done.stderr
    assert "Questions worth 15 points need a person" in done.stderr
    done = command("pack", "ps1", "--gradescope", "--timeout", "60")
    assert done.status == USAGE
    assert "--timeout must be at least 180 seconds for ps1" in done.stderr
    done = command("pack", "ps1", "--gradescope", "--requirements", "nowhere.txt")
    assert done.status == USAGE


def test_student_code_ends_before_gradescopes_time_limit(course):
    with (
        course.here(),
        contextlib.closing(Assignment("ps2", *load_course(), for_reading=True)) as opened,
    ):
        assert seconds_for_students(opened, 600) == 120  # it has two notebooks
        assert seconds_for_students(opened, math.inf) == 900
        opened.place({"two": ["square_test"]}, store=False)
        assert seconds_for_students(opened, 600) == 60


def names_of(lines):
    return {line.partition("==")[0] for line in lines}


def test_requirements_are_pinned_with_their_dependencies():
    lines = pinned(["matplotlib", "nowhere"])
    assert lines == sorted(lines, key=lambda line: line.partition("==")[0])
    assert {"nbgrader", "numpy", "matplotlib", "pillow", "traitlets"} <= names_of(lines)
    assert not {"nbjudge", "pytest", "psycopg", "distributed"} & names_of(lines)
    assert all(re.fullmatch(r"[a-z0-9-]+==[^+]+", line) for line in lines)
    direct = pinned(["matplotlib", "nowhere"], recursive=False)
    assert set(direct) < set(lines)
    assert {"numpy", "nbgrader", "matplotlib"} < names_of(direct)
    assert "traitlets" not in names_of(direct)


# Imported by every Python of the run: only pinned packages and nbjudge can be imported.
ONLY_PINNED = """
import importlib.metadata, re, sys
pinned = {pinned!r}
installed = importlib.metadata.packages_distributions()
gone = {{
    module
    for module, names in installed.items()
    if not {{re.sub("[-_.]+", "-", name).lower() for name in names}} & {{*pinned, "nbjudge"}}
}}
class Gone:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in gone:
            raise ModuleNotFoundError("No module named " + repr(name), name=name)
sys.meta_path.insert(0, Gone())
"""


def test_the_pinned_packages_are_enough_and_few(course, tmp_path):
    path = course.submit("ann") / "ps1.ipynb"
    files = autograder(course)
    (tmp_path / "ps1.nbpack").write_bytes(files["assignment.nbpack"])
    lines = files["requirements.txt"].decode().splitlines()
    assert len(lines) < 75, "matplotlib and its packages are among them"
    assert not {"jupyterlab", "notebook", "jupyter-server", "nbconvert"} & names_of(lines)
    (tmp_path / "sitecustomize.py").write_text(ONLY_PINNED.format(pinned=names_of(lines)))
    given = environment()
    given["PYTHONPATH"] = f"{tmp_path}:{given['PYTHONPATH']}"
    command = [sys.executable, "-P", "-m", "nbjudge", "grade", path, "--json", "--html", tmp_path]
    done = subprocess.run(
        [*command, "--assignment", tmp_path / "ps1.nbpack"],
        env=given,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["results"][0]["score"] == 5
    assert (tmp_path / "ps1.html").exists()
    done = subprocess.run([sys.executable, "-c", "import jupyterlab"], env=given)
    assert done.returncode == 1, "the packages that are not pinned are missing"


def test_given_requirements_are_installed_with_what_they_need(course):
    files = autograder(course, requirements="numpy==2.3.5\n")
    assert "requirements.txt" not in files, "which is installed without dependencies"
    assert files["direct-requirements.txt"] == b"numpy==2.3.5\n"


def test_imports_in_functions_count():
    sources = ["import os, numpy.linalg\ndef f():\n    from scipy import x", "def broken("]
    assert imported(sources) == {"numpy", "scipy"}


LIVE = [
    "@ada",
    "see https://example.org/x",
    "HTTP://a",
    "www.example.org",
    "a@b.example",
    "ftp://x",
]


@pytest.mark.parametrize("text", LIVE)
def test_no_text_of_a_student_becomes_a_mention_or_a_link(text):
    line = escaped(text)
    assert not re.search(r"@\w|://|www\\?\.", line)
    page = mistune.create_markdown(plugins=["url"])(line)
    assert "<a" not in page and "<a" in mistune.create_markdown(plugins=["url"])("https://a.b")
    assert page.replace("\N{WORD JOINER}", "").strip() == f"<p>{text}</p>", "readable as before"


def test_other_text_is_unchanged():
    assert escaped("expected: 5 @ 3") == "expected: 5 @ 3"
