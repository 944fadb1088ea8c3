"""Load the settings of a course from its nbgrader_config.py."""

import contextlib
import importlib
import logging
from pathlib import Path

from jupyter_core.application import JupyterApp
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Application, Config

from nbjudge.course.database import check_database
from nbjudge.settings import NbJudge
from nbjudge.wording import did_you_mean, nearest

_SECTIONS = {  # classes whose settings nbjudge reads, and their modules
    "Autograde": "nbgrader.converters",
    "ClearHiddenTests": "nbgrader.preprocessors",
    "ClearMarkScheme": "nbgrader.preprocessors",
    "CourseDirectory": "nbgrader.coursedir",
    "NbGraderAPI": "nbgrader.apps",
    "NbJudge": "nbjudge.settings",
    "PerDay": "nbjudge.late",
}
_QUICK = {  # the usual settings of classes that are slow to import
    "Autograde": {"create_student", "exclude_overwriting", "exporter_class"},
    "ClearHiddenTests": {"begin_test_delimeter", "end_test_delimeter", "enforce_metadata"},
    "ClearMarkScheme": {
        "begin_mark_scheme_delimeter",
        "end_mark_scheme_delimeter",
        "enforce_metadata",
    },
}


def load_course(root: Path | None = None) -> tuple[CourseDirectory, NbJudge]:
    """Return the course in a folder with nbgrader_config.py, and nbjudge's settings for it.

    Parameters
    ----------
    root
        Folder of the course; the current one by default.

    Raises
    ------
    ValueError
        If a setting is invalid, or the gradebook's server cannot be reached.

    Examples
    --------
    >>> import nbjudge
    >>> coursedir, settings = nbjudge.load_course()
    >>> coursedir.submitted_directory
    'submitted'
    >>> settings.cell_seconds
    30.0
    """
    root = Path(root or ".").resolve()
    with contextlib.chdir(root):
        try:
            app = JupyterApp(config_file_name="nbgrader_config", raise_config_file_errors=True)
            app.log.setLevel(logging.WARNING)
            app.load_config_file()
            Application.load_config_file(app, "nbgrader_config", path=str(root))
            check_settings(app.config)
            coursedir, settings = CourseDirectory(config=app.config), NbJudge(config=app.config)
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            raise ValueError(f"the course's settings cannot be used: {text}") from error
    check_database(coursedir.db_url)
    return coursedir, settings


def configured(coursedir: CourseDirectory, config: Config) -> CourseDirectory:
    """Give the folder of a course to nbjudge, with the configuration that nbgrader has loaded.

    nbgrader's commands make the object before they load the course's configuration, and then
    give it only its own settings.
    """
    coursedir.config = config
    return coursedir


def check_settings(config: Config) -> None:
    """Raise ValueError for unknown settings of nbjudge, and of the parts of nbgrader that it uses.

    traitlets itself warns at most about an unknown name, and ignores unknown sections silently.

    Raises
    ------
    ValueError
        If a setting is unknown; the message suggests the closest name.
    """
    sections = {name.casefold(): name for name in _SECTIONS}
    for section, settings in config.items():
        name = sections.get(section.casefold())
        if name is None or not isinstance(settings, Config):
            continue
        if section == name and settings.keys() <= _QUICK.get(name, set()):
            continue
        known = getattr(importlib.import_module(_SECTIONS[name]), name).class_trait_names(
            config=True
        )
        for setting in settings:
            if section != name:
                hint = did_you_mean([f"c.{name}.{setting}"])
            elif setting in known:
                continue
            else:
                hint = did_you_mean(nearest(setting, known))
            raise ValueError(f"c.{section}.{setting} is not a setting{hint}")
