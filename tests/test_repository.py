"""Rules for the whole repository: allowed imports between packages, and forbidden texts."""

import ast
import functools
import importlib
import pkgutil
import re
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from exercises import EXERCISES
from tests.files import tracked
from tools.course import ENGINE

ROOT = Path(__file__).resolve().parents[1]
OURS = {"convnet", "lesson_tools", "exercises", "public_tests", "tools", "nbjudge", "tests"}
OURS |= {"benchmarks", "nbexercise", "source"}
STDLIB = set(sys.stdlib_module_names)

# Allowed imports of each part, in addition to the standard library and itself.
MAY_IMPORT = {
    "convnet/__init__.py": set(),
    "convnet/functional.py": {"numpy"},
    "convnet/layers.py": {"numpy"},
    "convnet/im2col.py": {"numpy"},
    "convnet/shapes.py": {"numpy"},
    "convnet/sizes.py": {"numpy"},
    "convnet/types.py": {"numpy"},
    "convnet/blocks.py": {"numpy"},
    "convnet/pooling.py": {"numpy"},
    "convnet/depthwise.py": {"numpy"},
    "convnet/gradient_check.py": {"numpy"},
    "convnet/data.py": {"numpy", "PIL", "pooch", "tqdm"},
    "convnet/edges.py": {"numpy", "h5py", "PIL"},
    "convnet/efficientnet.py": {"numpy", "PIL", "torch"},
    "convnet/downloads.py": set(),
    "convnet/packages.py": set(),
    "convnet/plots.py": {"numpy", "matplotlib"},
    "convnet/network.py": {"numpy"},
    "convnet/checkpoints.py": {"numpy", "h5py"},
    "convnet/training.py": {"numpy"},
    "convnet/progress.py": {"tqdm"},
    "convnet/models.py": set(),
    "convnet": {
        "PIL",
        "numpy",
        "matplotlib",
        "h5py",
        "pooch",
        "torch",
        "tqdm",
    },
    "course/lesson_tools": {
        *("numpy", "scipy", "matplotlib", "IPython", "PIL", "ipywidgets", "google"),
        *("convnet", "lesson_tools", "nbexercise", "public_tests", "torch", "tqdm"),
    },
    "nbexercise/src": {  # its own test says in which modules
        *("numpy", "IPython", "matplotlib", "nbformat", "nbgrader", "pandas", "traitlets"),
    },
    "public_tests": {"numpy", "nbexercise"},
    "exercises": {"numpy", "convnet", "nbexercise", "public_tests"},
    "nbjudge": None,  # any package except those of the course
    "tools": None,
}


