"""Run in a job of GitHub Actions: grade the submission in a checkout, and report its points.

    python -P -m nbjudge.plugins.github.run ps1.ipynb --assignment ps1.nbpack

Writes the job summary, the outputs of the action and annotations; see README.md. Exit
statuses: 0 if the submission was graded and has enough points, 1 if not, and 2 if the grader
failed, which is not the student's fault.
"""

import argparse
import math
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from nbjudge.files import inside
from nbjudge.plugins.github.results import (
    EXIT_STATUS,
    Report,
    Status,
    annotations,
    log_lines,
    outputs,
    read_report,
    summary,
)
from nbjudge.plugins.standalone.grade_command import NoResultsError, problems_of, run_grade
from nbjudge.sandbox.levels import CHOICES
from nbjudge.wording import as_sentence

NOT_SUBMITTED = (".git", ".github")  # a checkout's own files, which may hold a token


def main(arguments: list[str], environment: Mapping[str, str] = os.environ) -> int:
    """Run the program and return its exit status."""
    options = _parser().parse_args(arguments)
    workspace = Path(environment.get("GITHUB_WORKSPACE") or os.getcwd()).resolve()
    try:
        report = _grade(options, workspace)
    except TimeoutError as error:
        report = Report(Status.GRADER_FAILED, why=str(error))
    except NoResultsError as error:
        report = Report(Status.GRADER_FAILED, why=f"{error} The log has the reason.")
    except Exception as error:  # a fault of the grader or of the machine
        report = Report(Status.GRADER_FAILED, why=f"{type(error).__name__}: {error}")
    for line in annotations(report, _paths(report, workspace, options.work)):
        print(line)
    text = summary(report, for_instructors=options.for_instructors)
    _append(environment.get("GITHUB_STEP_SUMMARY"), text)
    lines = (f"{name}={value}\n" for name, value in outputs(report).items())
    _append(environment.get("GITHUB_OUTPUT"), "".join(lines))
    return EXIT_STATUS[report.status]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nbjudge.plugins.github.run", description="Grade a submission in GitHub Actions."
    )
    parser.add_argument("work", help="notebook or folder in the checkout")
    parser.add_argument("--assignment", required=True, help="a pack, or a folder source/NAME")
    parser.add_argument("--required-points", type=_as_required, help='a number, or "all"')
    parser.add_argument("--for-instructors", action="store_true", help="no student reads the job")
    parser.add_argument("--isolation", choices=CHOICES)
    parser.add_argument("--timeout", type=float, default=1800, help="time limit in seconds")
    return parser


def _as_required(text: str) -> float:
    """Return the points that are required; infinity for all.

    Raises
    ------
    ValueError
        If the text is neither a number of points nor "all".
    """
    points = math.inf if text == "all" else float(text)
    if math.isnan(points):
        raise ValueError(text)
    return points


def _grade(options: argparse.Namespace, workspace: Path) -> Report:
    """Grade the submission, and print the grader's messages.

    Work that cannot be graded is replaced by an empty folder, since the results then contain the
    maximum points, or show that the grader fails for any work. Messages about that folder are
    shown only if the grader fails.
    """
    messages: list[str] = []
    work = Path(os.path.abspath(workspace / options.work))
    why = _why_not(work, workspace, options.work)
    arguments = ["--assignment", os.path.abspath(workspace / options.assignment)]
    if options.isolation:
        arguments += ["--isolation", options.isolation]
    with tempfile.TemporaryDirectory(prefix="nbjudge-github-") as folder:
        copied = inside(Path(folder).resolve(), work.name)
        if why:
            copied.mkdir()
        elif work.is_dir():
            ignore = shutil.ignore_patterns(*NOT_SUBMITTED)
            shutil.copytree(work, copied, symlinks=True, ignore=ignore)
        else:
            copied = work
        try:
            document = run_grade([str(copied), *arguments], options.timeout, messages.append)
            if why and not document["results"][0]["grader_failed"]:
                messages[:] = [as_sentence(why)]
        finally:
            _show("\n".join(messages))
    for problem in problems_of(document):
        _show(problem)
    return read_report(document, options.required_points, why)


def _why_not(work: Path, workspace: Path, shown: str) -> str:
    """Return the reason why no notebook or folder is there, or ""."""
    if not os.path.lexists(work):
        return f"there is no {shown} in the repository"
    if work.resolve() != work:
        return f"{shown} is or is in a symbolic link, which is not followed; push the file itself"
    return ""


def _show(messages: str) -> None:
    for line in log_lines(messages):
        print(line)


def _paths(report: Report, workspace: Path, work: str) -> dict[str, str]:
    """Return the paths of notebooks in the repository, by their paths in the submission."""
    files = [notebook["file"] for notebook in report.result["notebooks"]] if report.result else []
    submitted = Path(os.path.abspath(workspace / work))
    folder = submitted if submitted.is_dir() else submitted.parent
    return {
        file: os.path.relpath(folder / file if submitted.is_dir() else submitted, workspace)
        for file in files
        if file
    }


def _append(path: str | None, text: str) -> None:
    """Append to one of the runner's files; without a runner, there is none."""
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
