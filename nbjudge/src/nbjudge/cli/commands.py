"""The commands, and the only module of the core that names what stands on it.

A table, as the entry points of all installed packages take longer to read than these modules.
"""

COMMANDS = (  # their modules, in the order of the help: `add_parser(commands)` adds the command
    "nbjudge.cli.autograde",
    "nbjudge.cli.status",
    "nbjudge.review.command",
    "nbjudge.cli.feedback",
    "nbjudge.lms.export",
    "nbjudge.report.command",
    "nbjudge.lms.students",
    "nbjudge.cli.check",
    "nbjudge.cli.dates",
    "nbjudge.cluster.copy_gradebook",
    "nbjudge.cli.doctor",
)
ENGINES = ("nbjudge.cluster.option",)  # `add_option(parser)` lets autograde use another engine
