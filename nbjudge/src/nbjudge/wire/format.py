"""What frames are made of, and how large they may be: the terms of both sides."""

import struct
from dataclasses import dataclass

MAX_FRAME = 64 << 20  # bytes
MAX_TRUSTED = 1 << 30  # between processes that trust each other
MAX_DOCUMENT = 16 << 20  # bytes of it that are JSON
MAX_DEPTH = 100
DEEPEST = 150  # what may be read of a side that is trusted
MAX_NAMED = 100  # different named tuples in one frame
ARRAY_KINDS = "biufcSUmM"  # booleans, integers, floats, complex, fixed-length texts, times
VIEWS = {"keys": type({}.keys()), "values": type({}.values()), "items": type({}.items())}
FACTORIES = {kind.__name__: kind for kind in (int, float, list, dict, set, str, tuple)}
COUNT = struct.Struct("<I")


@dataclass(frozen=True)
class Ref:
    """An object that stayed on its side.

    Attributes
    ----------
    number
        Its number there.
    type_name
        The name of its type.
    kind
        "function" for what can be called, "class", "module", "iterator", or "object"; "judge" for a
        function of the judge's.
    """

    number: int
    type_name: str
    kind: str
