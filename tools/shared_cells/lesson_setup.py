# %% [markdown]
# ## Before you start
#
# Run the cell below first. It imports NumPy as `np` and Matplotlib's drawing functions as `plt`,
# and it makes the course's drawing helpers and checks available, on your own computer as well as in
# Colab. Nothing in it needs to be changed, so it is folded; a click opens it.
#
# To run a cell, click into it and press Shift+Enter. Run the cells in order, from top to bottom:
# most of them use what the cells above them have defined.

# %% role="setup" jupyter={"source_hidden": true} cellView="form"
# Run this cell first; there is nothing to change in it. It finds what comes with the lessons: in
# the course's folder, else at the course's address, else in a file that was fetched before.
import importlib.util
import io
import pathlib
import sys
import tempfile
import urllib.request
import zipfile


def find_packages(name, address):
    if all(map(importlib.util.find_spec, ("convnet", "lesson_tools", "public_tests"))):
        return
    file = pathlib.Path("..", "release", name)
    if not file.exists():
        file = pathlib.Path(name)
        try:
            with urllib.request.urlopen(f"{address}/{name}", timeout=30) as answer:
                data = answer.read()
            if not zipfile.is_zipfile(io.BytesIO(data)):
                raise OSError("the download is not a zip file")
            try:
                file.write_bytes(data)
            except OSError:  # this folder cannot be written to
                file = pathlib.Path(tempfile.mkdtemp(), name)
                file.write_bytes(data)
        except OSError as error:
            if not file.exists():
                raise ModuleNotFoundError(
                    f"This lesson needs {name}, which could not be fetched from {address}/{name} "
                    f"({error}). Check the connection and run this cell again, or put that file "
                    "beside this notebook."
                ) from None
    sys.path.insert(0, str(file.resolve()))


find_packages("BUNDLE", "ADDRESS")

import matplotlib.pyplot as plt
import numpy as np

import public_tests
from lesson_tools.figures import present

# %load_ext lesson_tools.needs
