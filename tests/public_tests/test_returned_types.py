"""What NumPy users return is judged by its values, in the notebook and when it is graded."""

import warnings

import numpy as np
import pytest

from exercises import EXERCISES
from public_tests import zero_pad_test
from tests.public_tests.messages import message, right


def memory_map(array, folder):
    file = folder / f"array{len(list(folder.iterdir()))}"  # another for each call
    mapped = np.memmap(file, array.dtype, "w+", shape=array.shape)
    mapped[...] = array
    return mapped


class Other(np.ndarray):
    """A subclass of nobody's."""


def read_only(array):
    array.flags.writeable = False
    return array


KINDS = {
    "masked array": lambda array, folder: np.ma.array(array),
    "masked array, with a mask": lambda array, folder: np.ma.array(array, mask=array > 1e9),
    "memory map": memory_map,
    "subclass": lambda array, folder: array.view(Other),
    "read-only": lambda array, folder: read_only(array),
    "in Fortran's order": lambda array, folder: np.asfortranarray(array),
    "backwards in memory": lambda array, folder: array[::-1].copy()[::-1],
    "longer numbers": lambda array, folder: array.astype(np.longdouble),
    "list": lambda array, folder: list(array),
    "list of lists": lambda array, folder: array.tolist(),
}


def returning(kind, folder):
    return lambda X, pad: KINDS[kind](right("zero_pad")(X, pad), folder)


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_values_count(kind, tmp_path, capsys):
    zero_pad_test(returning(kind, tmp_path))
    assert ("Note: A list was returned" in capsys.readouterr().out) == ("list" in kind)
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
