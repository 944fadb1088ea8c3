"""Collect what a cell shows, as the dictionaries that a notebook stores; bounded, and checked.

What is cut is said, never lost in silence. What comes from a sandbox may be forged, so `checked`
takes from it only what a notebook can hold.
"""

import math

__all__ = ["REPORT", "Allowance", "Outputs", "checked", "error_output", "stream_output"]

REPORT = "application/vnd.nbjudge.report+json"  # a test cell's account of a question
MAX_ITEMS = 1000


def stream_output(text: str, name: str = "stdout") -> dict:
    """A piece of printed text as an output; name: "stdout" or "stderr"."""
    return {"output_type": "stream", "name": name, "text": text}


def error_output(name: str, message: str, lines=None) -> dict:
    """An exception as an output; lines: its traceback, by default just the name and message."""
    lines = [f"{name}: {message}"] if lines is None else lines
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": lines}


class Outputs:
    """The outputs of the cell that is running.

    limit: characters of all outputs of one cell
    """

    def __init__(self, limit: int):
        self.limit = limit
        self.clear()

    def clear(self) -> None:
        self.items, self.size, self.lost = [], 0, 0
        self.clear_next, self.amounts = False, {}

    def _room_for(self, amount) -> bool:
        if self.clear_next:
            self.items, self.size, self.clear_next = [], 0, False
        self.size += amount
        if self.size <= self.limit and len(self.items) < MAX_ITEMS:
            return True
        self.lost += amount
        return False

    def write(self, name: str, text: str) -> None:
        """Append to a stream, "stdout" or "stderr"."""
        if not text:
            return
        room = max(0, self.limit - self.size)
        if not self._room_for(len(text)):
            text = text[:room]
            self.lost -= len(text)
            if not text:
                return
        last = self.items[-1] if self.items else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"].append(text)
        elif len(self.items) <= MAX_ITEMS:
            self.items.append({"output_type": "stream", "name": name, "text": [text]})

    def add(self, item: dict, amount: int) -> None:
        """Append an output that is kept whole or not at all; amount: its characters."""
        if self._room_for(amount):
            self.items.append(item)
            self.amounts[item.get("display_id")] = amount

    def replace(self, display_id: str, item: dict, amount: int) -> None:
        """Give a display that was shown under an id another content."""
        for place, old in enumerate(self.items):
            if old.get("display_id") == display_id:
                growth = amount - self.amounts[display_id]
                if self.size + growth > self.limit:
                    self.lost += amount
                    return
                self.items[place] = {**item, "output_type": old["output_type"]}
                self.size, self.amounts[display_id] = self.size + growth, amount

    def clear_soon(self, wait: bool) -> None:
        """Clear now, or with `wait` when the next output comes."""
        if wait:
            self.clear_next = True
        else:
            self.items, self.size = [], 0

    def collect(self) -> list[dict]:
        """The outputs so far, with a last word about what was cut."""
        items = [_finished(item) for item in self.items]
        if self.lost:
            items.append(stream_output(f"\n[{self.lost:,} more characters of output were cut]\n"))
        return items


def _finished(item):
    if item["output_type"] == "stream":
        return {**item, "text": _overwritten("".join(item["text"]))}
    return {key: value for key, value in item.items() if key != "display_id"}


def _overwritten(text):
    """Text as a terminal shows it: what a line's carriage return overwrites is gone."""
    if "\r" not in text:
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


class Allowance:
    """How much a sandbox may put into a notebook; an honest one stays below it by itself.

    limit: characters of one cell's outputs
    """

    def __init__(self, limit: int):
        self.each, self.total = 2 * limit + 1_000_000, 20 * limit + 1_000_000


def checked(outputs, allowance: Allowance, trusted: bool = False) -> list[dict]:
    """Outputs that came from a sandbox, reduced to what a notebook can hold.

    trusted: whether they are a test cell's own, which alone may hold a report
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

    def __init__(self, room, refused):
        self.room, self.refused = room, refused

    def output(self, item):
        kind = self.text(item.get("output_type"))
        if kind == "stream":
            name = "stderr" if self.text(item.get("name")) == "stderr" else "stdout"
            return stream_output(self.text(item.get("text")), name)
        if kind == "error":
            lines = self.texts(item.get("traceback")) or []
            return error_output(self.text(item.get("ename")), self.text(item.get("evalue")), lines)
        if kind not in ("display_data", "execute_result") or not isinstance(item.get("data"), dict):
            return None
        result = {"output_type": kind, "data": self.bundle(item["data"])}
        metadata = self.json(item.get("metadata"))
        result["metadata"] = metadata if isinstance(metadata, dict) else {}
        if kind == "execute_result":
            count = item.get("execution_count")
            result["execution_count"] = count if type(count) is int and 0 <= count < 1e9 else None
        return result

    def bundle(self, data):
        """Display data: texts, or JSON where the type of content says so."""
        found = {}
        for name, value in data.items():
            name = self.text(name)
            if name.strip().lower() in self.refused:
                continue
            if isinstance(value, str):
                found[name] = self.text(value)
            elif name.startswith("application/") and name.endswith(("/json", "+json")):
                found[name] = self.json(value)
            elif isinstance(value, list):
                found[name] = "".join(self.texts(value))
        return {name: value for name, value in found.items() if value is not None}

    def texts(self, value):
        return list(map(self.text, value)) if isinstance(value, list) else None

    def text(self, value):
        """Text that can be written as UTF-8; the empty one for anything else."""
        if not isinstance(value, str) or not self.takes(len(value)):
            return ""
        return value.encode("utf-8", "replace").decode()

    def takes(self, amount):
        """Whether there is room for another value of this many characters."""
        self.room -= amount + 100
        return self.room >= 0

    def json(self, value, depth=0):
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
