"""The grading command: regrading, messages, and continuing after errors.

The course here has two short assignments. Everything is graded once with nbjudge; afterwards the
tests ask which work would be regraded, without judging it.
"""

import contextlib
import errno
import functools
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from nbjudge import EngineError, Presenter, Terminal, load_course
from nbjudge.course.feedback_pages import NOTE
from nbjudge.engine.engine import Engine
from nbjudge.judging.messages import Fault, Graded
from nbjudge.plugins.standings import COLLECTED
from nbjudge.plugins.standings.standings import Standings
from nbjudge.sandbox.levels import NAMES as LEVELS
from tests.files import environment, files_of, run_python
from tests.support.waiting import wait_until
from tools import grade, report
from tools.course import DETAILS, ROOT, nbgrader_api, nbgrader_step
from tools.grade import grade_all, main

NAMES = ["padding", "single_step"]
GRADED = [("ada", "padding"), ("eve", "padding"), ("fay", "padding"), ("ada", "single_step")]
BROKEN = {
    "ben": "padding.ipynb: not a Jupyter notebook: Expecting property name",
    "cem": "padding.ipynb is missing; the folder has no files",
    "dan": "padding.ipynb is missing; the folder has padding (1).ipynb, padding-1.ipynb; in "
    "submitted/dan/padding, give the right one that name, or remove the others",
}


def graded(names, root, students=(), again=False):
    """Grade submissions, and return the presenter of the run."""
    presenter = Presenter(Terminal())
    grade_all(presenter, load_course(root), names, students, again)
    return presenter


def works(presenter, status):
    """Return the submissions with an outcome and the reason: {(student, assignment): reason}."""
    every = ((a.name, outcome) for a, done in presenter.outcomes.items() for outcome in done)
    return {(o.student, name): o.why for name, o in every if o.status == status}


def said_of(presenter, kind, is_whole_class=True):
    """Return the messages of one kind."""
    presenter.show_notes(is_whole_class)
    return [line.removeprefix(kind) for line in presenter.lines if line.startswith(kind)]


@dataclass(frozen=True)
class School:
    """A course after its first grading.

    Attributes
    ----------
    handed_in
        The files of submitted/ before the grading.
    """

    root: Path
    handed_in: dict[str, bytes]
    first: subprocess.CompletedProcess


def hand_in(root, student, name, solution=None):
    """Submit the notebook of source/ without figures, with `solution` in the solution cell."""
    notebook = nbformat.read(root / "source" / name / f"{name}.ipynb", as_version=4)
    notebook.cells = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    for cell in notebook.cells:
        if cell.metadata.nbgrader.solution and solution is not None:
            cell.source = solution
    folder = root / "submitted" / student / name
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / f"{name}.ipynb")
    return folder


@pytest.fixture(scope="module")
def school(course, tmp_path_factory):
    root = tmp_path_factory.mktemp("school")
    course.copy(root, NAMES)
    hand_in(root, "ada", "padding")
    hand_in(root, "ada", "single_step")
    hand_in(root, "eve", "padding", "def zero_pad(X, pad):\n    return X")
    (hand_in(root, "ben", "padding") / "padding.ipynb").write_text("{")
    (hand_in(root, "cem", "padding") / "padding.ipynb").unlink()
    dan = hand_in(root, "dan", "padding")
    shutil.copy(dan / "padding.ipynb", dan / "padding-1.ipynb")
    (dan / "padding.ipynb").rename(dan / "padding (1).ipynb")
    hand_in(root, "fay", "padding", "import os\nos._exit(0)")
    (root / "submitted" / "ada" / "Padding").mkdir()
    (root / "submitted" / "ben" / "padding.ipynb").write_text("{}")
    (root / "submitted" / "__MACOSX" / "padding.ipynb").mkdir(parents=True)
    (root / "submitted" / ".DS_Store").write_bytes(b"")
    (root / "submitted" / "gus.zip").write_bytes(b"PK")
    (root / "submitted" / COLLECTED).write_text("[]")
    handed_in = files_of(root / "submitted")
    return School(root, handed_in, run_python(root, "-m", "tools.grade"))


# Machines that cannot sandbox student code


@pytest.fixture
def unsafe(monkeypatch):
    """Simulate a machine that offers neither full nor reduced isolation."""
    reasons = dict.fromkeys(LEVELS, "") | {"full": "no namespaces", "reduced": "no Landlock"}
    monkeypatch.setattr("nbjudge.sandbox.probe.missing", lambda: reasons)


