"""Find active content in a student's feedback page and formgrader page.

`python -m tests.red_team._render STUDENT...` prints, for each student and page, the tags and
attributes that have an effect in a browser.
"""

import json
import sys
import warnings
from html.parser import HTMLParser
from pathlib import Path

from tests.red_team._course import ASSIGNMENT
from tests.red_team._jail import COURSE

_TAGS = {"script", "iframe", "frame", "object", "embed", "applet", "form", "base", "link", "style"}
_TAGS |= {"portal", "meta", "animate", "set", "foreignobject"}
_ADDRESSES = {"href", "src", "action", "formaction", "data", "xlink:href", "poster", "srcset"}
_ADDRESSES |= {"to", "values", "from", "background"}
_SCHEMES = ("javascript:", "vbscript:", "data:text/html", "data:application")
_LARGEST = 20 << 20


class _Finder(HTMLParser):
    """Collects short descriptions of everything that a browser would run, load, send or restyle."""

    def __init__(self):
        super().__init__()
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag, attrs):
        self._inside = tag in ("script", "style")
        attributes = {name: value or "" for name, value in attrs}
        about = " ".join(f'{name}="{value[:60]}"' for name, value in sorted(attributes.items()))
        if tag.rpartition(":")[2] in _TAGS:
            self.found.append(f"<{tag} {about}>")
        for name, value in attributes.items():
            address = "".join(value.split()).lower()
            scripted = name in _ADDRESSES and address.startswith(_SCHEMES)
            if tag != "img":  # scripts in images do not run
                scripted |= name in _ADDRESSES and address.startswith("data:image/svg")
            if scripted or name.startswith("on") or name == "srcdoc":
                self.found.append(f"<{tag}> {name}={value[:60]}")

    def handle_data(self, data):
        if self._inside and self.found:
            self.found[-1] += data[:200]
        self._inside = False


def active(page: str) -> list[str]:
    """Return the active content of a page."""
    finder = _Finder()
    finder.feed(page)
    return finder.found


def _exporter():
    """Return an exporter like the formgrader's: the course's configuration and its own template."""
    import nbgrader
    from nbconvert.exporters import HTMLExporter
    from traitlets.config import Config, PyFileConfigLoader

    config = Config()
    config.merge(PyFileConfigLoader("nbgrader_config.py", path=str(COURSE)).load_config())
    templates = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [str(templates)]
    return HTMLExporter(config=config)


def _formgraded(exporter, student):
    path = COURSE / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    if not path.exists() or path.stat().st_size > _LARGEST:
        return ""
    resources = {
        "assignment_id": ASSIGNMENT,
        "notebook_id": ASSIGNMENT,
        "submission_id": "1",
        "index": 0,
        "total": 1,
        "base_url": "",
        "student": student,
        "last_name": "",
        "first_name": "",
        "notebook_path": "",
    }
    return exporter.from_filename(str(path), resources=resources)[0]


def _feedback(student):
    pages = sorted((COURSE / "feedback" / student / ASSIGNMENT).glob("*.html"))
    return "\n".join(page.read_text(errors="replace")[:_LARGEST] for page in pages)


def main() -> None:
    warnings.simplefilter("ignore")
    exporter = _exporter()
    for student in sys.argv[1:]:
        found = {"student": student}
        for name, page in (
            ("feedback", lambda: _feedback(student)),  # noqa: B023
            ("formgrader", lambda: _formgraded(exporter, student)),  # noqa: B023
        ):
            try:
                found[name] = active(page())
            except Exception as error:
                found[name] = []
                found["failed"] = f"{name}: {type(error).__name__}: {error}"[:300]
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
