"""nbjudge behind `nbgrader release_feedback`: a missing file of one student stops no other.

A page is released under a name that is made of the secret which `nbgrader submit` put beside the
submission. Work that came another way, by `zip_collect` for example, has none, and often no time;
nbgrader ends with a traceback at the first such submission. The class below reports them and
releases all others.
"""

import fnmatch
from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash

from nbjudge.course.feedback_pages import SECRET
from nbjudge.course.folders import folder_of, students_with
from nbjudge.course.outcome import listed, printable
from nbjudge.files import put_file


class ReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]
    """Releases the feedback of those who submitted through the exchange, and names all others.

    Belongs into `c.ExchangeFactory.release_feedback`, where `nbjudge.configure(c)` puts it.
    """

    def copy_files(self) -> None:
        """Put each page where `nbgrader fetch_feedback` looks for it; nbgrader calls this."""
        coursedir, name = self.coursedir, self.coursedir.assignment_id
        step, released, without = coursedir.feedback_directory, 0, []
        for student in students_with(coursedir, step, name):
            folder = Path(folder_of(coursedir, step, student, name))
            pages = sorted(folder.glob("*.html"))
            if not pages or not fnmatch.fnmatchcase(student, coursedir.student_id or "*"):
                continue
            secret = _read(folder / SECRET)
            if not secret:
                without.append(student)
                continue
            for page in pages:
                key = notebook_hash(secret=secret, notebook_id=page.stem)
                mode = page.stat().st_mode & 0o777
                put_file(Path(self.dest_path, f"{key}.html"), page.read_bytes(), mode)
                self.log.info("%s of %s: feedback released", page.stem, printable(student))
            released += 1
        if without:
            self.log.warning(
                "%s: the feedback of %s was not released: there is no %s beside it, so this work "
                "was not submitted through the exchange. Give these students the pages in %s "
                "another way, for example by `nbjudge export feedback`",
                name,
                listed(without),
                SECRET,
                folder_of(coursedir, step, "STUDENT", name),
            )
        elif not released:
            self.log.warning(
                "%s: there is no feedback page to release in %s; `nbgrader generate_feedback %s` "
                "or `nbjudge feedback %s` writes them",
                name,
                folder_of(coursedir, step, coursedir.student_id or "*", name),
                name,
                name,
            )


def _read(path: Path) -> str:
    """The text of a file; nothing where there is none that can be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
