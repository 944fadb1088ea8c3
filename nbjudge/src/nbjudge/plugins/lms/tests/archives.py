"""Create, download and collect archives of a learning platform (`nbgrader zip_collect`)."""

import contextlib
import io
import logging

from nbgrader.apps.zipcollectapp import ZipCollectApp
from traitlets.config import Config

from nbjudge import configure
from nbjudge.plugins.lms.tests.hostile_archives import zipped


def download(school, files, name="submissions.zip", assignment="ps1", **options):
    """Write an archive into the folder that zip_collect reads."""
    folder = school.root / "downloaded" / assignment / "archive"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(zipped(files, **options))


def collect(school, *arguments, assignment="ps1", **options):
    """Run nbgrader's ZipCollectApp and return its log."""
    config = Config(options)
    configure(config)
    config.CourseDirectory.root = str(school.root)
    log = io.StringIO()
    with contextlib.chdir(school.root):
        app = ZipCollectApp(config=config)
        app.initialize([assignment, *arguments])
        app.log.addHandler(handler := logging.StreamHandler(log))
        try:
            app.start()
        except SystemExit as error:
            log.write(f"exit {error.code}")
        finally:
            app.log.removeHandler(handler)
            ZipCollectApp.clear_instance()
    return log.getvalue()


def submitted(school):
    """Return all files in submitted/ as {path: content}."""
    root = school.root / "submitted"
    files = (path for path in sorted(root.rglob("*/*")) if path.is_file())
    return {str(path.relative_to(root)): path.read_text() for path in files}
