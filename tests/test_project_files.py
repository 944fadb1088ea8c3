"""The files that GitHub, pre-commit and reference managers read agree with the repository."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))

by_name = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def load(path: Path) -> dict:
    return yaml.load(path.read_text(), yaml.BaseLoader)  # which reads the key "on" as a string


def steps(path: Path) -> list[dict]:
    return [step for job in load(path)["jobs"].values() for step in job["steps"]]


def test_there_are_workflows_and_issue_forms():
    names = {"test", "lessons", "red-team", "container", "package", "notebooks", "release", "site"}
    assert {path.stem for path in WORKFLOWS} == names
    assert len(FORMS) == 4


@by_name
def test_a_workflow_may_only_read_and_ends(path):
    workflow = load(path)
    assert workflow["permissions"] == {"contents": "read"}
    canceled = workflow["concurrency"]["cancel-in-progress"] == "true"
    assert canceled == (path.stem != "release")  # a release must not be canceled halfway
    assert all(int(job["timeout-minutes"]) <= 90 for job in workflow["jobs"].values())


@by_name
def test_a_workflow_fits_a_screen(path):
    assert len(path.read_text().splitlines()) <= 50


@by_name
def test_an_action_is_our_own_or_pinned_by_its_hash(path):
    assert [step for step in steps(path) if "uses" in step]
    for action in re.findall(r"uses: (.+)", path.read_text()):
        pinned = re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+.*", action)
        assert pinned or (ROOT / action).is_dir(), action


@by_name
def test_what_a_workflow_runs_exists(path):
    text = path.read_text()
    for script in re.findall(r"\bscripts/[a-z-]+", text):
        assert (ROOT / script).is_file(), script
    matrix = re.findall(r"targets: \[(.*)\]", text)
    names = [name for target in matrix for name in re.findall(r"(?<![=\w])[a-z][a-z-]+", target)]
    names += re.findall(r"\bmake ([a-z][a-z-]*)", text)
    assert set(names) <= TARGETS


def test_the_tests_run_on_every_supported_python():
    (matrix,) = [
        job["strategy"]["matrix"]["python"]
        for job in load(GITHUB / "workflows/test.yml")["jobs"].values()
        if "strategy" in job
    ]
    assert f">={matrix[0]}" == PROJECT["requires-python"]
    assert matrix == [f"3.{minor}" for minor in range(11, 15)]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_asks_for_what_it_needs(path):
    form = load(path)
    assert form["name"] and form["description"]
    questions = [part for part in form["body"] if part["type"] != "markdown"]
    assert all(part["id"] and part["attributes"]["label"] for part in questions)
    assert any(part.get("validations", {}).get("required") == "true" for part in questions)


def test_pre_commit_runs_what_lint_runs():
    hooks = load(ROOT / ".pre-commit-config.yaml")["repos"][0]["hooks"]
    program = re.compile(r"\.venv/bin/(?:mypy|codespell|ruff \w+)")
    run = [found for hook in hooks for found in program.findall(hook["entry"])]
    assert len(run) == len(hooks)
    assert sorted(run) == sorted(program.findall((ROOT / "scripts/lint").read_text()))


def test_actionlint_has_one_version():
    _, actionlint = load(ROOT / ".pre-commit-config.yaml")["repos"]
    version = actionlint["rev"].removeprefix("v")
    assert f"rhysd/actionlint:{version} " in (GITHUB / "workflows/test.yml").read_text()


def test_the_version_is_the_same_everywhere():
    version = PROJECT["version"]
    assert load(ROOT / "CITATION.cff")["version"] == version
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest[1] in (version, "Unreleased")
