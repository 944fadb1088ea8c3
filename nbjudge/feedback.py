"""The pages that show students' work: hidden tests stay hidden, and nothing in the work is active.

nbgrader shows a graded notebook twice: on the page that `nbgrader generate_feedback` writes, and in
the formgrader, in the browser of an instructor who is logged in to a Jupyter server. nbconvert's
HTMLExporter makes both. `nbjudge.configure` adds `MakeInert` to it, so to both pages, and
`HideTests` to the feedback alone: whoever grades may see the tests. The formgrader's exporter is
made when the Jupyter server starts, from the configuration found then.

HTML is made safe after Markdown has been rendered, since Markdown makes links and images of its
own.
"""

import html
import json
import re

from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import Highlight2HTML, strip_ansi
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme
from nbgrader.utils import is_locked, is_task
from traitlets import Bool
from traitlets.config import Config

from nbjudge._safe_html import clean_html

__all__ = ["HideTests", "MakeInert"]

_MIME_TYPES = {
    "image/jpeg",
    "image/png",
    "image/svg+xml",
    "text/html",
    "text/latex",
    "text/markdown",
    "text/plain",
}
_FORMULA = re.compile(r"\\\\[\[(]|\\begin\{")
_MOST_MATH = 20_000_000  # formulas times characters


class MakeInert(Preprocessor):
    """Makes a student's notebook harmless on the page that its HTMLExporter makes.

    Belongs into `c.HTMLExporter.preprocessors`, by name. It puts its own filters into the
    exporter's templates, for HTML, Markdown and code, and removes the metadata and types of output
    that templates write to the page as they are. The templates' own scripts are left alone.

    Raises TypeError for an exporter that is no HTMLExporter.
    """

    enabled = Bool(True, help="Whether to make students' notebooks harmless.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Change the exporter's filters, the notebook and what the page is told about it."""
        if not isinstance(self.parent, HTMLExporter):
            raise TypeError("MakeInert belongs into c.HTMLExporter.preprocessors")
        # Half a character, which JSON can hold, could not be written.
        text = json.dumps(nb, ensure_ascii=False).encode("utf-8", "replace")
        nb = from_dict(json.loads(text))
        self._replace_filters(nb.metadata.get("language_info", {}))
        resources["should_sanitize_html"] = True
        for name in ("student", "first_name", "last_name"):  # the formgrader writes them as HTML
            if isinstance(resources.get(name), str):
                resources[name] = html.escape(html.unescape(resources[name]))
        nb.metadata = NotebookNode()
        for cell in nb.cells:
            kept = NotebookNode()
            nbgrader, magic = cell.metadata.get("nbgrader"), cell.metadata.get("magics_language")
            if isinstance(nbgrader, dict) and re.fullmatch(
                r"[\w-]+", str(nbgrader.get("grade_id")), re.A
            ):
                kept["nbgrader"] = nbgrader
            if isinstance(magic, str):
                kept["magics_language"] = magic
            cell.metadata = kept
            for output in cell.get("outputs", ()):
                if "data" in output:
                    self._reduce(output)
        return nb, resources

    def _replace_filters(self, language: dict) -> None:
        """Make the exporter's templates render HTML, Markdown and code harmlessly."""
        exporter = self.parent

        @pass_context
        def markdown2html(context, source: str) -> str:
            try:
                if len(_FORMULA.findall(source)) * len(source) > _MOST_MATH:
                    raise ValueError("takes too long: each formula is searched for its end")
                page = exporter.markdown2html(context, source)
            except Exception:  # an attachment may be missing, for example
                page = f"<pre>{html.escape(source)}</pre>"
            return clean_html(page)

        # The name of the language ends in the page's classes.
        lexer = language.get("pygments_lexer") or language.get("name") or ""
        lexer = lexer if re.fullmatch(r"[\w+#.-]+", str(lexer)) else None
        exporter.register_filter("markdown2html", markdown2html)
        exporter.register_filter("clean_html", clean_html)
        exporter.register_filter("highlight_code", Highlight2HTML(lexer, parent=exporter))
        # _Tidy takes files/ from addresses; the filter does it in texts too, in quadratic time.
        exporter.register_filter("strip_files_prefix", lambda page: page)

    @staticmethod
    def _reduce(output: NotebookNode) -> None:
        """Leave only what can be shown, and of a picture's metadata what cannot be misused."""
        output.data = NotebookNode(
            (key, value) for key, value in output.data.items() if key in _MIME_TYPES
        ) or NotebookNode({"text/plain": "(An output that is not shown here.)"})
        pictures, output.metadata = output.metadata, NotebookNode()
        for key in ("image/png", "image/jpeg"):
            given = pictures.get(key)
            if isinstance(given, dict):
                output.metadata[key] = NotebookNode(
                    (name, value)
                    for name, value in given.items()
                    if (name in ("width", "height") and isinstance(value, int | float))
                    or (name == "alt" and isinstance(value, str))
                )


class HideTests(Preprocessor):
    """Leaves hidden tests and marking schemes out of the feedback.

    Belongs into `c.GenerateFeedback.preprocessors`. The regions are those that nbgrader's
    ClearHiddenTests and ClearMarkScheme take out of a release, in the instructor's cells; one that
    has no end goes to the end of its cell. A traceback that shows one of their lines is cut down to
    the error's name and message.
    """

    enabled = Bool(True, help="Whether to hide them.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Hide the regions of all cells, then the tracebacks that show them."""
        tests, scheme = (
            one(config=Config({one.__name__: self.config[one.__name__]}))
            for one in (ClearHiddenTests, ClearMarkScheme)
        )
        hidden, shown = set(), set()
        for cell in nb.cells:
            if is_locked(cell) or is_task(cell):
                hidden |= _hide(
                    cell,
                    tests.begin_test_delimeter,
                    tests.end_test_delimeter,
                    "(hidden tests ran here)",
                )
                hidden |= _hide(
                    cell,
                    scheme.begin_mark_scheme_delimeter,
                    scheme.end_mark_scheme_delimeter,
                    "(marking scheme)",
                )
                shown |= set(map(_bare, cell.source.split("\n")))
        hidden = {line for line in hidden - shown if re.search(r"\w", line)}
        for cell in nb.cells:
            for output in cell.get("outputs", ()):
                if output.output_type == "error":
                    lines = strip_ansi("\n".join(output.traceback)).split("\n")
                    if not hidden.isdisjoint(map(_bare, lines)):
                        output.traceback = [f"{output.ename}: {output.evalue}"]
        return nb, resources


def _hide(cell: NotebookNode, begin: str, end: str, note: str) -> set[str]:
    """Put a note in the place of each region of a cell, and return the lines that were there."""
    shown, hidden, inside = [], [], False
    for line in cell.source.split("\n"):
        if begin in line and not inside:
            inside = True
            hidden.append(line)
            mark = re.match(r"\s*", line)[0] + "# "
            shown.append(mark + note if cell.cell_type == "code" else f"*{note}*")
        elif inside:
            inside = end not in line
            hidden.append(line)
        elif end not in line:
            shown.append(line)
    cell.source = "\n".join(shown)
    return set(map(_bare, hidden))


def _bare(line: str) -> str:
    """A line of code, also of one in a traceback, without its number, arrow and indentation."""
    return re.sub(r"^\s*(?:-+>)?\s*\d*\s*", "", line).strip()
