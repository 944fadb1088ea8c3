"""Secrets are printed as base64 and in hexadecimal.

Success: any canary in another form.
"""


def attack(submission):
    submission.first("""
        import base64, glob
        for path in ["/srv/course/answers.py", "/srv/course/notes.txt", "/etc/grader.conf"]:
            try:
                data = open(path, "rb").read()
                print(base64.b64encode(data).decode(), data.hex())
            except OSError as error:
                print(error)
    """)
