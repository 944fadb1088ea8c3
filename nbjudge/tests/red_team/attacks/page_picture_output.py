"""The data or the size of an image break out of their attribute.

Success: active content in a page.
"""


def attack(submission):
    submission.add("""
        from IPython.display import publish_display_data
        evil = '"><script>alert(1)</script><img alt="'
        for kind in ("image/png", "image/jpeg", "image/gif", "application/pdf"):
            publish_display_data({kind: "iVBORw0KGgo=" + evil, "text/plain": evil})
            publish_display_data({kind: "iVBORw0KGgo="},
                                 metadata={kind: {"width": evil, "height": evil, "alt": evil}})
    """)