def test_only_the_sample_class_is_graded_without_isolation(school, unsafe, monkeypatch, capsys):
    asked = []

    def grade_nobody(engine, work, workers, **options):
        asked.extend((one.name, who, options["isolation"]) for one, who in work.items())
        return ()

    monkeypatch.setattr(grade, "grade", grade_nobody)
    monkeypatch.setattr(grade, "generated", lambda root: {("ada", "padding")})
    failed = works(graded(NAMES, school.root), "failed")
    assert asked == [("padding", ["ada"], "none"), ("single_step", [], "none")]
    reason = "this machine cannot sandbox student code (full: no namespaces; reduced: no Landlock)"
    assert failed[("eve", "padding")] == reason
    assert ("ada", "padding") not in failed
    assert failed[("ada", "single_step")] == reason
    said = capsys.readouterr().err
    assert f"Isolation: none, because {reason}.\n" in said
    assert "Only the sample class is graded" in said


def test_where_there_is_no_sample_class_nothing_is_graded(school, unsafe, monkeypatch, capsys):
    before = files_of(school.root / "autograded")
    monkeypatch.setattr(grade, "generated", lambda root: set())
    monkeypatch.setattr(grade, "_release", lambda root: [])
    assert main(["padding", "--all"], school.root) == 1
    said = capsys.readouterr().err
    assert "Nothing was graded: this machine cannot sandbox student code (full: no names" in said
    assert "nbjudge doctor" in said and "docs/install.md" in said
    assert files_of(school.root / "autograded") == before


# First run


def test_what_can_be_graded_is_graded(school):
    for student, name in GRADED:
        for kind, suffix in (("autograded", "ipynb"), ("feedback", "html")):
            assert (school.root / kind / student / name / f"{name}.{suffix}").stat().st_size > 1000
    assert "4 graded, 0 unchanged since last time, 3 not graded" in school.first.stderr


@pytest.mark.parametrize("student", BROKEN)
def test_what_cannot_be_graded_is_named_with_the_reason(school, student):
    said = f"padding of {student}: {BROKEN[student]}"
    (line,) = (
        line
        for line in school.first.stderr.splitlines()
        if line.startswith("Not graded: padding of " + student)
    )
    assert said in line
    assert student in school.first.stdout


def test_the_summary_fits_a_screen_and_names_the_file_with_the_rest(school):
    assert f": {DETAILS}\n" in school.first.stderr
    details = (school.root / DETAILS).read_text()
    for line in school.first.stderr.splitlines():
        if line.startswith(("Not graded", "Repaired")):
            assert line in details


def test_many_lines_of_a_kind_are_in_the_file_alone(again, capsys):
    for number in range(grade.MOST_LINES + 3):
        (again.root / "submitted" / "ada" / f"notes{number:02}").mkdir()
    assert main([], again.root) == 1
    shown, details = capsys.readouterr().err, (again.root / DETAILS).read_text()
    assert shown.count("Not graded: ") == grade.MOST_LINES
    assert f"\n... and 3 more in {DETAILS}.\n" in shown
    assert details.count("Not graded: ") == grade.MOST_LINES + 3


def test_the_exit_status_says_that_something_was_not_graded(school):
    assert school.first.returncode == 1


def test_folders_of_points_for_questions_are_not_named(tmp_path):
    (tmp_path / "submitted/ada/padding-questions").mkdir(parents=True)
    assert grade._left_alone(["padding"], tmp_path) == []


def test_what_is_no_folder_of_an_assignment_is_named(school):
    text = "is not an assignment's folder and is ignored"
    said = (
        f"submitted/ada/Padding {text}: if it is a submission, call it padding.",
        f"submitted/ben/padding.ipynb {text}: if it is a submission, move it to "
        "ben/padding/padding.ipynb.",
        f"submitted/gus.zip {text}.",
    )
    for sentence in said:
        assert school.first.stderr.count(f"Not graded: {sentence}\n") == 1
    for name in ("README.md", COLLECTED, "__MACOSX", ".DS_Store"):
        assert f"submitted/{name}" not in school.first.stderr


def test_the_screen_shows_no_noise_of_other_programs(school):
    shown = school.first.stdout + school.first.stderr
    for noise in (
        "Warning",
        "WARNING",
        "CRITICAL",
        "IPKernelApp",
        "SQLAlchemy",
        "Traceback",
        "[ERROR]",
    ):
        assert noise not in shown
    assert "\n\n" not in school.first.stderr


