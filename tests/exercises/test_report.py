"""A verdict's report contains everything in its text, as plain data."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from exercises import EXERCISES, grade, grade_trained, training
from nbexercise.defining.exercise import as_plain
from nbexercise.diagnosis.diagnose import judge
from nbexercise.diagnosis.explanation import explain
from nbexercise.showing.report import (
    AN_ERROR,
    MIME_TYPE,
    NOT_WRITTEN,
    REPORT_VERSION,
    UNNAMED,
    as_report,
    publish_report,
)
from nbexercise.showing.text import describe
from tests.exercises import reports
from tests.exercises.case_sets import case_set
from tests.exercises.reports import missing_in_report

SEED = 21
ROOT = Path(__file__).resolve().parents[2]


def reported(name, function):
    """Return the report, and the text in one line without its layout."""
    verdict = EXERCISES[name].judge_on(case_set(name, SEED), function)
    report = as_report(explain(verdict, graded=True), SEED)
    assert json.loads(json.dumps(report)) == report
    text = describe(explain(verdict, graded=True))
    return report, text


def test_a_word_that_only_the_text_has_is_missing():
    """The tests of wrong solutions and mistakes verify this for every verdict."""
    exercise = EXERCISES["conv_forward"]
    verdict = judge(case_set("conv_forward", SEED), exercise.wrong_function(exercise.mistakes[0]))
    assert missing_in_report(explain(verdict, graded=True), SEED) == []
    (mistake,) = verdict.mistakes
    renamed = replace(mistake, diagnosis=f"{mistake.diagnosis} Furthermore.")
    report = as_report(explain(verdict, graded=True), SEED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reports, "as_report", lambda *_: report)
        graded = explain(replace(verdict, mistakes=(renamed,)), graded=True)
        assert missing_in_report(graded, SEED) == ["Furthermore"]


def test_a_named_mistake_has_its_name_and_its_next_step():
    exercise = EXERCISES["conv_forward"]
    mistake = exercise.mistakes[0]
    report, text = reported("conv_forward", exercise.wrong_function(mistake))
    assert report["headline"] == as_plain(mistake.diagnosis)
    assert report["diagnoses"] == [
        {
            "name": mistake.name,
            "text": as_plain(mistake.diagnosis),
            "next": as_plain(mistake.hint),
        }
    ]
    (read,) = report["read_again"]
    assert read["notebook"] == "conv_forward"
    assert f'Read again: "{read["section"]}" in the conv_forward notebook' in " ".join(text.split())
    assert report["next"] == []
    assert (report["out_of"], report["seed"]) == (exercise.points, SEED)
    assert sum(check["points"] for check in report["checks"]) == report["points"]
    assert report["case"].startswith("First failing case, ")
    assert "of shape" in report["case"].splitlines()[0]


def loop(X, pad):
    while True:
        pass


def crash(X, pad):
    return X + unknown  # noqa: F821


def stub(X, pad):
    raise NotImplementedError


def without_the_cache(*arguments):
    return EXERCISES["conv_forward"].vectorized(*arguments)[0]


def shifted_by_the_mean(X, pad):
    return EXERCISES["zero_pad"].vectorized(X, pad) + X.mean()


KINDS = {
    NOT_WRITTEN: ("zero_pad", stub),
    AN_ERROR: ("zero_pad", crash),
    "nothing returned": ("zero_pad", lambda X, pad: None),
    "wrong number of values": ("conv_forward", without_the_cache),
    "wrong type of value": ("zero_pad", lambda X, pad: (X, pad)),
    "mistake not recognized": ("zero_pad", shifted_by_the_mean),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_kind_says_in_general_what_went_wrong(kind):
    report, _ = reported(*KINDS[kind])
    assert report["kind"] == kind
    assert kind in UNNAMED
    assert ("checks" in report) == (kind != NOT_WRITTEN)


def keys(value):
    """Yield the keys of a report and of everything nested in it."""
    if isinstance(value, list):
        return {key for item in value for key in keys(item)}
    if isinstance(value, dict):
        return set(value).union(*map(keys, value.values()))
    return set()


def test_the_guides_describe_every_key_of_a_report(capsys, monkeypatch):
    reports = [reported(*wrong)[0] for wrong in KINDS.values()]
    conv_forward = EXERCISES["conv_forward"]
    wrong = map(conv_forward.wrong_function, conv_forward.mistakes)
    reports += [reported("conv_forward", function)[0] for function in wrong]
    monkeypatch.setattr(training, "publish_report", reports.append)
    for trained in (None, {}, {name: np.zeros(shape) for name, shape in training.SHAPES.items()}):
        grade_trained(trained)
    assert {report["version"] for report in reports} == {REPORT_VERSION} == {1}
    text = (ROOT / "nbjudge" / "docs" / "feedback.md").read_text()
    text += (ROOT / "docs" / "guide" / "report.md").read_text()
    rows = "\n".join(line for line in text.splitlines() if line.startswith("| `"))
    described = set(re.findall(r'[`"](\w+)[`"]', rows))
    assert keys(reports) <= described
    assert {report["kind"] for report in reports if "kind" in report} <= set(UNNAMED)
    assert all(f"`{kind}`" in rows for kind in UNNAMED)


def test_a_case_stands_in_whole_lines():
    report, text = reported("zero_pad", crash)
    first, second, *rest = report["case"].splitlines()
    assert first.startswith("First failing case, ") and first.endswith("pad 1")
    assert second == "zero_pad raised NameError: name 'unknown' is not defined"
    assert rest[0].startswith("  line ")


def test_full_marks_are_short():
    report, _ = reported("zero_pad", EXERCISES["zero_pad"].vectorized)
    assert report["points"] == report["out_of"]
    assert not set(report) & {"headline", "kind", "checks", "case", "diagnoses"}


def test_a_report_is_displayed_with_its_picture_in_a_notebook_alone(monkeypatch, capsys):
    display = pytest.importorskip("IPython.display", reason="IPython is not in this environment")
    shown = []
    monkeypatch.setattr(display, "display", lambda bundle, raw: shown.append(bundle))
    publish_report({"points": 1})
    assert shown == []
    monkeypatch.setattr("IPython.get_ipython", lambda: object())
    publish_report({"points": 1})
    grade("zero_pad", lambda X, pad: X, seed=SEED)
    grade("zero_pad", EXERCISES["zero_pad"].vectorized, seed=SEED)
    assert [sorted(bundle) for bundle in shown] == [
        [MIME_TYPE],
        [MIME_TYPE, "image/svg+xml"],
        [MIME_TYPE],
    ]
    assert shown[1][MIME_TYPE]["seed"] == SEED
    assert "zero_pad: 0 of 5 points." in capsys.readouterr().out
