"""The running notebook writes a page named like its feedback page.

Success: active content in a page.
"""


def attack(submission):
    submission.first("""
        import os
        me = os.path.basename(os.path.dirname(os.getcwd()))
        for place in (".", f"../../../feedback/{me}/ps1"):
            try:
                os.makedirs(place, exist_ok=True)
                open(place + "/ps1.html", "w").write("<script>alert(1)</script>")
                open(place + "/extra.html", "w").write("<script>alert(1)</script>")
            except OSError as error:
                print(error)
    """)
