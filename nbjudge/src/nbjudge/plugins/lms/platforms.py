"""The learning platforms that are installed: nbjudge's own and those of other packages."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

from nbjudge import plugins
from nbjudge.plugins.lms.matching import check_known
from nbjudge.plugins.lms.platform import Platform, UploadName

__all__ = [
    "ARCHIVES",
    "EXPECTED",
    "GROUP",
    "LISTS",
    "PLATFORMS",
    "POINTS",
    "either",
    "is_upload",
    "readers_of",
    "read_archive",
    "top_folder",
]

GROUP = "nbjudge.platforms"
POINTS: dict[str, str] = {}  # names of the platforms' entry points, by name of the platform
PLATFORMS: dict[str, Platform] = {}
for _point, _platform in plugins.load_all(GROUP).items():
    with plugins.naming(GROUP, _point):
        if _platform.name in PLATFORMS:
            raise ValueError(f"there is another platform {_platform.name}")
    POINTS[_platform.name], PLATFORMS[_platform.name] = _point, _platform
ARCHIVES = {name: platform for name, platform in PLATFORMS.items() if platform.read_names}
LISTS = [name for name, platform in PLATFORMS.items() if platform.class_list]
EXPECTED = "; ".join(f"{name}: {platform.example}" for name, platform in ARCHIVES.items())
_SHOWN = 3  # names in a message


def either(names: Iterable[str]) -> str:
    """Return names with "or" before the last one."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def is_upload(entry: str) -> bool:
    """True if some platform may have written this name for a student's upload."""
    return bool(readers_of(entry))


def readers_of(entry: str) -> list[str]:
    """Return the platforms that may have written a name for a student's upload.

    Parameters
    ----------
    entry
        Name of a file, or of a folder with a "/" at the end.
    """
    return [name for name, platform in ARCHIVES.items() if _names_of(platform, [entry])[0]]


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
    readers = [PLATFORMS[platform]] if platform else ARCHIVES.values()
    read = {reader.name: _names_of(reader, entries) for reader in readers}
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


def _names_of(platform: Platform, entries: Sequence[str]) -> list[UploadName | None]:
    with plugins.naming(GROUP, POINTS[platform.name]):
        names = platform.read_names(entries) if platform.read_names else []
        if len(names) != len(entries):
            raise ValueError(f"read_names returned {len(names)} names for {len(entries)} entries")
        for name in names:
            if name is not None and (
                not isinstance(name, UploadName) or name.platform != platform.name
            ):
                raise ValueError(
                    f"read_names must return None or an UploadName of {platform.name} for each "
                    f"entry, not {name!r:.60}"
                )
            for known in name.known if name else ():
                check_known(known)
    return names


def _complete(name: UploadName, folder: str, rest: str) -> UploadName:
    """Return a name with the folder of the archive, and the path inside the student's folder."""
    prefix = folder + name.prefix + ("/" if rest and not name.file else "")
    file = "/".join(filter(None, (name.file, rest)))
    others = tuple(_complete(other, folder, rest) for other in name.others)
    return replace(name, prefix=prefix, file=file, others=others)
