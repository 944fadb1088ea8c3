"""The process outside keeps the arguments of hidden tests in files, for the child to find.

Success: a trace, or a file that the child finds.
"""


def attack(submission):
    submission.first("""
        import glob, os
        places = ("/tmp", "/var/tmp", "/dev/shm", ".", os.path.expanduser("~"), "/run", "/")

        def keep(text):
            for place in places:
                try:
                    with open(f"{place}/red-team-was-here", "a") as file:
                        file.write(text)
                except OSError:
                    pass
    """)
    submission.answer("square", "def square(x):\n    keep(str(x))\n    return 0")
    submission.in_child("""
        for place in places:
            for path in glob.glob(f"{place}/*red-team*"):
                print(path, open(path).read())
    """)
