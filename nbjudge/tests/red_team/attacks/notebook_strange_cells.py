"""Cells without source, without type, of unknown type, and cells that are not objects.

Success: the class stops.
"""

import json


def attack(submission):
    def spoil(data):
        notebook = json.loads(data)
        notebook["cells"] += [{}, 5, None, {"cell_type": "video", "metadata": {}, "source": "x"}]
        notebook["cells"] += [{"cell_type": "code", "metadata": None, "source": 7, "outputs": {}}]
        return json.dumps(notebook).encode()

    submission.change(spoil)