@functools.cache
def imports(path):
    """Return every module that a file imports, as (name, True if inside a function)."""
    found = []

    def visit(node, inside):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                found.extend((alias.name, inside) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                above = path.relative_to(ROOT).parent.parts
                package = above[: len(above) + 1 - child.level] if child.level else ()
                found.append((".".join(filter(None, [*package, child.module])), inside))
            function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            visit(child, inside or function)

    visit(ast.parse(path.read_text()), False)
    return found


def modules(package):
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("place", [place for place, may in MAY_IMPORT.items() if may is not None])
def test_imports_point_one_way(place):
    paths = [ROOT / place] if place.endswith(".py") else modules(place)
    assert paths
    allowed = STDLIB | MAY_IMPORT[place] | {place.partition("/")[0]}
    for path in paths:
        wrong = [name for name, _ in imports(path) if name.partition(".")[0] not in allowed]
        assert not wrong, path.relative_to(ROOT)


def test_the_library_needs_pytorch_only_to_open_a_file_of_pytorch():
    found = {
        (path.name, inside)
        for path in modules("convnet")
        for name, inside in imports(path)
        if name.partition(".")[0] == "torch"
    }
    assert found == {("efficientnet.py", True)}


def test_the_layers_import_nothing_of_the_drawing_or_the_data():
    layers = {
        "types",
        "shapes",
        "sizes",
        "blocks",
        "convolution",
        "im2col",
        "tiles",
        "winograd",
        "fourier",
        "toeplitz",
        "depthwise",
        "pooling",
        "functional",
        "layers",
        "gradient_check",
    }
    for name in layers:
        found = {module for module, _ in imports(ROOT / "convnet" / f"{name}.py")}
        ours = {module for module in found if module.partition(".")[0] == "convnet"}
        assert ours <= {"convnet", *(f"convnet.{layer}" for layer in layers)}, name


def test_what_a_browser_may_lack_is_imported_inside_functions_alone():
    may_lack = {"h5py", "pooch", "requests", "sklearn", "torch", "tqdm"}
    found = {
        (path.name, name)
        for path in modules("convnet")
        for name, inside in imports(path)
        if name.partition(".")[0] in may_lack and not inside
    }
    assert not found


def test_the_data_imports_more_than_numpy_inside_functions_alone():
    found = [
        (name, inside)
        for name, inside in imports(ROOT / "convnet/data.py")
        if name.partition(".")[0] not in STDLIB | {"convnet", "numpy"}
    ]
    assert {name.partition(".")[0] for name, _ in found} >= {"PIL", "pooch", "tqdm"}
    assert all(inside for _, inside in found), found


def test_the_engine_knows_nothing_of_convolution():
    for path in modules("nbjudge"):
        found = {name for name, _ in imports(path)}
        assert not {name.partition(".")[0] for name in found} & (OURS - {"nbjudge", "tests"}), path
        parts = {name.split(".")[1] for name in found if name.startswith("tests.")}
        assert all(next((ROOT / "nbjudge/tests").glob(f"{part}*"), None) for part in parts), path


# Where the names are that the course may import: nbjudge has plug-ins; nbexercise's modules are its
# engine, and `nbexercise` itself is for authors of other courses.
PUBLIC = {"nbexercise": r"nbexercise(\.\w+)*", "nbjudge": r"nbjudge(\.plugins\.\w+)?"}
USERS = ("course", "exercises", "public_tests", "tools")


@pytest.mark.parametrize("package", PUBLIC)
def test_the_course_imports_only_the_names_that_a_module_lists(package):
    """Such a name is in `__all__` of a module in PUBLIC."""
    users = [path for folder in USERS for path in modules(folder)]
    for path in [*users, ROOT / "nbgrader_config.py"]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert not [a for a in node.names if a.name.startswith(f"{package}.")], path
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(package):
                assert re.fullmatch(PUBLIC[package], node.module), path
                public = importlib.import_module(node.module).__all__
                public = [*public, "packing"] if node.module == "nbexercise" else public
                assert {alias.name for alias in node.names} <= {*public}, path


@pytest.mark.parametrize("package", PUBLIC)
def test_a_package_has_the_same_rules_for_its_code(package):
    """A copy of a package's folder needs its own rules, so they are stated twice."""
    course, own = (
        tomllib.loads(Path(ROOT, folder, "pyproject.toml").read_text())["tool"]["ruff"]
        for folder in ("", package)
    )
    for key in ("line-length", "target-version"):
        assert own[key] == course[key]
    assert own["lint"]["select"] == course["lint"]["select"]


def test_nbexercise_imports_ipython_inside_functions_alone():
    found = [
        (path.name, name, inside)
        for path in modules("nbexercise/src")
        for name, inside in imports(path)
        if name.partition(".")[0] == "IPython"
    ]
    assert found
    assert all(inside for *_, inside in found), found


def test_nothing_that_others_import_imports_the_tools_or_the_tests():
    for package in ("convnet", "nbexercise/src", "public_tests", "exercises"):
        for path in modules(package):
            found = {name.partition(".")[0] for name, _ in imports(path)}
            assert not found & {"tools", "tests", "benchmarks"}, path.relative_to(ROOT)


def test_the_notebooks_import_what_students_have():
    """Other imports from the course's packages are replaced by source text, or hidden."""
    for path in sorted((ROOT / "source").glob("*.py")):
        for name, _ in imports(path):
            top = name.partition(".")[0]
            more = {"sklearn"} if path.name == "lenet.py" else set()  # for its digits data set
            more |= {"numpy", "matplotlib", "public_tests", "convnet", "exercises"}
            assert top in STDLIB | more
            if top in ("convnet", "exercises"):
                known = ("convnet.plots", "convnet.own_edges", "convnet.data")
                assert name in known or top == "exercises", path.name


# Docstrings


@pytest.mark.parametrize("folder", sorted({*OURS, "course/lesson_tools"} - {"lesson_tools"}))
def test_docstrings_explain_names_in_sections(folder):
    """A line `name: text` or, where annotations have the types, `name : type` is no section."""
    colon = " : |: " if folder not in ("convnet", "course/lesson_tools") else ": "
    wrong = []
    for path in modules(folder):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names = {arg.arg for arg in ast.walk(node) if isinstance(arg, ast.arg)}
                names |= {ast.unparse(n.target) for n in node.body if isinstance(n, ast.AnnAssign)}
                for line in (ast.get_docstring(node) or "").splitlines():
                    start = re.match(rf"(\w+)(?:, \w+)*(?:{colon})", line)
                    if start and start[1] in names:
                        wrong.append((path.relative_to(ROOT).as_posix(), node.name, line))
    assert not wrong


# Forbidden texts

# Folders of one machine. System folders such as /usr and /bin are the same everywhere.
PATHS = re.compile(r"(?<![\w.:~*}>-])/(?:home|root|work|tmp|Users|private|mnt|workspace)/[\w.-]")
INDEXES = re.compile(
    r"https?://[^\s\"'>)]*(?:/simple\b|pypi|pythonhosted|devpi|artifactory|nexus|conda-forge)"
    r"|--(?:extra-)?index-url[ =]\S|--find-links[ =]\S|--trusted[-]host",
)


def texts(path):
    """Yield the texts in a file: its own text, or those in an archive."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield f"{path.relative_to(ROOT)}/{name}", archive.read(name).decode("latin-1")
    else:
        yield str(path.relative_to(ROOT)), path.read_bytes().decode("latin-1")


# Attacks search for common folders of any machine, and for the sandbox's folders.
ATTACKS = ("nbjudge/tests/",)


@pytest.mark.parametrize("pattern", [PATHS, INDEXES], ids=["machine paths", "package indexes"])
def test_no_file_holds(pattern):
    found = [
        (name, match[0])
        for path in tracked()
        if pattern is INDEXES or not str(path.relative_to(ROOT)).startswith(ATTACKS)
        for name, text in texts(path)
        for match in [pattern.search(text)]
        if match
    ]
    assert found == []


def test_the_patterns_find_what_they_are_for():
    for text in ("cd /" + "home/ada/course", '"/' + "tmp/x", "(/" + "root/.cache"):
        assert PATHS.search(text)
    for text in ("https://" + "pypi.org/simple", "--index-url" + " x", "--find-links" + "=x"):
        assert INDEXES.search(text)
    assert not PATHS.search("https://example.org/home/page")
    assert not INDEXES.search("https://example.org/course")


# Documents

FOLDERS = {path.relative_to(ROOT).parts[0] for path in tracked() if path.parent != ROOT}
FOLDERS = sorted(folder for folder in FOLDERS if not folder.startswith("."))
DOCUMENTS = sorted(path.name for path in ROOT.glob("*.md"))
DOCUMENTS += sorted(f"docs/{path.name}" for path in ROOT.glob("docs/*.md"))
CONTRIBUTORS = sorted(
    f"docs/contributing/{path.name}" for path in ROOT.glob("docs/contributing/*.md")
)
DOCUMENTS += CONTRIBUTORS
DOCUMENTS += sorted(f"docs/guide/{path.name}" for path in ROOT.glob("docs/guide/*.md"))
for package in ("nbexercise", "nbjudge"):
    pages = ROOT.glob(f"{package}/docs/*.md")
    DOCUMENTS += sorted(f"{package}/docs/{path.name}" for path in pages)
DOCUMENTS += sorted(f"{folder}/README.md" for folder in FOLDERS if folder != "docs")


def document(name):
    return (ROOT / name).read_text()


def folder_map():
    """Return the description of each folder in the contributors' map."""
    row = r"^\| \[`(\w+)/`\]\((\w+)\) \| (.+) \| .+ \|$"
    rows = re.findall(row, document("CONTRIBUTING.md"), re.MULTILINE)
    assert all(name == link for name, link, _ in rows)
    return {name: sentence for name, _, sentence in rows}


def test_the_map_lists_every_folder():
    assert sorted(folder_map()) == FOLDERS


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_readme_of_a_folder_begins_with_what_the_map_says(folder):
    lines = document(f"{folder}/README.md").partition("\n\n")[2].partition("\n\n")[0]
    paragraph = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", " ".join(lines.splitlines()))
    assert paragraph.startswith(folder_map()[folder])


@pytest.mark.parametrize("folder", ["convnet", "exercises", "nbexercise", "public_tests", "tools"])
def test_a_page_of_a_package_lists_its_modules(folder):
    page = {"nbexercise": "docs/inside.md"}.get(folder, "README.md")
    first = re.findall(r"^\| (`.*?) \|", document(f"{folder}/{page}"), re.MULTILINE)
    listed = {name for cell in first for name in re.findall(r"`(\w+)`", cell)}
    folder = {"nbexercise": ENGINE}.get(folder, folder)
    packages = [str(ROOT / folder)]
    if folder in (ENGINE, "public_tests"):
        packages += [str(path.parent) for path in (ROOT / folder).glob("*/**/__init__.py")]
    names = {module.name for module in pkgutil.iter_modules(packages)}
    assert listed == names - set(EXERCISES if folder == "exercises" else ())


EXAMPLES = {"NAME": "conv_forward", "ASSIGNMENT": "padding", "NN_name": "04_padding"}


def ways():
    """Return the numbered steps of the contributors' pages, each as the paths that it names."""
    text = "\n".join(map(document, CONTRIBUTORS))
    for placeholder, name in EXAMPLES.items():
        text = text.replace(placeholder, name)
    steps = re.findall(r"^\d\. (.*(?:\n   .*)*)", text, flags=re.MULTILINE)
    return [[c for c in re.findall(r"`([^` ]+)`", step) if re.search(r"/|\.", c)] for step in steps]


def test_the_ways_through_the_files_name_files_that_exist():
    named = [path for paths in ways() for path in paths]
    assert len(ways()) > 12 and len(named) > 12
    for first, *others in filter(None, ways()):
        folder = ROOT / first if (ROOT / first).is_dir() else ROOT
        assert (ROOT / first).exists(), first
        for path in others:
            assert (folder / path).exists() or (ROOT / path).exists(), path


# A file with an extension of ours, or a folder with a slash at its end.
PATH = re.compile(
    r"(?<![\w./:~*$<>-])((?:[\w.-]+/)+"
    r"(?:[\w-]+\.(?:py|md|toml|sh|mjs|cases)(?![\w/])|(?![\w.*<{$])))"
)
# Folders that commands write, and files of the reader or of nbgrader.
MADE = ("submitted/", "autograded/", "feedback/", "code/", "downloaded/")
MADE += ("own_layers/", "reference/", "questions/", "regrade_requests/", "checks/")
NOT_OURS = {"exercises/leaky_relu.py", "source/leaky.py", "tools/helpers.py", "nbgrader/utils.py"}


def pieces_of(path):
    """Return the code of a document, or the docstrings of a module."""
    text = path.read_text()
    if path.suffix == ".md":
        pieces = re.findall(r"```.*?```|`[^`\n]+`", text, flags=re.DOTALL)
    else:
        kinds = ast.Module | ast.FunctionDef | ast.ClassDef
        nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)]
        pieces = [ast.get_docstring(node) or "" for node in nodes]
    for placeholder, name in EXAMPLES.items():
        pieces = [re.sub(rf"\b{placeholder}\b", name, piece) for piece in pieces]
    return pieces


