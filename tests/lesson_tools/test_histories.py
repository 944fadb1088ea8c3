"""The histories of the course's long training runs."""

import pytest

from lesson_tools import histories


def test_an_unknown_model_is_an_error_that_lists_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr(histories, "HISTORIES", tmp_path)
    (tmp_path / "conv7-1.json").write_text('{"epochs": []}')
    assert histories.histories("conv7") == {1: []}
    with pytest.raises(ValueError, match=r"choose one of \['conv7'\]"):
        histories.histories("lenet")
