"""Build the course as a JupyterLite site: notebooks that run in a browser, without a server.

    python -m tools.lite [FOLDER] [--pyodide FOLDER]

The site is a folder of static files. Its page `notebooks/index.html?path=padding.ipynb` opens an
assignment. Pages need no other server: the folder includes Pyodide, Python for browsers, which is
downloaded unless `--pyodide` names a folder that has it already (`tools/lite_pyodide.py`).

Each notebook links to the pages of the web site that includes this one, and its first cell leads
back to its own page. `first_check.json` contains the bytes that a browser loads up to a check, in
a notebook and on the start page of the web site.
"""

import argparse
import ast
import functools
import json
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import resolve_name
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tools.console import console
from tools.course import BUNDLE, ROOT, assignments, course_notebooks, lessons, published
from tools.lite_pyodide import (
    CHECK_WORKER,
    VERSION,
    fetch_pyodide,
    files_at_start,
    files_of_check,
    put_pyodide,
    settings,
    write_worker,
)
from tools.notebooks import BADGE
from tools.pages import site_pages
from tools.solutions import for_self_study

__all__ = [
    "CHECKER",
    "build",
    "in_colab",
    "main",
    "megabytes",
    "missing_packages",
    "page_of",
    "runs_in_browser",
]

SITE = ROOT / "docs" / "_build" / "lite"
CACHE = ROOT / "docs" / "_build" / f"pyodide-{VERSION}"
PYODIDE = "static/pyodide"  # folder in the site
CHECKER = f"{PYODIDE}/{CHECK_WORKER.name}"  # the worker of the check on the start page
KERNEL = "@jupyterlite/pyodide-kernel-extension"
UNSUPPORTED = "is not that of the supported JupyterLite: install pyproject.toml's group `docs`"

# Packages that a notebook may import in the browser, in addition to the standard library.
IMPORTED = {
    "IPython",
    "PIL",
    "convnet",
    "lesson_tools",
    "matplotlib",
    "nbexercise",
    "numpy",
    "public_tests",
    "tqdm",
}
NEEDS = "%%needs "
SKIPPED = 1 / 4  # share of a notebook's cells; a notebook that skips as many is for Colab


def page_of(name: str, heading: str = "") -> str:
    """Return the address of a notebook's page in the site, which opens at a heading."""
    mark = f"#{quote(heading.replace(' ', '-'), safe=':,')}" if heading else ""
    return f"lite/notebooks/index.html?path={name}.ipynb{mark}"


def runs_in_browser(name: str, root: Path = ROOT) -> bool:
    """True if an assignment or a notebook of `course/` runs in the browser."""
    return not missing_packages(name, root)


def missing_packages(name: str, root: Path = ROOT) -> set[str]:
    """Return the packages without which a notebook does not run in the browser.

    The browser skips cells with `needs="..."`; a notebook that would skip a quarter of its cells is
    for Colab only. All other cells, and the modules of lessons that they import, may import only
    the packages in IMPORTED.
    """
    texts = _code(name, root)
    skipped = [text for text in texts if text.startswith(NEEDS)]
    modules = _lesson_modules(root)
    names: set[str] = set()
    waiting = set().union(*(_imported(text) for text in texts if text not in skipped))
    while waiting:
        module = waiting.pop()
        names.add(module)
        if module in modules:
            waiting |= {*_imported(*modules[module]), module.rpartition(".")[0]} - names
    missing = {module.partition(".")[0] for module in names} - {"", *IMPORTED}
    missing -= sys.stdlib_module_names
    if len(skipped) >= SKIPPED * len(texts):
        missing.update(*(text.splitlines()[0].removeprefix(NEEDS).split() for text in skipped))
    return missing


def in_colab(name: str, root: Path = ROOT) -> int:
    """Return the number of a notebook's cells that run in Colab but not in the browser."""
    return sum(text.startswith(NEEDS) for text in _code(name, root))


def _path(name: str, root: Path) -> Path:
    if name in assignments(root):
        return root / "release" / name / f"{name}.ipynb"
    return root / "course" / f"{name}.ipynb"


