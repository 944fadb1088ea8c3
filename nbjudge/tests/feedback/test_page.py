"""The feedback page: its text about each question, its order, and the same output everywhere."""

import copy
import dataclasses
import html
import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from nbjudge.feedback.about import About, CellGrade
from nbjudge.feedback.page import render, without_long_lines
from nbjudge.feedback.questions import report_of
from nbjudge.wire.messages import from_plain, to_plain
from nbjudge.wire.outputs import REPORT

SVG = '<svg xmlns="http://www.w3.org/2000/svg" aria-label="what fails"><g/></svg>'


def code(source, *outputs, grade_id="", **nbgrader):
    about = {"grade": False, "solution": False, "locked": False} | nbgrader
    metadata = {"nbgrader": about | {"grade_id": grade_id}} if grade_id else {}
    return {
        "cell_type": "code",
        "metadata": metadata,
        "source": source,
        "outputs": list(outputs),
    }


def prose(source, grade_id="", **nbgrader):
    return {**code(source, grade_id=grade_id, **nbgrader), "cell_type": "markdown"}


def answer(source, *outputs, grade_id="f"):
    return code(source, *outputs, grade_id=grade_id, solution=True)


def check(*outputs, grade_id="f_test", source="assert f(2) == 4"):
    return code(source, *outputs, grade_id=grade_id, grade=True, locked=True)


def essay(source, grade_id="why"):
    return prose(source, grade_id=grade_id, grade=True, solution=True)


