"""Code and comments with tags, also as the language that the page colors them by.

Success: active in a page.
"""


def attack(submission):
    evil = "</code></pre></div></textarea><script>alert(1)</script>"
    submission.add(f"# {evil}\n'''{evil}'''")
    submission.add(f"%%{evil}\n{evil}")
    submission.answer("square", f"# {evil}")
