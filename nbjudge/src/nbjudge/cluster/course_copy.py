"""What of a course its judges need, as plain data, and the folder that is made of it elsewhere."""

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
    """

    files: dict[str, bytes]
    search_path: tuple[str, ...]
    packages: tuple[str, ...]
    digest: str

    def lay_out(self) -> Path:
        """Write the files into a new folder, which only its owner can enter."""
        root = Path(tempfile.mkdtemp(prefix="nbjudge-course-")).resolve()
        for name, content in self.files.items():
            place = root / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        return root
