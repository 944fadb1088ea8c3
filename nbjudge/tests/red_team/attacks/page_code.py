"""Code and comments contain tags, and so does the language name for syntax highlighting.

Success: active content in a page.
"""


def attack(submission):
    evil = "</code></pre></div></textarea><script>alert(1)</script>"
    submission.add(f"# {evil}\n'''{evil}'''")
    submission.add(f"%%{evil}\n{evil}")
    submission.answer("square", f"# {evil}")
