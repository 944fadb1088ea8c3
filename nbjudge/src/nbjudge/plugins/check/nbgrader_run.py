"""Grade an assignment's own notebooks with nbgrader itself, to compare the scores."""

import contextlib
import copy
import shutil
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import InstantiateTests

from nbjudge.course.assignment import Assignment
from nbjudge.files import write_files

__all__ = ["nbgrader_scores"]

Scores = dict[tuple[str, str], float | None]  # by notebook and grade id


def nbgrader_scores(
    assignment: Assignment, works: Mapping[str, Mapping[str, bytes]]
) -> dict[str, Scores]:
    """Return nbgrader's scores for submissions of the instructor's notebooks, by name.

    As in nbgrader, the code runs with your permissions.

    Parameters
    ----------
    works
        {name: {file name: content}}: submissions of the assignment.

    Raises
    ------
    ValueError
        If nbgrader cannot generate or grade the assignment.
    """
    name, given = assignment.name, assignment.coursedir
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")  # nbgrader's own, of its queries and its kernels
        config = copy.deepcopy(given.config)
        for section in ("CourseDirectory", "Exchange", "NbGraderAPI"):
            config.pop(section, None)  # folders of the course
        config.Autograde.pop("exporter_class", None)  # nbjudge itself
        config.CourseDirectory.root = folder
        config.CourseDirectory.ignore = given.ignore
        coursedir = CourseDirectory(config=config)
        shutil.copytree(assignment.source, Path(folder, coursedir.source_directory, name))
        templates = InstantiateTests(config=config).autotest_filename  # relative to the root
        if Path(given.root, templates).is_file() and not Path(templates).is_absolute():
            write_files(folder, {templates: Path(given.root, templates).read_bytes()})
        api = NbGraderAPI(coursedir, config=config)
        _check(api.generate_assignment(name), "generate")
        for work, files in works.items():
            place = Path(folder, coursedir.submitted_directory, work, name)
            shutil.copytree(assignment.source, place, ignore=shutil.ignore_patterns("*.ipynb"))
            write_files(place, files)
            _check(api.autograde(name, work), "grade")
        with api.gradebook as gradebook:
            return {
                work: {
                    (notebook.name, grade.name): grade.auto_score
                    for notebook in gradebook.find_submission(name, work).notebooks
                    for grade in notebook.grades
                }
                for work in works
            }


def _check(result: Mapping[str, object], verb: str) -> None:
    if not result["success"]:
        text = f"{result.get('error') or ''}\n{result.get('log') or ''}"
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        # The last line of a traceback says more than nbgrader's own last line, "[ERROR] ...".
        last = ["", *lines, *(line for line in lines if not line.startswith("["))][-1]
        raise ValueError(f"nbgrader cannot {verb} the assignment: {last}")