def test_every_path_in_a_document_or_docstring_exists():
    """A path is relative to a folder above the document, one that it names, or a package."""
    packages = [ROOT / name for name in (ENGINE, "nbjudge/src/nbjudge", "public_tests", "tests")]
    found, wrong = 0, []
    for path in tracked():
        if path.suffix not in (".md", ".py") or ROOT / "nbjudge/tests/red_team" in path.parents:
            continue
        named = {name for piece in pieces_of(path) for name in PATH.findall(piece)} - NOT_OURS
        folders = [*path.parents, *packages, *(ROOT / name for name in named)]
        for name in {name for name in named if not name.startswith(MADE)}:
            found += 1
            if not any((folder / name).exists() for folder in folders):
                wrong.append(f"{path.relative_to(ROOT)}: {name}")
    assert found > 300 and wrong == []


def targets():
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_make_target_of_a_document_exists(name):
    text = document(name)
    code = re.findall(r"```.*?```|`[^`\n]+`", text, flags=re.DOTALL)
    named = {t for piece in code for t in re.findall(r"\bmake ([a-z][a-z-]*)", piece)}
    assert named <= targets()


def test_the_gate_runs_the_commands_that_the_readme_shows():
    blocks = re.findall(r"^```\n(make .*?)\n```$", document("README.md"), re.MULTILINE | re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines()]
    gate = (ROOT / ".ci" / "run").read_text()
    assert commands == ["make grade", "make test"]
    assert all(re.search(rf"^step .* {command}$", gate, re.MULTILINE) for command in commands)


def test_the_documents_name_the_commands_that_matter():
    assert {"grade", "test"} <= set(re.findall(r"make ([a-z-]+)", document("README.md")))
    assert {"release", "test", "lint"} <= set(
        re.findall(r"make ([a-z-]+)", document("CONTRIBUTING.md"))
    )


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_of_a_document_leads_to_a_file(name):
    here = (ROOT / name).parent
    for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document(name)):
        if "://" not in link:
            assert (here / link).exists(), link


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if "/" not in name])
def test_a_link_of_a_page_that_is_read_on_github_leads_to_a_file_in_git(name):
    there = {place for path in tracked() for place in (path, *path.parents)}
    for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document(name)):
        assert "://" in link or (ROOT / link).resolve() in there, link


def test_every_option_of_a_tool_that_a_document_names_exists():
    text = "\n".join(document(name) for name in DOCUMENTS)
    named = set(re.findall(r"python -m (tools\.\w+)", text))
    for module in named:
        assert (ROOT / f"{module.replace('.', '/')}.py").exists()
