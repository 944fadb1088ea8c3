"""Settings of a course: unknown ones are rejected, with a suggestion."""

import importlib

import pytest

from nbjudge.course import loading
from nbjudge.course.loading import load_course


def load(root, text):
    """Load a course with these lines in nbgrader_config.py."""
    begin = f"c = get_config()\nc.CourseDirectory.root = {str(root)!r}\n"
    (root / "nbgrader_config.py").write_text(f"{begin}{text}\n")
    return load_course(root)


@pytest.mark.parametrize(
    "text, message",
    [
        ("NbJudge.workrs = 3", "c.NbJudge.workrs is not a setting; did you mean workers?"),
        ("Nbjudge.workers = 3", "c.Nbjudge.workers is not .*; did you mean c.NbJudge.workers?"),
        ("Perday.percent = 3", "c.Perday.percent is not .*; did you mean c.PerDay.percent?"),
        ("PerDay.percnt = 3", "c.PerDay.percnt is not a setting; did you mean percent?"),
        ("NbGraderAPI.timezon = 'Europe/Rome'", "c.NbGraderAPI.timezon .*; did you mean timezone?"),
        ("CourseDirectory.db_ur = ''", "c.CourseDirectory.db_ur is not .*; did you mean db_url?"),
        ("Autograde.create_students = False", "did you mean create_student?"),
        ("ClearHiddenTests.begin_test_delimiter = 'x'", "did you mean begin_test_delimeter?"),
        ("NbJudge.zzz = 3", "c.NbJudge.zzz is not a setting$"),
        ("NbJudge.workers = '3'", "'workers' .* expected an int, not the str '3'"),
        ("NbJudge.workers = -1", "'workers' .* should not be less than 0"),
        # The unit is megabytes, not bytes.
        ("NbJudge.memory = 4 * 1024**3", "'memory' .* should not be greater than"),
        ("NbJudge.disk = 1024**3", "'disk' .* should not be greater than"),
        ("NbJudge.cell_seconds = float('nan')", "'cell_seconds' .* expected a finite number"),
        ("NbJudge.test_seconds = float('inf')", "'test_seconds' .* expected a finite number"),
        ("NbJudge.cell_seconds_of = {'ps1': float('inf')}", "must be a finite number of seconds"),
        ("NbJudge.parts = {'all': 'ps1'}", "'parts' .* must be a list"),
        ("NbJudge.isolation = 'ful'", "'isolation' .* expected any of"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(tmp_path, text, message):
    with pytest.raises(
        ValueError, match=rf"(?s)^the course's settings cannot be used: .*{message}"
    ):
        load(tmp_path, f"c.{text}")


def test_settings_of_other_classes_are_left_to_them(tmp_path):
    coursedir, settings = load(
        tmp_path,
        "c.MyPlugin.name = 1\nc.ExchangeSubmit.strict = True\nc.Nbjudge\n"
        "c.NbJudge.workers = 3\nc.HTMLExporter.preprocessors.append('x')\n"
        "c.CourseDirectory.ignore.append('*.tmp')",
    )
    assert settings.workers == 3 and "*.tmp" in coursedir.ignore


@pytest.mark.parametrize("setting", ["hidden_folders", "student_packages", "test_files"])
def test_a_file_of_a_setting_has_to_exist(tmp_path, setting):
    (tmp_path / "there").mkdir()
    coursedir, settings = load(tmp_path, f"c.NbJudge.{setting} = ['there', 'not_there']")
    with pytest.raises(ValueError, match=rf"^c\.NbJudge\.{setting}: there is no not_there in "):
        settings.sandbox_config(coursedir, "none")
    coursedir, settings = load(tmp_path, f"c.NbJudge.{setting} = ['there']")
    settings.sandbox_config(coursedir, "none")


def test_usual_settings_are_settings_of_nbgrader():
    for name, usual in loading._QUICK.items():
        module = importlib.import_module(loading._SECTIONS[name])
        assert usual <= set(getattr(module, name).class_trait_names(config=True))
