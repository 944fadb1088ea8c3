"""Due dates and extensions from dates.toml, which each run and `nbjudge dates` copy."""

ENTRY_POINTS = {
    "nbjudge.commands": {"dates": "nbjudge.plugins.dates.command"},
    "nbjudge.dates": {"dates.toml": "nbjudge.plugins.dates.dates_file:source_of_dates"},
}
