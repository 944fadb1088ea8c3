# %% jupyter={"source_hidden": true} cellView="form"
# Run this cell first. If the course's packages are missing, as in Colab, it downloads them.
# No connection? Download ADDRESS/BUNDLE elsewhere,
# and put it beside this notebook, as VERSIONED.
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.request import urlopen
from zipfile import is_zipfile

if not find_spec("convnet"):
    files = [Path(folder, "BUNDLE") for folder in ("../release", "..")] + [Path("VERSIONED")]
    file = next(filter(is_zipfile, files), files[-1])
    if not is_zipfile(file):
        file.write_bytes(urlopen("ADDRESS/BUNDLE", timeout=30).read())
    sys.path.insert(0, str(file.resolve()))

import matplotlib.pyplot as plt
import numpy as np

import public_tests
from lesson_tools.figures import present
from lesson_tools.start import begin
from public_tests import keep_in_drive, progress

begin("LESSON")
