"""A term from release to feedback, and the next term, as in the instructors' guide.

An instructor and two students are users of one machine and exchange work with nbgrader's commands;
a third student submits in Canvas. Answers in words are graded in a browser, and the formgrader
shows the same points. The steps build on each other, so they are one test.
"""

import csv
import io
import re
import zipfile
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.pages import picture
from tests.browser.term import filled, flat

CLASS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Padding (11)
    Points Possible,,,,,5.00
"Lovelace, Ada",101,S1,ada,Monday,
"Ayşe, Ben",102,S2,ben,Monday,
"Yılmaz, Cem",103,S3,cem,Monday,
"Nil, Dora",104,S4,dora,Monday,
"""
# Ada has a new name and section, Dora has left, and Eve is new.
CLASS_LATER = CLASS.replace('"Lovelace, Ada",101,S1,ada,Monday', '"King, Ada",101,S1,ada,Thursday')
CLASS_LATER = CLASS_LATER.replace('"Nil, Dora",104,S4,dora', '"Zoë, Eve",105,S5,eve')
SETTINGS = """
c.AssignLatePenalties.plugin_class = "nbjudge.late.PerDay"
c.PerDay.percent = 10
"""
WRONG_AT_0 = """\
def zero_pad(X, pad):
    X_pad = np.zeros((X.shape[0], X.shape[1] + 2 * pad, X.shape[2] + 2 * pad, X.shape[3]))
    X_pad[:, pad:-pad, pad:-pad, :] = X
    return X_pad
