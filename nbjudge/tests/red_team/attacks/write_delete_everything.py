"""All files of the course that can be deleted are deleted.

Success: neighbors are not graded.
"""

ALONE = True


def attack(submission):
    submission.first("""
        import shutil
        for place in ("../../../submitted", "../../../source", "/srv/course", "/srv/exchange",
                      "/home/teacher/.ssh"):
            shutil.rmtree(place, ignore_errors=True)
    """)
