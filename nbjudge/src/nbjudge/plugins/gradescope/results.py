"""Convert the results of `nbjudge grade --json` to the results.json of a Gradescope autograder.

The form of results.json: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

import math
from typing import Any

from nbjudge.plugins.standalone.markdown import Json, escaped, explanation_of, remarks_on
from nbjudge.wording import as_sentence

VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")


def graders_failure(reason: str = "") -> dict[str, Any]:
    """Return the results of a submission that the grader failed to grade.

    Parameters
    ----------
    reason
        Clause without a period, for the student.
    """
    text = (
        "**This submission was not graded, because the grader failed.** This is not a fault of "
        "your work, and the score 0 is not a grade. Your submission is kept. Please tell your "
        "instructors, who can run the autograder again."
    )
    return _without_tests(text + (f"\n\nReason: {escaped(as_sentence(reason))}" if reason else ""))


def results_of(document: Json, visibility: str = "visible") -> dict[str, Any]:
    """Return the content of results.json.

    Questions that a person grades are not among the tests, because a test needs a score, and nor
    are their blank answers; the output for the whole submission lists them.

    Parameters
    ----------
    document
        Output of `nbjudge grade --json` for one submission.
    visibility
        One of VISIBILITIES, for all tests.
    """
    (result,) = document["results"]
    if result["grader_failed"]:
        return _with_data(graders_failure(result["why"]), document)
    if result["status"] != "graded":
        text = f"**This submission was not graded:** {escaped(as_sentence(result['why']))}"
        text += "\n\nThe score is 0 until you submit a file that can be graded."
        return _with_data(_without_tests(text), document)
    several = len(result["notebooks"]) > 1
    tests = [
        _test(question, f"{notebook['name']}: " if several else "", visibility)
        for notebook in result["notebooks"]
        for question in notebook["questions"]
        if question["test"] and not question["manual"]
    ]
    results: dict[str, Any] = {
        "output": "\n\n".join(remarks_on(result, document["isolation"])),
        "output_format": "md",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "tests": tests,
    }
    if not tests:  # an assignment that a person grades completely
        results["score"] = 0.0
    return _with_data(results, document)


def _without_tests(text: str) -> dict[str, Any]:
    return {
        "score": 0.0,
        "output": text,
        "output_format": "md",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [],
    }


def _with_data(results: dict[str, Any], document: Json) -> dict[str, Any]:
    (result,) = document["results"]
    keys = ("nbjudge", "python", "isolation", "isolation_explanation")
    data = {key: document[key] for key in keys} | {"seed": result["seed"]}
    seconds = {"execution_time": math.ceil(document["seconds"])}
    return results | seconds | {"extra_data": {"nbjudge": data}}


def _test(question: Json, prefix: str, visibility: str) -> dict[str, Any]:
    return {
        "name": prefix + question["title"],
        "score": question["score"],
        "max_score": question["max_score"],
        "output": explanation_of(question),
        "output_format": "md",
        "visibility": visibility,
    }
