"""A cell displays JavaScript by a class, a magic and a MIME type.

Success: active content in a page.
"""


def attack(submission):
    submission.add("""
        from IPython.display import Javascript, display
        display(Javascript("alert(1)"))
        display({"application/javascript": "alert(2)"}, raw=True)
        display({"application/x-javascript": "alert(2)", "text/javascript": "alert(3)"}, raw=True)
    """)
    submission.add("%%javascript\nalert(3)")
    submission.add("%%js\nalert(4)")
