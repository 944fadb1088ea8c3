"""The notebook requests a kernel of another language, which is not installed.

Success: the class stops, or deserved points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.notebook.metadata["kernelspec"] = {"name": "bash", "display_name": "Bash",
                                                  "language": "bash"}  # fmt: skip
    submission.notebook.metadata["language_info"] = {"name": "bash"}
