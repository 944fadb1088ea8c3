"""Code that several plug-ins use, but not the core: CSV files, copies of a course, diagnoses."""

from typing import TYPE_CHECKING

from nbjudge.plugins import public_names

if TYPE_CHECKING:
    from nbjudge.plugins.shared.csv_files import CsvFile, as_csv
    from nbjudge.plugins.shared.diagnoses import read_diagnoses

__all__ = ["CsvFile", "as_csv", "read_diagnoses"]

__getattr__ = public_names(
    __name__,
    {
        "CsvFile": "csv_files:CsvFile",
        "as_csv": "csv_files:as_csv",
        "read_diagnoses": "diagnoses:read_diagnoses",
    },
)