def test_what_was_handed_in_is_as_it_was(school):
    assert files_of(school.root / "submitted") == school.handed_in


def test_the_table_shows_points_and_what_went_wrong(school):
    lines = school.first.stdout.splitlines()
    (ada,) = (line for line in lines if "ada" in line)
    (eve,) = (line for line in lines if "eve" in line)
    assert "5 of 5" in ada
    (fay,) = (line for line in lines if "fay" in line)
    assert "0 of 5" in eve and "0 of 5" in fay
    assert "The array came back without any padding." in eve or "zero" in eve.lower()


def test_the_feedback_begins_with_the_diagnosis(school):
    page = (school.root / "feedback/eve/padding/padding.html").read_text()
    first, _, notebook = page.partition("Your notebook")
    assert '<span class="nf">zero_pad</span>' in notebook
    assert 'zero_pad <span class="points">0 of 5 points</span>' in first
    assert '<p class="headline">' in first and "First failing case" in first
    assert re.search(r'<img alt="zero_pad: X of shape [^"]*" src="data:image/svg', first)
    assert "Read again:" in first
    page = (school.root / "feedback/ada/padding/padding.html").read_text()
    assert "5 of 5 points" in page and "First failing case" not in page.partition("Your note")[0]


def test_the_mistakes_of_the_class_are_counted(school):
    table = (school.root / DETAILS).read_text().partition("Where points were lost")[2]
    assert "zero_pad" in table
    assert "mistake not recognized" in table
    assert re.search(r"an error +│ +1 of 3 ", table)


def test_no_real_submission_means_no_comparison_with_a_sample_class(school):
    assert "sample class" not in school.first.stdout + school.first.stderr


def test_on_a_narrow_screen_names_are_broken_and_not_cut(school, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    long = report.Grade(
        "ada",
        "convolution_step_by_step",
        "create_mask_from_window",
        0.0,
        5,
        "The function has not been written yet: it still holds a `raise NotImplementedError` line.",
        mistakes=("not written",),
    )
    monkeypatch.setattr(report, "rows", lambda *_: [long])
    monkeypatch.setattr(report.Console, "is_terminal", True)
    report.Report(Standings(None, (), (), ()), {}, school.root).print()
    shown = re.sub("\x1b\\[[0-9;]*m", "", capsys.readouterr().out)
    assert "…" not in shown
    assert "not written" in shown and "NotImplementedError" not in shown


# Regrading


@pytest.fixture(scope="module")
def engine():
    """Return one engine for all runs, which loads the feedback pages' modules once."""
    with Engine() as engine:
        yield engine


@pytest.fixture
def again(school, engine, tmp_path, monkeypatch):
    """Return a copy of the graded course, and a grading command that only reports its plan.

    Nothing is released.
    """
    root = tmp_path / "again"
    shutil.copytree(school.root, root)
    for name in ("PATH", "PYTHONPATH"):  # changed by nbgrader_config.py
        monkeypatch.setenv(name, os.environ.get(name, ""))
    for student in BROKEN:
        shutil.rmtree(root / "submitted" / student)
    (root / "submitted" / "ada" / "Padding").rmdir()
    (root / "submitted" / "gus.zip").unlink()
    judged = []

    def judge(engine, config, job):
        if not job.title.endswith(
            " of nobody"
        ):  # the assignment's own notebooks, to place its tests
            judged.append(job.submission.key)
        notebook = nbformat.v4.new_notebook(metadata={"nbjudge": job.submission.mark})
        return Graded(notebook=nbformat.writes(notebook).encode(), scores={})

    monkeypatch.setattr(Engine, "judge", judge)
    monkeypatch.setattr(grade, "Engine", lambda **_: contextlib.nullcontext(engine))
    monkeypatch.setattr(grade, "_release", lambda root: [])

    def again(names=NAMES, **options):
        judged.clear()
        run = graded(names, root, **options)
        done = works(run, "graded")
        assert len(done) == len(judged)
        assert sorted([*done, *works(run, "unchanged")]) == sorted(
            (s, n)
            for s, n in GRADED
            if n in names and s in (options.get("students") or ("ada", "eve", "fay"))
        )
        return sorted(done, key=lambda pair: (NAMES.index(pair[1]), pair[0]))

    again.root = root
    return again


def test_assignments_are_released_again_only_if_something_has_changed(
    school, tmp_path, monkeypatch
):
    root = tmp_path / "course"
    shutil.copytree(school.root, root)
    released = []

    def release(root, with_lessons):
        released.append(root)
        return failed

    monkeypatch.setattr("tools.release.release", release)
    failed = []
    assert grade._release(root) == grade._release(root) == []
    assert len(released) == 1  # the first release wrote files that it is made from, too
    text = (root / "source" / "padding.py").read_text()
    with contextlib.closing(sqlite3.connect(root / "gradebook.db")) as gradebook:
        for change in (
            lambda: (root / "source" / "padding.py").write_text(f"{text}\n# %%\n"),
            lambda: (root / "source" / "padding.py").unlink(),
            lambda: (root / "release" / "padding" / "padding.ipynb").write_text("{}"),
            lambda: gradebook.executescript("UPDATE source_cell SET source = ''"),
            lambda: gradebook.executescript("DROP TABLE source_cell"),
        ):
            released.clear()
            change()
            failed = ["padding"]
            assert grade._release(root) == failed
            failed = []
            assert grade._release(root) == grade._release(root) == []
            assert len(released) == (2 if (root / ".released").exists() else 3)


def test_nothing_is_graded_twice(again):
    assert again() == []


def test_a_run_reads_the_settings_and_the_standings_once(again, monkeypatch, capsys):
    calls = []
    for name in ("load_course", "read_standings"):
        function = getattr(grade, name)

        def counted(*arguments, name=name, function=function):
            calls.append(name)
            return function(*arguments)

        for module in (grade, report):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, counted)
    monkeypatch.setattr(report, "MOST_ROWS", 0)  # as for a large class
    main(["padding"], again.root)
    assert calls == ["load_course", "read_standings"]
    assert re.search(r"padding +│ +3 │", capsys.readouterr().out)


