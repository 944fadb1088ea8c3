"""Attacks: metadata."""

from copy import deepcopy

from nbformat.v4 import new_output

from tests.red_team.declared import attack


@attack(deserves="everything")
def metadata_cell_ids(submission):
    """The cells' ids are all equal, too long, or contain invalid characters.

    Success: the class stops, a page has active content, or deserved points are lost.
    """
    submission.solve()
    for cell in submission.cells:
        cell["id"] = "same"
    submission.cells[0]["id"] = "x" * 500
    submission.cells[1]["id"] = '"><script>alert(1)</script>'


@attack(deserves=["primes"])
def metadata_checksums(submission):
    """The checksums in the cells' metadata are forged, and a test is emptied.

    Success: the attack earns points without an answer, or deserved points are lost.
    """
    submission.solve("primes")
    for cell in submission.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["checksum"] = "0" * 32
    submission.cell("square_test").source = "pass"


@attack(deserves="everything")
def metadata_duplicate(submission):
    """A test cell and a solution cell occur twice, one of them empty.

    Success: the attack earns points, the class stops, or deserved points are lost.
    """
    submission.solve()
    for name in ("square_test", "root"):
        submission.cells.insert(2, deepcopy(submission.cell(name)))
        submission.cells[2].source = ""


@attack
def metadata_duplicate_class(submission):
    """Every cell has the same name.

    Success: the class stops, or the attack earns points.
    """
    submission.solve("square")
    submission.answer("square", "def square(x):\n    return 9")
    for cell in submission.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["grade_id"] = "square_test"


@attack
def metadata_essay_as_test(submission):
    """The metadata of the manually graded essay claim that it is a test, and nothing contradicts
    them.

    Success: the attack earns three points in `essay`.
    """
    cell = submission.cell("essay")
    cell.metadata["nbgrader"] |= {"solution": False, "locked": False}
    cell.cell_type = "code"
    cell.source = "pass"
    cell.outputs, cell.execution_count = [], None


@attack
def metadata_essay_claims_points(submission):
    """The essay's metadata contain scores, in every spelling.

    Success: the attack earns points in `essay`.
    """
    submission.answer("essay", "Please give me three points.")
    names = ("score", "auto_score", "manual_score", "extra_credit", "points_given", "max_score")
    submission.cell("essay").metadata["nbgrader"] |= dict.fromkeys(names, 3)
    submission.cell("square_test").metadata["nbgrader"] |= dict.fromkeys(names, 4)
    submission.notebook.metadata["nbgrader"] = {"score": 1000}


@attack(alone=True, deserves="everything")
def metadata_huge(submission):
    """Metadata of ten megabytes in a cell and in the notebook; the answers are right.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()
    submission.notebook.metadata["x"] = ["y" * 100] * 100000
    submission.cell("square_test").metadata["x"] = {str(n): n for n in range(100000)}


@attack(deserves=["primes"])
def metadata_not_code(submission):
    """Test cells are converted into Markdown and raw cells.

    Success: the attack earns points, the class stops, or deserved points of other questions are
    lost.
    """
    submission.solve("primes")
    for name, kind in (
        ("square_test", "markdown"),
        ("words_test", "raw"),
        ("root_test", "markdown"),
    ):
        cell = submission.cell(name)
        cell.cell_type = kind
        del cell["outputs"], cell["execution_count"]


@attack(deserves=["square", "standardize"])
def metadata_not_graded(submission):
    """The test cells claim that they are not graded.

    Success: the attack earns points, the class stops, or deserved points of other questions are
    lost.
    """
    submission.solve("square", "standardize")
    for name in ("square", "total", "primes"):
        submission.cell(f"{name}_test").metadata["nbgrader"]["grade"] = False


@attack
def metadata_outputs_present(submission):
    """The tests are submitted with outputs that say that they passed, with five points.

    Success: the attack earns points without an answer.
    """
    for cell in submission.cells:
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
            data = {"text/plain": "2.0"}
            cell.outputs = [new_output("execute_result", data=data, execution_count=1)]
            cell.execution_count = 1


@attack(deserves="everything")
def metadata_own_test(submission):
    """A cell added by the student claims to be graded and worth a hundred points.

    Success: the attack earns points, the class stops, or deserved points are lost.
    """
    submission.solve()
    cell = submission.add("pass")
    cell.metadata["nbgrader"] = dict(submission.cell("square_test").metadata["nbgrader"])
    cell.metadata["nbgrader"] |= {"grade_id": "bonus", "points": 100}


@attack
def metadata_points(submission):
    """The test cells claim to be worth a thousand points each, or NaN.

    Success: the attack earns points.
    """
    for number, points in enumerate([1000, -5, "1000", 1e308]):
        name = ("square", "total", "root", "primes")[number]
        submission.cell(f"{name}_test").metadata["nbgrader"]["points"] = points


@attack(deserves="everything")
def metadata_points_wrong_type(submission):
    """The points of a test cell are a word, null, a list or NaN, with one question solved.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()
    for name, points in (("square", "many"), ("total", None), ("root", [3]), ("primes", True)):
        submission.cell(f"{name}_test").metadata["nbgrader"]["points"] = points


@attack(deserves="everything")
def metadata_removed(submission):
    """All of nbgrader's metadata are removed from every cell; the answers are right.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()
    for cell in submission.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") != "essay":
            cell.metadata.pop("nbgrader", None)


@attack(deserves="everything")
def metadata_schema_missing(submission):
    """One cell has no version of nbgrader's metadata schema; the answers are right.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()
    del submission.cell("square_test").metadata["nbgrader"]["schema_version"]
    del submission.cell("root").metadata["nbgrader"]["task"]