"""


def test_a_term_and_the_next_one(term, browser):
    users = term.users
    term.begin(SETTINGS)

    # 1. Release: the class list, the notebooks, and the exchange.
    term.write("class.csv", CLASS)
    assert "4 new" in term.run("nbjudge", "students", "class.csv")
    term.run("python", "-m", "tools.release")
    for name in ("padding", "one_by_one"):
        term.run("nbgrader", "release_assignment", name)

    # 2. Students fetch, work and submit. Ben submits twice: his first attempt is wrong.
    for student in ("ada", "ben"):
        assert "convolution padding" in users.run(student, "nbgrader", "list")
        for name in ("padding", "one_by_one"):
            users.run(student, "nbgrader", "fetch_assignment", name)
    term.solve("ada", "padding", zero_pad=WRONG_AT_0)
    term.solve("ada", "one_by_one", advantages="Positions are kept, as in a 5 by 5 image.")
    term.solve("ben", "padding", zero_pad="def zero_pad(X, pad):\n    return X\n")
    term.solve("ben", "one_by_one", advantages="It is faster.")
    for student in ("ada", "ben"):
        for name in ("padding", "one_by_one"):
            users.run(student, "nbgrader", "submit", name)
    inbound = term.exchange / "convolution" / "inbound"
    for command in (["ls", inbound], ["ls", term.root], ["ls", users.home("ada")]):
        assert "Permission denied" in users.run("ben", *command, fails=True)

    # 3. Collect: from the exchange, and from Canvas.
    said = "".join(term.run("nbgrader", "collect", name) for name in ("padding", "one_by_one"))
    assert said.count("Collecting submission") == 4 and "cheating" not in said
    term.solve("ben", "padding")
    users.run("ben", "nbgrader", "submit", "padding")
    said = term.run("nbgrader", "collect", "padding", "--update")
    assert "Updating submission: ben padding" in said
    assert "No newer submission to collect: ada padding" in said
    archive = canvas_archive(term)
    term.write("downloaded/padding/archive/submissions.zip", archive)
    said = term.run("nbgrader", "zip_collect", "padding")
    assert "1 collected: cem" in said
    assert "1 of 4 have submitted nothing: dora (Dora Nil)" in said

    # 4. Grade: ada is late, and so is ben, who has an extension.
    term.dates('ben = "2 days"')
    said = term.grade()
    assert "5 graded, 0 unchanged since last time, 0 not graded" in said
    assert "no time in timestamp.txt, so counted as on time" in said
    by_tests = {("one_by_one", "ada"): 15, ("one_by_one", "ben"): 15}
    late = {("padding", "ada"): 3.2, ("padding", "ben"): 5, ("padding", "cem"): 5}
    assert term.points() == by_tests | late
    said = term.run("nbgrader", "autograde", "padding")
    assert said.count("has not changed since it was graded") == 3

    # 5. Grade manually in a browser: 1 point for ada, none for ben.
    with term.review("one_by_one") as address:
        grade_by_hand(browser, address, {"Positions are kept": "1", "It is faster": "0"})
    by_hand = {("one_by_one", "ada"): 16, ("one_by_one", "ben"): 15}
    assert term.points() == by_hand | late
    with term.jupyter() as address:  # shows points without late penalties
        assert shown_by_formgrader(browser, address, "padding") == {
            "ada": "4 / 5",
            "ben": "5 / 5",
            "cem": "5 / 5",
        }
        assert shown_by_formgrader(browser, address, "one_by_one") == {
            "ada": "16 / 21",
            "ben": "15 / 21",
        }

    # 6. A check changes: "no padding", which ada fails, is now worth two points instead of one.
    path = term.root / "exercises" / "zero_pad.py"
    text = path.read_text()
    changed = text.replace("Check(VALUES, 2,", "Check(VALUES, 1,")
    changed = changed.replace("Check(NO_PADDING, 1,", "Check(NO_PADDING, 2,")
    assert changed.count("Check(VALUES, 1,") == changed.count("Check(NO_PADDING, 2,") == 1
    term.write("exercises/zero_pad.py", changed)
    said = term.grade()
    assert said.count("Changed:") == 1
    late_again = "graded again, 1 day 6 hours late; the same submission:"
    assert f"padding of ada: 3.2 -> 2.4 points ({late_again}" in said
    late["padding", "ada"] = 2.4
    assert term.points() == by_hand | late

    # 7. Return: through the exchange, and for Canvas.
    term.run("nbgrader", "generate_feedback", "padding")
    said = flat(term.run("nbgrader", "release_feedback", "padding"))
    assert "padding: the feedback of cem was not released: it has no submission_secret.txt" in said
    for student, points in {"ada": "2.4 of 5 points", "ben": "5 of 5 points"}.items():
        users.run(student, "nbgrader", "fetch_feedback", "padding")
        assert points in flat(term.feedback(student, "padding")[-1])
    released = term.exchange / "convolution" / "feedback"
    assert len(list(released.iterdir())) == 2
    assert "Permission denied" in users.run("ben", "ls", released, fails=True)
    term.write("submissions.zip", archive)
    term.run("nbjudge", "export", "feedback", "submissions.zip", "padding")
    with zipfile.ZipFile(term.root / "feedback-padding.zip") as pages:
        assert pages.namelist() == ["yılmazcem_103_7001_padding.html"]
    term.run("nbjudge", "export", "canvas", "class.csv")
    rows = csv.DictReader(io.StringIO((term.root / "canvas-import.csv").read_text()))
    padding = {row["SIS Login ID"]: row["Padding (11)"] for row in rows if row["SIS Login ID"]}
    assert {student: float(points or -1) for student, points in padding.items()} == {
        "ada": 2.4,
        "ben": 5,
        "cem": 5,
        "dora": -1,
    }

    # 8. The class changes: ada is now in a section where padding was due later.
    term.write("class.csv", CLASS_LATER)
    said = flat(term.run("nbjudge", "students", "class.csv"))
    assert "1 new" in said and "ada" in said and "dora" in said
    term.dates('ben = "2 days"', 'ada = "3 days"')
    said = term.grade()
    assert "Changed: padding of ada: 2.4 -> 3 points (on time)" in said
    late["padding", "ada"] = 3
    assert term.points() == by_hand | late
    term.run("nbgrader", "release_feedback", "padding")
    users.run("ada", "nbgrader", "fetch_feedback", "padding")
    assert "3 of 5 points" in flat(term.feedback("ada", "padding")[-1])

    # 9. The next term: a gradebook without a class, and a new name in the exchange.
    for line in commands_for_the_next_term():
        term.run("sh", "-c", line.replace(".venv/bin/", ""))
    term.name_course("convolution-spring")
    term.write("class.csv", CLASS_LATER)
    assert "4 new" in term.run("nbjudge", "students", "class.csv")
    term.run("python", "-m", "tools.release")
    assert term.points() == {}
    term.run("nbgrader", "release_assignment", "padding")
    assert "No submissions" in term.run("nbgrader", "collect", "padding")
    users.run("ben", "mv", "padding", "padding-before")
    users.run("ben", "nbgrader", "fetch_assignment", "padding")
    term.solve("ben", "padding")
    users.run("ben", "nbgrader", "submit", "padding")
    term.run("nbgrader", "collect", "padding")
    assert "1 graded, 0 unchanged since last time, 0 not graded" in term.grade()
    assert term.points() == {("padding", "ben"): 5}
    assert term.points(term.root.parent / "last-term" / "gradebook.db") == by_hand | late


def canvas_archive(term):
    """Return the archive that Canvas offers to instructors: cem's notebook, renamed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        text = filled(
            term.root / "release" / "padding" / "padding.ipynb",
            {
                "zero_pad": "def zero_pad(X, pad):\n"
                "    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))"
            },
        )
        archive.writestr("yılmazcem_103_7001_padding-1.ipynb", text)
    return buffer.getvalue()