def test_who_is_missing_is_said(again, capsys):
    api = nbgrader_api(again.root)
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        gradebook.update_or_create_student("ada", first_name="Ada")
        gradebook.update_or_create_student("zoe", first_name="Zoë", last_name="Roe")
    line = (
        "padding: 1 of 2 may have submitted eve, fay (no such id on the class list): zoe (Zoë Roe)"
    )
    assert said_of(graded(NAMES, again.root), "Missing: ")[0] == f"{line}."
    assert said_of(graded(NAMES, again.root, ["ada"]), "Missing: ", False) == []
    main(["padding"], again.root)
    assert f"Missing: {line}.\n" in capsys.readouterr().err


def test_a_student_whose_folder_is_closed_is_named_and_the_rest_goes_on(again, monkeypatch, capsys):
    (again.root / "submitted" / "gil" / "padding").mkdir(parents=True)

    def closed(call):
        def refuses(path, *arguments, **options):
            if not isinstance(path, int) and "submitted/gil" in os.fspath(path):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
            return call(path, *arguments, **options)

        return refuses

    monkeypatch.setattr(os, "lstat", closed(os.lstat))
    monkeypatch.setattr(os, "open", closed(os.open))
    assert main(["padding"], again.root) == 1
    said = capsys.readouterr().err
    why = "its folder cannot be read: Permission denied"
    assert f"Not graded: padding of gil: {why}.\n" in said
    assert "0 graded, 3 unchanged since last time, 1 not graded" in said


def test_what_systems_and_editors_leave_is_not_graded_and_not_named(again, capsys):
    folder = again.root / "submitted" / "eve" / "padding"
    (folder / "._padding.ipynb").write_bytes(b"\0\5\x16\7")
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "._padding.ipynb").write_bytes(b"\0\5\x16\7")
    (again.root / "submitted" / "eve" / "~$notes.docx").write_bytes(b"")
    assert again() == []
    assert main(["padding"], again.root) == 0
    assert "left alone" not in capsys.readouterr().err


def test_points_and_comments_given_by_hand_reach_the_feedback(again):
    page = again.root / "feedback" / "eve" / "padding" / "padding.html"
    assert again() == []
    before = page.read_text()
    api = nbgrader_api(again.root)
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        gradebook.find_grade("zero_pad_grade", "padding", "padding", "eve").manual_score = 2.5
        comment = gradebook.find_comment("zero_pad", "padding", "padding", "eve")
        comment.manual_comment = "Think of the border once more."
        gradebook.db.commit()
    assert "2.5 of 5 points" not in before and "Think of the border" not in before
    assert again() == []
    after = page.read_text()
    assert "2.5 of 5 points" in after and "Think of the border once more." in after


