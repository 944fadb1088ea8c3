"""Copy the course files that judges on other machines need."""

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nbjudge.course.assignment import Assignment
from nbjudge.files import digest_of, write_files
from nbjudge.notebook.static_names import imported_modules

__all__ = ["CourseCopy", "copy_of"]


@dataclass(frozen=True)
class CourseCopy:
    """The modules, packages and files of a course that the tests of an assignment use.

    Attributes
    ----------
    files
        {path in the course's folder: content}.
    search_path
        Folders in the course's folder that are searched for modules.
    packages
        Packages that student code may import as well.
    installed
        Installed packages that the notebooks import.
    """

    files: dict[str, bytes]
    search_path: tuple[str, ...]
    packages: tuple[str, ...]
    installed: tuple[str, ...]
    digest: str

    def lacking(self) -> list[str]:
        """Return the packages that are not installed on this machine."""
        return [name for name in self.installed if importlib.util.find_spec(name) is None]

    def lay_out(self, place: str) -> Path:
        """Write the files to a new private folder, and return its path.

        Parameters
        ----------
        place
            Folder in which the new folder is created.

        Raises
        ------
        OSError
            If a file cannot be written; the new folder is removed.
        """
        root = Path(tempfile.mkdtemp(prefix="nbjudge-course-", dir=place)).resolve()
        try:
            write_files(root, self.files)
        except BaseException:
            shutil.rmtree(root, ignore_errors=True)
            raise
        return root


def copy_of(assignment: Assignment) -> CourseCopy:
    """Collect the files that the judges of an assignment need.

    Raises
    ------
    ValueError
        If a test needs a module outside the course's folder.
    """
    root = Path(assignment.coursedir.root).resolve()
    outside = [name for name in assignment.course_files if name.startswith(os.pardir + os.sep)]
    if outside:
        raise ValueError(
            f"The tests of {assignment.name} use {root / outside[0]}, but only files in {root} "
            "are copied to other machines: move the file into this folder, or install it there."
        )
    folders = [root, *map(Path, filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)))]
    inside = [folder.resolve() for folder in folders if folder.resolve().is_relative_to(root)]
    search_path = dict.fromkeys(str(folder.relative_to(root)) for folder in inside)
    packages = tuple(assignment.settings.student_packages)
    files = {name: (root / name).read_bytes() for name in assignment.course_files}
    installed = installed_packages(assignment, files, search_path)
    about = [("path", name.encode()) for name in (*search_path, *packages, "", *installed)]
    digest = digest_of([*sorted(files.items()), *about])
    return CourseCopy(files, tuple(search_path), packages, installed, digest)


def installed_packages(
    assignment: Assignment, files: Iterable[str], search_path: Iterable[str]
) -> tuple[str, ...]:
    """Return the installed packages that an assignment's notebooks import.

    Parameters
    ----------
    files
        Paths of the course's own modules, which are left out.
    search_path
        Folders in the course's folder that are searched for modules.
    """
    cells = [cell for spec in assignment.specs.values() for cell in spec.cells]
    texts = [cell.solved for cell in cells if cell.cell_type == "code"]
    names = dict.fromkeys(name.partition(".")[0] for name in imported_modules(texts))
    # For example "answers" for answers.py or the package answers/ in one of the folders.
    inside = [os.path.relpath(file, folder) for folder in search_path for file in files]
    own = {file.split(os.sep)[0].removesuffix(".py") for file in inside}
    return tuple(name for name in names if name not in own and importlib.util.find_spec(name))
