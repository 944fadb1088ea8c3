"""The notebooks for a browser: their selection, their links and their page."""

import json
import zipfile

import pytest

from tools import lite
from tools.course import BUNDLE, ROOT, assignments, course_notebooks, lessons
from tools.lite import in_colab, missing_packages, runs_in_browser
from tools.notebooks import BADGE
from tools.pages import site_pages
from tools.solutions import for_self_study

MODULES = {
    "convnet/__init__.py": "from .data import digits",
    "convnet/data.py": "def digits():\n    import sklearn",
    "lesson_tools/__init__.py": "",
    "lesson_tools/segmentation/__init__.py": "from . import maps",
    "lesson_tools/segmentation/maps.py": "from ..windows import scan",
    "lesson_tools/windows.py": "import tqdm\nimport scipy.ndimage",
}


@pytest.fixture
def course(tmp_path):
    """Return a function that writes a one-lesson course with these code cells."""

    def write(*cells):
        folder = tmp_path / "course"
        folder.mkdir(exist_ok=True)
        (folder / "01_lesson.py").touch()
        code = [{"cell_type": "code", "source": text} for text in cells]
        content = {"cells": [{"cell_type": "markdown", "source": "import torch"}, *code]}
        (folder / "01_lesson.ipynb").write_text(json.dumps(content))
        (tmp_path / "release").mkdir()
        with zipfile.ZipFile(tmp_path / "release" / BUNDLE, "w") as bundle:
            for path, text in MODULES.items():
                bundle.writestr(path, text)
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("cells", "runs"),
    [
        (["import numpy as np", "from convnet.data import digits", "import os.path"], True),
        (["import numpy as np, torch"], False),
        (["def f():\n    from sklearn.svm import SVC"], False),
        (["try:\n    import sklearn\nexcept ModuleNotFoundError:\n    import convnet"], True),
        (["try:\n    import sklearn\nexcept ValueError:\n    pass"], False),
        (["try:\n    import numpy\nexcept ImportError:\n    import torch"], False),
        (["import lesson_tools"], True),
        (["from lesson_tools.segmentation.maps import *"], False),
        (["from lesson_tools import segmentation"], False),
        (["%%needs torch\nimport torch", *["x = 1"] * 4], True),
        (["%%needs torch\nimport torch", *["x = 1"] * 3], False),
    ],
)
def test_a_notebook_runs_in_a_browser_if_its_imports_do(course, cells, runs):
    root = course(*cells)
    assert runs_in_browser("01_lesson", root) is runs
    assert in_colab("01_lesson", root) == sum(text.startswith("%%needs") for text in cells)


def test_the_packages_that_a_browser_lacks_are_named(course):
    root = course("import sklearn.svm", "from lesson_tools.segmentation import maps")
    assert missing_packages("01_lesson", root) == {"scipy", "sklearn"}


def test_every_assignment_and_most_lessons_run_in_a_browser():
    assert all(map(runs_in_browser, [*assignments(), "bonus", "milestones"]))
    numpy_alone = [name for name in lessons() if in_colab(name) == 0]
    here = [name for name in lessons() if runs_in_browser(name)]
    assert len(here) > len(lessons()) / 2
    # A lesson that needs no framework may be left out only for another package.
    assert set(numpy_alone) - set(here) <= {"03_mathematics_of_convolution", "31_project"}
    assert "07_convolution_layer_in_libraries" not in here


def notebooks(names):
    return dict(lite._contents(names, ROOT))


OURS = "https://github.com/convolution-course/convolution-step-by-step/"


def links(cells):
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    return [link[1] for text in texts for link in lite.LINK.finditer(text)]


def test_links_lead_to_notebooks_and_pages_of_the_site():
    here = ["01_images_and_convolution", "padding"]
    content = notebooks(here)["01_images_and_convolution"]
    assert "../../course/glossary.html" in links(content["cells"])
    assert "../../course/04_padding.html" in links(content["cells"])
    assert "04_padding.ipynb" not in links(content["cells"])  # which does not run on this site
    more = notebooks([*here, "04_padding"])["01_images_and_convolution"]
    assert "04_padding.ipynb" in links(more["cells"])


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("glossary.md#stride", "../../course/glossary.html#stride"),
        (f"{OURS}blob/main/course/glossary.md#stride", "../../course/glossary.html#stride"),
        ("README.md", "../../course/README.html"),
        ("../course", "../../course/README.html"),
        ("../docs/checks.md", "../../docs/checks.html"),
        ("../docs/index.md", "../../index.html"),
        ("../release/padding/padding.ipynb", "padding.ipynb"),
        ("../release/lenet/lenet.ipynb#end", "../../release/lenet/lenet.html#end"),
        ("../benchmarks/lessons/ladder.md", f"{OURS}blob/main/benchmarks/lessons/ladder.md"),
        ("https://cs231n.github.io/", "https://cs231n.github.io/"),
        ("#here", "#here"),
    ],
)
def test_a_link_leads_to_a_notebook_else_to_a_page_else_to_github(link, expected):
    pages = site_pages(ROOT)
    new = lite.LINK.sub(
        lambda match: lite._link(["padding"], pages, "course", ROOT, match), f"[x]({link})"
    )
    assert new == f"[x]({expected})"


