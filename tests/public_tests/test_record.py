"""The stored progress of a learner, its summary, and the next steps on the path."""

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.cells import written

import public_tests
from nbexercise.checks import check
from nbexercise.errors import CheckFailedError
from public_tests.course import record
from public_tests.course.lessons import check_answer
from public_tests.course.syllabus import ASSIGNMENTS, LESSONS, MILESTONES, PATH, REPOSITORY, SITE
from tests.public_tests.test_text import newest_float

RIGHT = """
def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
"""
WRONG = RIGHT.replace("return", "X_pad =") + "    X[:] = 0\n    return X_pad\n"  # 4 of 5 points


@pytest.fixture(autouse=True)
def learner(tmp_path, monkeypatch):
    """Return the folder of a learner's notebook."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PROGRESS_FILE", raising=False)
    monkeypatch.setattr(record, "_used", lambda: True)
    monkeypatch.setattr(record, "_session", {})
    monkeypatch.setattr(record, "_lesson", [])
    return tmp_path


def pad(text=RIGHT):
    return written(text, __name__="__main__")


def step():
    text = "def conv_single_step(a_slice_prev, W, b):\n    return np.sum(a_slice_prev * W) + {}"
    return written(text.format("b.item()"), __name__="__main__")


def file(folder):
    return json.loads((folder / "progress.json").read_text())


def test_a_check_that_passes_is_kept_with_its_function_and_says_what_is_next(learner, capsys):
    check("zero_pad", pad())
    said = capsys.readouterr().out
    assert "All checks of padding pass, 5 of 5 points. You have written zero padding." in said
    assert "Next: Lesson 05: From dense to convolutional layers." in said
    entry = file(learner)["exercises"]["zero_pad"]
    assert entry["passed"] and entry["points"] == entry["of"] == 5
    assert "np.pad(X" in (learner / "own_layers" / "zero_pad.py").read_text()
    assert sorted(path.name for path in learner.iterdir()) == ["own_layers", "progress.json"]


def test_a_function_that_this_numpy_refuses_is_not_kept(learner, capsys):
    text = "def conv_single_step(a_slice_prev, W, b):\n    return np.sum(a_slice_prev * W) + {}"
    check("conv_single_step", written(text.format("float(b)"), float=newest_float))
    assert not (learner / "progress.json").exists()
    assert "is kept for the milestones" in " ".join(capsys.readouterr().out.split())
    check("conv_single_step", written(text.format("b.item()"), __name__="__main__"))
    assert file(learner)["exercises"]["conv_single_step"]["passed"]


def test_points_are_kept_by_check_and_a_worse_try_takes_none_away(learner, capsys):
    with pytest.raises(CheckFailedError):
        check("zero_pad", pad(WRONG))
    entry = file(learner)["exercises"]["zero_pad"]
    assert not entry["passed"] and entry["points"] == 4 and entry["source"] == ""
    assert entry["checks"]["no padding"] == [1, True]
    assert entry["checks"]["input left alone"] == [1, False]
    public_tests.progress()
    shown = capsys.readouterr().out
    assert f"[-] Assignment padding: zero padding{' ' * 52}4 of 5 points" in shown
    check("zero_pad", pad())
    with pytest.raises(CheckFailedError):
        check("zero_pad", pad(WRONG))
    assert file(learner)["exercises"]["zero_pad"]["passed"]


def test_an_assignment_is_complete_with_its_last_check_only(learner, capsys):
    data = record.kept()
    own = ASSIGNMENTS["backprop"][1]
    assert record.missing(tuple(own), data) == list(own)
    data["exercises"] = {name: {"passed": True} for name in list(own)[:-1]}
    assert record.missing(tuple(own), data) == [list(own)[-1]]


def test_a_lesson_is_done_when_all_its_exercises_are_right(learner, capsys):
    record.begin_lesson("14_training")
    check_answer("Exercise 1", 3, 3)
    assert "All exercises" not in capsys.readouterr().out
    with pytest.raises(CheckFailedError):
        check_answer("Exercise 2", 4, 3)
    assert file(learner)["lessons"] == {"14_training": ["Exercise 1"]}
    public_tests.progress()
    assert "1 of 3 exercises" in capsys.readouterr().out
    check_answer("Exercise 2", 3, 3)
    check_answer("Exercise 3", 3, 3)
    said = capsys.readouterr().out
    assert "All exercises of lesson 14 are right." in said
    assert "Next: Lesson 15: Overfitting." in said


def test_the_next_step_is_behind_the_last_one_and_skips_what_is_optional_or_done():
    data = record.kept()
    assert record._next(data) == PATH[0]
    data["lessons"]["02_kernels"] = list("123456789")
    data["last"] = "02_kernels"
    assert record._next(data) == "04_padding", "lesson 03 is optional"
    data["last"] = "03_mathematics_of_convolution"
    assert record._next(data) == "03_mathematics_of_convolution", "which was begun"
    for step in PATH:
        data["lessons"][step] = list("123456789")
        data["milestones"][step] = {"result": ""}
    for _, own in ASSIGNMENTS.values():
        data["exercises"] |= {name: {"passed": True} for name in own}
    assert record._next(data) == ""


def test_the_next_step_is_no_milestone_that_is_closed():
    data = record.kept()
    data["exercises"]["conv_forward"] = {"passed": True}
    data["last"] = "conv_forward"
    assert record._next(data) == "08_output_sizes"
    data["exercises"] |= dict.fromkeys(["zero_pad", "conv_single_step"], {"passed": True})
    assert record._next(data) == "1"


def test_the_whole_path_is_shown_in_text_and_in_html(learner, monkeypatch):
    shown = {}
    monkeypatch.setattr(record, "publish", lambda data: not shown.update(data))
    check("zero_pad", pad())
    assert "<b>All checks of padding pass" in shown["text/html"]
    shown.clear()
    public_tests.progress()
    plain, html = shown["text/plain"], shown["text/html"]
    assert len(plain.splitlines()) == len(PATH) + 2
    for title in [*(title for title, *_ in [*LESSONS.values(), *MILESTONES.values()])]:
        assert title in plain
    assert html.count("<tr>") == len(PATH) == html.count("&#9675; to do") + 1
    assert "opens with conv_single_step, conv_forward" in html
    assert "<summary>5 of 5 points</summary>zero_pad: 5 of 5" in html
    assert "<b>Next: <a href=" in html


def test_a_link_leads_to_the_notebook_beside_this_one_else_to_where_one_can_open_it(
    learner, monkeypatch
):
    assert record._address("pooling") == f"{SITE}release/pooling/pooling.html"
    assert record._address("04_padding") == f"{SITE}course/04_padding.html"
    assert record._address("1") == f"{SITE}course/milestones.html"
    (learner / "pooling.ipynb").touch()  # a flat folder, as in the browser
    assert record._address("pooling") == "pooling.ipynb"
    for folder in ("release/padding", "release/pooling", "course"):
        (learner / folder).mkdir(parents=True)
    (learner / "release/pooling/pooling.ipynb").touch()
    monkeypatch.chdir(learner / "release/padding")
    assert record._address("pooling") == "../../release/pooling/pooling.ipynb"
    monkeypatch.setattr(record, "in_colab", lambda: True)
    colab = f"https://colab.research.google.com/github/{REPOSITORY}/"
    assert record._address("pooling") == f"{colab}release/pooling/pooling.ipynb"
    monkeypatch.setattr(record, "REPOSITORY", "")
    assert record._address("pooling") == ""
    monkeypatch.setattr(record, "in_colab", lambda: False)
    monkeypatch.setattr(record, "SITE", "")
    assert record._address("lenet") == ""


def test_all_notebooks_of_a_course_have_one_file(learner, monkeypatch):
    for folder in ("release/padding", "course"):
        (learner / folder).mkdir(parents=True)
    monkeypatch.chdir(learner / "release/padding")
    assert record._file() == learner / "progress.json"
    monkeypatch.chdir(learner / "course")
    assert record._file() == learner / "progress.json"
    monkeypatch.setenv("PROGRESS_FILE", str(learner / "another.json"))
    assert record._file() == learner / "another.json"


def test_a_file_that_lies_above_the_notebook_is_the_one(learner, monkeypatch):
    (learner / "pooling").mkdir()
    monkeypatch.chdir(learner / "pooling")
    assert record._file() == learner / "pooling" / "progress.json"
    (learner / "progress.json").touch()
    assert record._file() == learner / "progress.json"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"version": 1}',
        b'{"version": 1, "last": "", "exercises": {"a": 3}, "lessons": {}, "milestones": {}}',
        b'{"version": 1, "last": "", "exercises": {}, "lessons": {"a": 3}, "milestones": {}}',
        b'{"version": 1, "last": "", "exercises": {}, "lessons": {}, "milestones": {"1": {}}}',
    ],
)
def test_a_damaged_file_costs_a_sentence_and_is_put_aside(learner, capsys, content):
    (learner / "progress.json").write_bytes(content)
    check("zero_pad", pad())
    said = capsys.readouterr().out
    assert "zero_pad: all 4 checks passed." in said
    expected = "was damaged, so a new record was started; the old one is in progress-damaged.json."
    assert expected in " ".join(said.split())
    assert (learner / "progress-damaged.json").read_bytes() == content
    assert file(learner)["exercises"]["zero_pad"]["passed"]
    public_tests.progress()
    assert "damaged" not in capsys.readouterr().out


def test_where_nothing_can_be_written_it_is_kept_in_the_session(learner, monkeypatch, capsys):
    def refuse(*args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    check("zero_pad", pad())
    said = " ".join(capsys.readouterr().out.split())
    assert "zero_pad: all 4 checks passed." in said
    assert "progress.json cannot be written here: progress is kept for this session only." in said
    assert "All checks of padding pass" in said
    assert list(learner.iterdir()) == []
    with pytest.raises(AssertionError):
        check("conv_single_step", lambda a_slice_prev, W, b: 0.0)
    public_tests.progress()
    said = capsys.readouterr().out
    assert "[x] Assignment padding" in said
    assert "[-] Assignment single_step" in said


def test_a_file_that_is_deleted_comes_again_with_what_this_session_knows(learner):
    check("zero_pad", pad())
    before = file(learner)
    (learner / "progress.json").unlink()
    check("zero_pad", pad())
    assert file(learner) == before


def test_a_file_that_cannot_be_read_costs_a_sentence(learner, capsys):
    (learner / "progress.json").mkdir()
    check("zero_pad", pad())
    said = " ".join(capsys.readouterr().out.split())
    assert "zero_pad: all 4 checks passed." in said
    assert "progress.json cannot be read: progress is kept for this session only." in said


def test_a_write_that_is_cut_off_leaves_the_file_as_it_was(learner, monkeypatch):
    check("zero_pad", pad())
    before, write = (learner / "progress.json").read_bytes(), Path.write_text

    def cut_off(self, text, **options):
        write(self, text[:10], **options)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", cut_off)
    with pytest.raises(CheckFailedError):
        check("conv_single_step", lambda a, W, b: 0)
    assert (learner / "progress.json").read_bytes() == before
    assert {path.name for path in learner.iterdir()} == {"own_layers", "progress.json"}


def test_a_function_that_cannot_be_kept_passes_all_the_same(learner, capsys):
    text = "TABLE = np.zeros(3)\n" + RIGHT.replace("return", "TABLE\n    return")
    check("zero_pad", pad(text))
    said = " ".join(capsys.readouterr().out.split())
    assert "zero_pad: all 4 checks passed." in said
    assert "zero_pad is not kept for the milestones: it uses TABLE, of type ndarray, from" in said
    assert file(learner)["exercises"]["zero_pad"]["source"] == ""


def test_in_colab_it_is_said_that_files_go_with_the_session(learner, monkeypatch):
    shown = {}
    monkeypatch.setattr(record, "publish", lambda data: not shown.update(data))
    monkeypatch.setattr(record, "in_colab", lambda: True)
    public_tests.progress()
    assert "run keep_in_drive() in each of them" in " ".join(shown["text/plain"].split())
    link = '<a download="progress.json" href="data:application/json;base64,'
    assert link in shown["text/html"] and "in Colab into its Files panel" in shown["text/html"]
    monkeypatch.setattr(record, "_DRIVE", str(learner))
    public_tests.progress()
    assert link not in shown["text/html"]


@pytest.fixture
def colab(monkeypatch, tmp_path):
    """Imitate Colab: return a function that starts the machine of another notebook.

    Google Drive is a folder that all machines share; "refused" imitates a refused permission.
    """
    drive = tmp_path / "drive"
    (drive / "MyDrive").mkdir(parents=True)
    monkeypatch.setattr(record, "_DRIVE", str(drive))

    def mount(place):
        if (drive / "refused").exists():
            raise ValueError("mount failed: access denied")
        assert place == str(drive)

    monkeypatch.setitem(sys.modules, "google.colab", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "google.colab.drive", SimpleNamespace(mount=mount))

    def machine(name):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        monkeypatch.delenv("PROGRESS_FILE", raising=False)
        monkeypatch.setattr(record, "_session", {})
        return drive

    return machine


def test_in_colab_the_progress_of_all_notebooks_can_be_kept_in_drive(colab, capsys):
    colab("padding")
    record.begin_lesson("04_padding")
    check_answer("Exercise 1", 3, 3)
    check_answer("Exercise 2", 3, 3)
    check("zero_pad", pad())
    assert "run keep_in_drive() in each of them" in " ".join(capsys.readouterr().out.split())
    public_tests.keep_in_drive()
    assert "so far: 2 in lessons, 1 in assignments." in " ".join(capsys.readouterr().out.split())
    drive = colab("single_step")
    public_tests.keep_in_drive()
    check("conv_single_step", step())
    said = capsys.readouterr().out
    assert "All checks of single_step pass" in said and "keep_in_drive" not in said
    kept = json.loads((drive / "MyDrive" / "convolution" / "progress.json").read_text())
    assert {name for name, entry in kept["exercises"].items() if entry["passed"]} == {
        "zero_pad",
        "conv_single_step",
    }
    assert (drive / "MyDrive" / "convolution" / "own_layers" / "zero_pad.py").exists()


def test_without_permission_for_drive_the_record_stays_on_the_machine(colab, capsys):
    drive = colab("padding")
    (drive / "refused").touch()
    check("zero_pad", pad())
    public_tests.keep_in_drive()
    said = " ".join(capsys.readouterr().out.split())
    assert "Google Drive cannot be used here (mount failed: access denied). progress() of" in said
    assert "keep_in_drive" not in said.rpartition("Google Drive")[2]
    assert file(Path.cwd())["exercises"]["zero_pad"]["passed"]
    assert list((drive / "MyDrive").iterdir()) == []


def test_outside_colab_it_is_said_where_progress_is_kept(learner, capsys):
    check("zero_pad", pad())
    capsys.readouterr()
    public_tests.keep_in_drive()
    said = " ".join(capsys.readouterr().out.split())
    assert "progress.json. Exercises done so far: 0 in lessons, 1 in assignments." in said


def test_where_nothing_is_recorded_no_file_is_named(learner, monkeypatch, capsys):
    monkeypatch.setenv("PROGRESS_FILE", "")
    public_tests.keep_in_drive()
    said = capsys.readouterr().out
    assert said == "Nothing is recorded here: the variable PROGRESS_FILE is empty.\n"


def test_records_of_other_machines_that_are_uploaded_beside_it_count(learner, capsys):
    check("zero_pad", pad())
    uploaded = file(learner)
    uploaded["exercises"] = {
        "conv_single_step": {**uploaded["exercises"]["zero_pad"], "points": 10}
    }
    uploaded["lessons"] = {"04_padding": ["Exercise 1"]}
    (learner / "progress (1).json").write_text(json.dumps(uploaded))
    worse = {**uploaded["exercises"]["conv_single_step"], "points": 0, "passed": False}
    uploaded["exercises"] = {"conv_single_step": worse, "zero_pad": worse}
    uploaded["lessons"] = {"04_padding": ["Exercise 2"]}
    (learner / "progress (2).json").write_text(json.dumps(uploaded))
    (learner / "progress (3).json").write_text("{")
    data = record.kept()
    assert record.missing(("zero_pad", "conv_single_step"), data) == []
    assert data["lessons"] == {"04_padding": ["Exercise 1", "Exercise 2"]}
    record.begin_lesson("04_padding")
    check_answer("Exercise 3", 3, 3)
    assert file(learner)["exercises"]["conv_single_step"]["passed"]


@pytest.mark.parametrize("variable", [("NBGRADER_EXECUTION", "autograde"), ("PROGRESS_FILE", "")])
def test_nothing_is_kept_while_work_is_graded_or_where_it_is_not_wanted(
    learner, monkeypatch, capsys, variable
):
    monkeypatch.undo()
    monkeypatch.chdir(learner)
    monkeypatch.setattr("IPython.get_ipython", lambda: SimpleNamespace(user_ns={}))
    monkeypatch.delenv("PROGRESS_FILE", raising=False)
    assert record._used()
    monkeypatch.setenv(*variable)
    check("zero_pad", pad())
    record.begin_lesson("04_padding")
    check_answer("Exercise 1", 3, 3)
    record.reached("1", "result")
    assert list(learner.iterdir()) == []
    assert "Next" not in capsys.readouterr().out


def test_the_syllabus_leads_through_everything_once():
    assert sorted(PATH) == sorted([*LESSONS, *ASSIGNMENTS, *MILESTONES])
    for milestone, (_, needs) in MILESTONES.items():
        before = PATH[: PATH.index(milestone)]
        for name in needs:
            assert any(name in ASSIGNMENTS[step][1] for step in before if step in ASSIGNMENTS)
