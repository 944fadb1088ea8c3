"""Reuse the submitted images of figures that nobody grades, instead of drawing them again.

Drawing takes most of the run time of a notebook with figures. If a cell that no person grades shows
a figure, the session sends a marker instead of an image. The judge replaces the k-th marker with
the k-th image of that cell in the submitted file, if the image is valid.
"""

import base64
import binascii
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from nbjudge.notebook.reading import Cell
from nbjudge.wire.outputs import NOT_DRAWN, Allowance, Output

PICTURES = ("image/png", "image/jpeg")
MAX_SIDE, MAX_PIXELS = 20_000, 50_000_000  # a browser needs memory for every pixel
SHOWN = ("width", "height")  # metadata of an image, in pixels of the page


def keep_pictures(
    outputs: list[Output], submitted: object, limit: int, allowance: Allowance
) -> list[Output]:
    """Replace the markers in outputs with the submitted images, or drop the markers.

    Parameters
    ----------
    outputs
        Checked outputs of a cell.
    submitted
        The cell's outputs in the submitted file, unchecked.
    limit
        Maximum number of characters of the cell's images.
    allowance
        Allowance of the whole notebook.
    """
    if not any(NOT_DRAWN in item.get("data", ()) for item in outputs):
        return outputs
    kept, candidates = [], _candidates(submitted)
    for item in outputs:
        data = item.get("data", {})
        is_picture = NOT_DRAWN in data or any(kind in data for kind in PICTURES)
        candidate = next(candidates, None) if is_picture else None
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


def put_back_pictures(cell: Cell, draw: bool, limit: int, allowance: Allowance) -> None:
    """Replace the markers in a cell's outputs with its submitted images; with none if `draw`."""
    submitted = None if draw else cell.get("submitted")
    cell["outputs"] = keep_pictures(cell["outputs"], submitted, limit, allowance)


def _candidates(outputs: object) -> Iterator[tuple[str, Any, Any]]:
    """Yield the images in a cell's submitted outputs: (kind, content, metadata)."""
    for item in outputs if isinstance(outputs, list) else ():
        data = item.get("data") if isinstance(item, dict) else None
        if isinstance(data, dict):
            kind = next((kind for kind in PICTURES if kind in data), None)
            if kind:
                yield kind, data[kind], item.get("metadata")


def _base64(kind: str, content: Any, limit: int) -> str:
    """Return an image's content as plain base64; "" if it is invalid or too large."""
    parts = content if isinstance(content, list) else [content]
    if not all(isinstance(part, str) for part in parts) or sum(map(len, parts)) > 2 * limit:
        return ""
    try:
        picture = base64.b64decode("".join("".join(parts).split()), validate=True)
    except (ValueError, binascii.Error):  # ValueError if the text is not ASCII
        return ""
    is_whole = {"image/png": _is_png, "image/jpeg": _is_jpeg}[kind]
    text = base64.b64encode(picture).decode()
    return text if len(text) <= limit and is_whole(picture) else ""


def _is_png(picture: bytes) -> bool:
    """True if these bytes are one complete PNG of reasonable size, with nothing after it."""
    if not picture.startswith(b"\x89PNG\r\n\x1a\n"):
        return False
    offset, kinds = 8, list[bytes]()
    while offset + 12 <= len(picture):
        length, kind = struct.unpack(">I4s", picture[offset : offset + 8])
        body, end = picture[offset + 4 : offset + 8 + length], offset + 12 + length
        if end > len(picture) or picture[end - 4 : end] != zlib.crc32(body).to_bytes(4, "big"):
            return False
        if not kinds and (kind != b"IHDR" or length != 13 or not _fits(*_sides(body[4:12]))):
            return False
        kinds.append(kind)
        offset = end
        if kind == b"IEND":
            break
    return offset == len(picture) and kinds[-1:] == [b"IEND"] and b"IDAT" in kinds


def _sides(eight_bytes: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", eight_bytes)
    return width, height


def _is_jpeg(picture: bytes) -> bool:
    """True if these bytes are one JPEG of reasonable size, from the first marker to the last."""
    if not picture.startswith(b"\xff\xd8\xff") or not picture.endswith(b"\xff\xd9"):
        return False
    offset = 2
    while offset + 9 <= len(picture) and picture[offset] == 0xFF:
        kind, length = picture[offset + 1], int.from_bytes(picture[offset + 2 : offset + 4], "big")
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):  # start of frame
            return _fits(*struct.unpack(">HH", picture[offset + 5 : offset + 9]))
        offset += 2 + length
    return False


def _fits(side: int, other: int) -> bool:
    return 0 < side <= MAX_SIDE and 0 < other <= MAX_SIDE and side * other <= MAX_PIXELS


def _metadata(kind: str, submitted: object) -> dict[str, Any]:
    """Return an image's metadata: its size on the page, and its origin, the student's file."""
    sizes = submitted.get(kind) if isinstance(submitted, dict) else None
    sizes = sizes if isinstance(sizes, dict) else {}
    valid = {n: sizes[n] for n in SHOWN if type(sizes.get(n)) is int and 0 < sizes[n] <= MAX_SIDE}
    return {"nbjudge": {"picture": "submitted"}} | ({kind: valid} if valid else {})
