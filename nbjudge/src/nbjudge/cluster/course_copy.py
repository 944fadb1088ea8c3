"""What of a course its judges need, as plain data, and the folder that is made of it elsewhere."""

import importlib.util
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CourseCopy"]


@dataclass(frozen=True)
class CourseCopy:
    """The modules, packages and files of a course that tests of an assignment use.

    Attributes
    ----------
    files
        {path in the course's folder: content}.
    search_path
        The folders in it where modules are found.
    packages
        Those that students have too.
    installed
        The packages that its notebooks import and that are not the course's own.
    """

    files: dict[str, bytes]
    search_path: tuple[str, ...]
    packages: tuple[str, ...]
    installed: tuple[str, ...]
    digest: str

    def lacking(self) -> list[str]:
        """Which packages are not installed here."""
        return [name for name in self.installed if importlib.util.find_spec(name) is None]

    def lay_out(self, place: str) -> Path:
        """Write the files into a new folder of a place, which only its owner can enter.

        Raises
        ------
        OSError
            Where that cannot be done; nothing is left of it.
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
