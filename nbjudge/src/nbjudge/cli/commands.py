"""Table of the commands, including those of the extras.

Apart from this table, the core names the extras only in `nbjudge.configure`, as nbgrader plug-ins.
Reading the entry points of all installed packages would take longer than importing these modules.
"""

COMMANDS = {  # in the order of the help; `add_parser(commands)` of a module adds its command
    "autograde": "nbjudge.cli.autograde",
    "status": "nbjudge.cli.status",
    "grade": "nbjudge.standalone.grade",
    "review": "nbjudge.review.command",
    "feedback": "nbjudge.cli.feedback",
    "export": "nbjudge.lms.export",
    "report": "nbjudge.report.command",
    "students": "nbjudge.lms.students",
    "check": "nbjudge.cli.check",
    "pack": "nbjudge.standalone.pack",
    "dates": "nbjudge.cli.dates",
    "archive": "nbjudge.archive.command",
    "copy-gradebook": "nbjudge.cluster.copy_gradebook",
    "doctor": "nbjudge.cli.doctor",
}
ENGINES = ("nbjudge.cluster.option",)  # `add_option(parser)` adds an engine option to autograde
