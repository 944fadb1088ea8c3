"""The notebook asks for a kernel of another language, that there is not.

Success: the class stops, or the honest points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.notebook.metadata["kernelspec"] = {"name": "bash", "display_name": "Bash",
                                                  "language": "bash"}  # fmt: skip
    submission.notebook.metadata["language_info"] = {"name": "bash"}