def grade_by_hand(browser, address, points):
    """Enter points in the page of `nbjudge review`.

    Parameters
    ----------
    points
        {first words of the answer: points}.
    """
    page = browser.new_page()
    page.set_default_timeout(120_000)
    page.goto(address)
    progress, most = page.locator("#progress"), len(points)
    for number in range(1, most + 1):
        expect(progress).to_have_text(
            f"Answer {number} of {most}; {most - number + 1} of {most} waiting"
        )
        answer = page.locator("#answer")
        expect(answer).to_contain_text(re.compile("|".join(points)))
        (given,) = (points[text] for text in points if text in answer.inner_text())
        page.locator("#points").fill(given)
        picture(page, f"cycle-review-{given}")
        page.locator("#points").press("Enter")
    expect(page.locator("#done")).to_be_visible()
    expect(progress).to_contain_text(f"; 0 of {most} waiting")
    page.close()


def shown_by_formgrader(browser, address, assignment):
    """Return the points on the formgrader's pages: {student: text}. All its pages must open."""
    page, errors = browser.new_page(), []
    page.set_default_timeout(120_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route("**/*MathJax*", lambda route: route.abort())  # from another site
    page.goto(f"{address}/formgrader")
    entry = page.get_by_role("link", name=assignment, exact=True).first
    expect(entry).to_be_visible()
    page.goto(f"{address}/formgrader/manage_submissions/{assignment}")
    rows = page.locator("#main-table tr")
    expect(rows.first).to_contain_text(" / ")
    found = dict(row.locator(".student-id, .score").all_inner_texts() for row in rows.all())
    picture(page, f"cycle-formgrader-{assignment}")
    page.goto(f"{address}/formgrader/gradebook/{assignment}/{assignment}")
    page.get_by_role("link", name="Submission #1").click()
    expect(page.locator(".score").first).to_be_visible()
    picture(page, f"cycle-submission-{assignment}")
    page.goto(f"{address}/formgrader/manage_students")
    expect(page.get_by_text("ada", exact=True)).to_be_visible()
    page.close()
    assert set(errors) <= {"MathJax is not defined"}
    return found


def commands_for_the_next_term():
    """Return the commands in the instructors' guide for the next term."""
    guide = (Path(__file__).parents[2] / "docs" / "guide" / "customize.md").read_text()
    section = guide.partition("\n## The next term\n")[2].partition("\n## ")[0]
    return re.search(r"```\n(.*?)```", section, re.DOTALL)[1].splitlines()
