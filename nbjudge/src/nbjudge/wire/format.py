"""The frame format: size limits and element types that the encoder and the decoder share."""

import datetime
import struct
from dataclasses import dataclass

MAX_FRAME = 64 << 20  # bytes
MAX_TRUSTED = 1 << 30  # bytes of a frame between processes that trust each other
MAX_CONFINED = 256 << 20  # bytes of a frame of a process that a student may have taken over
MAX_DOCUMENT = 16 << 20  # bytes of the JSON document in a frame
# Nesting levels. A student's value has at most MAX_DEPTH, its message one more; the judge may send
# it back as a part of its own values, up to 10 deeper; and a receiver accepts DEEPEST, so that it
# can decode whatever the judge can encode.
MAX_DEPTH = 100
DEEPEST = 150
MAX_NAMED = 100  # different named tuple classes in one frame
ARRAY_KINDS = "biufcSUmM"  # booleans, integers, floats, complex, fixed-length strings, times
BUFFERS = "biufc"  # those whose arrays are buffers, of which others can be views
VIEWS = {"keys": type({}.keys()), "values": type({}.values()), "items": type({}.items())}
FACTORIES = {kind.__name__: kind for kind in (int, float, list, dict, set, str, tuple)}
TIMES = datetime.datetime, datetime.date, datetime.time
PLAIN_TYPES = {
    kind.__name__: kind
    for kind in (
        bool,
        bytes,
        complex,
        dict,
        float,
        frozenset,
        int,
        list,
        set,
        str,
        tuple,
        type(None),
    )
}  # classes that a student's function may return; any other class stays in its process
COUNT = struct.Struct("<I")


@dataclass(frozen=True)
class Ref:
    """A reference to an object that stays in its own process.

    Attributes
    ----------
    number
        Number that identifies the object in its process.
    type_name
        Name of the object's type.
    kind
        "function" (any callable), "class", "module", "iterator" or "object" for an object in the
        student's process; "judge" for a function in the judge; "type" for one of PLAIN_TYPES;
        "builtin" or "numpy" for an object of that module, which both processes have; "plain" for an
        object that was sent as its plain value, without its own type.
    """

    number: int
    type_name: str
    kind: str
