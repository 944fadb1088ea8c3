"""An editor completes a check and goes to it."""

import pytest

from tests.public_tests.test_stub import ROOT, STUB


def test_an_editor_completes_a_check_and_goes_to_it():
    jedi = pytest.importorskip("jedi", reason="jedi is not in this environment")
    project = jedi.Project(ROOT)
    text = "from public_tests import *\n\nconv_backward_te"
    (completed,) = jedi.Script(text, project=project).complete(3, len("conv_backward_te"))
    assert completed.name == "conv_backward_test"
    assert "Prints the verdict" in completed.docstring()
    script = jedi.Script(text + "st(1)", project=project)
    (found,) = script.goto(3, 4, follow_imports=True)
    assert found.module_path == STUB
    (signature,) = script.get_signatures(3, len("conv_backward_test("))
    assert [parameter.name for parameter in signature.params] == ["target"]
