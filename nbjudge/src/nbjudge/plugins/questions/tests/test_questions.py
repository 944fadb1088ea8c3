"""From submissions to sheets and their key."""

import json
import re
from collections import Counter
from dataclasses import replace

import pytest

from nbjudge.plugins.questions import sheets as sheets_module
from nbjudge.plugins.questions.steps import choose, identity

from .conftest import NAME, SOLUTIONS, STRANGE, asked, fill_in


def test_each_student_gets_a_sheet_and_graders_the_key(three, folder, course):
    assert [three[s]["number"] for s in sorted(three)] == [1, 2, 3]
    for sheet in three.values():
        questions = sheet["questions"]
        assert {q["exercise"] for q in questions} == {"double", "square"}
        for q in questions:
            number = int(re.search(r"\d", q["text"])[0])
            value = 2 * number if q["exercise"] == "double" else number**2
            assert q["options"][q["right"]] == str(value) and q["comments"][q["right"]] == ""
    page, key_page = (folder / "sheets.html").read_text(), (folder / "key.html").read_text()
    assert "It is" in key_page and not re.search("It is|ten times", page)
    assert "=1+&lt;b&gt;&amp;&#39;x" in page and "<b>&" not in page + key_page
    assert "none of &lt;these&gt;" in page
    public = [path.name for path in folder.iterdir() if path.stat().st_mode & 0o77]
    assert public == ["sheets.html"]
    assert f"'{STRANGE},1,,,\n" in (folder / "answers.csv").read_text()
    assert not course.tables()["submissions"] and not course.autograded("ann", NAME).exists()


def test_sheets_stay_and_new_students_are_added(three, folder, command, submit, monkeypatch):
    file = fill_in(folder, ann=["a", "b", "-"])
    file.write_text(file.read_text().replace('"ann","', '"ann","9').replace('"ben"', '"bem"'))
    submit("cem", double="def twice(x):\n    return 2 * x\ndef double(x):\n    return twice(x)")
    with monkeypatch.context() as patch:
        patch.setattr(sheets_module, "render", None)
        with pytest.raises(TypeError):
            command("questions", NAME)
    assert command("questions", NAME, "ann").stderr.count("0 new sheets")
    key = json.loads((folder / "key.json").read_text())
    assert {s: key["sheets"][s] for s in three} == three and key["last"] == 4
    assert (folder / "sheets.html").read_text().count("<span>def twice(x):</span>") == 1
    rows = (folder / "answers.csv").read_text().splitlines()
    assert len(rows) == 5 and "ann,92,a,b,-" in rows and rows[-1] == "cem,4,,,"  # as entered
    file.write_text(file.read_text().replace("ann,9", "ann,").replace("bem", "ben"))
    assert command("questions", NAME, "--number", "2").status == 2
    refused = command("questions", NAME, "--again")
    assert refused.status == 2 and "has answers" in refused.stderr
    fill_in(folder, ann=["", "", ""])
    done = command("questions", NAME, "ann", "--again")
    assert done.status == 0 and "New, to print: ann." in done.stderr
    key = json.loads((folder / "key.json").read_text())
    assert key["sheets"]["ann"]["number"] == 5 and key["sheets"]["ben"] == three["ben"]
    assert re.findall(r"ann,\d", (folder / "answers.csv").read_text()) == ["ann,5"]


def test_students_without_questions_are_named_by_reason(course, command, submit, folder):
    ann = submit("ann", double="def double(x):\n    return 2 * x + helpers.n")
    (ann / "helpers.py").write_text("n = 0")
    submit("ben", double="import sys\ndef double(x):\n    return 2 * x + sys.maxsize")
    submit("cem", double="from IPython.display import display\n1/0\n" + SOLUTIONS["double"])
    for name in ("dan", "gus"):
        submit(name, double="", square="")
    (submit("eve") / f"{NAME}.ipynb").write_text("[" * 100_000)
    for name in ("ann", "ben", "cem", "dan", "eve", "fay", "gus"):
        course.write("insert into student (id, first_name) values (?, 'F')", name)
    done = command("questions", NAME)
    assert done.status == 1 and "\n   6 of 6 submissions\n" in done.stderr
    lines = [line for line in done.stderr.splitlines() if ":" in line]
    no_questions = "No questions: 1 student (ben): ask in person: double uses sys (line 3)."
    assert lines[1] == no_questions
    assert lines[2].startswith("No questions: 2 students (dan, gus): ask in person: nothing is wr")
    assert "1 student (eve): the notebook cannot be read: " in lines[3] and len(lines[3]) < 500
    assert re.match(r"Missing: asked: .*1 of 7.*fay \(F\)", lines[4])
    key = json.loads((folder / "key.json").read_text())["sheets"]
    assert set(key) == {"ann", "cem"}
    assert {q["exercise"] for q in key["ann"]["questions"]} == {"square"}


def test_graded_work_contains_no_key(course, command, submit, monkeypatch):
    submit("ann")
    monkeypatch.setenv("NBJUDGE_QUESTIONS", "1")
    assert command("autograde", NAME).status == 0
    graded = (course.autograded("ann", NAME) / f"{NAME}.ipynb").read_text()
    assert "double_test" in graded and "It is 10" not in graded


INVALID = [("version", 2), ("options", ["1"]), ("options", ["1", "1"]), ("options", [1, 2])]
INVALID += [("right", 2), ("right", True), ("comments", ["x"]), ("text", ""), ("passed", "yes")]
INVALID += [("numbers", [3]), ("numbers", "37")]


@pytest.mark.parametrize(("name", "value"), INVALID)
def test_invalid_questions_are_the_fault_of_the_test(name, value):
    assert asked().questions and not asked().refused
    invalid = asked(**{name: value})
    assert not invalid.questions and "not valid" in invalid.refused[0]
    assert asked(refused="too slow").refused == ["too slow"]


def test_no_two_students_have_the_same_question_if_there_are_enough():
    (model,) = asked().questions
    kinds = [{"text": str(n), "kind": f"k{n % 3}", "exercise": f"e{n % 2}"} for n in range(30)]
    many, used = [replace(model, **changes) for changes in kinds], Counter()
    for number in range(10):
        chosen = choose(many, 3, used)
        used.update(map(identity, chosen))
        spread = len({q.kind for q in chosen}), len({q.exercise for q in chosen})
        assert spread == (3, 2) or number > 4
    assert len(used) == 30
    assert len(choose(many[:1] * 5, 3, used)) == 1
