"""The graders of an assignment: their names and their personal links."""

import base64
import hashlib
import hmac
import os
import secrets
import stat
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from nbjudge.files import digest_of, reason_of

LONGEST_NAME = 40  # characters
LIFETIME = 180  # days, after which the links of an assignment's review are replaced


def parse_graders(text: str) -> tuple[str, ...]:
    """Return the names in a comma-separated list.

    Raises
    ------
    ValueError
        If a name is empty, too long, not printable or given twice.
    """
    names = tuple(" ".join(name.split()) for name in text.split(","))
    for name in names:
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise ValueError(
                f"expected names separated by commas, such as ana,ben, of at most {LONGEST_NAME} "
                f"characters each, not {text!r}"
            )
    times = Counter(name.casefold() for name in names)
    for name in names:
        if times[name.casefold()] > 1:
            raise ValueError(
                f"expected a different name for each grader, got {name} more than once (capitals "
                f"do not count) in {text!r}"
            )
    return names


def key_file(root: Path, assignment_id: str) -> Path:
    """Return the file of the key that signs the links to an assignment's review.

    The file is in the user's own folder: a course folder is often shared or under version control.

    Parameters
    ----------
    assignment_id
        The assignment's random id in the gradebook. With a new gradebook, such as that of the next
        term, the links are new as well.
    """
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    course = digest_of([("root", str(root.resolve()).encode()), ("id", assignment_id.encode())])
    return state / "nbjudge" / f"review-{course[:16]}.key"


def read_key(file: Path) -> bytes:
    """Return the key in a file; create a random one if there is none, or if it is too old.

    Raises
    ------
    ValueError
        If the file cannot be read or created, or if other users can read it.
    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if file.exists() and time.time() - file.lstat().st_mtime > LIFETIME * 24 * 3600:
            file.unlink()
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with open(descriptor, "wb") as new:
                new.write(secrets.token_bytes(32))
        status, key = file.lstat(), file.read_bytes()
    except OSError as error:
        raise ValueError(
            f"{file}, which signs the graders' links, cannot be used: {reason_of(error)}"
        ) from None
    is_private = stat.S_ISREG(status.st_mode) and not status.st_mode & 0o077
    if not is_private or status.st_uid != os.geteuid() or len(key) != 32:
        raise ValueError(
            f"{file} must be a file of 32 bytes that only you can read, because it signs the "
            "graders' links. Delete it, and new links will be made"
        )
    return key


def tokens_of(graders: Iterable[str], key: bytes) -> dict[str, str]:
    """Return the token in each grader's link, by name: a signature of the name."""
    return {
        grader: base64.urlsafe_b64encode(
            hmac.new(key, b"nbjudge review\0" + grader.encode(), hashlib.sha256).digest()
        )
        .rstrip(b"=")
        .decode()
        for grader in graders
    }
