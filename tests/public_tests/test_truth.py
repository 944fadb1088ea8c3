"""Every sentence about a wrong function is true and is the fault: one attempt for each rule."""

import textwrap

import pytest
from tests.cells import cell

import public_tests
from exercises import EXERCISES, vectorized
from nbexercise.checks import CASE_SETS
from nbexercise.defining.source import BEGIN, END, function_source, handed_out
from nbexercise.diagnosis.diagnose import judge
from nbexercise.diagnosis.explanation import explain
from nbexercise.diagnosis.repairs import search
from nbexercise.showing.text import describe
from tests.public_tests.messages import message

LOOPS = """
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    v, u = h * stride, w * stride
                    window = A_prev[i, v : v + f, u : u + f, c]
                    if mode == "max":
                        share = create_mask_from_window(window) * dA[i, h, w, c]
                    else:
                        share = distribute_value(dA[i, h, w, c], (f, f))
                    dA_prev[i, v : v + f, u : u + f, c] += share
"""
COUNTED = f"""
    dA_prev = np.zeros(A_prev.shape)
    count = np.zeros(A_prev.shape){LOOPS}\
                    count[i, v : v + f, u : u + f, c] += 1
    dA_prev = dA_prev / np.maximum(count, 1)
"""
REPEATED = f"""
    dA_prev = np.zeros(A_prev.shape)
    if mode == "average":
        spread = np.repeat(np.repeat(dA / f**2, f, axis=1), f, axis=2)
        spread = spread[:, : A_prev.shape[1], : A_prev.shape[2]]
        dA_prev[:, : spread.shape[1], : spread.shape[2]] = spread
        return dA_prev
{LOOPS}"""
RECURSIVE = """
    n_H, n_W = (n_H_prev - f) // stride + 1, (n_W_prev - f) // stride + 1
    A = np.zeros((m, n_H, n_W, n_C_prev))
    def fill(c):
        if c == n_C_prev - 1:
            return
        for i in range(m):
            for h in range(n_H):
                for w in range(n_W):
                    window = A_prev[i, h * stride : h * stride + f, w * stride : w * stride + f, c]
                    A[i, h, w, c] = np.max(window) if mode == "max" else np.mean(window)
        fill(c + 1)
    fill(0)
"""
CROP = "da_prev_pad[pad : pad + n_H_prev, pad : pad + n_W_prev, :]"
SIZES = {f"(n_{x}_prev - f + 2 * pad) // stride + 1": f"-(-n_{x}_prev // stride)" for x in "HW"}