def _code(name: str, root: Path) -> list[str]:
    """Return the sources of a notebook's code cells."""
    cells = json.loads(_path(name, root).read_bytes())["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


@functools.cache
def _lesson_modules(root: Path) -> dict[str, tuple[str, str]]:
    """Return the text and the package of each module in the archive in release/, by name."""
    modules = {}
    with zipfile.ZipFile(root / "release" / BUNDLE) as bundle:
        for file in bundle.namelist():
            if file.endswith(".py"):
                module = file.removesuffix(".py").replace("/", ".")
                name = module.removesuffix(".__init__")
                package = name if name != module else name.rpartition(".")[0]
                modules[name] = bundle.read(file).decode(), package
    return modules


@functools.cache
def _imported(text: str, package: str = "") -> frozenset[str]:
    """Return the modules that a cell or a module imports, except optional ones.

    Parameters
    ----------
    package
        Package of a module, whose functions may import more when they are called.
    """
    names: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(text)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = resolve_name("." * node.level + (node.module or ""), package)
            names |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Try) and any(map(_is_import_error, node.handlers)):
            waiting += [*node.handlers, *node.orelse, *node.finalbody]
        elif not (package and isinstance(node, ast.FunctionDef)):
            waiting += ast.iter_child_nodes(node)
    return frozenset(names)


def _is_import_error(handler: ast.ExceptHandler) -> bool:
    named = handler.type
    return isinstance(named, ast.Name) and named.id in ("ImportError", "ModuleNotFoundError")


# The notebooks


def _contents(names: Sequence[str], root: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the site's notebooks by name, with the links and the kernel of the site."""
    pages = site_pages(root)
    for name in names:
        path = _path(name, root)
        own = for_self_study(name, root) if name in assignments(root) else path.read_bytes()
        notebook = json.loads(own)
        notebook["metadata"]["kernelspec"] = {
            "display_name": "Python (Pyodide)",
            "language": "python",
            "name": "python",
        }
        place = path.parent.relative_to(root).as_posix()
        cells = notebook["cells"]
        first: dict[str, Any] = {"cell_type": "markdown", "id": "web-page", "metadata": {}}
        if BADGE in "".join(cells[0]["source"]):
            first = cells.pop(0)
        for cell in cells:
            if cell["cell_type"] == "markdown":
                link = functools.partial(_link, names, pages, place, root)
                cell["source"] = LINK.sub(link, "".join(cell["source"]))
            elif cell["cell_type"] == "code":
                # JupyterLab takes this mark from its server, which signs notebooks; JupyterLite has
                # none. Trust is about outputs that run scripts, and these cells have no outputs:
                # whatever they show later comes from code that the reader has run.
                cell["metadata"]["trusted"] = not cell["outputs"]
        cells.insert(0, {**first, "source": _way_back(name, f"{place}/{name}.html", root)})
        yield name, notebook


def _way_back(name: str, page: str, root: Path) -> str:
    """Return the text that links to a notebook's page on the web site, in place of Colab's badge.

    Parameters
    ----------
    page
        Path of the page on the site.
    """
    kind = "lesson" if name in lessons(root) else "notebook"
    kind = "assignment" if name in assignments(root) else kind
    return f"[← The web page of this {kind}]({TO_SITE}{page})"


# From a page of JupyterLite, or from a notebook's file, to the web site that includes them.
TO_SITE = "../../"
LINK = re.compile(r"\]\((?!#|attachment:|data:|mailto:)([^)#\s]+)([^)\s]*)\)")
GITHUB = "https://github.com"


def _link(
    names: Sequence[str], pages: Mapping[str, str], place: str, root: Path, link: re.Match[str]
) -> str:
    """Return a link to a notebook or a page of the site, else to GitHub; all but the last relative.

    Parameters
    ----------
    pages
        Pages of the web site, by their texts.
    place
        Folder of the notebook in the repository.
    """
    target, rest = link[1], link[2]
    repository = f"{GITHUB}/{published('..', root).removesuffix('/.')}/"
    if target.startswith(repository):
        path = target.removeprefix(repository)
    elif re.match(r"[a-z]+:", target):
        return link[0]
    else:
        path = posixpath.normpath(f"{place}/{target}")
    if posixpath.basename(path) in {f"{name}.ipynb" for name in names}:
        return f"]({posixpath.basename(path)}{rest})"
    page = pages.get(path) or pages.get(f"{path}/README.md")
    if page:
        return f"]({TO_SITE}{page}{rest})"
    file = published(f"../{path}", root)
    return f"]({GITHUB}/{file}{rest})" if file else link[0]


APP_NAME = "Convolutional networks, step by step"
# Settings of the site
OVERRIDES = {
    # Unsaved work is lost with the browser tab, so it is saved every ten seconds.
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 10},
    # All cells are in the page, so that the browser's search finds their text.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "defer"},
    # Dark if the system is, as the web site.
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}