def test_only_the_named_assignments_are_graded(again):
    assert again(["single_step"], again=True) == [("ada", "single_step")]


def test_only_the_named_students_are_graded(again):
    assert again(students=["eve"], again=True) == [("eve", "padding")]


@pytest.mark.parametrize(
    "check",
    [
        "exercises/zero_pad.py",
        "nbexercise/src/nbexercise/defining/exercise.py",
        "exercises/vectorized.py",
        "nbexercise/src/nbexercise/judging/comparing.py",
        "public_tests/cases/zero_pad.cases",
    ],
)
def test_a_changed_check_grades_everything_again(again, check):
    with (again.root / check).open("ab") as file:
        file.write(b"\n")
    assert again() == GRADED
    assert again() == []


def test_compiled_files_do_not_count(again):
    folder = again.root / "exercises" / "__pycache__"
    folder.mkdir(exist_ok=True)
    (folder / "zero_pad.cpython-399.pyc").write_bytes(b"compiled")
    assert again() == []


def test_without_the_gradebook_it_is_said_what_to_do(again):
    (again.root / "gradebook.db").unlink()
    with pytest.raises(LookupError, match="nbgrader generate_assignment padding"):
        again()


def test_a_class_list_without_submissions_gets_no_sample_class(again, capsys):
    for folder in (again.root / "submitted").glob("*/"):
        shutil.rmtree(folder)
    assert grade.own_students(again.root) == ["ada", "eve", "fay"]
    grade._write_sample_class(Presenter(Terminal()), again.root)
    assert not list((again.root / "submitted").glob("*/"))
    said = " ".join(capsys.readouterr().err.split())
    assert "the gradebook has a class list of 3. Collect the submissions first" in said


def test_a_sample_class_beside_other_work_is_named(again, capsys):
    table = {"eve": {"padding": {"zero_pad": {"points": 0.0, "scenario": "as released"}}}}
    (again.root / "submitted" / grade.EXPECTED).write_text(json.dumps(table))
    for students, is_mixed in (["eve"], False), (["eve", "ada"], True):
        main(["padding", *(f"--student={student}" for student in students)], again.root)
        assert (grade.MIXED in capsys.readouterr().err) == is_mixed


@pytest.mark.parametrize("status", ["graded", "unchanged"])
def test_work_without_a_feedback_page_has_its_grade(again, capsys, status):
    shutil.rmtree(again.root / "feedback" / "eve")
    (again.root / "feedback" / "eve").write_text("a file in its place")
    every = ["--all"] if status == "graded" else []
    assert main(["padding", "--student", "eve", *every], again.root) == 1
    table, said = capsys.readouterr()
    assert re.search(r"eve +│ +padding +│ +zero_pad +│ +(0|none) of 5", table)
    assert "Not graded" not in table + said
    assert "No feedback: padding of eve: its feedback page cannot be written: " in said
    counts = {"graded": 0, "unchanged": 0, status: 1}
    assert "{graded} graded, {unchanged} unchanged since".format(**counts) in said


def test_a_failed_submission_is_tried_again(again, monkeypatch):
    def fail(engine, config, job):
        raise EngineError("no reason")

    with monkeypatch.context() as patch:
        patch.setattr(Engine, "judge", fail)
        failed = works(graded(NAMES, again.root, again=True), "failed")
    assert failed == dict.fromkeys(GRADED, "nbjudge failed: no reason")
    hand_in(again.root, "eve", "padding", "x = 1")
    assert ("eve", "padding") in again()


# Dates


PER_DAY = """
c.NbGraderAPI.timezone = "Europe/Berlin"
c.AssignLatePenalties.plugin_class = "nbjudge.late.PerDay"
c.PerDay.percent = 10
"""


