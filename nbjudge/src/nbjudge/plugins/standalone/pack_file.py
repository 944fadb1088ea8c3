"""The file format of packs: a zip archive of a course that has one assignment.

A pack contains a manifest in JSON, and below `course/` the files that grading the assignment needs.
It contains the hidden tests, so it must be kept secret like the folder source/. It contains no
students and no grades, and no solutions except in modules that tests import.
"""

import contextlib
import functools
import hashlib
import io
import json
import os
import sysconfig
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory
from traitlets import TraitError
from traitlets.config import Config

from nbjudge import __version__
from nbjudge.course.assignment import Assignment
from nbjudge.course.outcome import listed
from nbjudge.files import inside, write_files
from nbjudge.notebook.spec import region_marks
from nbjudge.plugins.shared.course_copy import copy_of
from nbjudge.plugins.standalone.pack_gradebook import write_gradebook
from nbjudge.plugins.standalone.skeleton import without_solutions
from nbjudge.settings import NbJudge

SUFFIX = ".nbpack"
FORMAT = 1  # version of the format; a reader refuses newer ones
MANIFEST, COURSE = "manifest.json", "course/"
MOST_FILES, MOST_BYTES = 10_000, 1 << 30  # in an archive
_WHEN = (1980, 1, 1, 0, 0, 0)  # time of all files, so that equal assignments give equal archives
# Settings that concern other assignments, the machine or students' data.
_NOT_PACKED = ("workers", "parts", "cell_seconds_of")
_INSTALLED = "site-packages:"  # begins a path in the folder of installed packages
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError)


class PackError(ValueError):
    """A file is not a pack that this version of nbjudge can read."""


@dataclass(frozen=True)
class PackedCourse:
    """A course that was unpacked from a pack.

    Attributes
    ----------
    placement
        The tests that are judged in the child, by notebook.
    """

    coursedir: CourseDirectory
    settings: NbJudge
    assignment: str
    placement: Mapping[str, list[str]]

    def open(self) -> Assignment:
        """Return the assignment, ready to be graded."""
        assignment = Assignment(self.assignment, self.coursedir, self.settings, for_reading=True)
        assignment.place(self.placement, store=False)
        return assignment


def make_pack(assignment: Assignment, changed: Mapping[str, Any] | None = None) -> bytes:
    """Return the pack of an assignment, as file content.

    The tests must have been placed.

    Parameters
    ----------
    changed
        Settings of `NbJudge` to pack instead of the course's.

    Raises
    ------
    ValueError
        If the tests use a file outside the course's folder.
    """
    copy = copy_of(assignment)
    name, coursedir = assignment.name, assignment.coursedir
    source, release = f"{COURSE}source/{name}/", f"{COURSE}release/{name}/"
    files = {f"{COURSE}{path}": content for path, content in copy.files.items()}
    files |= {source + path: content for path, content in assignment.master.items()}
    for notebook, spec in assignment.specs.items():
        if (assignment.source / f"{notebook}.ipynb").exists():
            files[f"{source}{notebook}.ipynb"] = without_solutions(spec)
        with contextlib.suppress(FileNotFoundError):  # students got the notebook another way
            released = (assignment.release / f"{notebook}.ipynb").read_bytes()
            files[f"{release}{notebook}.ipynb"] = released
    files[f"{COURSE}gradebook.db"] = _gradebook(assignment)
    # A test that only its tag places in the child is not listed.
    placement = {
        notebook: [cell.grade_id for cell in spec.cells if cell.in_child or cell.left_because]
        for notebook, spec in assignment.specs.items()
    }
    manifest = {
        "format": FORMAT,
        "nbjudge": __version__,
        "course": coursedir.course_id,
        "assignment": name,
        "placement": placement,
        "settings": _settings(assignment, changed or {}),
        "search_path": list(copy.search_path),
        "files": {path: _digest(content) for path, content in sorted(files.items())},
    }
    text = json.dumps(manifest, indent=1, sort_keys=True)
    return make_zip({MANIFEST: text.encode(), **dict(sorted(files.items()))})


