"""The notebook's metadata have the wrong types.

Success: the class stops, or deserved points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.notebook.metadata = {
        "kernelspec": "python3",
        "language_info": 5,
        "authors": {},
        "title": ["<script>alert(1)</script>"],
        "nbgrader": 3,
    }