def test_dates_and_extensions_move_points_without_judging(again, capsys):
    with (again.root / "nbgrader_config.py").open("a") as file:
        file.write(PER_DAY)
    api = nbgrader_api(again.root)
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        for student in ("ada", "eve"):
            submission = gradebook.find_submission("padding", student)
            submission.timestamp = datetime(2026, 11, 4, 10, 0)
        gradebook.db.commit()
    dates = again.root / "dates.toml"
    dates.write_text("[due]\npadding = 2026-11-02\n")
    assert main(["padding"], again.root) == 0
    table, said = capsys.readouterr()
    assert "Changed: padding of ada: 5 -> 4 points (1 day 11 hours late)\n" in said
    assert "0 graded, 3 unchanged" in said and said.count("Changed:") == 1
    late = r"-1 │ 1 day 11 hours late: 1 of 5 points deducted. "
    assert re.search(rf"ada +│ padding +│ zero_pad +│ 5 of 5 │ +│\n│ +│ +│ +│ +{late}", table)
    assert re.search(
        r"eve +│ .*\n│ +│ +│ +│ +│ 1 day 11 hours late: 0 of 0 points deducted\. ", table
    )
    assert "no time in timestamp.txt, so counted as on time: 1 of 3 submissions (fay)." in said
    page = (again.root / "feedback" / "ada" / "padding" / "padding.html").read_text()
    assert "submitted 2026-11-04 11:00 CET, due 2026-11-02 23:59 CET" in page

    dates.write_text(dates.read_text() + '[extensions.padding]\nada = "2 days"\nevel = "1 day"\n')
    assert main(["padding"], again.root) == 0
    table, said = capsys.readouterr()
    assert "extension for evel, who is not in the gradebook and has submitted nothing" in said
    assert "; did you mean eve?\n" in said
    assert "Changed: padding of ada: 4 -> 5 points (on time)\n" in said
    assert "│ Extension of 2 days. " in table


def test_the_page_on_dates_shows_the_output_of_its_example(again):
    page = (ROOT / "nbjudge" / "docs" / "dates.md").read_text()
    page = re.sub(r"^ps3 .*\n", "", page, flags=re.MULTILINE)  # this course has two assignments
    page = page.replace("ps1", "padding").replace("ps2", "single_step")
    example, shown = re.findall(r"^```(?:toml)?\n(.*?)^```", page, re.DOTALL | re.MULTILINE)[:2]
    (again.root / "dates.toml").write_text(example)
    with (again.root / "nbgrader_config.py").open("a") as file:
        file.write(PER_DAY)
    done = run_python(again.root, "-m", "nbjudge", "dates")
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows == [line.split() for line in shown.splitlines()]


def test_a_setting_that_nothing_reads_is_named_and_nothing_is_graded(again, capsys):
    with (again.root / "nbgrader_config.py").open("a") as file:
        file.write("\nc.NbJudge.cell_secs = 1\n")
    assert main(["padding"], again.root) == 1
    said = capsys.readouterr().err
    assert "Nothing was graded: the course's settings cannot be used" in said
    assert "did you mean cell_seconds?" in said


def test_dates_that_cannot_be_read_are_named_and_nothing_is_graded(again, capsys):
    (again.root / "dates.toml").write_text("[due]\npading = 2026-11-02\n")
    assert main(["padding"], again.root) == 1
    said = capsys.readouterr().err
    assert "Nothing was graded: dates.toml: [due] has 'pading', which is not an assignment" in said
    assert "did you mean padding?" in said


# Ctrl-C


def open_files():
    """Return the files that this process has open, or none if the system does not tell."""
    descriptors = Path("/proc/self/fd").glob("*")
    return {os.path.realpath(descriptor) for descriptor in descriptors}


def test_what_is_interrupted_is_graded_again(again, monkeypatch, capsys):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    hand_in(again.root, "ada", "padding", "x = 1")
    with monkeypatch.context() as patch:
        patch.setattr(Engine, "judge", interrupted)
        assert main([], again.root) == 130
    assert "run the same command to continue" in capsys.readouterr().err
    # Threads that were active at the interrupt may close their files later.
    assert wait_until(lambda: str(again.root / "gradebook.db") not in open_files())
    assert again() == GRADED[:1]


def test_nbgraders_api_does_not_keep_an_interrupt_to_itself():
    def step(name):
        return {"success": False, "log": "[ERROR] Canceled\n", "error": "...\nKeyboardInterrupt\n"}

    with pytest.raises(KeyboardInterrupt):
        nbgrader_step(step, "padding")


