"""The notebook's kernel name is a path, a command or missing.

Success: the attack leaves a trace, the class stops, or deserved points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.notebook.metadata["kernelspec"] = {
        "name": "../../../../tmp/$(touch /tmp/red-team-was-here)",
        "display_name": "x" * 10000,
        "argv": ["touch", "/tmp/red-team-was-here"],
    }
    submission.notebook.metadata["language_info"] = {"name": "python", "version": [3]}
