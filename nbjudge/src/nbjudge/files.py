"""Read untrusted folders and files safely, join untrusted names, and write files atomically.

Symbolic links are never followed, pipes and devices never opened, and sizes are bounded.
"""

import contextlib
import errno
import fcntl
import hashlib
import math
import os
import re
import stat
import time
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch, fnmatchcase
from pathlib import Path

MAX_FILE = 32 << 20  # bytes; larger files are skipped
MAX_FILES = 2000
MAX_TOTAL = 128 << 20
MAX_DEPTH = 50  # nested folders
MAX_NAME = 255  # bytes of a name in a folder, on all common file systems
TRIES = 5  # to measure a folder while others change it
BLOCK = 4096  # bytes that a file takes at least, with its entry in a folder
IS_LINK = "it is a symbolic link"  # the reason why a folder is not read
LOCKED = 120  # seconds to wait while another process writes a folder
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC  # flags for opening a folder
RUBBISH = (  # files created by operating systems and editors, in lower case
    "__macosx",
    "._*",  # macOS writes one next to each file on non-Apple file systems
    ".ds_store",
    "thumbs.db",
    "desktop.ini",
    ".ipynb_checkpoints",
    "*~",
    ".#*",
    "*.swp",
    "~$*",
)


@dataclass
class Folder:
    """Regular files of a folder, {path inside it: content}, and skipped files, with reasons."""

    files: dict[str, bytes] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def digest(self) -> str:
        """Return a hash of all paths and contents."""
        return digest_of(sorted((name, content) for name, content in self.files.items()))


def is_rubbish(name: str) -> bool:
    """True if a file or folder with this name was created by an operating system or an editor.

    >>> import nbjudge
    >>> [name for name in ("ps1.ipynb", ".DS_Store", "__MACOSX") if nbjudge.is_rubbish(name)]
    ['.DS_Store', '__MACOSX']
    """
    return any(fnmatchcase(name.lower(), pattern) for pattern in RUBBISH)


def folded(name: str) -> str:
    """Return a file name normalized for comparison: systems differ in case and Unicode form."""
    return unicodedata.normalize("NFC", name).casefold()


def inside(folder: Path | str, name: str) -> Path:
    """Return the path of a file below a folder, from a name that may come from outside.

    Every such name is joined here: a path with `..` or `/` would lead anywhere.

    Parameters
    ----------
    name
        Path inside the folder. Empty parts and `.` are dropped.

    Raises
    ------
    ValueError
        If the path leaves the folder, is the folder itself, or cannot exist.
    """
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or ".." in re.split(r"[/\\]", name) or "\0" in name:
        raise ValueError(f"the path {name!r} leaves its folder")
    if not parts:
        raise ValueError("it has no name")
    if len(parts) > MAX_DEPTH:
        raise ValueError(f"it is nested more than {MAX_DEPTH} folders deep")
    if max(len(os.fsencode(part)) for part in parts) > MAX_NAME:
        raise ValueError(f"a name in its path has more than {MAX_NAME} bytes")
    return Path(folder, *parts)


