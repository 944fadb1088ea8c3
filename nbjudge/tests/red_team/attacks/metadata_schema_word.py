"""The version of nbgrader's metadata schema is a word, a float, and negative.

Success: the class stops, or deserved points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()
    for name, version in (("square_test", "three"), ("root", 3.5), ("primes_test", -1)):
        submission.cell(name).metadata["nbgrader"]["schema_version"] = version
