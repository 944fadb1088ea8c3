"""Grade notebooks without a gradebook: `nbjudge grade`, packs of assignments, and doors.

`work.py` finds the notebooks and their assignments, `judging.py` judges them, and `results.py`
describes the results as JSON; `grade.py` is the command. `pack.py` is the command that writes
packs, the archives defined in `pack_file.py`. `door.py` says what a door is: a platform to which
packs go and results return. The public names are for doors: see nbjudge/docs/plugins.md.
"""

from typing import TYPE_CHECKING

import nbjudge.course  # noqa: F401 - before nbgrader, whose server extensions it leaves out
from nbjudge.plugins import public_names

if TYPE_CHECKING:
    from nbjudge.plugins.standalone.door import Door, Packed, no_options, plain_pack
    from nbjudge.plugins.standalone.grade_command import NoResultsError, run_grade
    from nbjudge.plugins.standalone.markdown import escaped, explanation_of, fenced, remarks_on
    from nbjudge.plugins.standalone.pack_file import make_pack, make_zip

__all__ = [
    "Door",
    "NoResultsError",
    "Packed",
    "escaped",
    "explanation_of",
    "fenced",
    "make_pack",
    "make_zip",
    "no_options",
    "plain_pack",
    "remarks_on",
    "run_grade",
]

ENTRY_POINTS = {
    "nbjudge.commands": {
        "grade": "nbjudge.plugins.standalone.grade",
        "pack": "nbjudge.plugins.standalone.pack",
    },
    "nbjudge.doors": {"json": "nbjudge.plugins.standalone.json_door"},
}

__getattr__ = public_names(
    __name__,
    {
        **{n: f"door:{n}" for n in ("Door", "Packed", "no_options", "plain_pack")},
        **{n: f"grade_command:{n}" for n in ("NoResultsError", "run_grade")},
        **{n: f"markdown:{n}" for n in ("escaped", "explanation_of", "fenced", "remarks_on")},
        **{n: f"pack_file:{n}" for n in ("make_pack", "make_zip")},
    },
)
