"""Properties of the whole package: imports between its parts, and its public names."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import nbjudge
from tests.support.installed import PACKAGES, PAGE

SOURCE = Path(nbjudge.__file__).parent
# Each part may import those before it. The parts that run next to student code, and those that
# isolate it, cannot import the judge, so they contain no test and no expected value.
CORE = (
    "errors",
    "points",
    "wording",
    "plugins",
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
PLUGINS = SOURCE / "plugins"
ON_OTHERS = {  # besides what is shared: a door needs its commands, and a report its standings
    **dict.fromkeys(["gradescope", "github"], {"standalone"}),
    **dict.fromkeys(["archive", "report"], {"standings"}),
    "lms": {"dates", "standings"},
    "questions": {"standings"},
}
ENTRANCES = {"__init__", "__main__"}


def imported(path):
    """Return the parts of nbjudge that a file imports anywhere, but not for its types alone."""
    tree = ast.parse(path.read_text())
    if path.name == "__init__.py":
        tree.body = [node for node in tree.body if not isinstance(node, ast.If)]
    for node in ast.walk(tree):
        names = [alias.name for alias in getattr(node, "names", ())]
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{name}" for name in names]
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (n.split(".")[1] for n in names if n.startswith("nbjudge."))


def test_every_module_belongs_to_a_part():
    found = {path.stem for path in SOURCE.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert found - ENTRANCES - {"__pycache__", "py"} == {*CORE}


def test_one_module_knows_the_tables_of_nbgrader():
    users = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if "tests" not in path.parts
        if re.search(r"nbgrader(\.api| import .*\bapi\b)|__table__", path.read_text())
    }
    assert users == {"course/schema.py"}


ALLOWED = {part: CORE[: number + 1] for number, part in enumerate(CORE)}


@pytest.mark.parametrize("part", ALLOWED)
def test_imports_point_one_way(part):
    allowed = {*ALLOWED[part], "__version__", "EngineError", "IsolationError"}
    for path in [*SOURCE.glob(f"{part}.py"), *SOURCE.glob(f"{part}/*.py")]:
        wrong = set(imported(path)) - allowed - ENTRANCES
        assert not wrong, path.relative_to(SOURCE)


@pytest.mark.parametrize("entrance", sorted(ENTRANCES))
def test_the_entry_points_import_only_the_core(entrance):
    assert set(imported(SOURCE / f"{entrance}.py")) <= set(CORE)


def test_the_core_names_no_plug_in():
    named = re.compile(r"nbjudge\.plugins\.\w")
    core = [path for path in SOURCE.rglob("*.py") if PLUGINS not in path.parents]
    assert [path for path in core if named.search(path.read_text())] == []


@pytest.mark.parametrize("folder", sorted(path.name for path in PLUGINS.glob("[a-z]*/")))
def test_a_plug_in_names_no_other(folder):
    named = re.compile(r"nbjudge\.plugins\.(\w+)")
    allowed = {folder, "shared"} | ON_OTHERS.get(folder, set())
    for path in PLUGINS.glob(f"{folder}/*.py"):
        assert set(named.findall(path.read_text())) <= allowed, path.name


def test_public_names_exist():
    for name in nbjudge.__all__:
        assert getattr(nbjudge, name) is not None, name
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = nbjudge.nonsense


def test_the_documented_plug_ins_import_public_names_alone():
    """And the page lists the public names of all plug-ins."""
    pytest.importorskip("nbjudge.plugins.lms", reason="the core is tested without plug-ins")
    listed = {
        package: set(re.findall(r"`(\w+)`", names))
        for package, names in re.findall(r"^\| `(nbjudge[.\w]*)` \| (.*) \|$", PAGE, re.MULTILINE)
    }
    public = {
        package: {*importlib.import_module(package).__all__}
        for path in PLUGINS.glob("*/__init__.py")
        if "__all__" in path.read_text()
        for package in [f"nbjudge.plugins.{path.parent.name}"]
    }
    assert {**listed, "nbjudge": None} == {**public, "nbjudge": None}
    assert listed["nbjudge"] <= {*nbjudge.__all__}
    for module, (_, parts) in PACKAGES.items():
        for node in ast.walk(ast.parse("".join(parts))):
            names = [alias.name for alias in getattr(node, "names", ())]
            if isinstance(node, ast.ImportFrom) and node.module.startswith("nbjudge"):
                assert {*names} <= listed[node.module], module
            elif isinstance(node, ast.Import):
                assert not [name for name in names if name.startswith("nbjudge")], module


def test_slow_modules_are_loaded_on_demand():
    program = "import nbjudge, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"numpy", "IPython", "nbgrader", "traitlets", "sqlalchemy", "rich"}