# Exercise, the attempt (edits of the solution, or the code in its place), what must be said, and
# what must not.
ATTEMPTS = {
    "an emptied slice, and a count that is neutralized": (
        ("pool_backward", COUNTED),
        ("/ np.maximum(count, 1) does not belong there.",),
        ("swapped", "+= should be"),
    ),
    "a branch that is turned off": (
        ("pool_backward", REPEATED),
        ('In line 23 (if mode == "average"), this branch does not belong there.',),
        ("capitalization", "is used where"),
    ),
    "a size that becomes a placeholder": (
        (
            "dense_as_convolution",
            """
    n_C_prev = n_prev // f
    W_conv = W.reshape(f, f, n_C_prev, n_C)
    b_conv = b.reshape(1, 1, 1, n_C)
""",
        ),
        ("n_prev // f is not divided by f.",),
        ("sign",),
    ),
    "a condition of an inner function": (
        ("pool_forward", RECURSIVE),
        ("(if c == n_C_prev - 1), - 1 does not belong there.",),
        ("-1 belongs",),
    ),
    "a copied line of the cell": (
        (
            "pool_backward",
            f"\n    (m, n_H, n_W, n_C) = A_prev.shape\n    dA_prev = np.zeros(A_prev.shape){LOOPS}",
        ),
        (
            "In line 22 ((m, n_H, n_W, n_C) = A_prev.shape), this replaces m, n_H, n_W and n_C, "
            "which a line that came with the cell has assigned, and does not belong there.",
        ),
        ("is before the loop",),
    ),
    "a condition that becomes a value": (
        (
            "sigmoid",
            "    A = np.where(Z >= 0, np.exp(Z) / (1 + np.exp(Z)), 1 / (1 + np.exp(Z)))\n",
        ),
        ("Negative numbers are treated like positive ones",),
        ("swapped",),
    ),
    "a list that is summed": (
        ("conv_single_step", {"np.sum(s) + b.item()": "[np.sum(s) + b.item()]"}),
        ("the brackets around np.sum(s) + b.item() make a list.",),
        ("is not summed",),
    ),
    "a factor of 1": (
        ("dense_forward", {"@ W + b": "@ W + b + 1"}),
        ("+ 1 does not belong there.",),
        ("should be *",),
    ),
    "an output that was right before the error": (
        ("conv_backward", {"a_slice * dZ[i, h, w, c]": "a_slice * dz"}),
        ("Next: no line of conv_backward assigns dz: did you mean dZ?",),
        ("does not belong", "is right"),
    ),
    "an output that was right before the error of another": (
        ("conv_backward", {CROP: "da_prev_pad"}),
        ("dA_prev[i] has shape (4, 6, 3) and is assigned an array of shape (6, 8, 3).",),
        ("is not summed", "is right"),
    ),
    "a name that is not defined": (
        ("momentum_step", {"learning_rate * velocity": "lr * velocity"}),
        ("Next: no line of momentum_step assigns lr.",),
        ("does not belong", "is right"),
    ),
    "a result that is not assigned": (
        ("zero_pad", {"X_pad = np.pad": "np.pad"}),
        ("is not assigned to X_pad. Fixing this alone makes every case right.",),
        ("did you mean",),
    ),
    "a channel too few by chance": (
        (
            "conv_forward",
            {"range(n_C)": "range(n_C_prev)", "n_H, n_W, n_C))": "n_H, n_W, n_C_prev))"},
        ),
        ("Z has n_C_prev channels.",),
        ("pad channels",),
    ),
    "a size of one group by chance": (("conv_forward", SIZES), (), ("one side only",)),
    "tuples in no order": (
        ("relu", {"np.maximum(Z, 0)": "np.where(Z > 0)"}),
        ("np.where with only a condition",),
        ("in this order",),
    ),
    "a size that is right in some checks as any constant": (
        (
            "padding_amounts",
            {"total = max((n_out - 1) * stride + f - n, 0)": "total = max(n_out * stride + f, 0)"},
        ),
        (),
        ("does not belong", "Fixing this"),
    ),
    "an output that was right before the error of an assignment": (
        ("dense_backward", {"A_prev, W, b) = cache": "_, W, b) = cache"}),
        ("no line of dense_backward assigns A_prev: the line (A_prev, W, b) = cache, which came",),
        ("does not belong", "is right", "did you mean"),
    ),
    "an output beside one of a wrong type": (
        ("softmax_cross_entropy", {"dZ = dZ / m": "dZ = m"}),
        ("returned an int for dZ",),
        ("is right", "not copied"),
    ),
    "an output that is nan whatever the input is": (
        ("softmax_cross_entropy", {"np.sum(np.exp(shifted), axis=1)": "np.sum(shifted, axis=1)"}),
        ("holds nan",),
        ("does not depend",),
    ),
    "a product that exists": (
        ("dense_forward", "    A_prev @= W\n    Z = A_prev + b\n"),
        ("@= stores the product in A_prev, whose shape differs: use @.",),
        ("Must one of them",),
    ),
    "a second name that no fractions are stored in": (
        ("tanh_backward", "    T = Z\n    np.tanh(Z, out=T)\n    dZ = dA * (1 - T * T)\n"),
        (
            "In line 14 (T = Z), this is a second name for Z, not a new array of floats, so "
            "changing one changes both.",
        ),
        ("fractions are lost",),
    ),
    "a name that is given to a new array": (
        ("one_by_one_forward", {"Z[i, h, w] = np": "z = Z[i, h, w]\n                z = np"}),
        ("= gives the name z to a new array, so nothing is stored in Z.",),
        ("overwrites",),
    ),
    "a sum that is given to a name": (
        ("conv_backward", {"da_slice += W": "da_slice = da_slice + W"}),
        ("= gives the name da_slice to a new array, so nothing is stored in da_prev_pad.",),
        ("nothing was added",),
    ),
    "=+ in place of +=": (
        ("conv_backward", {"dW[:, :, :, c] += a": "dW[:, :, :, c] =+ a"}),
        ("=+ is not +=.",),
        ("Changing line",),
    ),
    "zeros in place of ones": (
        ("distribute_value", "    a = np.zeros(shape) * dz / (shape[0] * shape[1])\n"),
        ("zeros is used where ones belongs.",),
        ("should be +",),
    ),
    "a result that is not assigned, beside a copy": (
        (
            "zero_pad",
            "    np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))\n    X_pad = X\n",
        ),
        ("is not assigned to X.",),
        ("is not assigned. ",),
    ),
    "sizes that are wrong in some cases": (
        (
            "conv_transpose_forward",
            {" - 2 * pad + output_pad": " - 2 * pad", "= A_prev[i, h, w, k] * W": "= b[0] + W"},
        ),
        (
            "In all 4 cases where the shape of Z is wrong, Z is output_pad rows and output_pad "
            "columns short.",
        ),
        (),
    ),
    "an output of a call that raises that nothing reads": (
        ("lenet_forward", {"forward(P1, parameters": "forward(Z1, parameters"}),
        ("Line 15 assigns P1, but no line reads it.",),
        (),
    ),
    "a branch that is missing": (
        ("padding_amounts", {'    elif mode == "FULL":\n        total = 2 * (f - 1)\n': ""}),
        (
            "with mode 'FULL', no line of padding_amounts that assigns total ran before this one.",
            "Is it in a branch that was skipped",
        ),
        ("spelled",),
    ),
    "a question that the repair answers": (
        ("conv_backward", {"a_slice * dZ[i, h, w, c]": "a_slice * dZ[i, w, h, c]"}),
        ("w and h are swapped in the index of dZ.",),
        ("Which index is it",),
    ),
    "an argument that is returned under its own name": (
        ("momentum_step", "    v = momentum * velocity + dw\n    w = w - learning_rate * v\n"),
        ("What happened: The velocity you return is the one that was passed in, unchanged.",),
        ("velocity is velocity",),
    ),
    "a dictionary that belongs to the caller": (
        ("lenet_gradients", {"gradients = {}": "gradients = parameters"}),
        ("Write into a new array or a new dictionary, or into a copy made with .copy().",),
        (),
    ),
    "two cases": (
        (
            "conv_forward",
            {
                f"(n_{x}_prev - f + 2 * pad) // stride": f"-((n_{x}_prev - f + 2 * pad) // -stride)"
                for x in "HW"
            }
            | {"zero_pad(A_prev, pad)": "zero_pad(A_prev, pad + 3)[:, 3:, 3:]"},
        ),
        ("In both cases where Z is wrong, Z has 1 row and 1 column too many.",),
        ("2 cases",),
    ),
    "a slice that is cut short": (
        (
            "conv_forward",
            {"A_prev_pad = zero_pad(A_prev, pad)": "A_prev_pad = A_prev[:, : f * 9] + W"},
        ),
        (
            "A_prev[:, :f * 9] is cut short: axis 1 of A_prev has size 5, but the slice stops at "
            "f * 9 = 27.",
        ),
        (),
    ),
    "a slice of a tuple of arrays": (
        ("conv_backward", {"dA_prev = np.zeros(A_prev.shape)": "dA_prev = cache[:3][0] + dZ"}),
        ("+ dZ does not belong there.",),
        ("cut short",),
    ),
    "a slice that is not cut short": (
        ("conv_forward", {"horiz_start:horiz_end, :]": "horiz_start : horiz_start + 1, :2]"}),
        ("a_slice_prev has shape (3, 1, 2)",),
        ("cut short", "stops at the end"),
    ),
    "a likely change of a part, and another that corrects everything": (
        ("conv_transpose_forward", {"n_H_prev - 1) + f - 2 *": "n_H_prev - 1) + f - 3 *"}),
        ("3 is wrong. Fixing this alone makes every case right.", "3 is used where 2 belongs"),
        ("stops one element too early",),
    ),
    "a line that raises an error in some cases": (
        ("softmax_cross_entropy", {"shifted = Z - np": "shifted = np"}),
        (),
        ("does not belong there",),
    ),
    "modes that contradict each other": (
        (
            "pool_backward",
            {
                'if mode == "max"': "if mode[0] == 'a'",
                'elif mode == "average"': 'elif mode == "max"',
            },
        ),
        ("The two modes are swapped",),
        ("both modes",),
    ),
}


