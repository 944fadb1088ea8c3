"""Write the feedback pages of a submission; skip unchanged pages.

Pages are stored where nbgrader's generate_feedback writes them and its release_feedback expects
them. A hidden file in the same folder stores a hash of the inputs of each page.
"""

import contextlib
import functools
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from nbjudge import feedback
from nbjudge.course.assignment import Assignment
from nbjudge.course.page_settings import with_settings
from nbjudge.course.times import TIMESTAMP
from nbjudge.engine.engine import AnyEngine
from nbjudge.feedback.about import About
from nbjudge.feedback.pictures import show_pictures
from nbjudge.files import digest_of, locked, put_file
from nbjudge.wire.messages import to_plain

NOTE = ".nbjudge.json"  # {notebook: hash}
SECRET = "submission_secret.txt"  # the name of a released page is derived from it
RELEASED = (TIMESTAMP, SECRET)  # files that nbgrader's release_feedback reads


def write_pages(
    engine: AnyEngine,
    assignment: Assignment,
    student: str,
    about: Mapping[str, About],
    again: bool = False,
) -> None:
    """Write the feedback pages of a graded submission, and delete pages of other notebooks.

    Parameters
    ----------
    about
        Grades, comments and dates from the gradebook, by notebook.
    again
        True to rewrite unchanged pages as well.

    Raises
    ------
    EngineError
        If a page cannot be rendered.
    OSError
        If a page cannot be written.
    """
    coursedir = assignment.coursedir
    graded = Path(assignment.path(coursedir.autograded_directory, student))
    folder = Path(assignment.path(coursedir.feedback_directory, student))
    old_note, note = _read(folder / NOTE), dict[str, str]()
    pages: dict[str, str] = {}
    for name in sorted(set(about) & set(assignment.specs)):
        with contextlib.suppress(FileNotFoundError):  # the notebook was not submitted
            notebook = (graded / f"{name}.ipynb").read_bytes()
            shown = with_settings(about[name], coursedir.config)
            note[name] = digest_of(
                [
                    ("notebook", notebook),
                    ("about", json.dumps(to_plain(shown), sort_keys=True).encode()),
                    ("code", _version().encode()),
                ]
            )
            if again or old_note.get(name) != note[name] or not (folder / f"{name}.html").exists():
                pages[name] = show_pictures(engine.make_page(notebook, shown), graded)
    stale = [path for path in folder.glob("*.html") if path.stem not in note]
    if not pages and not stale and old_note == note:
        return
    with locked(folder):
        for path in stale:
            path.unlink(missing_ok=True)
        for name in RELEASED:
            if (graded / name).exists():
                _put(folder / name, (graded / name).read_bytes(), coursedir.groupshared)
            elif (folder / name).is_file():
                (folder / name).unlink()  # from an earlier submission
        for name, page in pages.items():
            _put(folder / f"{name}.html", page.encode(), coursedir.groupshared)
        _put(folder / NOTE, json.dumps(note, sort_keys=True).encode(), coursedir.groupshared)
    if coursedir.groupshared:
        for path in (folder.parent, folder):
            path.chmod(path.stat().st_mode | 0o2770)


def _put(path: Path, content: bytes, shared: bool) -> None:
    """Write a file, replacing whatever is at its path."""
    if path.is_dir():  # not written by nbjudge
        shutil.rmtree(path)
    put_file(path, content, 0o664 if shared else 0o644)


def _read(path: Path) -> dict[str, object]:
    """Return the stored hashes; none if the file is damaged, so that all pages are rewritten."""
    try:
        note = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


@functools.cache
def _version() -> str:
    """Return a hash of the code that renders pages."""
    files = sorted(Path(feedback.__file__).parent.glob("*.*"))
    return digest_of([(file.name, file.read_bytes()) for file in files])
