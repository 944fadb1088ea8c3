"""What a cell shows, as the dictionaries that a notebook stores; checked where it may be forged.

`checked` takes from outputs that come from a sandbox only what a notebook can hold. What is cut is
said, never lost in silence.
"""

import math
from typing import Any

Output = dict[str, Any]  # as a notebook stores it
REPORT = "application/vnd.nbjudge.report+json"  # a test cell's account of a question
MAX_ITEMS = 1000


def stream_output(text: str, name: str = "stdout") -> Output:
    """A piece of text printed to a stream, "stdout" or "stderr", as an output."""
    return {"output_type": "stream", "name": name, "text": text}


def error_output(name: str, message: str, lines: list[str] | None = None) -> Output:
    """An exception as an output; its traceback is by default just the name and message."""
    lines = [f"{name}: {message}"] if lines is None else lines
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": lines}


class Allowance:
    """How much a sandbox may put into a notebook; an honest one stays below it by itself.

    Parameters
    ----------
    limit
        Characters of one cell's outputs.
    """

    def __init__(self, limit: int):
        self.each, self.total = 2 * limit + 1_000_000, 20 * limit + 1_000_000


def checked(outputs: object, allowance: Allowance, trusted: bool = False) -> list[Output]:
    """Outputs that came from a sandbox, reduced to what a notebook can hold.

    Parameters
    ----------
    trusted
        Whether they are a test cell's own, which alone may hold a report.
    """
    if not isinstance(outputs, list):
        return []
    room = min(allowance.each, allowance.total)
    copier = _Copier(room, () if trusted else (REPORT,))
    found = [copier.output(item) for item in outputs[: MAX_ITEMS + 2] if isinstance(item, dict)]
    allowance.total -= room - max(0, copier.room)
    if copier.room < 0:
        found.append(stream_output("\n[There was more output than is kept; the rest was cut]\n"))
    return [item for item in found if item]


class _Copier:
    """Copies what is text or JSON, and nothing else, up to a size.

    One forged list may stand in any number of places, so the size of the frame is no bound.
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
        """Display data: texts, or JSON where the type of content says so."""
        found: dict[str, Any] = {}
        for name, value in data.items():
            name = self.text(name)
            if name.strip().lower() in self.refused:
                continue
            if isinstance(value, str):
                found[name] = self.text(value)
            elif name.startswith("application/") and name.endswith(("/json", "+json")):
                found[name] = self.json(value)
            elif isinstance(value, list):
                found[name] = "".join(self.texts(value) or ())
        return {name: value for name, value in found.items() if value is not None}

    def texts(self, value: object) -> list[str] | None:
        return list(map(self.text, value)) if isinstance(value, list) else None

    def text(self, value: object) -> str:
        """Text that can be written as UTF-8; the empty one for anything else."""
        if not isinstance(value, str) or not self.takes(len(value)):
            return ""
        return value.encode("utf-8", "replace").decode()

    def takes(self, amount: int) -> bool:
        """Whether there is room for another value of this many characters."""
        self.room -= amount + 100
        return self.room >= 0

    def json(self, value: object, depth: int = 0) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if not self.takes(0) or depth > 20:
            return None
        if isinstance(value, bool) or (type(value) is int and abs(value) < 1 << 64):
            return value
        if isinstance(value, float) and math.isfinite(value):  # JSON knows no infinity, no nan
            return float(value)
        if isinstance(value, dict):
            return {self.text(key): self.json(item, depth + 1) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.json(item, depth + 1) for item in value]
        return None


NOT_DRAWN = "application/vnd.nbjudge.not-drawn"  # the mark: a type of content of such an output
