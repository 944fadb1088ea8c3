"""Tables, series, indexes and times of pandas survive a round trip; forged ones are rejected."""

import datetime
import random
from zoneinfo import ZoneInfo

import dateutil.tz
import numpy as np
import pytest

pd = pytest.importorskip("pandas", reason="pandas is not installed: make test-packages")

from nbjudge.errors import WireError  # noqa: E402 - after the skip
from nbjudge.wire import tables  # noqa: E402
from nbjudge.wire.decoding import decode  # noqa: E402
from nbjudge.wire.encoding import encode  # noqa: E402
from nbjudge.wire.format import Ref  # noqa: E402
from nbjudge.wire.tables import MAX_COLUMNS, put_together  # noqa: E402
from nbjudge.wire.values import mutable_parts, snapshot  # noqa: E402
from tests.support.values import frame, trip  # noqa: E402

PARIS = ZoneInfo("Europe/Paris")
TABLE = pd.DataFrame(
    {
        "integers": [1, 2, 3],
        "texts": ["a", "b", None],
        "floats": np.array([1.5, np.nan, -0.0], "f4"),
        "categories": pd.Categorical(["u", "v", "u"], ordered=True),
        "times": pd.date_range("2024", periods=3),
        "zoned": pd.date_range("2024", periods=3, tz=PARIS),
        "durations": pd.to_timedelta([1, 2, 3], unit="s"),
        "nullable": pd.array([1, None, 3]),
        "flags": pd.array([True, None, False]),
        "months": pd.PeriodIndex(["2024-01", None, "2024-03"], freq="M"),
        "classes": pd.cut([1, 4, 9], [0, 2, 5, 9]),
        "strings": pd.array(["s", None, "t"], dtype="string"),
        "objects": [[1], {"k": 2}, (3,)],
        "missing": [pd.NA, pd.NaT, pd.Timestamp("2024-01-01 12:00", tz="UTC")],
        ("a", 1): [True, False, True],
    },
    index=pd.Index(["p", "q", "r"], name="letter"),
)
TABLES = {
    "all kinds of columns": TABLE,
    "transposed": TABLE.T,
    "no rows": TABLE.iloc[:0],
    "no columns": TABLE.iloc[:, :0],
    "nothing": pd.DataFrame(),
    "two columns of a name": pd.concat([TABLE[["texts"]], TABLE[["texts"]]], axis=1),
    "two levels of rows": TABLE.set_index(["integers", "texts"]),
    "two levels of columns": TABLE.pivot_table(["integers"], "letter", "categories", observed=True),
    "a view": TABLE[TABLE.integers > 1][["floats"]],
}
SERIES = {str(name): TABLE[name] for name in TABLE} | {
    "counts": TABLE.groupby(["texts", "integers"]).size(),
    "small integers": pd.Series([1, 2], dtype="int8", name=("x", 1)),
}
INDEXES = {
    "texts": TABLE.index,
    "a range": pd.RangeIndex(3, 9, 2, name="r"),
    "integers": pd.Index([3, 1, 2]),
    "a product": pd.MultiIndex.from_product([[1, 2], ["a", "b"]], names=["n", None]),
    "months": pd.date_range("2024", periods=4, freq="MS", name="month"),
    "hours in Paris": pd.date_range("2024", periods=4, freq="h", tz=PARIS),
    "days": pd.to_timedelta([1, 2], unit="D"),
    "categories": pd.CategoricalIndex(["a", "b"]),
    "quarters": pd.period_range("2024", periods=3, freq="Q-JAN", name="quarter"),
    "intervals": pd.interval_range(0, 3, name="class", closed="both"),
    "intervals of time": pd.interval_range(pd.Timestamp("2024", tz=PARIS), periods=2),
}
SCALARS = {
    "nanoseconds": pd.Timestamp("2024-01-01 00:00:00.123456789"),
    "a time in Paris": pd.Timestamp("2024", tz=PARIS),
    "a duration": pd.Timedelta("3D 4ns"),
    "a month": pd.Period("2024-02", "M"),
    "an interval": pd.Interval(0.5, np.float64(2), closed="left"),
    "no time": pd.NaT,
    "no value": pd.NA,
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_arrives_unchanged(name):
    pd.testing.assert_frame_equal(trip(TABLES[name]), TABLES[name])


@pytest.mark.parametrize("name", SERIES)
def test_a_series_arrives_unchanged(name):
    pd.testing.assert_series_equal(trip(SERIES[name]), SERIES[name])


@pytest.mark.parametrize("name", INDEXES)
def test_an_index_arrives_unchanged(name):
    pd.testing.assert_index_equal(trip(INDEXES[name]), INDEXES[name])


@pytest.mark.parametrize("frequency", ["MS", "B", "2h30min", "WOM-2TUE"])
def test_an_index_keeps_its_frequency(frequency):
    times = pd.date_range("2024", periods=3, freq=frequency)
    assert trip(times).freq == times.freq


def test_an_index_loses_a_frequency_that_cannot_be_read_from_its_text():
    holidays = pd.offsets.CustomBusinessDay(holidays=["2024-01-02"])
    for frequency in (pd.DateOffset(months=1), holidays):
        times = pd.date_range("2024", periods=3, freq=frequency)
        assert trip(times).equals(times) and trip(times).freq is None


@pytest.mark.parametrize(
    "zone",
    [
        "UTC",
        "Europe/Paris",
        PARIS,
        datetime.UTC,
        datetime.timezone(datetime.timedelta(hours=5, minutes=30)),
        datetime.timezone(datetime.timedelta(seconds=-30)),
    ],
    ids=str,
)
def test_a_time_keeps_its_zone(zone):
    time = pd.Timestamp("2024-07-01", tz=zone)
    assert trip(time) == time and trip(time).tz == time.tz
    times = pd.Series(pd.date_range("2024-07-01", periods=2, tz=zone))
    pd.testing.assert_series_equal(trip(times), times)


def test_an_array_of_times_without_a_zone_arrives_unchanged():
    times = pd.date_range("2024", periods=2).array
    pd.testing.assert_extension_array_equal(trip(times), times)


@pytest.mark.parametrize("name", SCALARS)
def test_a_time_arrives_unchanged(name):
    value = trip(SCALARS[name])
    assert type(value) is type(SCALARS[name])
    assert value is SCALARS[name] or value == SCALARS[name]


def test_a_number_that_is_undefined_does_not_become_missing():
    series = pd.Series(pd.array([0, None], dtype="Float64")) / 0
    assert trip(series).isna().equals(series.isna())


def test_a_series_that_arrived_can_be_changed():
    arrived = trip(pd.Series([1.0, 2.0]))
    arrived.iloc[0] = 5.0
    assert list(arrived) == [5.0, 2.0]


def test_one_table_on_one_side_is_one_table_on_the_other():
    first, second = trip([TABLE, TABLE])
    assert first is second


def test_a_subclass_and_other_objects_stay_where_they_are():
    class Lying(pd.DataFrame):
        pass

    sparse = pd.arrays.SparseArray([0, 1])
    zone = datetime.timezone(datetime.timedelta(hours=1), "Unknown")
    for value in (
        Lying({"a": [1]}),
        TABLE.groupby("texts"),
        pd.offsets.Day(),
        pd.DataFrame({"a": [1, 2], "b": sparse}),
        pd.Series([1, 2], index=pd.Index(sparse)),
        pd.DataFrame(np.zeros((1, MAX_COLUMNS + 1))),
        pd.Timestamp("2024", tz=zone),
        pd.Timestamp("2024", tz=datetime.timezone(datetime.timedelta(hours=1), "Europe/Paris")),
        pd.Timestamp("2024", tz=dateutil.tz.tzoffset("Europe/Paris", 3600)),
        pd.Series(pd.date_range("2024", periods=2, tz=zone)),
    ):
        assert isinstance(decode(encode(value, lambda item: Ref(1, "x", "object"))), Ref)


def test_a_table_that_pandas_cannot_read_stays_where_it_is(monkeypatch):
    """As after a student's cell has broken pandas in their process."""
    monkeypatch.setattr(pd.DataFrame, "columns", property(lambda self: 1 / 0))
    assert isinstance(decode(encode(TABLE, lambda item: Ref(1, "x", "object"))), Ref)


def test_changed_tables_are_found():
    table, series = TABLE.copy(), pd.Series([1, 2])
    assert list(mutable_parts([table, (series, TABLE.index)], {})) == [table, series]
    before = snapshot(table), snapshot(series)
    assert before == (snapshot(table), snapshot(series))
    table.loc["p", "integers"] = series[0] = 9
    assert snapshot(table) != before[0] and snapshot(series) != before[1]


INDEX = {"pandas": ["RangeIndex", [0, 2, 1, None]]}
COLUMN = {"array": ["<i8", [2], 1, True]}
FORGED = {
    "an unknown kind": ["eval", ["1"]],
    "a kind that is a list": [[], []],
    "no parts": ["DataFrame", []],
    "an index that is a list": ["DataFrame", [INDEX, {"list": [0, 1]}, {"list": [COLUMN]}]],
    "a column that is a text": ["DataFrame", [INDEX, INDEX, {"list": ["ab", "cd"]}]],
    "a column that is an index": ["DataFrame", [INDEX, INDEX, {"list": [INDEX, INDEX]}]],
    "too few columns": ["DataFrame", [INDEX, INDEX, {"list": [COLUMN]}]],
    "too few values": [
        "DataFrame",
        [INDEX, {"pandas": ["RangeIndex", [0, 10**15, 1, None]]}, {"list": [COLUMN, COLUMN]}],
    ],
    "too many columns": ["DataFrame", [INDEX, INDEX, {"list": [COLUMN] * (MAX_COLUMNS + 1)}]],
    "a series of a text": ["Series", ["ab", INDEX, None]],
    "a range of floats": ["RangeIndex", [{"float": "0x1p0"}, 2, 1, None]],
    "levels that are lists": [
        "MultiIndex",
        [{"list": [{"list": [1]}]}, {"list": []}, {"list": []}],
    ],
    "a range without a step": ["RangeIndex", [0, 2, 0, None]],
    "codes without categories": ["Categorical", [COLUMN, {"list": ["a"]}, True]],
    "codes that are not there": [
        "Categorical",
        [{"array": ["<i8", [2], 2, True]}, {"pandas": ["RangeIndex", [0, 2, 1, None]]}, False],
    ],
    "levels that do not fit": [
        "MultiIndex",
        [{"list": [INDEX]}, {"list": [{"array": ["<i8", [2], 2, True]}]}, {"list": [None]}],
    ],
    "a dtype that is no extension": ["StringArray", ["object", COLUMN]],
    "a dtype that is a program": ["StringArray", ["__import__('os')", COLUMN]],
    "texts in two dimensions": ["StringArray", ["str", {"array": ["<i8", [2, 1], 1, True]}]],
    "intervals with two names": [
        "IntervalArray",
        [{"pandas": ["RangeIndex", [0, 2, 1, {"tuple": [1, 2]}]]}, INDEX, "left"],
    ],
    "integers without a mask": ["IntegerArray", [COLUMN, COLUMN]],
    "a zone that does not exist": [
        "Timestamp",
        [{"scalar": ["<M8[ns]", 3]}, "Nowhere/At all", False],
    ],
    "a zone outside the zones": [
        "Timestamp",
        [{"scalar": ["<M8[ns]", 3]}, "../../etc/passwd", True],
    ],
    "a zone that is a path": [
        "Timestamp",
        [{"scalar": ["<M8[ns]", 3]}, "dateutil//etc/passwd", False],
    ],
    "a zone read by another library": [
        "Timestamp",
        [{"scalar": ["<M8[ns]", 3]}, "dateutil/Europe/Berlin", False],
    ],
    "the zone of the machine": ["Timestamp", [{"scalar": ["<M8[ns]", 3]}, "tzlocal()", False]],
    "a zone that is a number": ["Timestamp", [{"scalar": ["<M8[ns]", 3]}, 1, False]],
    "an offset of a week": [
        "Timestamp",
        [{"scalar": ["<M8[ns]", 3]}, {"timedelta": [7, 0, 0]}, False],
    ],
    "zones that are a path": ["DatetimeArray", [COLUMN, "dateutil//etc/passwd", False]],
    "a frequency that is an object": [
        "DatetimeIndex",
        [{"array": ["<M8[ns]", [1], 3, True]}, None, {"ref": [0, "x", "object"]}],
    ],
    "a period of a text": ["Period", ["2024", "M"]],
    "periods of a frequency that does not exist": ["PeriodArray", [COLUMN, "nonsense"]],
    "an interval of objects": ["Interval", [{"ref": [0, "x", "object"]}, 2, "left"]],
    "intervals of lists": ["IntervalArray", [{"list": [0]}, {"list": [1]}, "left"]],
    "a time that is a text": ["Timestamp", ["2024", None, False]],
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_table_is_refused(name):
    buffers = b"\0" * 16, b"\7" * 16, b"\0" * 8
    with pytest.raises(WireError) as raised:
        decode(frame({"pandas": FORGED[name]}, *buffers))
    assert len(str(raised.value)) < 1000


def test_random_parts_only_ever_raise_wire_error():
    rng = random.Random(3)
    parts = [INDEX, COLUMN, {"list": [COLUMN, COLUMN]}, None, 0, 2, "UTC", "Int64", {"list": []}]
    parts += [{"array": ["<M8[s]", [2], 1, True]}, {"timedelta": [0, 60, 0]}, "D", True]
    parts += [{"scalar": ["<M8[ns]", 3]}, {"objects": [[2], ["a", None]]}, {"list": [INDEX, INDEX]}]
    kinds = [*tables.KINDS, "x"]
    read = 0
    for _ in range(9000):
        content = [rng.choice(kinds), [rng.choice(parts) for _ in range(rng.randint(0, 4))]]
        try:
            value = decode(frame({"pandas": content}, b"\0" * 16, b"\7" * 16, b"\0" * 8))
        except WireError:
            continue
        assert type(trip(value)) is type(value)  # the judge may have to send it back
        read += 1
    assert read > 100


def test_nothing_is_built_from_an_unknown_kind():
    with pytest.raises(WireError, match="unknown kind"):
        put_together("Panel", [])
