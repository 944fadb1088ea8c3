"""The settings of a course, from its nbgrader_config.py."""

import contextlib
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

from jupyter_core.application import JupyterApp
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Application, Configurable

from nbjudge.course.database import check_database
from nbjudge.course.dates import similar
from nbjudge.settings import NbJudge


def load_course(root: Path | None = None) -> tuple[CourseDirectory, NbJudge]:
    """The course in a folder with nbgrader_config.py, and nbjudge's settings there.

    Parameters
    ----------
    root
        The folder; the current one by default.

    Raises
    ------
    ValueError
        Where the settings are wrong, so that none is left out in silence, or the gradebook is on
        a server that cannot be reached.
    """
    root = Path(root or ".").resolve()
    with contextlib.chdir(root):
        try:
            app = JupyterApp(config_file_name="nbgrader_config", raise_config_file_errors=True)
            app.log.setLevel(logging.WARNING)
            app.load_config_file()
            Application.load_config_file(app, "nbgrader_config", path=str(root))
            _check_names(app.config, NbJudge)
            if "PerDay" in app.config:
                from nbjudge.late import PerDay  # which loads much of nbgrader

                _check_names(app.config, PerDay)
            coursedir, settings = CourseDirectory(config=app.config), NbJudge(config=app.config)
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            raise ValueError(f"the course's settings cannot be used: {what}") from error
    check_database(coursedir.db_url)
    return coursedir, settings


def _check_names(config: Mapping[str, Iterable[str]], kind: type[Configurable]) -> None:
    known = kind.class_trait_names(config=True)
    for name in config.get(kind.__name__, ()):
        if name not in known:
            text = f"c.{kind.__name__}.{name} is no setting"
            raise ValueError(f"{text}{similar(name, known)}")
