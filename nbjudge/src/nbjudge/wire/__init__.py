"""What crosses the border to student code: plain data in bounded frames, and outputs, checked.

The other side is never trusted: sizes, nesting and shapes are bounded, and nothing is ever
unpickled. `encoding` and `decoding` say how a value travels, `framing` how a frame does; `messages`
and `requests` what is said; `values` what both sides can say of a value; `outputs` what a cell may
have shown.
"""
