"""Collect the outputs of the running cell, up to a limit, and report how much was truncated."""

from typing import Any

from nbjudge.wire.outputs import MAX_ITEMS, Output, error_output, stream_output

MOST = MAX_ITEMS - 2  # outputs of a cell, besides one truncated text, two in short form and a note
MAX_VALUE = 1000  # characters of the cell's value that are kept once the limit is reached


class Outputs:
    """The outputs of the cell that is running.

    The score of a test in the child depends on three of them, which are therefore kept in short
    form once the limit is reached: the first error, the first value, and whether stderr was used.

    Parameters
    ----------
    limit
        Maximum number of characters of one cell's outputs.
    """

    def __init__(self, limit: int):
        self.limit = limit
        self.items: list[Output] = []
        self.short: dict[str, Output] = {}  # outputs without room, by type
        self.lost_from = "stdout"  # "stderr" if its text was truncated
        self.amounts: dict[str | None, int] = {}
        self.clear()

    def clear(self) -> None:
        self.items, self.size, self.lost = [], 0, 0
        self.clear_next, self.amounts = False, {}
        self.short, self.lost_from = {}, "stdout"

    def _room_for(self, amount: int) -> bool:
        if self.clear_next:
            self.items, self.size, self.clear_next, self.short = [], 0, False, {}
        self.size += amount
        if self.size <= self.limit and len(self.items) < MOST:
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
            if name == "stderr":
                self.lost_from = name
            if not text:
                return
        last = self.items[-1] if self.items else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"].append(text)
        elif len(self.items) <= MOST:
            self.items.append({"output_type": "stream", "name": name, "text": [text]})

    def add(self, item: Output, amount: int) -> None:
        """Append an output of `amount` characters, if there is room for all of it."""
        if self._room_for(amount):
            self.items.append(item)
            self.amounts[item.get("display_id")] = amount
        elif item["output_type"] in ("error", "execute_result"):
            self.short.setdefault(item["output_type"], _shortened(item))

    def replace(self, display_id: str, item: Output, amount: int) -> None:
        """Replace the content of the displays with this id."""
        for index, old in enumerate(self.items):
            if old.get("display_id") == display_id:
                growth = amount - self.amounts[display_id]
                if self.size + growth > self.limit:
                    self.lost += amount
                    return
                self.items[index] = {**item, "output_type": old["output_type"]}
                self.size, self.amounts[display_id] = self.size + growth, amount

    def clear_soon(self, wait: bool) -> None:
        """Clear the outputs now or, with `wait`, when the next output arrives."""
        if wait:
            self.clear_next = True
        else:
            self.items, self.size, self.short = [], 0, {}

    def collect(self) -> list[Output]:
        """Return the outputs so far, followed by a note if they were truncated."""
        items = [_finished(item) for item in self.items] + list(self.short.values())
        if self.lost:
            note = f"\n[{self.lost:,} more characters of output were cut]\n"
            items.append(stream_output(note, self.lost_from))
        return items


def _shortened(item: Output) -> Output:
    """Return an error without its traceback, or the beginning of a value as text."""
    if item["output_type"] == "error":
        return error_output(item["ename"], item.get("evalue", "")[:MAX_VALUE])
    value: Any = item["data"].get("text/plain")
    data = {"text/plain": value[:MAX_VALUE]} if isinstance(value, str) else {}
    return {**item, "data": data, "metadata": {}}


def _finished(item: Output) -> Output:
    if item["output_type"] == "stream":
        return {**item, "text": _overwritten("".join(item["text"]))}
    return {key: value for key, value in item.items() if key != "display_id"}


def _overwritten(text: str) -> str:
    """Return text as a terminal shows it: text after a carriage return replaces the line."""
    if "\r" not in text:
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)
