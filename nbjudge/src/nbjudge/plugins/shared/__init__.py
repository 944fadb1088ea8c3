"""Code that several plug-ins use, but not the core: CSV files, copies of a course, diagnoses."""

from typing import TYPE_CHECKING

from nbjudge.plugins import public_names

if TYPE_CHECKING:
    from nbjudge.plugins.shared.csv_files import CsvFile, as_csv

__all__ = ["CsvFile", "as_csv"]

ENTRY_POINTS = {
    "nbjudge.names": {"read_diagnoses": "nbjudge.plugins.shared.diagnoses:read_diagnoses"}
}

__getattr__ = public_names(__name__, {name: f"csv_files:{name}" for name in __all__})
