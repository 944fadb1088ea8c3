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
    assert kept.changes() == [(1, [0], (([1, 3],), 2))]
    assert kept.changes() == []


def test_a_change_is_taken_in_place_and_not_sent_back():
    kept, values, array = Kept(assign), {"a": [1]}, np.zeros(2)
    kept.keep(1, (values,), array)
    kept.take([(1, [0, 1, 2], (({"a": [1, 2]},), np.ones(2)))])
    assert values == {"a": [1, 2]}
    assert array.tolist() == [1, 1]
    assert kept.changes() == []


def test_a_change_of_another_form_or_call_is_ignored():
    kept, values = Kept(assign), [1]
    kept.keep(1, (values,), None)
    for numbers in [], [-1], [7], [-1, -1]:
        kept.take([(1, numbers, (([2], [3]), None)), (2, [0], (([4],), None))])
    kept.take([(1, [0], ((), {"a": 1}))])
    assert values == [1]


def test_parts_stay_the_same_objects_when_their_places_change():
    ours, theirs = Kept(assign), Kept(assign)
    a, b, c = [1], [2], {"c": [3]}
    value, copied = [a, (b, c)], [[1], ([2], {"c": [3]})]
    ours.keep(1, (value,), None)
    theirs.keep(1, (copied,), None)
    other_a, (other_b, other_c) = copied
    copied[:] = [other_c, [9], (other_a, other_a), other_b]
    other_a.append(5)
    ours.take(theirs.changes())
    assert value == [{"c": [3]}, [9], ([1, 5], [1, 5]), [2]]
    assert value[0] is c and value[2][0] is value[2][1] is a and value[3] is b
    value[1].append(8)
    c["c"].append(7)
    theirs.take(ours.changes())
    assert copied[1] == [9, 8] and other_c == {"c": [3, 7]} and copied[0] is other_c
    assert ours.changes() == theirs.changes() == []


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
