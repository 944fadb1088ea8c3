"""The notebook ends with sys.exit(), exit() and quit()."""


def oddity(submission):
    submission.add("import sys\nsys.exit()")
    submission.add("exit()")
    submission.add("quit()")
