"""Integrate with `nbgrader release_feedback`: skip submissions without a secret.

The name of a released page is derived from the secret that `nbgrader submit` stores with a
submission. Work that was collected another way, for example by `zip_collect`, has no secret and
often no time. nbgrader fails with a traceback on the first such submission. The class below skips
and reports these submissions, and releases the feedback of the others.
"""

import fnmatch
import os
from pathlib import Path
from shlex import quote

from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash

from nbjudge.course.feedback_pages import SECRET
from nbjudge.course.folders import folder_of, list_class
from nbjudge.course.outcome import listed, printable
from nbjudge.files import is_rubbish, put_file, reason_of


class ReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]
    """Exchange plug-in that releases feedback; skips and reports students without a secret.

    Set in `c.ExchangeFactory.release_feedback` by `nbjudge.configure(c)`.
    """

    def copy_files(self) -> None:
        """Copy each page to the path that `nbgrader fetch_feedback` expects; called by nbgrader."""
        coursedir, name = self.coursedir, self.coursedir.assignment_id
        step, released, without = coursedir.feedback_directory, 0, []
        for student in list_class(coursedir, step, name).students:
            folder = Path(folder_of(coursedir, step, student, name))
            if not fnmatch.fnmatchcase(student, coursedir.student_id or "*"):
                continue
            try:
                pages = _read_pages(folder)
            except OSError as error:
                why = reason_of(error)
                self.log.error("%s of %s was not released: %s", name, printable(student), why)
                continue
            if not pages:
                continue
            secret = _read(folder / SECRET)
            if not secret:
                without.append(student)
                continue
            for notebook, (content, mode) in pages.items():
                key = notebook_hash(secret=secret, notebook_id=notebook)
                put_file(Path(self.dest_path, f"{key}.html"), content, mode)
                self.log.info("%s of %s: feedback released", notebook, printable(student))
            released += 1
        if without:
            self.log.warning(
                "%s: the feedback of %s was not released: it has no %s, so this work was not "
                "submitted through the exchange. Return the pages in %s another way, for example "
                "with `nbjudge export feedback`",
                name,
                listed(without),
                SECRET,
                folder_of(coursedir, step, "STUDENT", name),
            )
        elif not released:
            self.log.warning(
                "%s: there are no feedback pages to release in %s; write them with "
                "`nbgrader generate_feedback %s` or `nbjudge feedback %s`",
                name,
                folder_of(coursedir, step, coursedir.student_id or "*", name),
                quote(name),
                quote(name),
            )


def _read_pages(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return the content and mode of each feedback page in a folder, by notebook."""
    names = sorted(name for name in os.listdir(folder) if name.endswith(".html"))
    pages = [folder / name for name in names if not is_rubbish(name)]
    return {page.stem: (page.read_bytes(), page.stat().st_mode & 0o777) for page in pages}


def _read(path: Path) -> str:
    """Return the text of a file; "" if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
