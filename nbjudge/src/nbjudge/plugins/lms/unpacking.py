"""Unpack archives of submissions safely: their content is untrusted.

Only regular files are written, below the target folder and never over another file. Sizes and
numbers of files are limited as in submissions, and nothing is executed.
"""

import contextlib
import itertools
import os
import re
import shutil
import stat
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nbjudge.files import MAX_FILE, MAX_NAME, inside, is_rubbish
from nbjudge.plugins.lms.platforms import either, is_upload, read_archive, readers_of, top_folder

_DRIVE = re.compile("[A-Za-z]:")
_DEVICES = {"con", "prn", "aux", "nul"} | {
    f"{port}{n}" for port in ("com", "lpt") for n in range(10)
}
_ENCRYPTED, _SAYS_UTF_8 = 0x1, 0x800
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)


@dataclass
class Room:
    """Room that is left within the limits of a submission.

    Attributes
    ----------
    files
        Number of files.
    size
        Size of all files, in bytes.
    """

    files: int
    size: int

    def take(self, size: int) -> bool:
        """Take the room of a file of this size; True if there is enough."""
        self.files -= 1
        self.size -= size
        return self.files >= 0 and self.size >= 0


def unpack(archive: Path, folder: Path, room: Room | None = None) -> list[str]:
    """Unpack a zip, but not the zips in it.

    Parameters
    ----------
    folder
        Target folder, which is created if missing. Files keep the times in the archive.
    room
        Room for the zip of a student; files that exceed it are left out. By default, the archive is
        a platform's own: it may have any number of files, all in a folder of its name, which is
        dropped.

    Returns
    -------
    list of str
        A sentence for each file left out, with the reason.

    Raises
    ------
    ValueError
        If the file is not a readable zip.
    """
    left_out: list[str] = []
    try:
        with zipfile.ZipFile(archive) as opened:
            folder.mkdir(parents=True, exist_ok=True)
            infos = [info for info in opened.infolist() if not info.is_dir()]
            named = [(unicodedata.normalize("NFC", name_in_zip(info)), info) for info in infos]
            named = [pair for pair in named if not any(map(is_rubbish, pair[0].split("/")))]
            top = "" if room else top_folder(name for name, _ in named)
            for name, info in named:
                if room and not room.take(info.file_size):
                    left_out.append(f"{archive.name}: exceeds the limits of a submission")
                    break
                path = name.removeprefix(top)
                if why := _unwanted(info, path) or _write(opened, info, folder, path):
                    left_out.append(f"{archive.name}: {path[:MAX_NAME]}: {why}")
    except (*_DAMAGED, RuntimeError) as error:
        raise ValueError(
            f"{archive.name} is not a readable zip file ({error}): download it from the platform "
            "again"
        ) from None
    return left_out


def name_in_zip(info: zipfile.ZipInfo) -> str:
    """Return the name of a file in a zip; it may be in UTF-8 even without the UTF-8 flag."""
    name = info.orig_filename.replace("\\", "/")
    if info.flag_bits & _SAYS_UTF_8:
        return name
    try:
        return name.encode("cp437").decode()
    except UnicodeError:
        return name


def _unwanted(info: zipfile.ZipInfo, name: str) -> str:
    """Return why a file of a zip is not written, or ""."""
    if _DRIVE.match(name):
        return f"the path {name!r} leaves its folder"
    if any(part.partition(".")[0].strip().casefold() in _DEVICES for part in name.split("/")):
        return "its name is that of a device on Windows"
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        return "not a regular file"
    if info.flag_bits & _ENCRYPTED:
        return "encrypted"
    if info.file_size > MAX_FILE:
        return f"{info.file_size:,} bytes, more than {MAX_FILE:,}"
    return ""


