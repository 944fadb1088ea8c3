"""A question in words, from the notebook through the formgrader to the feedback.

Three students submit, everything is graded, a person enters points in the formgrader, and grading
continues. The steps build on each other, so they are one test with one course.
"""

import json
import re
from types import SimpleNamespace

import nbformat
import pytest

from tests.support.formgrader import TOKEN, formgrader
from tools.sample_class.scenarios import GOOD_ANSWER, SHORT_ANSWER

NAME = "one_by_one"
ANSWERS = {"ada": GOOD_ANSWER.write(None), "ben": SHORT_ANSWER.write(None), "cem": None}
SCHEME = "For the person who grades."
WAITS = "A person will grade this answer. The total above does not include its points yet."


def hand_in(root, student, answer):
    """Submit the solved functions, and an answer in words; without figures, for speed."""
    notebook = nbformat.read(root / "source" / NAME / f"{NAME}.ipynb", as_version=4)
    released = nbformat.read(root / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    texts = {cell.id: cell.source for cell in released.cells}
    notebook.cells = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    for cell in notebook.cells:
        if cell.id.startswith("advantages"):
            given = answer if cell.id == "advantages" else None
            cell.source = texts[cell.id] if given is None else given
    folder = root / "submitted" / student / NAME
    for path in ("progress.json", "own_layers/one_by_one_forward.py"):  # as the checks store them
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()
    nbformat.write(notebook, folder / f"{NAME}.ipynb")


@pytest.fixture
def school(course, tmp_path):
    root = tmp_path / "school"
    copy = course.copy(root, [NAME])
    released = copy.run("-m", "tools.release")  # with another path through the course
    assert released.returncode == 0, released.stderr
    for student, answer in ANSWERS.items():
        hand_in(root, student, answer)

    def grade(*arguments):
        done = copy.run("-m", "tools.grade", *arguments)
        assert done.returncode == 0, done.stderr + done.stdout
        return done

    def page(student):
        return (root / "feedback" / student / NAME / f"{NAME}.html").read_text()

    return SimpleNamespace(root=root, grade=grade, page=page)


def by_hand(shown, title):
    """Return the line of students below a title of the report."""
    found = re.search(rf"^{title}.*\n  advantages in one_by_one, \d+: (.*)$", shown, re.MULTILINE)
    return found[1].split(", ") if found else []


def row(shown, student):
    """Return a student's points and diagnosis in the table."""
    part = shown.partition(student)[2]
    found = re.search(r"advantages +│ *(\w+ of 6) │ ([^│]*) │", part)
    return found[1], found[2].strip()


def test_an_answer_in_words_is_graded_in_the_formgrader(school, tmp_path):
    done = school.grade()
    assert by_hand(done.stdout, "To be graded by hand") == ["ada", "ben"]
    assert by_hand(done.stdout, "Graded by hand") == []
    assert [row(done.stdout, s)[0] for s in ANSWERS] == ["none of 6", "none of 6", "0 of 6"]
    assert row(done.stdout, "cem")[1] == "There is no answer."
    assert "Repaired" not in done.stderr and "Note:" not in done.stderr
    for student in ANSWERS:
        assert (WAITS in school.page(student)) == (student != "cem")
        assert SCHEME not in school.page(student)
        assert "(marking scheme)" in school.page(student)

    with formgrader(school, tmp_path / "home") as browser:
        browser.get(f"login?token={TOKEN}")
        listed = json.loads(browser.get(f"formgrader/api/submitted_notebooks/{NAME}/{NAME}"))
        found = {one["student"]: one for one in listed}
        assert {s: one["needs_manual_grade"] for s, one in found.items()} == {
            "ada": True,
            "ben": True,
            "cem": False,
        }
        assert {s: one["score"] for s, one in found.items()} == {"ada": 15, "ben": 15, "cem": 15}
        ada = found["ada"]["id"]
        page = browser.get(f"formgrader/submissions/{ada}")
        assert "Positions are kept" in page and SCHEME in page
        assert page.index("Positions are kept") < page.index(SCHEME)
        assert "Marking scheme" in page and "MARK SCHEME" not in page
        grades = json.loads(browser.get(f"formgrader/api/grades?submission_id={ada}"))
        (grade,) = (one for one in grades if one["name"] == "advantages")
        comments = json.loads(browser.get(f"formgrader/api/comments?submission_id={ada}"))
        (comment,) = (one for one in comments if one["name"] == "advantages")
        points = {"manual_score": 5, "extra_credit": None, "method": "PUT"}
        browser.post(f"formgrader/api/grade/{grade['id']}", **points)
        words = {"manual_comment": "Well said.", "method": "PUT"}
        browser.post(f"formgrader/api/comment/{comment['id']}", **words)
        listed = json.loads(browser.get(f"formgrader/api/submitted_notebooks/{NAME}/{NAME}"))
        found = {one["student"]: one for one in listed}
        assert (found["ada"]["needs_manual_grade"], found["ada"]["score"]) == (False, 20)

        # The next run judges nothing, but adds the points to the page.
        done = school.grade()
        assert "0 graded, 3 unchanged" in done.stderr
        assert by_hand(done.stdout, "To be graded by hand") == ["ben"]
        assert row(done.stdout, "ada") == (
            "5 of 6",
            "Graded by hand.".ljust(len(row(done.stdout, "ada")[1])),
        )
        assert 'advantages <span class="points">5 of 6 points</span>' in school.page("ada")
        assert "This answer was graded by hand." in school.page("ada")
        assert "Well said." in school.page("ada") and WAITS not in school.page("ada")

        # Regraded by either interface, unchanged answers keep their points and are not listed.
        done = school.grade("--all")
        assert "3 graded" in done.stderr
        assert by_hand(done.stdout, "To be graded by hand") == ["ben"]
        assert by_hand(done.stdout, "Graded by hand, and regraded since") == []
        assert row(done.stdout, "ada")[0] == "5 of 6"
        assert browser.post(f"formgrader/api/submission/{NAME}/ada/autograde")["success"]
        (grade,) = (
            one
            for one in json.loads(browser.get(f"formgrader/api/grades?submission_id={ada}"))
            if one["name"] == "advantages"
        )
        assert (grade["manual_score"], grade["auto_score"]) == (5, None)

    # A new answer keeps the points too, and is listed for review.
    hand_in(school.root, "ada", "I have thought again.")
    done = school.grade()
    assert "1 graded, 2 unchanged" in done.stderr
    assert by_hand(done.stdout, "Graded by hand, and regraded since") == ["ada"]
    assert "I have thought again." in school.page("ada") and "Well said." in school.page("ada")
