"""nbjudge imports modules of nbgrader without slow code that it does not use."""

import subprocess
import sys

import pytest

CODE = """
import sys
import nbjudge.course.grading
assert "nbgrader.coursedir" in sys.modules
for unused in ("nbgrader.server_extensions", "nbformat.validator", "requests.sessions"):
    assert unused not in sys.modules
{code}
"""


@pytest.mark.parametrize(
    "code",
    [
        "import nbgrader; assert nbgrader.__version__ and nbgrader._load_jupyter_server_extension",
        "from nbgrader import __version__",
        "import nbgrader.apps; nbgrader.apps.NbGraderAPI",
        "from nbgrader import converters, plugins, preprocessors, exchange; exchange.Exchange",
        "from nbgrader.server_extensions.formgrader import load_jupyter_server_extension",
        "import nbgrader; nbgrader.plugins.ExportPlugin; nbgrader.apps.NbGraderAPI",
        "import nbgrader; assert not hasattr(nbgrader, 'labextension')  # a folder",
        "import nbformat, nbformat.v4; nbformat.reads; nbformat.v4.new_code_cell('1')",
        "from nbformat import NotebookNode, from_dict, v4; v4.nbbase.new_output",
        "import requests; requests.exceptions.HTTPError; requests.get; requests.Session()",
        "import nbgrader\ntry: nbgrader.missing\nexcept AttributeError as error: print(error)",
    ],
)
def test_the_package_is_complete_when_it_is_used(code):
    command = [sys.executable, "-c", CODE.format(code=code)]
    subprocess.run(command, check=True, timeout=60)