def make_zip(files: Mapping[str, bytes], executable: tuple[str, ...] = ()) -> bytes:
    """Return a zip archive whose bytes depend only on the names and contents of its files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, _WHEN)
            info.create_system = 3  # Unix, for the permissions
            info.external_attr = (0o100755 if name in executable else 0o100644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return buffer.getvalue()


@contextlib.contextmanager
def unpacked(path: Path) -> Iterator[PackedCourse]:
    """Unpack a pack to a temporary folder while the block runs.

    The folders of the course's modules are put first in the environment variable PYTHONPATH.

    Raises
    ------
    PackError
        If the file is damaged, or its format is newer.
    """
    manifest, files = read_pack(path)
    before = os.environ.get("PYTHONPATH")
    with tempfile.TemporaryDirectory(prefix="nbjudge-pack-") as folder:
        root = Path(folder).resolve()
        write_files(root, {name.removeprefix(COURSE): file for name, file in files.items()})
        search_path = [_folder_in(root, place) for place in manifest["search_path"]]
        try:
            os.environ["PYTHONPATH"] = os.pathsep.join([*search_path, *filter(None, [before])])
            yield _load(manifest, root)
        finally:
            if before is None:
                del os.environ["PYTHONPATH"]
            else:
                os.environ["PYTHONPATH"] = before


def read_pack(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the manifest of a pack, and its files: {path in the archive: content}.

    Raises
    ------
    PackError
        If the file is damaged, or its format is newer.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            size = sum(info.file_size for info in infos)
            if len(infos) > MOST_FILES or size > MOST_BYTES:
                raise PackError(
                    f"{path} is no pack: it has {len(infos):,} files of {size:,} bytes, and a pack "
                    f"at most {MOST_FILES:,} of {MOST_BYTES:,}"
                )
            contents = {info.filename: archive.read(info) for info in infos}
        if MANIFEST not in contents:
            raise PackError(f"{path} is not a pack; `nbjudge pack ASSIGNMENT` writes one")
        manifest = json.loads(contents.pop(MANIFEST))
        if isinstance(manifest["format"], int) and manifest["format"] > FORMAT:
            raise PackError(
                f"{path} was written by nbjudge {manifest.get('nbjudge')} in a newer format: "
                f"install that version here, or pack the assignment again with {__version__}"
            )
        _check(manifest, contents)
    except PackError:
        raise
    except zipfile.BadZipFile as error:
        raise PackError(f"{path} is not a readable pack: {error}") from None
    except (*_DAMAGED, KeyError, TypeError, AttributeError, ValueError) as error:
        text = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        raise PackError(f"{path} is damaged: {text}") from None
    return manifest, contents


def _check(manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    """Raise ValueError if a manifest is invalid, or does not describe the files."""
    for name, kind in (("assignment", str), ("placement", dict), ("settings", dict)):
        if not isinstance(manifest[name], kind):
            actual = type(manifest[name]).__name__
            raise ValueError(f"expected its {name} to be a {kind.__name__}, not a {actual}")
    digests = {name: _digest(content) for name, content in files.items()}
    if digests != manifest["files"]:
        changed = dict(digests.items() ^ manifest["files"].items())
        raise ValueError(f"changed since it was packed: {listed(map(repr, changed))}")
    for name in files:
        if not name.startswith(COURSE):
            raise ValueError(f"the path {name!r} is not below {COURSE}")
    for name in (*files, manifest["assignment"]):
        inside(COURSE, name.removeprefix(COURSE))
    for place in manifest["search_path"]:
        _folder_in(Path(COURSE), place)


def _folder_in(root: Path, place: str) -> str:
    """Return the path of a folder of a course; the course's own folder is "."."""
    return str(root if place == "." else inside(root, place))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _gradebook(assignment: Assignment) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "gradebook.db")
        write_gradebook(assignment.records, path)
        return path.read_bytes()


def _settings(assignment: Assignment, changed: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the settings that grading depends on, by class."""
    settings, coursedir = assignment.settings, assignment.coursedir
    names = set(NbJudge.class_own_traits(config=True)) - set(_NOT_PACKED)
    values = {name: getattr(settings, name) for name in sorted(names)}
    limits = settings.limits(assignment.name)
    values["cell_seconds"] = limits.cell_seconds
    values["hidden_folders"] = list(map(_portable, values["hidden_folders"]))
    root = Path(coursedir.root).resolve()
    for name in ("student_packages", "test_files"):
        paths = (root / path for path in values[name])
        values[name] = [path.resolve().relative_to(root).as_posix() for path in paths]
    (begin, end), (begin_scheme, end_scheme) = region_marks(coursedir.config)
    excluded = coursedir.config.get("Autograde", {}).get("exclude_overwriting", {})
    return {
        "Autograde": {"exclude_overwriting": {assignment.name: sorted(assignment.overridable)}}
        if excluded
        else {},
        "ClearHiddenTests": {"begin_test_delimeter": begin, "end_test_delimeter": end},
        "ClearMarkScheme": {
            "begin_mark_scheme_delimeter": begin_scheme,
            "end_mark_scheme_delimeter": end_scheme,
        },
        "CourseDirectory": {
            "course_id": coursedir.course_id,
            "ignore": list(coursedir.ignore),
        },
        "NbJudge": values | dict(changed),
    }


def _portable(folder: str) -> str:
    """Return a hidden folder's path, relative to the installed packages if it is one of them."""
    path = Path(folder)
    with contextlib.suppress(ValueError):
        return f"{_INSTALLED}{path.relative_to(_installed()).as_posix()}"
    return folder


@functools.cache
def _installed() -> Path:
    return Path(sysconfig.get_path("purelib"))


def _load(manifest: Mapping[str, Any], root: Path) -> PackedCourse:
    """Return the course with the pack's settings.

    Raises
    ------
    PackError
        If a setting is invalid.
    """
    packed = {name: dict(values) for name, values in manifest["settings"].items()}
    judge = packed["NbJudge"]
    hidden = [
        str(_installed() / name.removeprefix(_INSTALLED)) if name.startswith(_INSTALLED) else name
        for name in judge["hidden_folders"]
    ]
    # A folder that is not on this machine needs not be hidden.
    judge["hidden_folders"] = [name for name in hidden if Path(name).exists()]
    packed["CourseDirectory"]["root"] = str(root)
    packed["CourseDirectory"]["db_url"] = f"sqlite:///{root}/gradebook.db"
    config = Config(packed)
    try:
        coursedir, settings = CourseDirectory(config=config), NbJudge(config=config)
    except TraitError as error:
        raise PackError(f"a setting in the pack is invalid: {error}") from None
    return PackedCourse(coursedir, settings, manifest["assignment"], manifest["placement"])
