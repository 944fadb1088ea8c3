"""Read and write CSV: platforms' files keep their format, others are safe for spreadsheets."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_BOM = "\ufeff"
_DELIMITERS = ",;\t"
_SEPARATOR = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)  # a line that spreadsheets read
_TEXT = re.compile(r'\A="([^"]*)"\Z')  # a formula that protects an id such as 0042
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # first characters of a formula in spreadsheets


@dataclass
class CsvFile:
    """The rows of a CSV file, and its format.

    Attributes
    ----------
    rows
        All rows, starting with the header; all have the same length.
    mark
        What comes before the rows: a byte order mark and the line sep=; of a spreadsheet, or "".
    """

    rows: list[list[str]]
    delimiter: str = ","
    line_end: str = "\r\n"
    mark: str = ""

    @property
    def header(self) -> list[str]:
        """Titles of the columns, without surrounding spaces."""
        return [title.strip() for title in self.rows[0]]

    def column(self, *titles: str) -> int | None:
        """Return the index of the first title that the file has; None if it has none."""
        header = self.header
        return next((header.index(title) for title in titles if title in header), None)

    def cells(self, row: Sequence[str]) -> dict[str, str]:
        """Return the cells of a row, by title."""
        return dict(zip(self.header, row, strict=True))

    def content(self) -> bytes:
        """Return the content of the file in its original format."""
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self.delimiter, lineterminator=self.line_end).writerows(
            self.rows
        )
        return (self.mark + text.getvalue()).encode()


def read_csv(path: Path) -> CsvFile:
    """Read a CSV file in UTF-8 whose columns are separated by commas, semicolons or tabs.

    A cell such as ="0042", which makes spreadsheets keep a number as text, is read as 0042.

    Raises
    ------
    ValueError
        If the file is not such a CSV file.
    OSError
        If the file cannot be read.
    """
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError:
        raise ValueError(
            f"{path} is not in UTF-8: download it again and do not save it from a spreadsheet, or "
            "save it from the spreadsheet as CSV UTF-8."
        ) from None
    mark = _BOM if text.startswith(_BOM) else ""
    text = text.removeprefix(_BOM)
    separator = _SEPARATOR.match(text)
    if separator:
        mark, text = mark + separator[0], text[separator.end() :]
    first = text.partition("\n")[0]
    delimiter = separator[1] if separator else max(_DELIMITERS, key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise ValueError(f"{path} is not a CSV file: {error}.") from None
    rows = [[_TEXT.sub(r"\1", cell) for cell in row] for row in rows if row]
    if len(rows) < 2:
        raise ValueError(f"{path} has no rows below its header: is it the right file?")
    wide = len(rows[0])
    for number, row in enumerate(rows, start=1):
        if len(row) > wide:
            raise ValueError(
                f"{path}: row {number} has {len(row)} columns, but the header has {wide}: put "
                "values with commas in quotes."
            )
        row += [""] * (wide - len(row))
    return CsvFile(rows, delimiter, "\r\n" if first.endswith("\r") else "\n", mark)


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return rows as CSV (RFC 4180, UTF-8), with texts escaped that look like formulas.

    A cell of None is empty, 3.0 is written as 3, and the elements of a tuple are joined by "; ".
    """
    safe = [[_as_cell(value) for value in row] for row in rows]
    return CsvFile([list(columns), *safe]).content()


def _as_cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}"
    text = "; ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return safe_text(text) if isinstance(value, str | tuple) else text


def safe_text(text: str) -> str:
    """Return a text escaped so that no spreadsheet reads it as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
