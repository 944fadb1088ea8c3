"""nbjudge imports modules of nbgrader without the code of its package, which is slow."""

import subprocess
import sys

import pytest

CODE = """
import sys
import nbjudge.course.grading
assert "nbgrader.coursedir" in sys.modules
assert "nbgrader.server_extensions" not in sys.modules
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
        "import nbgrader\ntry: nbgrader.missing\nexcept AttributeError as error: print(error)",
    ],
)
def test_the_package_is_complete_when_it_is_used(code):
    command = [sys.executable, "-c", CODE.format(code=code)]
    subprocess.run(command, check=True, timeout=60)
