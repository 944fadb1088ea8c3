"""The wire protocol between the judge and student code: bounded, validated frames of plain data.

Incoming data are never trusted: sizes, nesting and shapes are bounded, and nothing is ever
unpickled. `encoding` and `decoding` convert values, `framing` sends and receives frames,
`messages` and `requests` define the messages, `values` detects changed values, and `outputs`
validates the outputs of cells.
"""