def function_of(name, attempt):
    """Return the function of an attempt, in a notebook with an example's variables."""
    exercise = EXERCISES[name]
    text = function_source(exercise.loops, markers=True)
    if isinstance(attempt, str):
        before, _, rest = text.partition(f"    {BEGIN}\n")
        text = before + attempt.strip("\n") + "\n" + rest.partition(f"    {END}\n")[2]
    else:
        text = exercise.solution_text()
        for old, new in attempt.items():
            assert old in text, old
            text = text.replace(old, new)
    return cell(text, **exercise.called, x_pad=3, in_window=3)[name]


def said(name, function):
    return " ".join(describe(explain(judge(CASE_SETS[name], function))).split())


@pytest.mark.parametrize("label", ATTEMPTS)
def test_what_is_said_is_the_fault(label):
    attempt, true, false = ATTEMPTS[label]
    text = said(attempt[0], function_of(*attempt))
    for sentence in true:
        assert sentence in text
    for sentence in false:
        assert sentence not in text


TWO_FAULTS = """
def momentum_step(w, dw, velocity, learning_rate, momentum):
    new_velocity = momentum * dw + dw
    new_w = w + learning_rate * new_velocity
    return new_w, new_velocity
"""


def test_a_change_that_also_affects_an_output_that_stays_wrong_is_no_repair():
    text = said("momentum_step", cell(TWO_FAULTS)["momentum_step"])
    assert "momentum * dw is wrong. Fixing both makes every case" in text
    assert "momentum * dw should be momentum * velocity" in text


