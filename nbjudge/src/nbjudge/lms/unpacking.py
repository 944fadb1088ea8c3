"""Unpack archives of submissions safely: their content is untrusted.

Only regular files are written, below the target folder and never over another file. Sizes and
numbers of files are limited as in submissions, and nothing is executed.
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
    """Unpack a zip; also unpack each zip in it, into a folder of the same name beside it.

    Parameters
    ----------
    folder
        Target folder, which is created if missing. Files keep the times in the archive.
    submitted
        True if a student made the zip: then the limits of a submission apply, and files that exceed
        them are left out. A platform's own archive may have any number of files.

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
                    left_out.append(f"{archive.name}: exceeds the limits of a submission")
                    break
                total += info.file_size
                if why := _unwanted(info, name) or _write(opened, info, folder / name):
                    left_out.append(f"{archive.name}: {ascii(name)[1:-1]}: {why}")
                elif name.lower().endswith(".zip"):
                    inner.append(folder / name)
    except (*_DAMAGED, RuntimeError) as error:
        raise ValueError(f"{archive.name} is not a readable zip file: {error}") from None
    for path in inner if not submitted else ():
        try:
            left_out += unpack(path, path.with_suffix(""), submitted=True)
        except ValueError as error:
            left_out.append(f"{error}; it is collected without unpacking")
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
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or ":" in parts[0] or "\0" in name:
        return "its path leads out of the target folder"
    if len(parts) > MAX_DEPTH:
        return f"nested more than {MAX_DEPTH} folders deep"
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        return "not a regular file"
    if info.flag_bits & _ENCRYPTED:
        return "encrypted"
    if info.file_size > MAX_FILE:
        return f"{info.file_size:,} bytes, more than {MAX_FILE:,}"
    return ""


def _write(opened: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> str:
    """Write a file of a zip; return the reason for a failure, or "".

    zipfile reads no more bytes of a file than the archive declares.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(info) as source, path.open("xb") as target:
            shutil.copyfileobj(source, target)
        seconds = time.mktime((*info.date_time, 0, 0, -1))
        os.utime(path, (seconds, seconds))
    except FileExistsError:
        return "there are two files with this name; the first is used"
    except _DAMAGED as error:
        path.unlink(missing_ok=True)
        return f"cannot be read: {error}"
    return ""


def copy_or_unpack(source: Path, target: Path) -> list[str]:
    """Unpack the zips in a folder of downloads into another folder, and copy all other files.

    Return a sentence for each file left out, like `unpack`, and for each unreadable zip.
    """
    left_out: list[str] = []
    for parent, folders, names in os.walk(source):
        folders[:] = sorted(
            name
            for name in folders
            if not (is_rubbish(name) or os.path.islink(os.path.join(parent, name)))
        )
        inside = target / os.path.relpath(parent, source)
        for path in sorted(Path(parent, name) for name in names):
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
    """Return the path, with a number appended if it already exists."""
    others = (path.with_name(f"{path.name}-{number}") for number in itertools.count(1))
    return next(free for free in itertools.chain([path], others) if not free.exists())
