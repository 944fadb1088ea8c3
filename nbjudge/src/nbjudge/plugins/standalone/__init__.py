"""Grade notebooks without a gradebook: `nbjudge grade`, packs of assignments, and doors.

`work.py` finds the notebooks and their assignments, `judging.py` judges them, and `results.py`
describes the results as JSON; `grade.py` is the command. `pack.py` is the command that writes
packs, the archives defined in `pack_file.py`. `door.py` says what a door is: a platform to which
packs go and results return.
"""

import nbjudge.course  # noqa: F401 - before nbgrader, whose server extensions it leaves out

ENTRY_POINTS = {
    "nbjudge.commands": {
        "grade": "nbjudge.plugins.standalone.grade",
        "pack": "nbjudge.plugins.standalone.pack",
    },
    "nbjudge.doors": {"json": "nbjudge.plugins.standalone.json_door"},
}