def test_a_name_of_another_cell_is_not_suggested():
    function = function_of("zero_pad", {"return X_pad": "return X_padd", "X_pad = np": "x = np"})
    text = said("zero_pad", function)
    assert "no line of zero_pad assigns X_padd." in text
    assert "did you mean x" not in text


STRIDED = """
    from numpy.lib.stride_tricks import as_strided
    n_H = (n_H_prev - f + 2 * pad) // stride + 1
    n_W = (n_W_prev - f + 2 * pad) // stride + 1
    P = zero_pad(A_prev, pad)
    (s0, s1, s2, s3) = P.strides
    windows = as_strided(P, (m, n_H, n_W, f, f, n_C_prev), (s0, s1, s2, s1, s2, s3))
    Z = np.tensordot(windows, W, axes=3) + b.reshape(-1)
"""


CALLING = """
def summed(A_prev):
    return A_prev * sum(A_prev.strides)

def conv_forward(A_prev, W, b, hparameters):
    return summed(A_prev), (A_prev, W, b, hparameters)
"""


@pytest.mark.parametrize("where", ["own", "helper"])
def test_no_change_is_tried_where_it_may_end_the_kernel(monkeypatch, where):
    def searched(*arguments):
        raise AssertionError("a change was tried")

    function = function_of("conv_forward", STRIDED)
    if where == "helper":
        function = cell(CALLING)["conv_forward"]
    monkeypatch.setattr(search, "_Search", searched)
    assert judge(CASE_SETS["conv_forward"], function).repair is None


def test_statements_of_the_cell_come_from_the_solution():
    assert handed_out(EXERCISES["zero_pad"].loops) == "return X_pad"
    first, *_ = CASE_SETS["pool_backward"].handed_out.splitlines()
    assert first == "(A_prev, hparameters) = cache"


def test_a_helper_that_is_not_written_is_named():
    source = EXERCISES["pool_backward"].solution_text()
    stub = (
        'def create_mask_from_window(x):\n    raise NotImplementedError("write your code here")\n'
    )
    space = cell(f"{stub}\n{source}", distribute_value=vectorized.distribute_value)
    text = message(public_tests.pool_backward_test, space["pool_backward"])
    assert text == textwrap.dedent(
        """\
        pool_backward calls create_mask_from_window, which has not been written yet.
        Write create_mask_from_window, run its cell and its check, then run this one again.

        Next: see "Exercise: create_mask_from_window"."""
    )


def test_an_average_of_the_numbers_that_are_not_zero_fails():
    solution = EXERCISES["pool_forward"].solution_text()
    text = solution.replace(
        "np.mean(a_prev_slice)", "np.sum(a_prev_slice) / max(1, np.sum(a_prev_slice != 0))"
    )
    assert not judge(CASE_SETS["pool_forward"], cell(text)["pool_forward"]).passed
