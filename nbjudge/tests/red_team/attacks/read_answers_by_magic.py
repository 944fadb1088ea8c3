"""Magics and the shell's help display the solutions.

Success: the canary of answers.py in the output.
"""


def attack(submission):
    submission.first("%pycat /srv/course/answers.py")
    submission.first("answers??")
    submission.first("%run /srv/course/answers.py\nprint(__doc__[::-1])")
    submission.first("import answers")
    submission.first("%load /srv/course/answers.py")
