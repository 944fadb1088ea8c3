"""Collect what a cell shows, as the dictionaries that a notebook stores; bounded, and checked.

What is cut is said, never lost in silence. What comes from a sandbox may be forged, so `checked`
takes from it only what a notebook can hold.
"""

__all__ = ["Outputs", "checked", "error_output", "stream_output"]

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
        self.clear_next = False

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

    def replace(self, display_id: str, item: dict) -> None:
        """Give a display that was shown under an id another content."""
        for place, old in enumerate(self.items):
            if old.get("display_id") == display_id:
                self.items[place] = {**item, "output_type": old["output_type"]}

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


def checked(outputs) -> list[dict]:
    """Outputs that came from a sandbox, reduced to what a notebook can hold."""
    if not isinstance(outputs, list):
        return []
    found = [_checked(item) for item in outputs[: MAX_ITEMS + 2] if isinstance(item, dict)]
    return [item for item in found if item]


def _checked(item):
    kind = item.get("output_type")
    if kind == "stream":
        name = "stderr" if item.get("name") == "stderr" else "stdout"
        return stream_output(_text(item.get("text")), name)
    if kind == "error":
        lines = item.get("traceback")
        lines = [_text(line) for line in lines] if isinstance(lines, list) else []
        return error_output(_text(item.get("ename")), _text(item.get("evalue")), lines)
    if kind not in ("display_data", "execute_result") or not isinstance(item.get("data"), dict):
        return None
    data = {str(mime): _plain(value) for mime, value in item["data"].items()}
    metadata = _plain(item.get("metadata"))
    result = {"output_type": kind, "data": data, "metadata": metadata if metadata else {}}
    if not isinstance(result["metadata"], dict):
        result["metadata"] = {}
    if kind == "execute_result":
        count = item.get("execution_count")
        result["execution_count"] = count if type(count) is int else None
    return result


def _text(value):
    """Text that can be written as UTF-8."""
    text = value if isinstance(value, str) else "" if value is None else str(value)
    return text.encode("utf-8", "replace").decode()


def _plain(value, depth=0):
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None  # JSON knows neither infinity nor nan
    if isinstance(value, dict) and depth < 20:
        return {_text(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and depth < 20:
        return [_plain(item, depth + 1) for item in value]
    return _text(value) if isinstance(value, str) else None
