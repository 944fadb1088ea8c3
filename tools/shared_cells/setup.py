# %% [markdown]
# ## Before you start
#
# Run the cell below first. It imports NumPy as `np` and Matplotlib's drawing functions as `plt`,
# and brings the checks of this notebook. There is nothing to change in it, so it is folded, as are
# the drawing helpers further down; a click opens a folded cell. Then go from top to bottom and run
# each cell with Shift+Enter or ▶.
#
# **When a check fails**, it names the first case that went wrong and, where it can tell, the
# cause. Two calls in a cell of your own help further. For `EXERCISE`, say,
#
# - `show("EXERCISE")` draws that case: the input, the expected output and yours;
# - `hint("EXERCISE")` gives a hint, and each time you run it again a plainer one.
#
# **When a check passes**, `ask("EXERCISE")` asks up to three questions about the code that you
# wrote. The answers come from running it, and they earn no points.
#
# <details>
# <summary>When a cell does not end, or does not know a name</summary>
#
# A cell that does not end probably contains a loop that never stops. Interrupt it: in Jupyter with
# *Kernel > Interrupt Kernel*, in Colab with *Runtime > Interrupt execution*. In a browser tab
# (JupyterLite) only *Kernel > Restart Kernel* helps.
#
# `NameError: name ... is not defined` usually means that a cell above has not been run, for example
# because you come back after a break. Go to where you left off, and run everything above it: in
# Jupyter with *Run > Run All Above Selected Cell*, in Colab with *Runtime > Run before*.
#
# </details>

# %% [markdown]
# <details>
# <summary>In a class: what grades your work</summary>
#
# Your work is graded with GRADER. Do not rely on newer syntax or on other packages, such as
# pandas: the grader may not have them.
#
# </details>

# %% nbgrader={"grade_id": "setup"} jupyter={"source_hidden": true} cellView="form"
# Run this cell first, and leave it as it is: it holds the checks.
# _checks is a compressed program, which defines the packages public_tests and nbexercise. Their
# source: SOURCE
_checks = "CHECKS"
import base64
import bz2

import matplotlib.pyplot as plt
import numpy as np

_checks, _modules = _checks.split()
_checks = bz2.decompress(base64.b85decode(_checks)).partition(b"\0")
exec(_checks[0], {"carried": _checks[2], "modules": _modules})
from public_tests import *
