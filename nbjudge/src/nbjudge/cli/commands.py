"""Table of the commands, including those of the extras.

Apart from this table, the core names the extras only in `nbjudge.configure`, as nbgrader plug-ins.
Reading the entry points of all installed packages would take longer than importing these modules.
"""

COMMANDS = (  # modules in the order of the help; their `add_parser(commands)` adds the command
    "nbjudge.cli.autograde",
    "nbjudge.cli.status",
    "nbjudge.standalone.grade",
    "nbjudge.review.command",
    "nbjudge.cli.feedback",
    "nbjudge.lms.export",
    "nbjudge.report.command",
    "nbjudge.lms.students",
    "nbjudge.cli.check",
    "nbjudge.standalone.pack",
    "nbjudge.cli.dates",
    "nbjudge.cluster.copy_gradebook",
    "nbjudge.cli.doctor",
)
ENGINES = ("nbjudge.cluster.option",)  # `add_option(parser)` adds an engine option to autograde
