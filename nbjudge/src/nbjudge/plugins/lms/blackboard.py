"""Blackboard: file names in its archives of submissions.

A file name such as `Padding_ada_attempt_2026-11-02-23-59-00_padding.ipynb` consists of assignment,
user name, time and file. The first time in it is Blackboard's; another one belongs to the file. The
name of Blackboard's text about an attempt ends with the time:
`Padding_ada_attempt_2026-11-02-23-59-00.txt`. The text begins with `Name: Ada Lovelace (ada)`.

The title of the assignment and a user name may contain "_". The title begins all names.
"""

import datetime
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from nbjudge.plugins.lms.platform import Platform, UploadName

_UPLOAD = re.compile(
    r"(?P<name>[^/]+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<file>.*)|\.txt)", re.DOTALL
)


def _read_names(entries: Sequence[str]) -> list[UploadName | None]:
    matches = [_match(entry) for entry in entries]
    names = [match["name"].split("_") for match in matches if match]
    shared = len(os.path.commonprefix(names))  # words: the title, and perhaps more
    longest = min([shared, *(len(words) - 1 for words in names)])
    return [_upload(match, longest) if match else None for match in matches]


def _match(entry: str) -> re.Match[str] | None:
    match = _UPLOAD.fullmatch(entry.removesuffix("/"))
    if not match or match["file"] == "" and not entry.endswith("/"):
        return None
    try:
        _time(match)
    except ValueError:  # not a valid date
        return None
    return match


def _time(match: re.Match[str]) -> datetime.datetime:
    return datetime.datetime.strptime(match["time"], "%Y-%m-%d-%H-%M-%S")


def _upload(match: re.Match[str], longest: int) -> UploadName:
    """Return the name of an upload.

    Parameters
    ----------
    longest
        Maximum number of words in the title of the assignment; 0 if the archive does not show it.
    """
    name, file = match["name"], match["file"] or ""
    words = name.split("_")
    starts = range(1, (longest or len(words) - 1) + 1)
    logins = ["_".join(words[start:]) for start in starts]  # longest first
    student = _with_logins(logins, logins[-1] if logins else name, name)
    prefix = match.string.removesuffix(file)
    return UploadName(
        platform="Blackboard", prefix=prefix, file=file, name=name, time=_time(match), **student
    )


def _with_logins(logins: Iterable[str], label: str, name: str) -> dict[str, Any]:
    """Return the fields `known` and `labels` of an upload whose user name is one of `logins`."""
    known = tuple((("id", login), ("lms_user_id", login)) for login in logins)
    return {"known": known, "labels": ((label, ""), (name, ""))}


def _read_text(name: UploadName, text: str) -> UploadName:
    """Add the user name from Blackboard's text about an attempt, if the text has one."""
    login = re.search(r"\(([^()]+)\)\s*$", text.partition("\n")[0])
    if login and f"_{name.name}".endswith(f"_{login[1]}"):
        return replace(name, **_with_logins([login[1]], login[1], name.name))
    return name


PLATFORM = Platform(
    name="Blackboard",
    example="ASSIGNMENT_ada_attempt_2026-11-02-23-59-00_FILE",
    download="Grade Center > the menu of the column > Assignment File Download",
    read_names=_read_names,
    read_text=_read_text,
)
