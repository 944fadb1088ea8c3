"""The submission contains pages and templates, among them one named like the feedback page.

Success: a page has active content, or a student's template is used.
"""


def attack(submission):
    evil = "<script>alert(1)</script>"
    submission.file("ps1.html", evil)
    for folder in ("templates/feedback", "feedback", "nbconvert/templates/classic"):
        submission.file(f"{folder}/index.html.j2", evil)
        submission.file(f"{folder}/conf.json", '{"base_template": "classic"}')
    submission.file("custom.css", "body { display: none }")
