"""Cell outputs as notebooks store them, and their validation.

Student code may forge outputs. `checked` keeps only valid outputs, and appends a note if they were
truncated.
"""

import math
from typing import Any

Output = dict[str, Any]  # in notebook format
REPORT = "application/vnd.nbjudge.report+json"  # MIME type of a test cell's report on a question
QUESTIONS = "application/vnd.nbjudge.questions+json"  # and of its questions about a student's code
ASK = "NBJUDGE_QUESTIONS"  # variable of the environment of judges whose tests display questions
MAX_ITEMS = 1000  # outputs of one cell


def stream_output(text: str, name: str = "stdout") -> Output:
    """Return a stream output with text printed to "stdout" or "stderr"."""
    return {"output_type": "stream", "name": name, "text": text}


def error_output(name: str, message: str, lines: list[str] | None = None) -> Output:
    """Return an error output for an exception; `lines` defaults to the name and the message."""
    lines = [f"{name}: {message}"] if lines is None else lines
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": lines}


class Allowance:
    """The number of characters that a sandbox may still add to a notebook.

    The allowance is larger than the outputs of any unmodified session, which truncates its own.

    Parameters
    ----------
    limit
        Maximum number of characters of one cell's outputs.
    """

    def __init__(self, limit: int):
        self.each, self.total = 2 * limit + 1_000_000, 20 * limit + 1_000_000


def checked(outputs: object, allowance: Allowance, trusted: bool = False) -> list[Output]:
    """Return the valid part of outputs that came from a sandbox.

    Parameters
    ----------
    trusted
        True for the outputs of a test cell, the only ones that may include a report or questions.
    """
    if not isinstance(outputs, list):
        return []
    room = min(allowance.each, allowance.total)
    copier = _Copier(room, () if trusted else (REPORT, QUESTIONS))
    copied = [copier.output(item) for item in outputs[: MAX_ITEMS + 2] if isinstance(item, dict)]
    allowance.total -= room - max(0, copier.room)
    if copier.room < 0:
        copied.append(stream_output("\n[There was too much output; the rest was cut]\n"))
    return [item for item in copied if item]


class _Copier:
    """Copies text and JSON, and nothing else, up to a total size.

    A forged list may be referenced many times, so the frame size does not bound the copy.
    """

    def __init__(self, room: int, refused: tuple[str, ...]):
        self.room, self.refused = room, refused

    def output(self, item: dict[Any, Any]) -> Output | None:
        kind = self.text(item.get("output_type"))
        if kind == "stream":
            name = "stderr" if self.text(item.get("name")) == "stderr" else "stdout"
            return stream_output(self.text(item.get("text")), name)
        if kind == "error":
            lines = self.texts(item.get("traceback")) or []
            return error_output(self.text(item.get("ename")), self.text(item.get("evalue")), lines)
        if kind not in ("display_data", "execute_result") or not isinstance(item.get("data"), dict):
            return None
        result: Output = {"output_type": kind, "data": self.bundle(item["data"])}
        metadata = self.json(item.get("metadata"))
        result["metadata"] = metadata if isinstance(metadata, dict) else {}
        if kind == "execute_result":
            count = item.get("execution_count")
            result["execution_count"] = count if type(count) is int and 0 <= count < 1e9 else None
        return result

    def bundle(self, data: dict[Any, Any]) -> dict[str, Any]:
        """Copy display data: text, or JSON if the MIME type is JSON."""
        bundle: dict[str, Any] = {}
        for name, value in data.items():
            name = self.text(name)
            if name.strip().lower() in self.refused:
                continue
            if isinstance(value, str):
                bundle[name] = self.text(value)
            elif name.startswith("application/") and name.endswith(("/json", "+json")):
                bundle[name] = self.json(value)
            elif isinstance(value, list):
                bundle[name] = "".join(self.texts(value) or ())
        return {name: value for name, value in bundle.items() if value is not None}

    def texts(self, value: object) -> list[str] | None:
        return list(map(self.text, value)) if isinstance(value, list) else None

    def text(self, value: object) -> str:
        """Return a string that can be encoded as UTF-8; "" for any other object."""
        if not isinstance(value, str) or not self.takes(len(value)):
            return ""
        return value.encode("utf-8", "replace").decode()

    def takes(self, amount: int) -> bool:
        """Reserve room for a value of `amount` characters; return False if there is not enough."""
        self.room -= amount + 100
        return self.room >= 0

    def json(self, value: object, depth: int = 0) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if not self.takes(0) or depth > 20:
            return None
        if isinstance(value, bool) or (type(value) is int and abs(value) < 1 << 64):
            return value
        if isinstance(value, float) and math.isfinite(value):  # JSON has no infinity or NaN
            return float(value)
        if isinstance(value, dict):
            return {self.text(key): self.json(item, depth + 1) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.json(item, depth + 1) for item in value]
        return None


NOT_DRAWN = "application/vnd.nbjudge.not-drawn"  # MIME type of a figure's marker