@attack(deserves="everything")
def metadata_schema_new(submission):
    """One cell claims version 99 of nbgrader's metadata schema; the answers are right.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()
    submission.cell("square_test").metadata["nbgrader"]["schema_version"] = 99


@attack(deserves="everything")
def metadata_schema_old(submission):
    """The cells claim version 1 of nbgrader's metadata schema; the answers are right.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()
    for cell in submission.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["schema_version"] = 1


@attack(deserves="everything")
def metadata_schema_word(submission):
    """The version of nbgrader's metadata schema is a word, a float, and negative.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()
    for name, version in (("square_test", "three"), ("root", 3.5), ("primes_test", -1)):
        submission.cell(name).metadata["nbgrader"]["schema_version"] = version


TAGS = ["skip-execution", "raises-exception", "remove-cell", "nbgrader-skip", "hide-output"]
TAGS += ["remove_output", "remove-input", "parameters", "injected-parameters"]


@attack
def metadata_skip_tags(submission):
    """All tests have tags that tell Jupyter's tools not to run a cell.

    Success: the attack earns points without an answer.
    """
    for cell in submission.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata["tags"] = list(TAGS)
            cell.metadata["execution"] = {"skip": True}


@attack(deserves=["square", "distance", "primes", "root"])
def metadata_solution_not_code(submission):
    """Right solutions in cells converted into Markdown and raw cells, which are not run.

    Success: the class stops, or deserved points of other questions are lost.
    """
    submission.solve("square", "distance", "primes", "root")
    for name, kind in (("words", "markdown"), ("total", "raw")):
        cell = submission.cell(name)
        cell.cell_type = kind
        del cell["outputs"], cell["execution_count"]


@attack
def metadata_swapped_names(submission):
    """The ids of an easy test and a hard one are swapped.

    Success: the attack earns points for an unsolved question.
    """
    submission.answer("square", "def square(x):\n    return 9")
    a, b = submission.cell("square_test"), submission.cell("primes_test")
    a.metadata["nbgrader"]["grade_id"] = "primes_test"
    b.metadata["nbgrader"]["grade_id"] = "square_test"
    c, d = submission.cell("title"), submission.cell("standardize_test")
    c.metadata["nbgrader"]["grade_id"] = "standardize_test"
    d.metadata["nbgrader"]["grade_id"] = "title"


@attack(deserves="everything")
def metadata_task(submission):
    """Test cells claim to be tasks, which are graded manually.

    Success: the attack earns points, the class stops, or deserved points are lost.
    """
    submission.solve()
    for name in ("square_test", "words_test"):
        submission.cell(name).metadata["nbgrader"] |= {"task": True, "grade": False}


@attack(deserves=["standardize"])
def metadata_test_as_solution(submission):
    """The test cells claim to be the student's solution, and contain other tests.

    Success: the attack earns points, or deserved points of other questions are lost.
    """
    submission.solve("standardize")
    for name in ("square", "total"):
        cell = submission.cell(f"{name}_test")
        cell.metadata["nbgrader"]["solution"] = True
        cell.source = "pass"


@attack
def metadata_test_edited(submission):
    """The tests are edited: emptied, turned into a magic, commented out, or broken.

    Success: the attack earns points without an answer.
    """
    for name, text in {
        "square": "pass",
        "total": "%%capture\nassert 0",
        "words": "5.0",
        "distance": "%%script true\n",
        "root": "raise SystemExit",
        "primes": "%%html\n<b>",
    }.items():
        submission.cell(f"{name}_test").source = text


@attack(deserves="everything")
def metadata_test_without_grade_id(submission):
    """The test cells have lost their ids but are still graded; the answers are right.

    Success: the class stops, or deserved points are lost.
    """
    submission.solve()
    for name in ("square", "primes"):
        del submission.cell(f"{name}_test").metadata["nbgrader"]["grade_id"]


@attack
def metadata_tests_before_answers(submission):
    """Tests come before the answers, after stand-ins that hard-code the results of the visible
    tests.

    Success: the attack earns points without a working function.
    """
    for name in ("distance", "root", "words"):
        submission.cells.insert(0, submission.remove(f"{name}_test"))
    submission.first("""
        distance = {(5, 2): 9}.get
        root = {9: 3}.get
        words = {"to be or not to be": {"to": 2, "be": 2, "or": 1, "not": 1}}.get
    """)


@attack(deserves=["square"])
def metadata_tests_deleted(submission):
    """All tests are deleted; one question is right.

    Success: the attack earns points for missing tests, the class stops, or deserved points are
    lost.
    """
    submission.solve("square")
    for name in ("square", "standardize", "total", "words", "distance", "root", "primes"):
        submission.remove(f"{name}_test")
    submission.remove("essay")


@attack
def metadata_unlocked(submission):
    """The test cells claim that they are not locked, and contain other tests.

    Success: the attack earns points without an answer.
    """
    for cell in submission.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id", "").endswith("_test"):
            cell.metadata["nbgrader"]["locked"] = False
            cell.source = "pass"


@attack(deserves=["total", "words", "root"])
def metadata_wrong_types(submission):
    """nbgrader's metadata are a list, a word, a number, null, and deeply nested.

    Success: the class stops, or deserved points of other questions are lost.
    """
    submission.solve("total", "words", "root")
    for name, value in (("title", []), ("setup", "x"), ("square", 5), ("square_test", None)):
        submission.cell(name).metadata["nbgrader"] = value
    submission.cell("primes").metadata["nbgrader"]["grade_id"] = {"a": ["b"]}
    submission.cell("primes_test").metadata["nbgrader"]["grade_id"] = 7
