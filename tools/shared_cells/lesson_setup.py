# %% jupyter={"source_hidden": true} cellView="form"
# Run this cell first. If the course's packages are missing, as in Colab, it downloads them.
FINDER


find_packages()

import matplotlib.pyplot as plt
import numpy as np

import public_tests
from lesson_tools.figures import present
from lesson_tools.start import begin
from public_tests import keep_in_drive, progress

begin("LESSON")
