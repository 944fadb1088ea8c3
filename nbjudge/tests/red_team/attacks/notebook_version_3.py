"""The notebook is in nbformat 3, with worksheets.

Success: the class stops.
"""

import json

CELL = {"cell_type": "code", "language": "python", "input": "x = 1", "outputs": [], "metadata": {}}
OLD = {
    "nbformat": 3,
    "nbformat_minor": 0,
    "metadata": {"name": "ps1"},
    "worksheets": [{"cells": [CELL | {"collapsed": False}], "metadata": {}}],
}


def attack(submission):
    submission.change(lambda data: json.dumps(OLD).encode())
