"""Attacks: review."""

from tests.red_team.declared import attack


@attack
def review_blanks(submission):
    """An essay has a million blanks, which Markdown libraries scan again from each blank.

    Success: `nbjudge review` does not serve the graders.
    """
    submission.answer("essay", "a" + " " * 1_000_000 + "b\n\n# a" + " " * 1_000_000 + "b")


@attack
def review_commands(submission):
    """Thousands of shell commands beside a blank essay, for each of which IPython tokenizes the
    cell.

    Success: `nbjudge review`, `nbjudge report` or `nbjudge export code` does not finish.
    """
    submission.answer("essay", "")
    submission.add("%%bash\n" + "!a\n" * 3000, after="essay")
    submission.add("if False:\n" + "    !a\n" * 3000, after="essay")


@attack
def review_large(submission):
    """An essay has ten megabytes of Markdown.

    Success: `nbjudge review` does not serve the graders.
    """
    submission.answer("essay", "> * *word* `code` [link](address) $x_1$\n" * 250_000)


REQUEST = "Assignment: ps1\nNotebook: ps1\nQuestion: essay\nStudent: x\nReason: please\n"


@attack
def review_mail_header(submission):
    """E-mails that ask for a regrade have headers that take hours to parse.

    Success: `nbjudge review` does not serve the graders.
    """
    for number, header in enumerate((";" * 64_000, "; a=b" * 20_000, ";\n a*0=b" * 20_000)):
        mail = f"From: a@b.c\nContent-Type: text/plain{header}\n\n{REQUEST}"
        submission.mail(f"{submission.student}-{number}.eml", mail)


HEAD = "Content-Type: multipart/mixed; boundary=b{0}\n\n--b{0}\n"


@attack
def review_mail_parts(submission):
    """An e-mail that asks for a regrade has a hundred thousand parts, and another is nested deeply.

    Success: `nbjudge review` does not serve the graders.
    """
    part = "--b0\nContent-Type: text/html\n\nx\n"
    submission.mail(f"{submission.student}-many.eml", HEAD.format(0) + part * 100_000)
    nested = "".join(map(HEAD.format, range(20_000)))
    submission.mail(f"{submission.student}-deep.eml", nested)


EVIL = """<script>alert(1)</script> <img src=x onerror=alert(1)> <iframe src="//a"></iframe>
[x](javascript:alert(1)) ![x](https://example.org/x.png) <form action="//a"><input></form>

<style>* { display: none }</style> <a href="javascript:alert(1)" onclick=alert(1)>x</a>
$<script>alert(1)</script>$ $\\href{javascript:alert(1)}{x}$"""


@attack
def review_script(submission):
    """An essay, and a cell that belongs to it, have scripts, frames, forms and links with scripts.

    Success: active content in a page.
    """
    submission.answer("essay", EVIL)
    submission.add(EVIL, after="essay", kind="markdown")
