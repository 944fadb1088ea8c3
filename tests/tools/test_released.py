"""A release is skipped only while everything that it reads and writes is unchanged."""

import pytest
import sqlalchemy as sql

from nbjudge.course import schema
from nbjudge.plugins.release import state
from tools import released

COURSE = "c = get_config()\nc.CourseDirectory.root = {!r}\nc.CourseDirectory.course_id = 'first'\n"
FOLDERS = ("convnet", "course", "exercises", "nbexercise/src", "nbjudge/src")
FOLDERS += ("public_tests", "tools")
FILES = ("nbgrader_config.py", "pyproject.toml", "requirements.lock")


@pytest.fixture
def root(tmp_path):
    for name in FOLDERS:
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "module.py").write_text("x = 1")
    for folder in ("source/padding", "release/padding"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "padding.ipynb").write_text("{}")
    (tmp_path / "source" / "padding.py").write_text("# %%")
    for name in FILES:
        (tmp_path / name).write_text("")
    (tmp_path / "nbgrader_config.py").write_text(COURSE.format(str(tmp_path)))
    make_gradebook(tmp_path)
    return tmp_path


def db_url(root):
    return f"sqlite:///{root}/gradebook.db"


def make_gradebook(root):
    engine = sql.create_engine(db_url(root), poolclass=sql.NullPool)
    schema.nbgraders.create_all(engine)
    with engine.begin() as db:
        db.execute(sql.insert(schema.courses).values(id="first"))


def release(root):
    """Record an unchanged release."""
    released.record(root, released.state(root))
    assert released.is_current(root, released.state(root))


CHANGES = [
    *(f"{name}/module.py" for name in FOLDERS),
    *(f"{name}/new.txt" for name in FOLDERS),
    *FILES,
    "source/padding.py",
    "source/new.py",
    "source/padding/padding.ipynb",
    "source/padding/data.csv",
    "release/padding/padding.ipynb",
    "release/padding/new.txt",
]


@pytest.mark.parametrize("name", CHANGES)
def test_any_change_of_a_file_calls_for_a_release(root, name):
    release(root)
    with (root / name).open("a") as file:
        file.write("# changed")
    assert not released.is_current(root, released.state(root))


@pytest.mark.parametrize(
    "name", ["release/padding/padding.ipynb", "source/padding/padding.ipynb", "tools/module.py"]
)
def test_a_missing_file_calls_for_a_release(root, name):
    release(root)
    (root / name).unlink()
    assert not released.is_current(root, released.state(root))


def test_a_change_of_the_gradebook_calls_for_a_release(root):
    release(root)
    with sql.create_engine(db_url(root), poolclass=sql.NullPool).begin() as db:
        db.execute(sql.insert(schema.assignments).values(name="padding", course_id="first"))
    assert not released.is_current(root, released.state(root))
    release(root)
    (root / "gradebook.db").unlink()
    assert not released.is_current(root, released.state(root))


def test_other_packages_call_for_a_release(root, monkeypatch):
    release(root)
    monkeypatch.setattr(state, "environment", lambda: [("python", b"another one")])
    assert not released.is_current(root, released.state(root))


@pytest.mark.parametrize("name", ["source/padding.py", "release/padding/padding.ipynb"])
def test_a_change_during_the_release_calls_for_another(root, name):
    before = released.state(root)
    (root / name).write_text("changed")
    released.record(root, before)
    assert not released.is_current(root, released.state(root))


def test_the_first_release_creates_the_gradebook_and_the_second_one_is_recorded(root):
    (root / "gradebook.db").unlink()
    before = released.state(root)
    make_gradebook(root)
    released.record(root, before)
    assert not released.is_current(root, released.state(root))
    release(root)


def test_invalid_settings_are_left_to_the_release(root):
    release(root)
    (root / "nbgrader_config.py").write_text("c.NbJudge.zzz = 1")
    assert released.state(root) is None
    assert not released.is_current(root, None)
    released.record(root, None)


def test_a_change_of_a_file_that_settings_name_calls_for_a_release(root, monkeypatch):
    monkeypatch.syspath_prepend(root)
    (root / "nbgrader_config.py").write_text(
        COURSE.format(str(root)) + "import own_settings\n"
        "c.IncludeHeaderFooter.header = 'texts/header.ipynb'\n"
        "c.GenerateAssignment.preprocessors.append('plugin.Stamp')\n"
    )
    (root / "texts").mkdir()
    files = ["texts/header.ipynb", "plugin.py", "helper.py", "own_settings.py"]
    for name in files:
        (root / name).write_text("import helper\n" if name == "plugin.py" else "")
    for name in files:
        release(root)
        with (root / name).open("a") as file:
            file.write("# changed")
        assert not released.is_current(root, released.state(root))


@pytest.mark.parametrize("content", [b"", b"no database"])
def test_an_unusable_gradebook_is_left_to_the_release(root, content):
    release(root)
    (root / "gradebook.db").write_bytes(content)
    before = released.state(root)
    assert before is not None
    assert not released.is_current(root, before)
    released.record(root, before)
    assert not released.is_current(root, released.state(root))


def test_a_linked_folder_is_released_each_time(root, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (root / "release" / "linked").symlink_to(elsewhere)
    released.record(root, released.state(root))
    assert not released.is_current(root, released.state(root))


def test_a_file_name_that_is_not_utf_8_can_be_hashed(root):
    (root / "course" / "name\udce9.txt").write_text("")
    release(root)


@pytest.mark.parametrize("damage", ["file", "folder"])
def test_a_damaged_record_calls_for_a_release(root, damage):
    release(root)
    file = root / released.STORED
    if damage == "file":
        file.write_bytes(b"\xff")
    else:
        file.unlink()
        file.mkdir()
    assert not released.is_current(root, released.state(root))
    released.record(root, released.state(root))
