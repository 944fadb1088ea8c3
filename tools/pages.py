"""The pages of the web site and the texts in the repository that they are made from."""

import posixpath
from pathlib import Path

from tools.course import ROOT, assignments, course_notebooks

__all__ = ["MARKDOWN", "MOVED", "site_pages"]

FOLDERS = ("course", "docs", "docs/contributing", "docs/guide", "nbjudge", "nbjudge/docs")
PLUGINS = "nbjudge/src/nbjudge/plugins"
NAMES = {"standalone": "one-notebook"}  # of plug-ins' pages that are not named like the plug-in

# Pages whose place on the site differs: those of the plug-ins are beside nbjudge's others.
MOVED = {"docs/index.md": "index.md", "docs/reference.md": "reference.md"} | {
    f"{PLUGINS}/{name}/README.md": f"nbjudge/docs/{NAMES.get(name, name)}.md"
    for name in sorted(path.parent.name for path in (ROOT / PLUGINS).glob("*/README.md"))
}
_FOUND = {
    path.relative_to(ROOT).as_posix() for folder in FOLDERS for path in ROOT.glob(f"{folder}/*.md")
}
ABOUT_FOLDER = "docs/README.md"
MARKDOWN = sorted({"CHANGELOG.md", "CONTRIBUTING.md"} | _FOUND - {ABOUT_FOLDER, *MOVED})


def site_pages(root: Path = ROOT) -> dict[str, str]:
    """Return the path of each page on the web site, by the path of its text in the repository.

    The pages of exercises are missing, as they have no text.
    """
    texts = [*MARKDOWN, *MOVED]
    texts += [f"course/{name}.ipynb" for name in course_notebooks(root)]
    texts += [f"release/{name}/{name}.ipynb" for name in assignments(root)]
    return {text: f"{posixpath.splitext(MOVED.get(text, text))[0]}.html" for text in texts}
