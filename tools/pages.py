"""The pages of the web site and the texts in the repository that they are made from."""

import posixpath
from pathlib import Path

from tools.course import ROOT, assignments, course_notebooks

__all__ = ["MARKDOWN", "MOVED", "site_pages"]

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
    "nbjudge/docs/commands.md",
    "nbjudge/docs/dates.md",
    "nbjudge/docs/development.md",
    "nbjudge/docs/feedback.md",
    "nbjudge/docs/grading.md",
    "nbjudge/docs/isolation.md",
    "nbjudge/docs/plugins.md",
    "nbjudge/docs/python.md",
    "nbjudge/docs/settings.md",
    "nbjudge/docs/writing-tests.md",
)
# Pages whose place on the site differs: those of the plug-ins are beside nbjudge's others.
PLUGINS = {
    "cluster": "cluster",
    "github": "github",
    "gradescope": "gradescope",
    "lms": "lms",
    "report": "report",
    "review": "review",
    "standalone": "one-notebook",
}
MOVED = {"docs/index.md": "index.md", "docs/reference.md": "reference.md"} | {
    f"nbjudge/src/nbjudge/plugins/{folder}/README.md": f"nbjudge/docs/{page}.md"
    for folder, page in PLUGINS.items()
}


def site_pages(root: Path = ROOT) -> dict[str, str]:
    """Return the path of each page on the web site, by the path of its text in the repository.

    The pages of exercises are missing, as they have no text.
    """
    texts = [*MARKDOWN, *MOVED]
    texts += [f"course/{name}.ipynb" for name in course_notebooks(root)]
    texts += [f"release/{name}/{name}.ipynb" for name in assignments(root)]
    return {text: f"{posixpath.splitext(MOVED.get(text, text))[0]}.html" for text in texts}
