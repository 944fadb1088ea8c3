"""Attacks on grading and honest oddities, and the harness that runs both against graders.

`python -m tests.red_team --help` lists the options; README.md explains how to add an attack.
"""

import sys
from pathlib import Path

# In the jail, an nbjudge that is installed from a folder of the machine is missing.
sys.path.append(str(Path(__file__).parents[2] / "src"))
