"""What crosses the border to student code: plain data in bounded frames, and outputs, checked.

The other side is never trusted: sizes, nesting and shapes are bounded, and nothing is ever
unpickled. `encoding` and `decoding` say how a value travels, `framing` how a frame does, `values`
what both sides can say of one, and `outputs` what a cell may have shown.
"""

from nbjudge.wire.decoding import Known, decode
from nbjudge.wire.encoding import encode
from nbjudge.wire.format import MAX_DEPTH, MAX_FRAME, MAX_TRUSTED, Ref
from nbjudge.wire.framing import receive, send
from nbjudge.wire.values import digest, mutable_parts, public, snapshot

__all__ = [
    "MAX_DEPTH",
    "MAX_FRAME",
    "MAX_TRUSTED",
    "Known",
    "Ref",
    "decode",
    "digest",
    "encode",
    "mutable_parts",
    "public",
    "receive",
    "send",
    "snapshot",
]
