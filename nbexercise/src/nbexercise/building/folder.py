"""Find and load the definitions of a course: `checks/NAME.py` beside nbgrader_config.py."""

import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path

from ..checks import CASE_SETS
from ..defining.authoring import Definition, DefinitionError, line_in
from ..defining.stored import dump_case_set, public_case_set
from ..judging.names import alike

__all__ = ["CHECKS", "course_root", "exercise_named", "helpers_stored", "names_in"]

CHECKS = "checks"
CONFIG = "nbgrader_config.py"
MODULE = "_nbexercise_checks"  # name of the module of a definition, before its own name

_loaded: dict[tuple[Path, str], Definition] = {}


def course_root(places: Iterable[str | Path] | None = None) -> Path:
    """Return the folder of the course: the first with nbgrader_config.py and checks/.

    Parameters
    ----------
    places
        Folders to look in; by default the current one and those above it, and those in which Python
        looks for modules, because `configure` puts the course there.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    here = Path.cwd()
    for place in map(Path, [*(places or (here, *here.parents, *filter(None, sys.path)))]):
        if (place / CONFIG).is_file() and (place / CHECKS).is_dir():
            return place.resolve()
    raise FileNotFoundError(
        f"expected a folder with {CONFIG} and {CHECKS}/, such as `nbexercise new FOLDER` makes, "
        f"got {here}; change to the folder of the course"
    )


def names_in(root: Path) -> list[str]:
    """Return the names of the exercises that are defined in a course."""
    files = (root / CHECKS).glob("*.py")
    return sorted(file.stem for file in files if not file.stem.startswith("_"))


def exercise_named(name: str, root: Path | None = None) -> Definition:
    """Load the definition of an exercise.

    Parameters
    ----------
    root
        Folder of the course; by default the one that `course_root` finds.

    Raises
    ------
    DefinitionError
        If there is none, or it is invalid.
    """
    root = root or course_root()
    if (root, name) not in _loaded:
        _loaded[root, name] = _load(name, root)
    return _loaded[root, name]


def _load(name: str, root: Path) -> Definition:
    path = root / CHECKS / f"{name}.py"
    if not path.is_file():
        meant = [f"{CHECKS}/{other}.py" for other in alike(name, names_in(root))]
        instead = f"did you mean {' or '.join(meant)}?" if meant else "write it"
        raise DefinitionError(f"exercise {name!r}: expected the file {path}, got none; {instead}")
    # inspect reads the source of a class through its module.
    spec = importlib.util.spec_from_file_location(f"{MODULE}.{name}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except DefinitionError:
        raise
    except Exception as error:
        in_syntax = f"{path}, line {error.lineno}" if isinstance(error, SyntaxError) else ""
        raise DefinitionError(
            f"{in_syntax or line_in(error, str(path)) or path}: exercise {name!r}: expected a "
            f"definition that runs, got {type(error).__name__}: {error}"
        ) from error
    found = [value for value in vars(module).values() if isinstance(value, Definition)]
    own = [one for one in found if one.name == name]
    if not own:
        others = ", ".join(f"define({one.name!r})" for one in found) or "none"
        raise DefinitionError(
            f"{path}, line 1: exercise {name!r}: expected ex = define({name!r}), got {others}; "
            "the file has the name of the exercise"
        )
    return own[0]


def helpers_stored(definition: Definition, root: Path) -> dict[str, bytes]:
    """Return the public cases of an exercise's helpers, by name."""
    return {
        name: dump_case_set(public_case_set(exercise_named(name, root).exercise), "")
        for name in definition.helpers
    }


def ready_to_grade(name: str) -> Definition:
    """Load an exercise, and the public cases of its helpers, which show whether they are right."""
    root = course_root(filter(None, [*sys.path, *Path.cwd().parents]))
    definition = exercise_named(name, root)
    missing = {k: v for k, v in helpers_stored(definition, root).items() if k not in CASE_SETS}
    CASE_SETS.add(missing)
    return definition
