"""Table of the learning platforms, each defined in a separate module."""

from pathlib import PurePosixPath

from nbjudge.lms import blackboard, canvas, moodle
from nbjudge.lms.platform import UploadName

__all__ = ["EXPECTED", "PLATFORMS", "read_name"]

_ALL = canvas.PLATFORM, moodle.PLATFORM, blackboard.PLATFORM  # names are tried from last to first
PLATFORMS = {platform.name: platform for platform in _ALL}
EXPECTED = "; ".join(f"{platform.name}: {platform.example}" for platform in _ALL)


def read_name(path: str) -> UploadName | None:
    """Parse the path of a file in an archive; return None if it matches no platform's pattern."""
    parts = PurePosixPath(path).parts
    for start in range(len(parts)):
        before = "".join(f"{part}/" for part in parts[:start])
        for platform in reversed(_ALL):
            if name := platform.read_name("/".join(parts[start:]), before):
                return name
    return None
