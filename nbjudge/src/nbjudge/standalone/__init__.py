"""Grade notebooks without a gradebook: `nbjudge grade`, packs of assignments, Gradescope, GitHub.

`work.py` finds the notebooks and their assignments, `judging.py` judges them, and `results.py`
describes the results as JSON; `grade.py` is the command. `pack.py` is the command that writes
packs, the archives defined in `pack_file.py`.
"""

import nbjudge.course  # noqa: F401 - before nbgrader, whose server extensions it leaves out
