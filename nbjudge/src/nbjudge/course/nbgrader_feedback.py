"""Make nbgrader's pages that show students' work safe: no active content from a notebook remains.

nbgrader shows a graded notebook in two places. `nbgrader generate_feedback` writes a page for the
student; `nbjudge.configure` replaces it with `FeedbackPage`, which uses `nbjudge.feedback.page`.
The formgrader shows the notebook in the browser of an instructor who is logged in to a Jupyter
server. It uses nbconvert's HTMLExporter, to which `MakeInert` is added; the page keeps the tests,
since graders may see them. The formgrader's exporter is created when the Jupyter server starts,
with the configuration at that time.

HTML is sanitized after Markdown has been rendered, since rendering creates links and images.
"""

import html
import json
import re
from pathlib import Path
from shlex import quote
from typing import Any

import sqlalchemy
from jinja2 import pass_context
from nbconvert.exporters import Exporter, HTMLExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode, from_dict
from traitlets import Bool, default

from nbjudge.course.dates import course_zone
from nbjudge.course.gradebook import read_about
from nbjudge.course.page_settings import with_settings
from nbjudge.feedback import make_page
from nbjudge.feedback.hiding import show_scheme
from nbjudge.feedback.page import without_long_lines
from nbjudge.feedback.pictures import show_pictures
from nbjudge.feedback.prose import LONGEST_CODE, prepared
from nbjudge.feedback.safe_html import clean_html
from nbjudge.notebook.spec import region_marks
from nbjudge.sandbox.box import call_in_box
from nbjudge.wire.outputs import REPORT

_MIME_TYPES = {
    "image/jpeg",
    "image/png",
    "image/svg+xml",
    "text/html",
    "text/latex",
    "text/markdown",
    "text/plain",
}
MOST_SHOWN = 1_000_000  # characters of all cells of a notebook that the formgrader shows
Resources = dict[str, Any]  # nbconvert's data that an exporter shares with its preprocessors


class FeedbackPage(Exporter):
    """The exporter behind `nbgrader generate_feedback` and the formgrader's feedback button.

    Set in `c.GenerateFeedback.exporter_class`. It reads the notebook's file unchanged and the
    points from the gradebook, so it needs none of nbconvert's preprocessors.
    """

    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def register_preprocessor(self, preprocessor: object, enabled: bool = False) -> None:
        """Ignore nbgrader's preprocessors, which are for pages made from nbconvert's templates."""

    def from_filename(
        self, filename: str, resources: Resources | None = None, **options: Any
    ) -> tuple[Any, Resources]:
        """Return the page of a graded notebook, and the resources.

        Parameters
        ----------
        resources
            Resources from nbgrader's converter.
        """
        page, resources = self._page(Path(filename).read_bytes(), resources)
        return show_pictures(page, Path(filename).parent), resources

    def from_notebook_node(
        self, nb: dict[str, Any], resources: Resources | None = None, **options: Any
    ) -> tuple[Any, Resources]:  # nbconvert declares a NotebookNode for any exporter's result
        """Return the page of a notebook in memory, and the resources."""
        return self._page(json.dumps(nb).encode(), resources)

    def _page(self, content: bytes, resources: Resources | None) -> tuple[str, Resources]:
        """Return the page, made in a box, and the resources with the extension of its file.

        Raises
        ------
        LookupError
            If the gradebook does not have the submission.
        BoxError
            If the notebook cannot be read within the limits.
        """
        submission = resources.get("nbgrader") if resources else None
        if resources is None or not submission:
            raise LookupError(
                "nbjudge's FeedbackPage works only with `nbgrader generate_feedback`: use it as "
                "c.GenerateFeedback.exporter_class, which nbjudge.configure(c) sets"
            )
        keys = "assignment", "student", "notebook"
        assignment, student, notebook = (submission[key] for key in keys)
        engine = sqlalchemy.create_engine(submission["db_url"])
        try:
            with engine.connect() as db:
                zone = course_zone(self.config)
                pages = read_about(db, assignment, student, zone)
        finally:
            engine.dispose()
        if notebook not in pages:
            raise LookupError(
                f"The gradebook has no grades of {student} for {notebook} in {assignment}: run "
                f"`nbgrader autograde {quote(assignment)}` first"
            )
        about = with_settings(pages[notebook], self.config)
        resources["output_extension"] = self.file_extension
        return call_in_box(make_page, content, about), resources


