"""Functions with equal syntax trees have equal fingerprints, whatever their names and layout."""

import pytest

from nbjudge.plugins.report.functions import SMALLEST, fingerprints

FUNCTION = '''\
def conv(A, W, hparameters, mode="max"):
    """Docstring."""
    # comment
    stride = hparameters["stride"]
    out: list = []
    for i in range(len(A)):
        total = 0
        for j in range(len(W)):
            total += A[i * stride + j] * W[j]
        out.append(np.tanh(total, dtype=float))
    if not out:
        raise ValueError("nothing there")
    return out
'''
SAME = {
    "names": FUNCTION.replace("total", "s").replace("conv", "f").replace("A", "image"),
    "a name that Python has as well": FUNCTION.replace("total", "sum"),
    "comments": FUNCTION.replace("# comment", "# another"),
    "a docstring": FUNCTION.replace('"""Docstring."""', '"""Another."""'),
    "annotations": FUNCTION.replace("out: list", "out").replace("W,", "W: list,"),
    "messages": FUNCTION.replace("nothing there", "it is empty"),
    "spaces and parentheses": FUNCTION.replace("A[i * stride + j]", "A[ (i*stride)+j ]"),
    "what stands around it": f"%matplotlib inline\nimport numpy as np\n{FUNCTION}\nprint(3)",
}
OTHER = {
    "a number": FUNCTION.replace("total = 0", "total = 0.5"),
    "a function of a library": FUNCTION.replace("tanh", "exp"),
    "a function of Python": FUNCTION.replace("len(W)", "int(W)"),
    "an operator": FUNCTION.replace("stride + j", "stride - j"),
    "a key": FUNCTION.replace('["stride"]', '["step"]'),
    "a keyword": FUNCTION.replace("dtype=float", "out=float"),
    "which name is where": FUNCTION.replace("* W[j]", "* A[j]"),
    "a statement": FUNCTION.replace("    if not out:", "    out = out\n    if not out:"),
}


@pytest.mark.parametrize("what", SAME)
def test_another_text_of_the_same_tree_has_the_same_fingerprint(what):
    assert SAME[what] != FUNCTION
    assert fingerprints(SAME[what]) == fingerprints(FUNCTION) != set()


@pytest.mark.parametrize("what", OTHER)
def test_another_tree_has_another_fingerprint(what):
    assert OTHER[what] != FUNCTION
    assert len(fingerprints(OTHER[what])) == 1
    assert fingerprints(OTHER[what]) != fingerprints(FUNCTION)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "def f(:",
        "def relu(Z):\n    return np.maximum(0, Z)",
        "def zero_pad(X, pad):\n    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))",
        "x = 1\n" * 10_000,
        "def f(x):\n    return " + "(" * 150 + ")" * 150,
    ],
)
def test_short_functions_and_code_that_cannot_be_read_have_none(code):
    assert fingerprints(code) == set()


def test_the_smallest_function_that_counts():
    assert SMALLEST == 40  # stated in README.md