def _write(opened: zipfile.ZipFile, info: zipfile.ZipInfo, folder: Path, name: str) -> str:
    """Write a file of a zip; return the reason for a failure, or "".

    zipfile reads no more bytes of a file than the archive declares.
    """
    try:
        path = inside(folder, name)
    except ValueError as error:
        return str(error)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(info) as source, path.open("xb") as target:
            shutil.copyfileobj(source, target)
        seconds = time.mktime((*info.date_time, 0, 0, -1))
        os.utime(path, (seconds, seconds))
    except (FileExistsError, NotADirectoryError):
        return "there are two files with this name; the first is used"
    except (*_DAMAGED, OverflowError) as error:
        with contextlib.suppress(OSError):
            path.unlink()
        return f"cannot be read: {error}"
    return ""


def copy_or_unpack(source: Path, target: Path) -> list[str]:
    """Unpack the archives in a folder of downloads into another folder, and copy all other files.

    Archives are in the folder itself or in folders in it. A zip that is itself an upload, in an
    archive that was unpacked before, is copied: its content is a student's.

    Return a sentence for each file left out, like `unpack`, and for each unreadable zip.
    """
    left_out: list[str] = []
    for parent, folders, names in os.walk(source):
        folders[:] = sorted(
            name
            for name in folders
            if not (is_rubbish(name) or os.path.islink(os.path.join(parent, name)))
        )
        above = Path(parent).relative_to(source)
        is_students = len(above.parts) > 1 or any(is_upload(f"{name}/") for name in above.parts)
        paths = [
            path
            for path in sorted(Path(parent, name) for name in names)
            if not is_rubbish(path.name) and not path.is_symlink() and path.is_file()
        ]
        beside = [f"{name}/" for name in folders] + [p.name for p in paths if not _is_zip(p)]
        is_unpacked = any(map(is_upload, beside))
        for path in paths:
            if _is_zip(path) and not is_students and not (is_unpacked and _is_named_upload(path)):
                try:
                    left_out += _unpack_download(path, target / above)
                except ValueError as error:
                    left_out.append(str(error))
            else:
                _copy(path, target / above)
    return left_out


def _is_zip(path: Path) -> bool:
    return path.name.lower().endswith(".zip")


def _copy(path: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, folder / path.name)


def _unpack_download(path: Path, folder: Path) -> list[str]:
    """Unpack an archive, or copy a zip whose name and content are those of an upload.

    Return a sentence for each file left out.

    Raises
    ------
    ValueError
        If the zip is not readable, or if it may be an archive or an upload.
    """
    if not _is_named_upload(path):
        return unpack(path, _free(folder / path.stem))
    if _holds_uploads(path):
        readers = readers_of(path.name) or readers_of(f"{path.stem}/")
        raise ValueError(
            f"{path.name}: not collected: it has the content of an archive and the name of a "
            f"student's upload on {either(readers)}. {_advice(readers)}"
        )
    _copy(path, folder)
    return []


def _advice(readers: Sequence[str]) -> str:
    """Return what to do about an archive with the name of an upload on some platforms."""
    names = "submissions.zip", "archive.zip"
    if free := [name for name in names if not _is_named_upload(Path(name))]:
        return f"If it is an archive, rename it, for example to {free[0]}"
    return f"{either(readers)} reads any name: correct or uninstall this plug-in"


def _is_named_upload(path: Path) -> bool:
    return is_upload(path.name) or is_upload(f"{path.stem}/")


def _holds_uploads(path: Path) -> bool:
    """True if a zip is an archive of submissions by the names in it."""
    try:
        with zipfile.ZipFile(path) as opened:
            names = [name_in_zip(info) for info in opened.infolist() if not info.is_dir()]
            return bool(read_archive(names, folder=top_folder(names)))
    except (zipfile.BadZipFile, RuntimeError, OSError):
        return False  # not readable
    except ValueError:
        return True  # of an unclear platform


def _free(path: Path) -> Path:
    """Return the path, with a number appended if it already exists."""
    others = (path.with_name(f"{path.name}-{number}") for number in itertools.count(1))
    return next(free for free in itertools.chain([path], others) if not free.exists())
