"""Copy the course files that judges on other machines need."""

import importlib.util
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CourseCopy"]


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
            for name, content in self.files.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        except BaseException:
            shutil.rmtree(root, ignore_errors=True)
            raise
        return root
