"""Types that NumPy users return are judged by their values, in the notebook and when graded."""

import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from exercises import EXERCISES
from public_tests import conv_forward_test_1, conv_single_step_test, zero_pad_test
from tests.public_tests.messages import message, right


def memory_map(array, folder):
    file = folder / f"array{len(list(folder.iterdir()))}"  # a new file for each call
    mapped = np.memmap(file, array.dtype, "w+", shape=array.shape)
    mapped[...] = array
    return mapped


class Other(np.ndarray):
    """A user-defined subclass of an array."""


def read_only(array):
    array.flags.writeable = False
    return array


def stored_as_objects(array, make=float):
    """Return the numbers of an array with dtype object, as a loop might fill it."""
    objects = np.full(array.shape, None)
    for index in np.ndindex(array.shape):
        objects[index] = make(array.item(index))
    return objects


KINDS = {
    "masked array": lambda array, folder: np.ma.array(array),
    "masked array, with a mask": lambda array, folder: np.ma.array(array, mask=array > 1e9),
    "memory map": memory_map,
    "subclass": lambda array, folder: array.view(Other),
    "read-only": lambda array, folder: read_only(array),
    "in Fortran's order": lambda array, folder: np.asfortranarray(array),
    "backwards in memory": lambda array, folder: array[::-1].copy()[::-1],
    "longer numbers": lambda array, folder: array.astype(np.longdouble),
    "objects": lambda array, folder: stored_as_objects(array),
    "objects, NumPy's scalars": lambda array, folder: stored_as_objects(array, array.dtype.type),
    "objects, NumPy's scalars of float32": lambda a, folder: stored_as_objects(a, np.float32),
    "objects, fractions": lambda array, folder: stored_as_objects(array, Fraction),
    "objects, decimals": lambda array, folder: stored_as_objects(array, Decimal),
    "objects, complex numbers": lambda array, folder: stored_as_objects(array, complex),
    "complex": lambda array, folder: array.astype(np.result_type(array, 1j)),
    "complex, from FFT": lambda array, folder: np.fft.ifft2(np.fft.fft2(array)),
    "list": lambda array, folder: list(array),
    "list of lists": lambda array, folder: array.tolist(),
}


def returning(kind, folder):
    return lambda X, pad: KINDS[kind](right("zero_pad")(X, pad), folder)


NOTES = {
    "list": "Note: A list was returned",
    "objects": "are stored as objects (dtype object)",
    "complex": "are complex, with imaginary parts that are 0",
}


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_values_count(kind, tmp_path, capsys):
    zero_pad_test(returning(kind, tmp_path))
    text = " ".join(capsys.readouterr().out.split())
    assert [word for word in NOTES if NOTES[word] in text] == [
        word for word in NOTES if kind.startswith(word)
    ]
    assert EXERCISES["zero_pad"].judge(returning(kind, tmp_path), seed=1).points == 5


@pytest.mark.parametrize("kind", KINDS)
def test_wrong_values_are_wrong_in_every_kind(kind, tmp_path):
    def wrong(X, pad):
        return KINDS[kind](right("zero_pad")(X, pad) + 1, tmp_path)

    assert "X_pad[0, 0, 0, 0] is 1, expected 0" in message(zero_pad_test, wrong)


def test_a_matrix_is_judged_by_its_values():
    def distribute_value(dz, shape):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            return np.matrix(right("distribute_value")(dz, shape))

    assert EXERCISES["distribute_value"].judge(distribute_value, seed=1).passed


def test_masked_entries_are_no_values():
    def hidden(X, pad):
        return np.ma.masked_less(right("zero_pad")(X, pad), 1e9)

    assert "an array with masked entries for X_pad" in message(zero_pad_test, hidden)


def test_a_list_of_something_else_is_named():
    text = message(zero_pad_test, lambda X, pad: [right("zero_pad")(X, pad), "and more"])
    assert "zero_pad returned a list for X_pad; expected a NumPy array." in text


NUMBERS = {
    "fraction": Fraction,
    "decimal": Decimal,
    "complex": complex,
    "complex64": np.complex64,
    "object": lambda number: np.array(number, object),
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_a_number_of_any_kind_is_judged_by_its_value(kind):
    def step(a_slice_prev, W, b):
        return NUMBERS[kind](right("conv_single_step")(a_slice_prev, W, b).item())

    conv_single_step_test(step)
    assert EXERCISES["conv_single_step"].judge(step, seed=1).points == 5
    wrong = message(conv_single_step_test, lambda *arguments: step(*arguments) + 1)
    assert "Z is " in wrong
    assert "expected " in wrong


@pytest.mark.parametrize(
    ("share", "dtype", "points"),
    [(1e-15, "c16", 5), (1e-6, "c16", 0), (1e-6, "c8", 5), (1, "c8", 0)],
)
def test_imaginary_parts_may_be_no_more_than_rounding_errors(share, dtype, points):
    """Relative to the largest number, as left by an FFT."""

    def padded(X, pad):
        X_pad = right("zero_pad")(X, pad)
        return (X_pad + 1j * share * np.abs(X_pad).max()).astype(dtype)

    verdict = EXERCISES["zero_pad"].judge(padded, seed=1)
    assert verdict.points == points
    said = verdict.failing.outcome.problem.text if verdict.failing else ""
    assert ("returned complex numbers with imaginary parts up to" in said) == (points == 0)


def complex_if_padded(X, pad):
    return right("zero_pad")(X, pad) * (1 + 1j * (pad > 0))


def ragged_if_padded(X, pad):
    return [*right("zero_pad")(X, pad), *([0] * pad)]


@pytest.mark.parametrize("function", [complex_if_padded, ragged_if_padded])
def test_no_note_says_that_a_type_is_accepted_where_a_call_returned_a_wrong_one(function):
    text = message(zero_pad_test, function)
    assert "zero_pad returned " in text and "Note: " not in text


OTHERS = {
    "None": lambda array: np.full(array.shape, None),
    "texts": lambda array: stored_as_objects(array, str),
    "arrays": lambda array: stored_as_objects(array, lambda number: np.array([number])),
    "too large": lambda array: stored_as_objects(array, lambda number: 10**400),
    "dates": lambda array: array.astype(int).astype("M8[s]"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_objects_that_are_no_numbers_are_named(kind):
    text = message(zero_pad_test, lambda X, pad: OTHERS[kind](right("zero_pad")(X, pad)))
    assert "zero_pad returned an array of dtype" in text
    assert ("Something that it is computed from is still None." in text) == (kind == "None")


@pytest.mark.parametrize("dtype", [complex, object])
def test_the_published_values_of_conv_forward_are_right_in_any_dtype(dtype):
    np.random.seed(1)
    A_prev, W, b = (np.random.randn(*shape) for shape in ((2, 5, 7, 4), (3, 3, 4, 8), (1, 1, 1, 8)))
    Z, cache = right("conv_forward")(A_prev, W, b, {"pad": 1, "stride": 2})
    Z = Z.astype(dtype)
    conv_forward_test_1(np.mean(Z), Z[0, 2, 1], cache[0][1][2][3])


def test_an_iterator_that_stays_in_the_students_process_is_described_as_at_home():
    def at_home(X, pad):
        yield X

    def graded(X, pad):
        error = TypeError("zero_pad returned a generator, which cannot leave the process")
        error.nbjudge_returned = "generator"
        raise error

    said = message(zero_pad_test, graded)
    assert said == message(zero_pad_test, at_home)
    assert "zero_pad returned a generator for X_pad; expected a NumPy array." in said
