"""The files that GitHub, pre-commit and reference managers read agree with the repository."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from tools.course import site_address, source_address

ROOT = Path(__file__).resolve().parents[1]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PACKAGES = ("nbexercise", "nbjudge")
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


def test_the_version_and_its_date_are_the_same_everywhere():
    version, citation = PROJECT["version"], load(ROOT / "CITATION.cff")
    heading = re.compile(rf"^## {re.escape(version)} \((.+)\)$", re.MULTILINE)
    logs = [(ROOT / folder / "CHANGELOG.md").read_text() for folder in ("", *PACKAGES)]
    (date,) = {match for log in logs for match in heading.findall(log)}
    assert citation["version"] == version
    assert citation.get("date-released", "not yet released") == date
    assert f"**Version {version} ({date}).**" in (ROOT / "README.md").read_text()
    for package in PACKAGES:
        module = ROOT / package / "src" / package / "__init__.py"
        assert f'__version__ = "{version}"' in module.read_text()


def test_zenodo_describes_what_the_citation_file_does():
    citation, record = load(ROOT / "CITATION.cff"), json.loads((ROOT / ".zenodo.json").read_text())
    assert {record[key] for key in ("title", "description", "license")} == {
        *(citation["title"], citation["abstract"], citation["license"][0])
    }
    assert (record["creators"], record["keywords"]) == (citation["authors"], citation["keywords"])


def test_the_addresses_are_those_of_the_course():
    citation = load(ROOT / "CITATION.cff")
    assert (citation["repository-code"], citation["url"]) == (source_address(), site_address())


def test_the_notes_of_a_release_have_whole_links_and_no_wrapped_lines(tmp_path):
    (tmp_path / "CITATION.cff").write_bytes((ROOT / "CITATION.cff").read_bytes())
    logs = [tmp_path / folder / "CHANGELOG.md" for folder in ("", *PACKAGES)]
    for log in logs:
        log.parent.mkdir(exist_ok=True)
        newest = "## 1.0.0 (2030-01-31)\n\n- A [link](a.md#b) and\n  the [rest](../c).\n- Last\n"
        log.write_text(f"# Changes\n\n{newest}\n## 0.9.0 (2029-01-31)\n\nOld\n")
    script = [ROOT / "scripts/release-notes", "v1.0.0"]
    notes = subprocess.run(script, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    place = f"{source_address()}/blob/v1.0.0/nbjudge"
    assert f"- A [link]({place}/a.md#b) and the [rest]({place}/../c).\n- Last\n" in notes
    assert "Old" not in notes and notes.count("- Last") == 3
    logs[1].write_text("## 1.0.0 (not yet released)\n")
    failed = subprocess.run(script, cwd=tmp_path, capture_output=True, text=True)
    assert failed.returncode == 1 and "nbexercise/CHANGELOG.md starts with" in failed.stderr
