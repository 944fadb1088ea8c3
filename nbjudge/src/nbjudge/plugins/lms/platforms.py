"""Table of the learning platforms, each defined in a separate module."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

from nbjudge import plugins
from nbjudge.plugins.lms.platform import Platform, UploadName

__all__ = ["EXPECTED", "PLATFORMS", "is_upload", "read_archive", "top_folder"]

_ALL: tuple[Platform, ...] = tuple(plugins.load_all("nbjudge.platforms").values())
PLATFORMS = {platform.name: platform for platform in _ALL}
EXPECTED = "; ".join(f"{platform.name}: {platform.example}" for platform in _ALL)
_SHOWN = 3  # names in a message


def is_upload(entry: str) -> bool:
    """True if some platform may have written this name for a student's upload.

    Parameters
    ----------
    entry
        Name of a file, or of a folder with a "/" at the end.
    """
    return any(platform.read_names([entry])[0] for platform in _ALL)


def top_folder(paths: Iterable[str]) -> str:
    """Return the folder that all files of an archive are in, with a "/", or "".

    It does not count if it is an upload.
    """
    above = os.path.commonprefix([path.split("/")[:-1] for path in paths])
    return f"{above[0]}/" if above and not is_upload(f"{above[0]}/") else ""


def read_archive(
    paths: Iterable[str], platform: str = "", folder: str = ""
) -> dict[str, UploadName]:
    """Return the upload name of each file of an archive: {path: name}.

    Only the names on the archive's first level are read, all of them together. What is inside a
    folder on that level belongs to its student.

    Parameters
    ----------
    platform
        Name of the archive's platform; "" to find it.
    folder
        Folder of the archive, with which all paths begin; "" or with a "/" at the end.

    Returns
    -------
    names
        Names without those that the platform cannot have written.

    Raises
    ------
    ValueError
        If the names may come from several platforms.
    """
    split = {path: path.removeprefix(folder).partition("/") for path in paths}
    entries = list(dict.fromkeys(entry + slash for entry, slash, _ in split.values()))
    names = dict(zip(entries, _read(entries, platform), strict=True))
    return {
        path: _complete(name, folder, rest)
        for path, (entry, slash, rest) in split.items()
        if (name := names[entry + slash])
    }


def _read(entries: Sequence[str], platform: str) -> list[UploadName | None]:
    """Return the names as their platform reads them.

    A platform can read all names of its archive. A student may produce names that another platform
    reads as well, but none that the archive's own platform cannot read.
    """
    readers = [PLATFORMS[platform]] if platform else _ALL
    read = {reader.name: reader.read_names(entries) for reader in readers}
    readable = {
        name: {entry for entry, upload in zip(entries, uploads, strict=True) if upload}
        for name, uploads in read.items()
    }
    everything = set[str]().union(*readable.values())
    able = [name for name, some in readable.items() if some == everything]
    if len(able) == 1 or not everything:
        return read[able[0]]
    platforms = " or ".join(name for name, some in readable.items() if some)
    shown = min(filter(None, readable.values()), key=len)
    raise ValueError(
        f"The archive may come from {platforms}: see {', '.join(sorted(shown)[:_SHOWN])}. State "
        "the platform: nbgrader zip_collect --LmsCollector.platform=NAME, or nbjudge export "
        "feedback --platform NAME."
    )


def _complete(name: UploadName, folder: str, rest: str) -> UploadName:
    """Return a name with the folder of the archive, and the path inside the student's folder."""
    prefix = folder + name.prefix + ("/" if rest and not name.file else "")
    file = "/".join(filter(None, (name.file, rest)))
    others = tuple(_complete(other, folder, rest) for other in name.others)
    return replace(name, prefix=prefix, file=file, others=others)