DISABLED = [
    # A file's first checkpoint has the time at which the site was built, and autosave makes none.
    "@jupyter-notebook/notebook-extension:checkpoints",
    # Its icons are not part of JupyterLite.
    "@jupyter-notebook/notebook-extension:tab-icon",
]


def build(site: Path = SITE, pyodide: Path | None = None, root: Path = ROOT) -> list[str]:
    """Build the site and return the names of its notebooks.

    Parameters
    ----------
    site
        Folder of the site; an existing one is replaced.
    pyodide
        Folder with Pyodide; None to download it.

    Raises
    ------
    OSError
        If Pyodide is unavailable, or the site cannot be written.
    ValueError
        If this version of JupyterLite is not supported.
    """
    pyodide = pyodide or fetch_pyodide(CACHE)
    known = [*assignments(root), *course_notebooks(root)]
    names = [name for name in known if runs_in_browser(name, root)]
    kernel = Path(sys.prefix) / "share" / "jupyter" / "labextensions" / KERNEL
    with tempfile.TemporaryDirectory() as folder:
        source, new = Path(folder, "source"), Path(folder, "site")
        (source / "files").mkdir(parents=True)
        for name, notebook in _contents(names, root):
            text = json.dumps(notebook, ensure_ascii=False, indent=1)
            (source / "files" / f"{name}.ipynb").write_text(text, encoding="utf-8")
        shutil.copytree(kernel, source / "extensions" / KERNEL)
        (source / "overrides.json").write_text(json.dumps(OVERRIDES))
        (source / "jupyter-lite.json").write_text(json.dumps(_settings()))
        _run_jupyterlite(source, new)
        put_pyodide(pyodide, kernel, new / PYODIDE, root)
        write_worker(new / PYODIDE, _worker_of_kernel(new))
        _keep_offline(new)
        _list_no_folder(new)
        _extend_page(new / "notebooks" / "index.html")
        (new / MEASURED).write_text(json.dumps(_first_check(new)))
        shutil.rmtree(site, ignore_errors=True)
        site.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(new, site)
    return names


def _settings() -> dict[str, Any]:
    config = {
        "appName": APP_NAME,
        "appUrl": "./tree",
        "disabledExtensions": DISABLED,
        "collaborative": False,
        "exposeAppInBrowser": "true",  # for lite_page.html
        "enableServiceWorkerCache": "true",
        "litePluginSettings": {f"{KERNEL}:kernel": settings(f"./{PYODIDE}")},
    }
    return {"jupyter-lite-schema-version": 0, "jupyter-config-data": config}


def _run_jupyterlite(source: Path, site: Path) -> None:
    command = [
        *(sys.executable, "-m", "jupyterlite_core", "build"),
        *(f"--lite-dir={source}", f"--output-dir={site}", f"--contents={source / 'files'}"),
        *("--apps=notebooks", "--apps=tree", "--apps=edit", "--no-unused-shared-packages"),
        *("--no-sourcemaps", "--no-libarchive", "--LiteBuildConfig.ignore_sys_prefix=True"),
        f"--FederatedExtensionAddon.extra_labextensions_path={source / 'extensions'}",
    ]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"jupyter lite build failed:\n{done.stdout}{done.stderr}")


