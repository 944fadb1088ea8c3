"""The pages of the web site and the texts in the repository that they are made from."""

import posixpath
from pathlib import Path

from tools.course import ROOT, assignments, course_notebooks

__all__ = ["MARKDOWN", "TOP", "site_pages"]

MARKDOWN = (
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "course/README.md",
    "course/glossary.md",
    "course/notation.md",
    "docs/checks.md",
    "docs/cluster.md",
    "docs/comparison.md",
    "docs/contributing/architecture.md",
    "docs/contributing/exercises.md",
    "docs/contributing/grading-engine.md",
    "docs/contributing/lessons.md",
    "docs/contributing/releasing.md",
    "docs/contributing/testing.md",
    "docs/contributing/website.md",
    "docs/guide/collect.md",
    "docs/guide/customize.md",
    "docs/guide/dates.md",
    "docs/guide/large.md",
    "docs/guide/points.md",
    "docs/guide/report.md",
    "docs/guide/return.md",
    "docs/guide/review.md",
    "docs/guide/troubleshooting.md",
    "docs/install.md",
    "docs/instructors.md",
    "docs/jupyterhub.md",
    "docs/sizing.md",
    "nbjudge/CHANGELOG.md",
    "nbjudge/README.md",
    "nbjudge/SECURITY.md",
    "nbjudge/docs/cluster.md",
    "nbjudge/docs/commands.md",
    "nbjudge/docs/dates.md",
    "nbjudge/docs/development.md",
    "nbjudge/docs/feedback.md",
    "nbjudge/docs/github.md",
    "nbjudge/docs/gradescope.md",
    "nbjudge/docs/grading.md",
    "nbjudge/docs/isolation.md",
    "nbjudge/docs/lms.md",
    "nbjudge/docs/one-notebook.md",
    "nbjudge/docs/report.md",
    "nbjudge/docs/review.md",
    "nbjudge/docs/settings.md",
    "nbjudge/docs/writing-tests.md",
)
# Pages of docs/ that move to the top level of the site.
TOP = {"docs/index.md": "index.md", "docs/reference.md": "reference.md"}


def site_pages(root: Path = ROOT) -> dict[str, str]:
    """Return the path of each page on the web site, by the path of its text in the repository.

    The pages of exercises are missing, as they have no text.
    """
    texts = [*MARKDOWN, *TOP]
    texts += [f"course/{name}.ipynb" for name in course_notebooks(root)]
    texts += [f"release/{name}/{name}.ipynb" for name in assignments(root)]
    return {text: f"{posixpath.splitext(TOP.get(text, text))[0]}.html" for text in texts}
