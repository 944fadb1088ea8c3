"""Feedback pages: a pure function of a graded notebook, its grades and its images."""

import json

from nbjudge.feedback.about import About

RENDERER = f"{__name__}.page"  # slow to import


def make_page(notebook: bytes, about: About) -> str:
    """Return the feedback page of a graded notebook's file; see `page.render`."""
    from nbjudge.feedback.page import render

    return render(json.loads(notebook), about)
