"""The preprocessor of `nbgrader generate_assignment` that fills the marked cells of a notebook."""

from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

from .filling import fill
from .proving import why_not_ready

__all__ = ["Fill"]


class Fill(NbGraderPreprocessor):  # type: ignore[misc]
    """Fill the marked cells; release no exercise whose own solution does not earn all points."""

    course = Unicode("", help="Folder of the course, with checks/").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        fill(nb, Path(self.course), why_not_ready)
        return nb, resources