def test_sigterm_ends_it_as_ctrl_c_does_and_is_then_heeded_as_before(monkeypatch):
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(grade, "_run", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    assert main([]) == 143
    assert signal.getsignal(signal.SIGTERM) is before


PADDING_AGAIN = """
import sys
from tools import grade
grade._release = lambda root: []
sys.exit(grade.main(["padding", "--all"]))
"""


def test_ctrl_c_stops_a_real_run_and_keeps_what_is_done(school, tmp_path):
    root = tmp_path / "stopped"
    shutil.copytree(school.root, root)
    for student in BROKEN:
        shutil.rmtree(root / "submitted" / student)
    hand_in(root, "eve", "padding", "import time\ntime.sleep(60)")
    before = files_of(root / "submitted" / "eve")
    with subprocess.Popen(
        [sys.executable, "-c", PADDING_AGAIN],
        cwd=root,
        env=environment(root),
        start_new_session=True,
        # As in a terminal: a shell's background processes ignore the interrupt.
        preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        for line in run.stderr:
            if "of 3 submissions" in line:  # after ada or fay
                os.killpg(run.pid, signal.SIGINT)
                break
        rest = run.stderr.read()
    assert run.returncode == 130, rest
    assert "Stopped." in rest and "tools/grade.py" not in rest
    assert "padding" in json.loads((root / "feedback/ada/padding" / NOTE).read_text())
    assert files_of(root / "submitted" / "eve") == before


# Arguments


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["paddings"], "unknown assignment: paddings; choose from padding, single_step"),
        (["--student", "zoe"], "no folder submitted/zoe: this student has no submission"),
    ],
)
def test_an_unknown_name_is_refused_before_anything_is_done(school, arguments, said, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments, school.root)
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


def test_what_could_not_be_released_is_named_and_fails(again, monkeypatch, capsys):
    monkeypatch.setattr(grade, "_release", lambda root: ["padding"])
    assert main([], again.root) == 1
    assert "Not released, so its last release was graded: padding" in capsys.readouterr().err


def test_an_assignment_that_was_never_generated_is_named_and_others_are_graded(
    again, monkeypatch, capsys
):
    with Gradebook(f"sqlite:///{again.root}/gradebook.db") as gradebook:
        gradebook.remove_assignment("single_step")
        gradebook.add_assignment("single_step")
    monkeypatch.setattr(grade, "_release", lambda root: ["single_step"])
    assert main([], again.root) == 1
    shown = capsys.readouterr().err
    assert (
        "The assignment itself: single_step: single_step has no notebooks in the gradebook: run "
        "`nbgrader generate_assignment single_step`."
    ) in shown
    assert "0 graded, 3 unchanged since last time, 0 not graded" in shown


def test_all_is_well_gives_exit_status_0(again, capsys):
    assert main([], again.root) == 0
    shown = capsys.readouterr()
    assert "0 graded, 4 unchanged since last time, 0 not graded" in shown.err
    assert "5 of 5" in shown.out


@pytest.mark.parametrize(
    ("points", "faults", "sentence"),
    [
        (
            None,
            ["its last line gives a score of 7 out of 5"],
            "zero_pad_grade: its last line gives a score of 7 out of 5.",
        ),
        (
            0.0,
            [],
            "zero_pad_grade: none of 3 students earned a point; `nbjudge check padding` shows "
            "whether the assignment's own solution does.",
        ),
        (5.0, [], None),
    ],
)
def test_a_check_at_fault_is_named_once_and_does_not_fail(
    again, monkeypatch, capsys, points, faults, sentence
):
    judge = Engine.judge

    def judge_so(engine, config, job):
        found = [Fault("zero_pad_grade", reason) for reason in faults]
        answer = judge(engine, config, job)
        return replace(answer, scores={"zero_pad_grade": points}, faults=found)

    monkeypatch.setattr(Engine, "judge", judge_so)
    assert main(["padding", "--all"], again.root) == 0
    start, lines = "The assignment itself: padding: ", capsys.readouterr().err.splitlines()
    said = [line.removeprefix(start) for line in lines if line.startswith(start)]
    assert said == ([sentence] if sentence else [])


def test_what_is_not_graded_for_its_place_gives_exit_status_1(again, capsys):
    (again.root / "submitted" / "ada" / "Single_Step").mkdir()
    assert main([], again.root) == 1
    sentence = "Not graded: submitted/ada/Single_Step is not an assignment's folder"
    assert sentence in capsys.readouterr().err


def test_a_folder_without_submissions_is_no_class(again, capsys):
    for student in ("ada", "eve", "fay"):
        shutil.rmtree(again.root / "submitted" / student)
    assert main([], again.root) == 1
    said = capsys.readouterr().err
    assert "Nothing to grade: no folder submitted/STUDENT/ASSIGNMENT for padding" in said
    assert "3. Grading" not in said
