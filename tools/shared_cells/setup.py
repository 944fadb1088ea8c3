# %% [markdown]
# ## Before you start
#
# Run the cell below first. It imports NumPy as `np` and Matplotlib's drawing functions as `plt`,
# and it makes the checks of this notebook available, on your own computer as well as in Colab.
# Nothing in it needs to be changed, so it is folded, as are the drawing helpers further down; a
# click opens a folded cell.
#
# To run a cell, click into it and press Shift+Enter. Run the cells of the notebook in order, from
# top to bottom: most of them use what the cells above them have defined. When you come back after
# a break, go to where you left off and run everything above it again: in Jupyter with *Run > Run
# All Above Selected Cell*, in Colab with *Runtime > Run before*. Do the same if a cell ends in
# `NameError: name ... is not defined`.
#
# **When a cell does not end**, there is probably a loop that never stops. Interrupt the cell: in
# Jupyter with *Kernel > Interrupt Kernel*, in Colab with *Runtime > Interrupt execution*. In a
# browser tab (JupyterLite) only *Kernel > Restart Kernel* helps.
#
# **When a check fails**, it names the first case that went wrong and, where it can tell, the
# cause. These calls, in a cell of your own, help further. For `{exercise}`, say,
#
# - `show("{exercise}")` draws that case: the input, what was expected and what your function gave;
# - `hint("{exercise}")` gives a hint, and each time you run it again a plainer one.
#
# In a class, your work is graded with {grader}. Do not rely on newer syntax or on other packages,
# such as pandas: the grader may not have them.

# %% nbgrader={"grade_id": "setup"} role="setup" jupyter={"source_hidden": true} cellView="form"
# Run this cell first, and leave it as it is: it holds the checks.
_checks = ""
import base64
import zlib

import matplotlib.pyplot as plt
import numpy as np

_checks = zlib.decompress(base64.b85decode(_checks)).partition(b"\0")
exec(_checks[0], {"carried": _checks[2]})
from public_tests import *