class MakeInert(Preprocessor):
    """Preprocessor that removes active content from a notebook before HTMLExporter renders it.

    Set by name in `c.HTMLExporter.preprocessors`. It replaces the filters for HTML, Markdown and
    code in the exporter's templates, and removes metadata and output types that templates copy to
    the page unescaped. The templates' own scripts are unchanged. Overlong lines of code and cells
    are cut, and a marking scheme gets a heading instead of its marks.

    Raises
    ------
    TypeError
        If the exporter is not an HTMLExporter.
    """

    enabled = Bool(True, help="Remove active content from students' notebooks.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Replace the exporter's filters; clean the notebook and the page's resources."""
        if not isinstance(self.parent, HTMLExporter):
            raise TypeError("MakeInert can only be used in c.HTMLExporter.preprocessors")
        # Replace lone surrogates: JSON can hold them, but UTF-8 cannot.
        text = json.dumps(nb, ensure_ascii=False).encode("utf-8", "replace")
        nb = from_dict(json.loads(text))
        self._replace_filters(self.parent, nb.metadata.get("language_info", {}))
        resources["should_sanitize_html"] = True
        for name in ("student", "first_name", "last_name"):  # the formgrader does not escape them
            if isinstance(resources.get(name), str):
                resources[name] = html.escape(html.unescape(resources[name]))
        nb.metadata = NotebookNode()
        _, scheme = region_marks(self.parent.config)
        left = MOST_SHOWN
        for cell in nb.cells:
            shown = min(LONGEST_CODE, left)
            if len(cell.source) > shown:
                note = f"\n\n(... {len(cell.source) - shown:,} characters are not shown here ...)"
                cell.source = cell.source[:shown] + note
            left = max(0, left - len(cell.source))
            kept = NotebookNode()
            nbgrader, magic = cell.metadata.get("nbgrader"), cell.metadata.get("magics_language")
            if isinstance(nbgrader, dict) and re.fullmatch(
                r"[\w-]+", str(nbgrader.get("grade_id")), re.A
            ):
                kept["nbgrader"] = nbgrader
            if isinstance(magic, str):
                kept["magics_language"] = magic
            cell.metadata = kept
            if cell.cell_type == "markdown" and kept.get("nbgrader", {}).get("locked"):
                cell.source = show_scheme(cell.source, scheme, "### Marking scheme\n")
            if cell.cell_type == "code":
                cell.source = without_long_lines(cell.source)
                cell.outputs = [
                    output for output in cell.outputs if set(output.get("data", ())) != {REPORT}
                ]
            for output in cell.get("outputs", ()):
                if "data" in output:
                    self._reduce(output)
        return nb, resources

    @staticmethod
    def _replace_filters(exporter: HTMLExporter, language: dict[str, Any]) -> None:
        """Replace the template filters for HTML, Markdown and code with safe ones."""

        @pass_context
        def markdown2html(context: Any, source: str) -> str:
            try:
                page = exporter.markdown2html(context, prepared(source))
            except Exception:  # for example, a missing attachment
                page = f"<pre>{html.escape(source)}</pre>"
            return clean_html(page)

        # The name of the language becomes a class name in the page.
        lexer = language.get("pygments_lexer") or language.get("name") or ""
        lexer = lexer if re.fullmatch(r"[\w+#.-]+", str(lexer)) else None
        exporter.register_filter("markdown2html", markdown2html)
        exporter.register_filter("clean_html", clean_html)
        exporter.register_filter("highlight_code", Highlight2HTML(lexer, parent=exporter))
        # clean_html removes files/ from addresses; nbconvert's filter also searches texts for it,
        # in quadratic time.
        exporter.register_filter("strip_files_prefix", lambda page: page)

    @staticmethod
    def _reduce(output: NotebookNode) -> None:
        """Keep only safe output types, and of an image's metadata only its size and alt text."""
        output.data = NotebookNode(
            (key, value) for key, value in output.data.items() if key in _MIME_TYPES
        ) or NotebookNode({"text/plain": "(This type of output is not shown here.)"})
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
