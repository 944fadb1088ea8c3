"""The commands of the command line, one module per command."""

ENTRY_POINTS = {
    "nbjudge.commands": {
        "autograde": "nbjudge.cli.autograde",
        "feedback": "nbjudge.cli.feedback",
        "dates": "nbjudge.cli.dates",
        "doctor": "nbjudge.cli.doctor",
    }
}
