"""The command that prints the checks that an exercise's known mistakes fail."""

from dataclasses import replace

import pytest

from exercises import EXERCISES
from tools.course import ROOT
from tools.mistakes import main


def test_each_mistake_stands_with_the_checks_that_it_fails(capsys):
    assert main(["zero_pad"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for mistake in EXERCISES["zero_pad"].mistakes:
        (line,) = [line for line in lines if line.startswith(f"{mistake.name}: ")]
        assert set(line.removeprefix(f"{mistake.name}: ").split(", ")) == set(mistake.fails)
    assert len(lines) == len(EXERCISES["zero_pad"].mistakes), "and nothing is wrong"


def test_what_a_mistake_declares_otherwise_is_said(monkeypatch, capsys):
    relu = EXERCISES["relu"]
    first, *others = relu.mistakes
    assert "output shape" in first.fails
    wrong = replace(first, fails=("cache",)), replace(others[0], name="the same"), *others
    monkeypatch.setitem(EXERCISES, "relu", replace(relu, mistakes=wrong))
    assert main(["relu"]) == 1
    out = capsys.readouterr().out
    failed = ", ".join(c.name for c in relu.checks if c.name in first.fails)
    assert out.startswith(f"{first.name}: {failed}\n    declared: cache\nthe same: ")
    assert out.count("    not recognized\n") == 2  # two mistakes with the same outputs
    assert out.count("    declared: ") == 1


# Of mistakes in pool_forward: the declaration, a wrong one, and what `--write` makes of that.
CORRECTED = {
    "stride ignored": ("d(MAX_S, MEAN_S)", "d(NEGATIVE, MEAN_S)", "d(MEAN_S, MAX_S)"),
    "stride counted twice": (
        'twice("output shape", MAX_S, MEAN_S, *REST)',
        "twice(MEAN_S, *REST)",
        'twice(MEAN_S, *REST, "output shape", MAX_S)',
    ),
    "maximum in both modes": ("(MEAN_1, MEAN_S)", "(MAX_1,)", "(MEAN_1, MEAN_S)"),
    "modes swapped": ('(*VALUES, "input left alone")', "VALUES", '(*VALUES, "input left alone")'),
    "maximum started at 0": (" (NEGATIVE,),\n", " (NEGATIVE, MAX_1),\n", " (NEGATIVE,),\n"),
}


def test_wrong_declarations_are_corrected_in_the_source(tmp_path, monkeypatch, capsys):
    exercise, path = EXERCISES["pool_forward"], tmp_path / "exercises" / "pool_forward.py"
    expected = damaged = (ROOT / "exercises" / "pool_forward.py").read_text()
    for right, wrong, corrected in CORRECTED.values():
        damaged, expected = damaged.replace(right, wrong, 1), expected.replace(right, corrected, 1)
    path.parent.mkdir()
    path.write_text(damaged)
    monkeypatch.setattr("tools.mistakes.ROOT", tmp_path)
    mistakes = [replace(m, fails=("x",)) if m.name in CORRECTED else m for m in exercise.mistakes]
    monkeypatch.setitem(EXERCISES, "pool_forward", replace(exercise, mistakes=(*mistakes,)))
    assert main(["pool_forward", "--write"]) == 0
    assert path.read_text() == expected
    elsewhere = replace(exercise.mistakes[0], name="elsewhere", fails=("x",))
    monkeypatch.setitem(EXERCISES, "pool_forward", replace(exercise, mistakes=(elsewhere,)))
    assert main(["pool_forward", "--write"]) == 1
    out = capsys.readouterr().out
    assert f"Corrected in exercises/pool_forward.py: {', '.join(CORRECTED)}\n" in out
    assert "Correct by hand in exercises/pool_forward.py: elsewhere\n" in out
    assert path.read_text() == expected


def test_a_check_that_no_mistake_fails_is_listed(monkeypatch, capsys):
    relu = EXERCISES["relu"]
    mistakes = tuple(m for m in relu.mistakes if "cache" not in m.fails)
    monkeypatch.setitem(EXERCISES, "relu", replace(relu, mistakes=mistakes))
    assert main(["relu"]) == 0
    file = "tests/exercises/solutions/relu.py"
    advice = f"Add a wrong solution that fails them to {file}, if it has none."
    end = f"Checks that no mistake fails: cache\n{advice}\n"
    assert capsys.readouterr().out.endswith(f"\n{end}")


def test_an_exercise_that_there_is_not_is_refused_with_those_that_there_are(capsys):
    with pytest.raises(SystemExit):
        main(["no_such"])
    assert "unknown exercise 'no_such'; choose from conv_backward, " in capsys.readouterr().err
