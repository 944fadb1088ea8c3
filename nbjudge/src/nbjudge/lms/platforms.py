"""The learning platforms: one entry each, in a module of its own."""

from pathlib import PurePosixPath

from nbjudge.lms import blackboard, canvas, moodle
from nbjudge.lms.platform import UploadName

__all__ = ["EXPECTED", "PLATFORMS", "read_name"]

_ALL = canvas.PLATFORM, moodle.PLATFORM, blackboard.PLATFORM  # the last one reads names first
PLATFORMS = {platform.name: platform for platform in _ALL}
EXPECTED = "; ".join(f"{platform.name}: {platform.example}" for platform in _ALL)


def read_name(path: str) -> UploadName | None:
    """Return what the path of a file in an archive says; None where no platform names files so."""
    parts = PurePosixPath(path).parts
    for start in range(len(parts)):
        before = "".join(f"{part}/" for part in parts[:start])
        for platform in reversed(_ALL):
            if name := platform.read_name("/".join(parts[start:]), before):
                return name
    return None
