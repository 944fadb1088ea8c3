"""Both processes keep the values of the latest calls, and report changes to them."""

import collections

import numpy as np

from nbjudge.wire.values import LARGEST_KEPT, MOST_KEPT, Kept, assign
from tests.support.values import same, trip, with_failing_methods


def test_a_change_is_reported_once():
    kept, values = Kept(assign), [1]
    kept.keep(1, (values,), 2)
    assert kept.changes() == []
    values.append(3)
    assert kept.changes() == [(1, (([1, 3],), 2))]
    assert kept.changes() == []


def test_a_change_is_taken_in_place_and_not_sent_back():
    kept, values, array = Kept(assign), {"a": [1]}, np.zeros(2)
    kept.keep(1, (values,), array)
    kept.take([(1, (({"a": [1, 2]},), np.ones(2)))])
    assert values == {"a": [1, 2]}
    assert array.tolist() == [1, 1]
    assert kept.changes() == []


def test_a_change_of_another_form_or_call_is_ignored():
    kept, values = Kept(assign), [1]
    kept.keep(1, (values,), None)
    kept.take([(1, (([2], [3]), None)), (2, (([4],), None))])
    assert values == [1]


def test_only_the_latest_values_are_kept():
    kept = Kept(assign)
    for number in range(10):
        kept.keep(number, ([number],), None)
        kept.keep(-number, (number,), None)  # cannot change
    assert list(kept.values) == list(range(10 - MOST_KEPT, 10))
    kept.keep(10, (np.zeros(LARGEST_KEPT),), None)
    assert list(kept.values) == [10]


def test_changes_of_containers_whose_classes_override_methods_are_taken():
    names = "__setitem__ __getattribute__ __iter__ clear update extend"
    for before, after in (
        ([1], [2, 3]),
        ({"a": 1}, {"b": 2}),
        ({1}, {2}),
        (collections.deque([1]), collections.deque([2])),
        (bytearray(b"a"), bytearray(b"bc")),
    ):
        hostile = with_failing_methods(before, names)
        assign(hostile, after)
        assert same(trip(hostile), after)
    ordered = collections.OrderedDict(a=1, b=2)
    assign(ordered, {"b": 1, "a": 2})
    assert list(ordered.items()) == [("b", 1), ("a", 2)]