def stream(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


def error(name="NameError", message="name 'f' is not defined", *lines):
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": list(lines)}


def report(picture="", **data):
    data = {REPORT: data} | ({"image/svg+xml": picture} if picture else {})
    return {"output_type": "display_data", "data": data, "metadata": {}}


def page(*cells, **about):
    grades = about.pop("grades", {})
    return render({"cells": list(cells)}, About("ps1", "work", "ada", cells=grades, **about))


def parts(text):
    """Return the body of the page in two parts, split where the notebook begins."""
    return text.partition("<body")[2].split("<h2>Your notebook</h2>")


def results(*cells, **about):
    return parts(page(*cells, **about))[0]


def notebook(*cells, **about):
    return parts(page(*cells, **about))[1]


FULL = {
    "question": "f",
    "points": 1,
    "out_of": 4,
    "headline": "Wrong <b>sign</b>.",
    "diagnoses": [{"name": "sign", "text": "Wrong <b>sign</b>.", "next": "Look at the minus."}],
    "checks": [
        {"name": "shape", "passed": True, "points": 1, "out_of": 1},
        {"name": "values", "passed": False, "points": 0, "out_of": 3},
        {"name": "input", "passed": False, "undecided": "not checked", "points": 0, "out_of": 0},
    ],
    "case": "First failing case:\n  x = <2>",
    "remarks": ["It was called twice."],
    "notes": ["A note."],
    "read_again": [
        {"section": "Signs & sums", "notebook": "work"},
        {"section": "Elsewhere", "notebook": "other"},
    ],
}
LOST = {"f_test": CellGrade(1.0, 4.0)}


def test_a_report_is_laid_out_in_order():
    text = results(
        prose("# Title\n\n## Signs & sums"),
        answer("def f(x): ..."),
        check(stream("f: 1 of 4"), report(SVG, **FULL)),
        grades=LOST,
    )
    order = [
        "1 of 4 points",
        "Wrong &lt;b&gt;sign&lt;/b&gt;.",
        "Look at the minus.",
        "It was called twice.",
        '<a href="#in-notebook-Signs-&amp;-sums">Signs &amp; sums</a>',
        "“Elsewhere” in the notebook other",
        "Your code, 1 line</summary>",
        '<img alt="what fails"',
        "x = &lt;2&gt;",
        'class="pass"',
        'class="fail"',
        'class="unknown"',
        "not checked",
        "A note.",
        '<a href="#cell-1">Your code in the notebook</a>',
        '<a href="#cell-2">The test cell</a>',
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert text.count("sign&lt;/b&gt;") == 1
    assert "f: 1 of 4" not in text


def test_the_notebook_below_has_the_printed_text_and_no_second_image():
    cells = answer("def f(x): ..."), check(stream("f: 1 of 4"), report(SVG, **FULL))
    text = notebook(*cells, grades=LOST)
    assert "f: 1 of 4" in text and "<img" not in text
    assert text.count('<a href="#question-1">Back to the result</a>') == 2


def test_two_diagnoses_are_listed_instead_of_the_headline():
    two = [{"text": "One.", "next": "First."}, {"text": "Other.", "next": "Second."}]
    text = results(check(report(headline="One. Other.", diagnoses=two)), grades=LOST)
    assert "One. Other." not in text
    assert re.search(r"<li>.*One\..*First\.</li>\s*<li>.*Other\..*Second\.</li>", text)


def test_questions_that_lost_points_come_first_then_those_that_wait():
    ids = ["full_test", "lost_test", "waits_test"]
    text = results(
        *(check(stream("out"), grade_id=name) for name in ids),
        grades={
            "full_test": CellGrade(2.0, 2.0),
            "lost_test": CellGrade(0.0, 2.0),
            "waits_test": CellGrade(None, 2.0),
        },
    )
    places = [text.index(f"<h3>{name}") for name in ("lost", "waits", "full")]
    assert places == sorted(places)
    assert "2 of 6 points" in text
    assert "2 of these points have not been graded yet: a person grades them." in text


def test_full_marks_are_short_but_notes_and_comments_stay():
    text = results(
        answer("def f(x): ..."),
        check(stream("printed"), report(notes=["Mind the axis."])),
        grades={"f_test": CellGrade(4.0, 4.0), "f": CellGrade(comment="*Nice*.")},
    )
    assert "Mind the axis." in text and "<em>Nice</em>." in text
    assert "printed" not in text


def test_tests_in_a_row_belong_to_the_same_code():
    text = results(
        answer("def f(x): ..."),
        check(stream("one")),
        check(stream("two"), grade_id="more-tests"),
        answer("def g(x): ...", grade_id="g"),
        check(stream("three"), grade_id="test"),
        grades=LOST | {"more-tests": CellGrade(0.0, 1.0), "test": CellGrade(0.0, 1.0)},
    )
    assert re.findall(r"<h3>(\S+)", text) == ["f", "more", "test"]
    assert re.findall(r'#(cell-\d)">Your code', text) == ["cell-0", "cell-0", "cell-3"]
    assert re.findall(r'class="nf">(\w)</span>', text) == ["f", "g"]  # the code is shown once


@pytest.mark.parametrize(("lines", "is_open"), [(25, True), (26, False)])
def test_long_code_below_a_diagnosis_is_folded(lines, is_open):
    source = "\n".join(f"x{number} = 1" for number in range(lines))
    text = results(answer(f"\n{source}\n"), check(report(headline="No.")), grades=LOST)
    (opened,) = re.findall(f'<details class="own"( open)?><summary>Your code, {lines} lines<', text)
    assert bool(opened) == is_open


@pytest.mark.parametrize(
    "source",
    [
        "'</code></pre></details><script>alert(1)</script>'",
        '"""<img src=x onerror=\'alert(1)\'>"""',
        "# <!-- <svg/onload=alert(1)> {{ about }} {% raw %} -->",
        "%%html\n<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "f'{\"<b>\"}' &lt;script&gt; <style>@import 'x'</style>",
        "</summary><a href='javascript:alert(1)'>",
    ],
)
@pytest.mark.parametrize("said", [report(headline="No."), stream("no"), error()])
def test_code_below_a_diagnosis_is_text_whatever_it_contains(source, said):
    text = results(answer(source, error()), check(said), grades=LOST)
    (shown,) = re.findall(r'<details class="own" open>.*?</details>', text, re.DOTALL)
    shown = re.sub(r'<span class="\w+">|</span>', "", shown)
    (inside,) = re.findall(
        r'<pre class="code" tabindex="0"><code>([^<>]*)</code></pre></details>$', shown
    )
    assert html.unescape(inside).strip() == source


def test_no_code_is_shown_for_an_unanswered_question_or_full_points():
    said = check(report(headline="Not written."))
    grades = LOST | {"f": CellGrade(unanswered=True)}
    assert "stub" not in results(answer("stub = 1"), said, grades=grades)
    assert "stub" not in results(answer("stub = 1"), said, grades={"f_test": CellGrade(4.0, 4.0)})


def test_without_a_report_the_page_shows_what_the_test_printed_and_its_error():
    cells = answer("def f(x): ..."), check(stream("seen <i>"), error("AssertionError", "no"))
    first, below = parts(page(*cells, grades=LOST))
    assert "seen &lt;i&gt;" in first and "AssertionError: no" in first
    assert "seen" not in below and "AssertionError" not in below
    assert "The test</summary>" in below


def test_a_solution_cell_that_stops_is_shown_instead_of_the_name_that_is_missing():
    lines = [
        "-----",
        "  Cell In[1], line 1\n    def f(x)\n            ^\n\x1b[31mSyntaxError\x1b[0m: x",
    ]
    cells = answer("def f(x)", error("SyntaxError", "x", *lines)), check(error())
    text = results(*cells, grades=LOST)
    assert "stops with an error, so there was nothing to test" in text
    assert "    def f(x)\n            ^\nSyntaxError: x" in text
    assert "-----" not in text and "NameError" not in text
    assert "NameError" in results(answer("g = 1"), cells[1], grades=LOST)


def test_a_question_that_the_student_left_as_it_was_has_no_error():
    stub = answer("raise NotImplementedError", error("NotImplementedError", ""))
    grades = LOST | {"f": CellGrade(unanswered=True)}
    text = results(stub, check(error()), grades=grades)
    assert "This question was not answered." in text
    assert "fix this error" not in text and "NameError" not in text


@pytest.mark.parametrize("points", [0.0, 4.0])
def test_the_page_says_without_which_import_a_cell_was_run(points):
    solution = answer("import p\ndef f(x): ...")
    solution["metadata"]["nbjudge"] = {"notes": ["The grader has no p."]}
    grades = {"f_test": CellGrade(points, 4.0)}
    text = results(solution, check(stream("printed")), grades=grades)
    assert text.count("<strong>Note:</strong> The grader has no p.") == 1
    assert ("printed" in text) == (points == 0)


def test_a_cause_of_the_graders_stands_in_the_place_of_the_error():
    cause = {"name": "time limit", "text": "It was stopped.", "next": "is there a loop?"}
    said = report(headline="It was stopped.", diagnoses=[cause], case="Where it stopped:\n---> 1")
    cells = answer("while 1: ...", error("KeyboardInterrupt", "")), check(error(), said)
    text = results(*cells, grades=LOST)
    assert "It was stopped." in text and "<strong>Next:</strong> is there a loop?" in text
    assert "---&gt; 1" in text
    assert "stops with an error" not in text and "fix this error" not in text


def test_an_answer_in_words_says_who_reads_it():
    text = results(essay("My answer."), grades={"why": CellGrade(None, 6.0)})
    assert (
        "A person will grade this answer. The total above does not include its points yet." in text
    )
    assert "0 of 6 points" in text and "6 points, not graded yet" in text
    text = results(
        essay("My answer."), grades={"why": CellGrade(4.5, 6.0, True, 1.0, "A <b>good</b> one.")}
    )
    assert "4.5 of 6 points, +1 extra credit" in " ".join(text.split())
    assert "This answer was graded by hand." in text
    assert "A <b>good</b> one." in text
    assert "<strong>5.5 of 6 points</strong>" in text
    text = results(essay("Write here."), grades={"why": CellGrade(0.0, 6.0, unanswered=True)})
    assert "This question was not answered." in text


def test_a_task_and_its_comment():
    task = prose("Do it.", grade_id="job", task=True, locked=True)
    grades = {"job": CellGrade(1.0, 2.0, True, comment="Half of it.")}
    first, below = parts(page(task, grades=grades))
    assert "1 of 2 points" in first and "Half of it." in first and "Half of it." in below


def test_a_person_who_changes_the_points_of_a_test_is_mentioned():
    text = results(check(report(headline="No.")), grades={"f_test": CellGrade(3.0, 4.0, True)})
    assert "The points of the tests were changed by hand." in text


def test_a_late_penalty_is_reported_and_counted():
    text = results(check(), grades={"f_test": CellGrade(4.0, 4.0)}, late_penalty=1.5)
    assert "<strong>2.5 of 4 points</strong>" in text
    assert "Submitted late: 1.5 of 4 points deducted." in " ".join(text.split())


def test_the_page_says_whose_work_it_is():
    text = results(name="Ada <L>", submitted="2026-01-02 10:00 UTC")
    assert "Ada &lt;L&gt; (ada)" in text
    assert "assignment ps1" in text and "2026-01-02 10:00 UTC" in text
    assert "Your results" not in text


def test_the_page_names_the_course_the_assignment_and_the_date_of_grading():
    text = results(
        course="cnn <1>", graded="2026-01-03", due="2026-01-02 10:00 UTC", extension="1 h"
    )
    assert (
        "<p>ada, course cnn &lt;1&gt;, assignment ps1, due 2026-01-02 10:00 UTC, which includes an "
        "extension of 1 h, graded 2026-01-03</p>"
    ) in text
    assert "<p>ada, assignment ps1</p>" in results()


def test_the_page_names_the_address_for_questions():
    regrades = "https://example.org/?a=1&b='2'"
    link = '<a href="https://example.org/?a=1&amp;b=&#39;2&#39;" rel="noreferrer">https://example'
    assert f"Questions about these points: {link}" in results(contact=regrades)
    mail = "mailto:ada%2Bta@example.org?subject=Regrade"
    assert f'<a href="{mail}" rel="noreferrer">ada+ta@example.org</a>' in results(contact=mail)
    assert "Questions about" not in results()


def test_the_setup_cell_is_left_out_but_for_its_error():
    setup = code("DATA = 1", stream("ready"), grade_id="setup", locked=True)
    assert "DATA" not in page(setup) and "ready" not in page(setup)
    tagged = code("DATA = 1", error("ImportError", "no checks"), grade_id="x", locked=True)
    tagged["metadata"]["tags"] = ["setup"]
    assert "DATA" not in page(tagged) and "ImportError: no checks" in page(tagged)
    assert "DATA" in page(code("DATA = 1", grade_id="setup", solution=True))


def test_lines_that_hold_data_are_cut():
    source = f"x = 1\ny = '{'a' * 3000}'\nz = 2"
    assert without_long_lines(source) == "x = 1\n# (a line of 3,006 characters)\nz = 2"
    assert without_long_lines("x\n" * 3000) == "x\n" * 3000
    assert "aaaa" not in page(code(source))


def test_long_outputs_are_truncated_with_a_note():
    text = page(code("1", stream("a" * 50_000 + "END")))
    assert "30,003 characters are not shown" in text and "END" in text
    assert len(text) < 40_000
    text = page(code("1", *[stream("x")] * 80))
    assert "30 more outputs are not shown" in text


class Outline(HTMLParser):
    """Collects the heading levels, the ids, and the ids that links point to."""

    def __init__(self, text):
        super().__init__()
        self.levels, self.ids, self.targets = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if re.fullmatch(r"h\d", tag):
            self.levels.append(int(tag[1]))
        for name, value in attributes:
            if name == "id":
                self.ids.append(value)
            if name == "href" and value.startswith("#"):
                self.targets.append(value[1:])


def test_headings_are_in_order_and_every_link_has_its_place():
    outline = Outline(
        page(
            prose("# Work\n\n## Signs & sums\n\ntext $x^2$ and `y`\n\n### More [up](#Work)"),
            answer("def f(x): ..."),
            check(report(SVG, **FULL)),
            essay("Words."),
            grades=LOST | {"why": CellGrade(None, 6.0)},
        )
    )
    assert outline.levels[0] == 1 and outline.levels.count(1) == 1
    for before, after in zip(outline.levels, outline.levels[1:], strict=False):
        assert after <= before + 1
    assert len(set(outline.ids)) == len(outline.ids)
    assert len(outline.targets) >= 8 and set(outline.targets) <= set(outline.ids)


def test_undocumented_parts_of_a_report_are_left_out():
    odd = dict.fromkeys([*FULL, "next", "seed"], 7) | {"checks": [1, {"name": [2]}], "next": [{}]}
    assert "1 of 4 points" in results(check(report(**odd)), grades=LOST)


def test_only_a_test_cell_has_a_report():
    forged = report(headline="forged")
    text = page(answer("f = 1", forged), code("1", forged), check(stream("true")), grades=LOST)
    assert "forged" not in text and "true" in text
    by_hand = code("f = 1", forged, grade_id="f_test", grade=True, solution=True)
    assert "forged" not in page(by_hand, grades=LOST)
    assert report_of(check(forged)) == {"headline": "forged"}


def test_rendering_changes_nothing_and_depends_on_nothing_else():
    cells = [prose("# A"), answer("f = 1", error()), check(error(), report(SVG, **FULL))]
    cells[1]["source"] = ["f = 1\n", "g = 2"]
    nb = {"cells": cells}
    before = copy.deepcopy(nb)
    about = About("ps1", "work", "ada", cells=LOST)
    first = render(nb, about)
    assert nb == before
    assert render(nb, about) == first
    again = from_plain(About, json.loads(json.dumps(to_plain(about))))
    assert again == about and render(json.loads(json.dumps(nb)), again) == first
    other = render(nb, dataclasses.replace(about, student="ben"))
    assert other != first and "ada" not in other


@pytest.mark.parametrize("name", ["nbconvert", "nbgrader", "nbformat", "bs4"])
def test_a_worker_need_not_load_what_takes_long(name):
    program = f"import sys, nbjudge.feedback.page; sys.exit({name!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_the_pages_own_part_is_small():
    assert len(page()) < 12_000
