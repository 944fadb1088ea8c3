"""Properties of the whole package: imports between its parts, and its public names."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import nbjudge

SOURCE = Path(nbjudge.__file__).parent
# Each part may import those before it. The parts that run next to student code, and those that
# isolate it, cannot import the judge, so they contain no test and no expected value.
CORE = (
    "errors",
    "points",
    "wording",
    "wire",
    "files",
    "log",
    "guest",
    "sandbox",
    "notebook",
    "judging",
    "feedback",
    "engine",
    "settings",
    "late",
    "course",
    "cli",
)
EXTRAS = {  # built on the core; each may also import the parts listed
    "lms": (),
    "report": (),
    "review": ("lms",),  # the CSV format of exports
    "archive": ("review",),  # open regrade requests and comments
    "cluster": (),
    "standalone": (),
}
ENTRANCES = {"__init__", "__main__"}


def imported(path):
    """Return the parts of nbjudge that a file imports anywhere."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = [alias.name for alias in getattr(node, "names", ())]
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{name}" for name in names]
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (n.split(".")[1] for n in names if n.startswith("nbjudge."))


def test_every_module_belongs_to_a_part():
    found = {path.stem for path in SOURCE.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert found - ENTRANCES - {"__pycache__", "py"} == {*CORE, *EXTRAS}


def test_one_module_knows_the_tables_of_nbgrader():
    users = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if re.search(r"nbgrader(\.api| import .*\bapi\b)|__table__", path.read_text())
    }
    assert users == {"course/schema.py"}


ALLOWED = {part: CORE[: number + 1] for number, part in enumerate(CORE)}
ALLOWED |= {part: (*CORE, part, *others) for part, others in EXTRAS.items()}


@pytest.mark.parametrize("part", ALLOWED)
def test_imports_point_one_way(part):
    """The core imports none of the extras."""
    allowed = {*ALLOWED[part], "__version__", "EngineError", "IsolationError"}
    for path in [*SOURCE.glob(f"{part}.py"), *SOURCE.glob(f"{part}/*.py")]:
        wrong = set(imported(path)) - allowed - ENTRANCES
        assert not wrong, path.relative_to(SOURCE)


@pytest.mark.parametrize("entrance", sorted(ENTRANCES))
def test_the_entry_points_import_only_the_core(entrance):
    assert set(imported(SOURCE / f"{entrance}.py")) <= set(CORE)


def test_only_one_module_of_the_core_names_the_extras():
    names = re.compile(rf"nbjudge\.({'|'.join(EXTRAS)})\b(?!\+json)")
    paths = {str(path.relative_to(SOURCE)): path for path in SOURCE.rglob("*.py")}
    found = {name for name, path in paths.items() if names.search(path.read_text())}
    found = {name for name in found if name.partition("/")[0] not in EXTRAS}
    assert found == {"__init__.py", "cli/commands.py"}  # __init__.py names plug-ins of nbgrader


def test_public_names_exist():
    assert nbjudge.__all__ == sorted(nbjudge.__all__, key=lambda n: (not n.isupper(), n))
    for name in nbjudge.__all__:
        assert getattr(nbjudge, name) is not None, name
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = nbjudge.nonsense


def test_slow_modules_are_loaded_on_demand():
    program = "import nbjudge, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"numpy", "IPython", "nbgrader", "traitlets", "sqlalchemy", "rich"}