def test_no_notebook_of_the_site_leads_to_a_page_of_the_course_on_github_or_to_colab():
    names = [name for name in [*assignments(), *course_notebooks()] if runs_in_browser(name)]
    pages = {f"{OURS}blob/main/{text}" for text in site_pages(ROOT)}
    for name, content in notebooks(names).items():
        targets = links(content["cells"])
        assert not pages & set(targets), name
        assert not [target for target in targets if "colab.research.google.com/github" in target]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("01_images_and_convolution", "lesson](../../course/01_images_and_convolution.html)"),
        ("padding", "assignment](../../release/padding/padding.html)"),
        ("milestones", "notebook](../../course/milestones.html)"),
    ],
)
def test_the_first_cell_leads_back_to_the_web_page(name, text):
    content = notebooks([name])[name]
    assert content["cells"][0]["source"] == f"[← The web page of this {text}"
    assert BADGE not in json.dumps(content)


def test_a_notebook_of_the_site_asks_nobody_for_a_picture_and_names_its_kernel():
    for content in notebooks(["padding", "01_images_and_convolution"]).values():
        markdown = [c for c in content["cells"] if c["cell_type"] == "markdown"]
        text = "\n".join("".join(cell["source"]) for cell in markdown)
        assert "![" not in text.replace("![](attachment", "")
        assert content["metadata"]["kernelspec"]["name"] == "python"


def test_what_students_write_and_what_is_checked_is_that_of_the_release():
    cells = json.loads(for_self_study("padding"))["cells"]
    for theirs, ours in zip(cells, notebooks(["padding"])["padding"]["cells"], strict=True):
        trusted = ours["metadata"].pop("trusted", None)
        assert ours["metadata"] == theirs["metadata"] and ours["id"] == theirs["id"]
        if ours["cell_type"] == "code":
            assert "".join(ours["source"]) == "".join(theirs["source"])
            assert trusted is (ours["outputs"] == [])


def test_the_command_says_why_no_site_was_built(tmp_path, capsys):
    assert lite.main([str(tmp_path / "site"), "--pyodide", str(tmp_path)]) == 1
    assert "Cannot build the site:" in capsys.readouterr().err
    assert not (tmp_path / "site").exists()


def test_the_page_of_notebooks_gets_the_styles_and_the_script(tmp_path):
    page = tmp_path / "index.html"
    page.write_text("<html><head></head></html>")
    lite._extend_page(page)
    inserted = lite.PAGE.read_text().replace("APP_NAME", "Convolutional networks, step by step")
    assert page.read_text() == f"<html><head>{inserted}</head></html>"
    page.write_text("<html></html>")
    with pytest.raises(ValueError, match="index.html is not that of the supported JupyterLite"):
        lite._extend_page(page)


def test_lists_of_files_in_folders_are_not_asked_for(tmp_path):
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "1.js").write_text("other")
    with pytest.raises(ValueError, match="the list of files is not that of the supported"):
        lite._list_no_folder(tmp_path)
    begin = 'async _getServerDirectory(e){a();let s=u.PageConfig.getOption("contentsAllJsonFile");'
    (tmp_path / "build" / "2.js").write_text(f"{begin}if(!s)return t")
    lite._list_no_folder(tmp_path)
    assert (tmp_path / "build" / "2.js").read_text() == f"{begin}if(!s||e)return t"


def test_the_worker_that_starts_python_continues_as_the_kernel(tmp_path):
    static = tmp_path / "extensions" / lite.KERNEL / "static"
    static.mkdir(parents=True)
    with pytest.raises(ValueError, match="the kernel is not that of the supported JupyterLite"):
        lite._worker_of_kernel(tmp_path)
    (static / "comlink.worker.0123.js").touch()
    address = lite._worker_of_kernel(tmp_path)
    pyodide = tmp_path / lite.PYODIDE
    pyodide.mkdir(parents=True)
    assert (pyodide / address).resolve() == (static / "comlink.worker.0123.js").resolve()
    lite.write_worker(pyodide, address)
    lines = (pyodide / "lite_worker.mjs").read_text().splitlines()
    assert lines == ['import "./lite_start.mjs";', f'import "{address}";']


def test_the_megabytes_up_to_a_first_check_are_the_ones_of_the_build(tmp_path):
    (tmp_path / lite.MEASURED).write_text('{"notebook": 24500001, "page": 10400000}')
    assert lite.megabytes(tmp_path) == {"notebook": 25, "page": 10}
    with pytest.raises(OSError, match="No such file"):
        lite.megabytes(tmp_path / "elsewhere")