def write_files(folder: Path | str, files: Mapping[str, bytes]) -> None:
    """Write files, {path inside the folder: content}, and create their folders.

    Raises
    ------
    OSError
        If a file cannot be written.
    ValueError
        If a path leaves the folder.
    """
    for name, content in files.items():
        path = inside(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def reason_of(error: Exception) -> str:
    """Return the message of a read or write error, without the path."""
    return getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"


def digest_of(pairs: Iterable[tuple[str, bytes]]) -> str:
    """Return a hash of (name, content) pairs."""
    digest = hashlib.sha256()
    for name, content in pairs:
        digest.update(f"{len(name)}:{name}:{len(content)}:".encode("utf-8", "surrogateescape"))
        digest.update(content)
    return digest.hexdigest()


def read_folder(folder: Path | str, ignore: Collection[str] = ()) -> Folder:
    """Read the regular files below a folder, except for RUBBISH.

    Parameters
    ----------
    ignore
        Further patterns of names to skip, such as nbgrader's `CourseDirectory.ignore`.

    Raises
    ------
    OSError
        If the folder itself cannot be listed.
    """
    return _read_open_folder(os.open(folder, _FOLDER), folder, ignore)


def read_submission(folder: Path, ignore: Collection[str] = ()) -> Folder:
    """Read a folder like `read_folder`, but reject symbolic links that a student may have created.

    Raises
    ------
    OSError
        If the folder cannot be listed, or if it or its parent is a symbolic link.
    """
    if os.path.islink(folder) or os.path.islink(folder.parent):
        raise OSError(errno.ELOOP, IS_LINK)
    above = os.open(folder.parent, _FOLDER | os.O_NOFOLLOW)
    try:
        descriptor = os.open(folder.name, _FOLDER | os.O_NOFOLLOW, dir_fd=above)
    finally:
        os.close(above)
    return _read_open_folder(descriptor, folder, ignore)


def _read_open_folder(descriptor: int, folder: Path | str, ignore: Collection[str]) -> Folder:
    """Read an open folder, and close it.

    Subfolders are opened relative to their open parent (`os.fwalk`), never by path, so swapping
    a folder for a symbolic link during the walk has no effect.
    """
    result, total = Folder(), 0
    try:
        for parent, folders, names, parent_fd in os.fwalk(
            ".", onerror=lambda e: _leave_out(result, e.filename, e), dir_fd=descriptor
        ):
            folders[:] = sorted(name for name in folders if not _ignored(name, ignore))
            for name in list(folders):
                if _is_link(name, parent_fd):
                    result.left_out.append(f"{ascii(name)} is a symbolic link")
                    folders.remove(name)
            if len(Path(parent).parts) >= MAX_DEPTH and folders:
                result.left_out.append(f"folders nested more than {MAX_DEPTH} levels deep")
                folders.clear()
            for name in sorted(names, key=lambda name: (not name.endswith(".ipynb"), name)):
                path = os.path.normpath(os.path.join(parent, name))
                if _ignored(name, ignore):
                    continue
                if len(result.files) >= MAX_FILES or total > MAX_TOTAL:
                    result.left_out.append(
                        f"all further files: a submission may have {MAX_FILES:,} files and "
                        f"{MAX_TOTAL >> 20} MB"
                    )
                    return result
                try:
                    content = read_file(str(inside(folder, path)), parent_fd)
                except (OSError, ValueError) as error:
                    _leave_out(result, path, error)
                    continue
                result.files[path] = content
                total += len(content)
    finally:
        os.close(descriptor)
    return result


def _is_link(name: str, folder: int) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False


def _leave_out(result: Folder, name: object, error: Exception) -> None:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else error
    result.left_out.append(f"{ascii(os.path.basename(str(name)))[1:-1]}: {reason}")


def _ignored(name: str, patterns: Collection[str]) -> bool:
    return is_rubbish(name) or any(fnmatch(name, pattern) for pattern in patterns)


def read_file(path: str, folder: int | None = None) -> bytes:
    """Return the content of an untrusted regular file.

    Parameters
    ----------
    path
        Path of the file. If `folder` is given, only its last part is used for opening the file.
    folder
        Descriptor of the open folder that holds the file.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is not a regular file, is too large, or has a name that is not valid UTF-8.
    """
    encoded = path.encode("utf-8", "surrogateescape")
    encoded.decode("utf-8")  # raises UnicodeDecodeError: such a name cannot be sent to a judge
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        name = path if folder is None else os.path.basename(path)
        descriptor = os.open(name, flags, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP:
            text = "it is a symbolic link, which is not followed; submit the file itself"
            raise ValueError(text) from None
        raise
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("not a regular file")
        if status.st_size > MAX_FILE:
            raise ValueError(f"{status.st_size:,} bytes, more than {MAX_FILE:,}")
        return file.read()


def lock_file(descriptor: int, seconds: float) -> bool:
    """Lock a file or folder exclusively; return False if another process keeps it locked.

    The lock is advisory. If the file system does not support locks, as on some network drives,
    return True without one.

    Parameters
    ----------
    seconds
        Maximum time to wait for the lock.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        except OSError:
            return True


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold an exclusive lock on a folder, which is created if missing, while the block runs.

    Raises
    ------
    OSError
        If the folder cannot be created, or stays locked for LOCKED seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, _FOLDER)
    try:
        if not lock_file(descriptor, LOCKED):
            text = f"another process has been writing it for {LOCKED} seconds"
            raise OSError(errno.EBUSY, text, str(folder))
        yield
    finally:
        os.close(descriptor)


def check_writable(folder: Path) -> None:
    """Raise ValueError if a folder cannot be written or created.

    Raises
    ------
    ValueError
        The message names the folder and the remedy.
    """
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not (existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)):
        raise ValueError(
            f"{folder} cannot be written: {existing} must be a folder in which this user may "
            "create files, on a file system that is not mounted read-only."
        )


def put_file(path: Path, content: bytes, mode: int | None = None) -> None:
    """Write a file atomically: write a temporary file in the same folder, then rename it.

    Parameters
    ----------
    mode
        Permission bits of the file; by default those of any new file.

    Raises
    ------
    OSError
        If the file cannot be written; an existing file is left unchanged.
    """
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    try:
        with new.open("xb") as file:  # not through a link that a student may have put there
            file.write(content)
        if mode is not None:
            new.chmod(mode)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def remove_folder(folder: str) -> None:
    """Remove as much of an untrusted folder as possible, ignoring errors.

    Only one folder is open at a time and nothing recurses, so folders may be nested to any depth
    (`shutil.rmtree` before Python 3.13 recurses). No other process may write to the folder.
    """
    flags = _FOLDER | os.O_NOFOLLOW
    with contextlib.suppress(OSError):
        current = os.open(folder, flags)
        try:
            remaining = [_remove_files(current)]  # subfolders left at each level, from the top
            while True:
                if remaining[-1]:
                    os.chmod(remaining[-1][-1], 0o700, dir_fd=current)
                    current = _change_folder(current, remaining[-1][-1], flags)
                    remaining.append(_remove_files(current))
                elif len(remaining) > 1:
                    remaining.pop()
                    current = _change_folder(current, "..", flags)
                    os.rmdir(remaining[-1].pop(), dir_fd=current)
                else:
                    break
        finally:
            os.close(current)
        os.rmdir(folder)


def size_of_folder(folder: str) -> float:
    """Return the size of the files below an untrusted folder in bytes, while others write to it.

    Only one folder is open at a time and nothing recurses, as in `remove_folder`.

    Returns
    -------
    size
        Bytes on the disk, and one block for each file or subfolder, however small; infinite if a
        subfolder cannot be listed, or if some are moved or removed each time.
    """
    for _ in range(TRIES):
        try:
            return _measured(os.open(folder, _FOLDER | os.O_NOFOLLOW))
        except FileNotFoundError:
            if not os.path.lexists(folder):
                return 0
        except OSError:
            break
    return math.inf


def _measured(current: int) -> int:
    """Return the size of the files below an open folder, and close it.

    Raises
    ------
    FileNotFoundError
        If a folder was moved or removed meanwhile.
    """
    try:
        size, folders = _sizes(current)
        levels = [(_identity(current), folders)]  # of the open folder, last, and those above it
        while True:
            if levels[-1][1]:
                current = _change_folder(current, levels[-1][1].pop(), _FOLDER | os.O_NOFOLLOW)
                more, folders = _sizes(current)
                size += more
                levels.append((_identity(current), folders))
            elif len(levels) > 1:
                levels.pop()
                current = _change_folder(current, "..", _FOLDER)
                if _identity(current) != levels[-1][0]:
                    raise FileNotFoundError("a folder was moved")
            else:
                return size
    finally:
        os.close(current)


def _identity(descriptor: int) -> tuple[int, int]:
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino


def _sizes(descriptor: int) -> tuple[int, list[str]]:
    """Return the size of an open folder's entries in bytes, and the names of its subfolders."""
    size, folders = 0, []
    with os.scandir(descriptor) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):
                size += max(BLOCK, entry.stat(follow_symlinks=False).st_blocks * 512)
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
    return size, folders


def _change_folder(descriptor: int, name: str, flags: int) -> int:
    """Open a subfolder of an open folder by name, and close the parent."""
    new = os.open(name, flags, dir_fd=descriptor)
    os.close(descriptor)
    return new


def _remove_files(descriptor: int) -> list[str]:
    """Remove everything except subfolders from an open folder; return the subfolders' names."""
    folders = []
    with os.scandir(descriptor) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            else:
                os.unlink(entry.name, dir_fd=descriptor)
    return folders
