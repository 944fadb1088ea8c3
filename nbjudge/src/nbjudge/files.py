"""Read folders and files that a stranger may have made, with care, and write files whole.

Symbolic links, pipes and devices are never followed or opened, and sizes are bounded.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import stat
import time
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch, fnmatchcase
from pathlib import Path

MAX_FILE = 32 << 20  # bytes; a larger file is left out
MAX_FILES = 2000
MAX_TOTAL = 128 << 20
MAX_DEPTH = 50  # folders inside each other
IS_LINK = "it is a symbolic link"  # why a folder is not read
LOCKED = 120  # seconds that one waits for another to write a folder
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC  # how a folder is opened
RUBBISH = (  # what systems and editors leave beside people's files, in lower case
    "__macosx",
    "._*",  # of macOS, beside each file on a drive that is not its own
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
    """The regular files of a folder: {path inside it: content}, and what was left out, and why."""

    files: dict[str, bytes] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def digest(self) -> str:
        """A hash of all paths and contents."""
        return digest_of(sorted((name, content) for name, content in self.files.items()))


def is_rubbish(name: str) -> bool:
    """True if a file or folder of this name is left by a system or an editor, and nobody's work."""
    return any(fnmatchcase(name.lower(), pattern) for pattern in RUBBISH)


def folded(name: str) -> str:
    """Return a file's name in one form: systems differ in case and in the form of Unicode."""
    return unicodedata.normalize("NFC", name).casefold()


def reason_of(error: Exception) -> str:
    """Return what an exception of reading or writing says, without the path."""
    return getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"


def digest_of(pairs: Iterable[tuple[str, bytes]]) -> str:
    """A hash of (name, content) pairs."""
    digest = hashlib.sha256()
    for name, content in pairs:
        digest.update(f"{len(name)}:{name}:{len(content)}:".encode("utf-8", "surrogateescape"))
        digest.update(content)
    return digest.hexdigest()


def read_folder(folder: Path | str, ignore: Collection[str] = ()) -> Folder:
    """The regular files below a folder, without RUBBISH.

    Parameters
    ----------
    ignore
        Patterns of names that are skipped as well, as nbgrader's `CourseDirectory.ignore`.

    Raises
    ------
    OSError
        Where the folder itself cannot be listed.
    """
    return _read_open_folder(os.open(folder, _FOLDER), folder, ignore)


def read_submission(folder: Path, ignore: Collection[str] = ()) -> Folder:
    """As read_folder, of a place that a student may have made.

    Raises
    ------
    OSError
        Where the folder cannot be listed, and where it is a link to elsewhere.
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
    """Read a folder that is open, and close it.

    Each folder below is opened in the open one above it (`os.fwalk`), never by a path: a folder
    that is exchanged for a link meanwhile leads nowhere.
    """
    found, total = Folder(), 0
    try:
        for where, folders, names, here in os.fwalk(
            ".", onerror=lambda e: _left(found, e.filename, e), dir_fd=descriptor
        ):
            folders[:] = sorted(name for name in folders if not _ignored(name, ignore))
            for name in list(folders):
                if _is_link(name, here):
                    found.left_out.append(f"{ascii(name)} is a symbolic link")
                    folders.remove(name)
            if len(Path(where).parts) >= MAX_DEPTH and folders:
                found.left_out.append(f"folders more than {MAX_DEPTH} deep")
                folders.clear()
            for name in sorted(names, key=lambda name: (not name.endswith(".ipynb"), name)):
                inside = os.path.normpath(os.path.join(where, name))
                if _ignored(name, ignore):
                    continue
                if len(found.files) >= MAX_FILES or total > MAX_TOTAL:
                    found.left_out.append("there is more than a submission may have")
                    return found
                try:
                    content = read_file(os.path.join(folder, inside), here)
                except (OSError, ValueError) as error:
                    _left(found, inside, error)
                    continue
                found.files[inside] = content
                total += len(content)
    finally:
        os.close(descriptor)
    return found


def _is_link(name: str, folder: int) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False


def _left(found: Folder, name: object, error: Exception) -> None:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else error
    found.left_out.append(f"{ascii(os.path.basename(str(name)))[1:-1]}: {reason}")


def _ignored(name: str, patterns: Collection[str]) -> bool:
    return is_rubbish(name) or any(fnmatch(name, pattern) for pattern in patterns)


def read_file(path: str, folder: int | None = None) -> bytes:
    """The content of a regular file that a stranger may have made.

    Parameters
    ----------
    folder
        The open folder that holds the file, whatever the path says of folders.

    Raises
    ------
    OSError
        Where it cannot be read.
    ValueError
        Where it is no regular file, too large, or has a name that is no text.
    """
    inside = path.encode("utf-8", "surrogateescape")
    inside.decode("utf-8")  # a name that is no text cannot be passed on
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
            raise ValueError("no regular file")
        if status.st_size > MAX_FILE:
            raise ValueError(f"{status.st_size:,} bytes, more than {MAX_FILE:,}")
        return file.read()


def lock_file(descriptor: int, seconds: float) -> bool:
    """Lock a file or folder against all that ask the same; whether it is not locked by another.

    Where the file system has no locks, as some network drives, nobody is kept away.
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
    """Keep other processes and threads that ask the same from a folder, which is made if need be.

    Raises
    ------
    OSError
        The folder cannot be made, or is locked for longer than anybody takes.
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
    """Refuse a folder in which nothing can be made, or that cannot be made itself.

    Raises
    ------
    ValueError
        The sentence says which folder, and what to do.
    """
    place = next(path for path in (folder, *folder.parents) if path.exists())
    if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
        raise ValueError(
            f"{folder} cannot be written: {place} must be a folder in which this user may make "
            "files, on a file system that is not mounted read-only."
        )


def put_file(path: Path, content: bytes, mode: int | None = None) -> None:
    """Write a file beside its place, then put it there, so that it is never half of one.

    Parameters
    ----------
    mode
        The file's; by default as for any new file.

    Raises
    ------
    OSError
        Where it cannot be written; the old file is left as it was.
    """
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_bytes(content)
        if mode is not None:
            new.chmod(mode)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def remove_folder(folder: str) -> None:
    """Remove a folder that a stranger may have filled; what cannot be removed stays.

    One folder is open at a time, and nothing recurses, so that folders may lie inside each other
    to any depth (`shutil.rmtree` before Python 3.13 recurses). Nothing else may write there.
    """
    flags = _FOLDER | os.O_NOFOLLOW
    with contextlib.suppress(OSError):
        here = os.open(folder, flags)
        try:
            waiting = [_remove_files(here)]  # of the folder, of the one in it, and so on down
            while True:
                if waiting[-1]:
                    os.chmod(waiting[-1][-1], 0o700, dir_fd=here)
                    here = _move(here, waiting[-1][-1], flags)
                    waiting.append(_remove_files(here))
                elif len(waiting) > 1:
                    waiting.pop()
                    here = _move(here, "..", flags)
                    os.rmdir(waiting[-1].pop(), dir_fd=here)
                else:
                    break
        finally:
            os.close(here)
        os.rmdir(folder)


def _move(here: int, name: str, flags: int) -> int:
    """Open a folder by its name in an open one, which is closed."""
    there = os.open(name, flags, dir_fd=here)
    os.close(here)
    return there


def _remove_files(descriptor: int) -> list[str]:
    """Remove all but the folders from an open folder, and return the names of those."""
    folders = []
    with os.scandir(descriptor) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            else:
                os.unlink(entry.name, dir_fd=descriptor)
    return folders
