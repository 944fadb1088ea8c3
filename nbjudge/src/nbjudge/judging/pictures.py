"""Figures that nobody grades are not drawn again: the picture kept is the student's own.

Drawing takes most of the time that a notebook with figures takes. Where a cell that no person
grades shows a figure, the session sends a mark in the place of the picture, and the judge puts
there what the submitted file has: the k-th picture of that cell for its k-th figure, if it is one.
"""

import base64
import binascii
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from nbjudge.wire.outputs import NOT_DRAWN, Allowance, Output

PICTURES = ("image/png", "image/jpeg")
MAX_SIDE, MAX_PIXELS = 20_000, 50_000_000  # whoever opens the page needs memory for all of them
SHOWN = ("width", "height")  # of a picture's metadata, in pixels of the page


def keep_pictures(
    outputs: list[Output], submitted: object, limit: int, allowance: Allowance
) -> list[Output]:
    """Outputs in which no mark is left: there is the submitted picture, or only the figure's text.

    Parameters
    ----------
    outputs
        Of a cell, checked.
    submitted
        Whatever the submitted file has as that cell's outputs.
    limit
        Characters that the pictures of a cell may have.
    allowance
        Of the whole notebook.
    """
    if not any(NOT_DRAWN in item.get("data", ()) for item in outputs):
        return outputs
    kept, found = [], _candidates(submitted)
    for item in outputs:
        data = item.get("data", {})
        is_picture = NOT_DRAWN in data or any(kind in data for kind in PICTURES)
        candidate = next(found, None) if is_picture else None
        if NOT_DRAWN in data:
            data = {kind: content for kind, content in data.items() if kind != NOT_DRAWN}
            item = {**item, "data": data}
            kind, content, metadata = candidate or ("", "", None)
            text = _base64(kind, content, min(limit, allowance.total)) if kind else ""
            if text:
                item |= {"data": {**data, kind: text}, "metadata": _metadata(kind, metadata)}
                limit -= len(text)
                allowance.total -= len(text)
        kept.append(item)
    return kept


def _candidates(outputs: object) -> Iterator[tuple[str, Any, Any]]:
    """The pictures that a submitted cell says it shows, in order: (kind, content, metadata)."""
    for item in outputs if isinstance(outputs, list) else ():
        data = item.get("data") if isinstance(item, dict) else None
        if isinstance(data, dict):
            kind = next((kind for kind in PICTURES if kind in data), None)
            if kind:
                yield kind, data[kind], item.get("metadata")


def _base64(kind: str, content: Any, limit: int) -> str:
    """The content of a picture as plain base64; "" where it is none or is too large."""
    parts = content if isinstance(content, list) else [content]
    if not all(isinstance(part, str) for part in parts) or sum(map(len, parts)) > 2 * limit:
        return ""
    try:
        picture = base64.b64decode("".join("".join(parts).split()), validate=True)
    except (ValueError, binascii.Error):  # the one for text that is not ASCII
        return ""
    is_whole = {"image/png": _is_png, "image/jpeg": _is_jpeg}[kind]
    text = base64.b64encode(picture).decode()
    return text if len(text) <= limit and is_whole(picture) else ""


def _is_png(picture: bytes) -> bool:
    """Whether these bytes are one PNG of a reasonable size, chunk by chunk, and nothing more."""
    if not picture.startswith(b"\x89PNG\r\n\x1a\n"):
        return False
    place, kinds = 8, list[bytes]()
    while place + 12 <= len(picture):
        length, kind = struct.unpack(">I4s", picture[place : place + 8])
        body, end = picture[place + 4 : place + 8 + length], place + 12 + length
        if end > len(picture) or picture[end - 4 : end] != zlib.crc32(body).to_bytes(4, "big"):
            return False
        if not kinds and (kind != b"IHDR" or length != 13 or not _fits(*_sides(body[4:12]))):
            return False
        kinds.append(kind)
        place = end
        if kind == b"IEND":
            break
    return place == len(picture) and kinds[-1:] == [b"IEND"] and b"IDAT" in kinds


def _sides(eight_bytes: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", eight_bytes)
    return width, height


def _is_jpeg(picture: bytes) -> bool:
    """Whether these bytes are a JPEG of a reasonable size, from its first marker to its last."""
    if not picture.startswith(b"\xff\xd8\xff") or not picture.endswith(b"\xff\xd9"):
        return False
    place = 2
    while place + 9 <= len(picture) and picture[place] == 0xFF:
        kind, length = picture[place + 1], int.from_bytes(picture[place + 2 : place + 4], "big")
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):  # where the frame begins
            return _fits(*struct.unpack(">HH", picture[place + 5 : place + 9]))
        place += 2 + length
    return False


def _fits(one: int, other: int) -> bool:
    return 0 < one <= MAX_SIDE and 0 < other <= MAX_SIDE and one * other <= MAX_PIXELS


def _metadata(kind: str, submitted: object) -> dict[str, Any]:
    """How large a picture is shown, and that it is the student's."""
    given = submitted.get(kind) if isinstance(submitted, dict) else None
    given = given if isinstance(given, dict) else {}
    sizes = {n: given[n] for n in SHOWN if type(given.get(n)) is int and 0 < given[n] <= MAX_SIDE}
    return {"nbjudge": {"picture": "submitted"}} | ({kind: sizes} if sizes else {})
