"""What several tests ask of files."""

from pathlib import Path


def files_of(folder: Path) -> dict[str, bytes]:
    """The content of every file under a folder, by its path there."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
