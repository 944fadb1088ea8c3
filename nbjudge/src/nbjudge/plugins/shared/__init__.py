"""What several plug-ins use, but not the core: CSV files, copies of a course, and diagnoses."""

ENTRY_POINTS = {
    "nbjudge.names": {"read_diagnoses": "nbjudge.plugins.shared.diagnoses:read_diagnoses"}
}
