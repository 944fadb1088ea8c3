"""The commands of the command line, one module per command."""

ENTRY_POINTS = {
    "nbjudge.commands": {
        "autograde": "nbjudge.cli.autograde",
        "feedback": "nbjudge.cli.feedback",
        "doctor": "nbjudge.cli.doctor",
    }
}
