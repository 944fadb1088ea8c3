# %% [markdown]
# ## Before you start
#
# Run the cell below first. It imports NumPy as `np` and Matplotlib's drawing functions as `plt`,
# and it makes the course's drawing helpers and checks available, on your own computer as well as in
# Colab. Nothing in it needs to be changed, so it is folded; a click opens it.
#
# To run a cell, click into it and press Shift+Enter. Run the cells in order, from top to bottom:
# most of them use what the cells above them have defined.
#
# You do not need a GPU: every lesson runs on the CPU that Colab starts with, and NumPy uses no GPU.
# To run the cells in PyTorch, Keras or TensorFlow on one, choose it in Colab with *Runtime > Change
# runtime type* before you run the first cell.

# %% begin="find_packages" jupyter={"source_hidden": true} cellView="form"
# Run this cell first; there is nothing to change in it. It finds what comes with the lessons: in
# the course's folder, else at the course's address, else in a file that was fetched before.
find_packages()

import matplotlib.pyplot as plt
import numpy as np

import public_tests
from lesson_tools import needs
from lesson_tools.figures import present
from public_tests import progress

public_tests.begin_lesson("{lesson}")  # for progress()

needs.start()
