"""Blackboard: file names in its archives of submissions.

A file name such as `Padding_ada_attempt_2026-11-02-23-59-00_padding.ipynb` consists of assignment,
user name, time and file. The name of Blackboard's text about an attempt ends with the time:
`Padding_ada_attempt_2026-11-02-23-59-00.txt`. The text begins with `Name: Ada Lovelace (ada)`.
"""

import datetime
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from nbjudge.lms.platform import Platform, UploadName

_UPLOAD = re.compile(r"(?P<name>[^/]+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)")


def _read_name(path: str, before: str) -> UploadName | None:
    if not (match := _UPLOAD.fullmatch(path)):
        return None
    try:
        time = datetime.datetime.strptime(match["time"], "%Y-%m-%d-%H-%M-%S")
    except ValueError:  # not a valid date
        return None
    name, file = match["name"], match["file"] or ""
    words = name.split("_")
    logins = ["_".join(words[start:]) for start in range(1, len(words))]  # longest first
    student = _with_logins(logins, words[-1], name)
    prefix = before + path.removesuffix(file)
    return UploadName("Blackboard", prefix, file, name, time=time, **student)


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
    "Blackboard",
    "ASSIGNMENT_ada_attempt_2026-11-02-23-59-00_FILE",
    "Grade Center > the menu of the column > Assignment File Download",
    _read_name,
    _read_text,
)
