"""Free names: each file of a folder gets a path of its own, on every system."""

from nbjudge.plugins.shared.free_names import FreeNames


def test_free_names_differ_on_every_system():
    free = FreeNames()
    names = ["a", "A", "a/b", "a/c", "é", "e\u0301", "x/y.py", "X/Y.py", "x", ".zip", ".ZIP"]
    taken = [free.take(name) for name in names]
    folders = {path.rpartition("/")[0].casefold() for path in taken if "/" in path}
    assert len({path.casefold() for path in taken}) == len(taken)
    assert not folders & {path.casefold() for path in taken}
    assert taken[:4] == ["a", "A-1", "a-2/b", "a-2/c"]


def test_names_that_differ_in_case_take_no_time_to_number(monkeypatch):
    """Each name tries the numbers that the names before it have not, so 2,000 are no work."""
    tried, free = [], FreeNames()
    is_free = FreeNames._is_free
    monkeypatch.setattr(FreeNames, "_is_free", lambda *given: tried.append(1) or is_free(*given))
    names = [f"{n:011b}".translate({48: "a", 49: "A"}) + "/x" for n in range(2000)]
    assert len({free.take(name).casefold() for name in names}) == 2000
    assert len(tried) < 3 * 2000
