"""Unpack archives of submissions with care: a student may have made what is in them.

Only regular files are written, below the folder that is given and over no other file. Sizes and
numbers are limited as for submissions, and nothing is executed.
"""

import itertools
import os
import shutil
import stat
import time
import unicodedata
import zipfile
import zlib
from pathlib import Path

from nbjudge.files import MAX_DEPTH, MAX_FILE, MAX_FILES, MAX_TOTAL, is_rubbish

_ENCRYPTED, _SAYS_UTF_8 = 0x1, 0x800
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)


def unpack(archive: Path, folder: Path, submitted: bool = False) -> list[str]:
    """Unpack a zip, and the zips in it beside themselves, each into a folder of its name.

    Parameters
    ----------
    folder
        Where to, with the times that the archive gives; made if need be.
    submitted
        Whether a student has made it: it is then limited as a submission is, and what it cannot
        hold is left out. A platform's own archive has as many files as it has.

    Returns
    -------
    list of str
        What was left out, and why: a sentence each.

    Raises
    ------
    ValueError
        Where it is no zip that can be read.
    """
    left_out: list[str] = []
    inner: list[Path] = []
    total = 0
    try:
        with zipfile.ZipFile(archive) as opened:
            folder.mkdir(parents=True, exist_ok=True)
            files = [info for info in opened.infolist() if not info.is_dir()]
            for number, info in enumerate(files):
                name = unicodedata.normalize("NFC", name_in_zip(info))
                if any(map(is_rubbish, name.split("/"))):
                    continue
                if submitted and (number >= MAX_FILES or total + info.file_size > MAX_TOTAL):
                    left_out.append(f"{archive.name}: more than a submission may have")
                    break
                total += info.file_size
                if why := _unwanted(info, name) or _write(opened, info, folder / name):
                    left_out.append(f"{archive.name}: {ascii(name)[1:-1]}: {why}")
                elif name.lower().endswith(".zip"):
                    inner.append(folder / name)
    except (*_DAMAGED, RuntimeError) as error:
        raise ValueError(f"{archive.name} is no zip file that can be read: {error}") from None
    for path in inner if not submitted else ():
        try:
            left_out += unpack(path, path.with_suffix(""), submitted=True)
        except ValueError as error:
            left_out.append(f"{error}; it is collected as it is")
    return left_out


def name_in_zip(info: zipfile.ZipInfo) -> str:
    """Return the name of a file in a zip, which may be in UTF-8 without saying so."""
    name = info.orig_filename.replace("\\", "/")
    if info.flag_bits & _SAYS_UTF_8:
        return name
    try:
        return name.encode("cp437").decode()
    except UnicodeError:
        return name


def _unwanted(info: zipfile.ZipInfo, name: str) -> str:
    """Why a file of a zip is not written, or ""."""
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or ":" in parts[0] or "\0" in name:
        return "leads out of the archive"
    if len(parts) > MAX_DEPTH:
        return f"more than {MAX_DEPTH} folders deep"
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        return "no regular file"
    if info.flag_bits & _ENCRYPTED:
        return "encrypted"
    if info.file_size > MAX_FILE:
        return f"{info.file_size:,} bytes, more than {MAX_FILE:,}"
    return ""


def _write(opened: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> str:
    """Write a file of a zip; returns why it could not be, or "".

    zipfile reads no more bytes of a file than the archive has announced.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(info) as source, path.open("xb") as target:
            shutil.copyfileobj(source, target)
        seconds = time.mktime((*info.date_time, 0, 0, -1))
        os.utime(path, (seconds, seconds))
    except FileExistsError:
        return "there are two of this name, and the first was taken"
    except _DAMAGED as error:
        path.unlink(missing_ok=True)
        return f"cannot be read: {error}"
    return ""


def copy_or_unpack(source: Path, target: Path) -> list[str]:
    """Put a file or folder of downloads into a folder: zips unpacked, all else copied.

    Returns what was left out, as `unpack` does; a zip that cannot be read is said, too.
    """
    left_out: list[str] = []
    for where, folders, names in os.walk(source):
        folders[:] = sorted(
            name
            for name in folders
            if not (is_rubbish(name) or os.path.islink(os.path.join(where, name)))
        )
        inside = target / os.path.relpath(where, source)
        for path in sorted(Path(where, name) for name in names):
            if is_rubbish(path.name) or path.is_symlink() or not path.is_file():
                continue
            if path.suffix.lower() == ".zip":
                try:
                    left_out += unpack(path, _free(inside / path.stem))
                except ValueError as error:
                    left_out.append(str(error))
            else:
                inside.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, inside / path.name)
    return left_out


def _free(path: Path) -> Path:
    """The path, or the first like it that nothing has."""
    others = (path.with_name(f"{path.name}-{number}") for number in itertools.count(1))
    return next(one for one in itertools.chain([path], others) if not one.exists())