def _keep_offline(site: Path) -> None:
    """Make the service worker keep using its cache after it is stopped and restarted.

    The original reads from its address whether the cache is enabled, but only when it is installed.
    """
    path = site / "service-worker.js"
    text = path.read_text(encoding="utf-8")
    enabled = '"true"===new URL(location.href).searchParams.get("enableCache")'
    if text.count("enableCache=!1") != 1 or enabled not in text:
        raise ValueError(f"service-worker.js {UNSUPPORTED}")
    path.write_text(text.replace("enableCache=!1", f"enableCache={enabled}"), encoding="utf-8")


def _list_no_folder(site: Path) -> None:
    """Make JupyterLite list the site's files only at its top: folders are the learner's own."""
    for path in (site / "build").glob("*.js"):
        text, count = LISTS.subn(r"\1if(!\3||\2)", path.read_text(encoding="utf-8"))
        if count:
            path.write_text(text, encoding="utf-8")
            return
    raise ValueError(f"the list of files {UNSUPPORTED}")


LISTS = re.compile(
    r"(async _getServerDirectory\((\w+)\)\{.{,200}let (\w+)=\w+\.PageConfig\.getOption\("
    r'"contentsAllJsonFile"\);)if\(!\3\)'
)


def _worker_of_kernel(site: Path) -> str:
    """Return the address of the script of the kernel's worker, relative to Pyodide's folder.

    JupyterLite has another script for sites whose server isolates them from other origins.
    """
    scripts = list(site.glob(f"extensions/{KERNEL}/static/comlink.worker.*.js"))
    if len(scripts) != 1:
        raise ValueError(f"the kernel {UNSUPPORTED}")
    return posixpath.relpath(scripts[0].relative_to(site).as_posix(), PYODIDE)


def _extend_page(path: Path) -> None:
    """Insert the styles and scripts of `lite_page.html` into JupyterLite's page of notebooks."""
    text = path.read_text(encoding="utf-8")
    if text.count("</head>") != 1:
        raise ValueError(f"{path.name} {UNSUPPORTED}")
    page = PAGE.read_text(encoding="utf-8").replace("APP_NAME", APP_NAME)
    path.write_text(text.replace("</head>", f"{page}</head>"), encoding="utf-8")


PAGE = Path(__file__).with_name("lite_page.html")


FIRST = "padding"  # the assignment with the first check
# Bytes of JupyterLite's scripts and settings, which tests/browser/test_lite.py measures: only a
# browser knows which of them it loads.
SCRIPTS = 7_224_000
MEASURED = "first_check.json"


def _first_check(site: Path) -> dict[str, int]:
    """Return the bytes that a browser loads up to the first check, in a notebook and on a page."""
    notebook = [*files_at_start(site / PYODIDE), site / "files" / f"{FIRST}.ipynb"]
    return {
        "notebook": SCRIPTS + sum(path.stat().st_size for path in notebook),
        "page": sum(path.stat().st_size for path in files_of_check(site / PYODIDE)),
    }


def megabytes(site: Path = SITE) -> dict[str, int]:
    """Return the megabytes that a browser loads up to a first check, as the build counted them.

    Returns
    -------
    dict of int
        For a check in a "notebook", and for the one on the "page" where the web site starts.

    Raises
    ------
    OSError
        If there is no site in the folder, or an older one.
    """
    bytes_ = json.loads((site / MEASURED).read_bytes())
    return {place: round(count / 1e6) for place, count in bytes_.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("site", nargs="?", type=Path, default=SITE, help="folder of the site")
    parser.add_argument("--pyodide", type=Path, help="folder with Pyodide [download it]")
    options = parser.parse_args(arguments)
    try:
        names = build(options.site, options.pyodide)
    except (OSError, ValueError) as error:
        console.print(f"Cannot build the site: {error}", style="red", markup=False)
        return 1
    size = sum(path.stat().st_size for path in options.site.rglob("*") if path.is_file())
    console.print(f"{options.site}: {len(names)} notebooks, {size / 1e6:.0f} MB. To view it:")
    console.print(f"python -m http.server --bind 127.0.0.1 --directory {options.site}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
