"""Convert the results of `nbjudge grade --json` to the results.json of a Gradescope autograder.

The form of results.json: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nbjudge.wording import as_sentence

VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")
LONGEST_OUTPUT = 20_000  # characters of the output of one test
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$])")
Json = Mapping[str, Any]


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

    Questions that a person grades are not among the tests, because a test needs a score; the
    output for the whole submission lists them.

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
        if not question["manual"]
    ]
    results: dict[str, Any] = {
        "output": "\n\n".join(_overall(result, document["isolation"])),
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
    output = "\n\n".join(_explanation(question))
    return {
        "name": prefix + question["title"],
        "score": question["score"],
        "max_score": question["max_score"],
        "output": output if len(output) <= LONGEST_OUTPUT else _shortened(question),
        "output_format": "md",
        "visibility": visibility,
    }


def _shortened(question: Json) -> str:
    """Return the output of a test whose full output would be too long."""
    return escaped(question["diagnosis"][:LONGEST_OUTPUT]) or "The output is too long to be shown."


def _explanation(question: Json) -> Iterator[str]:
    """Yield the paragraphs about a question, in Markdown."""
    if question["unanswered"] and question["score"] < question["max_score"]:
        yield "This question was not answered."
    elif question["score"] < question["max_score"]:
        named = [mistake for mistake in question["mistakes"] if mistake["text"]]
        if len(named) > 1:
            yield _list(f"{mistake['text']} {mistake['next']}".strip() for mistake in named)
        else:
            if question["diagnosis"]:
                yield f"**{escaped(question['diagnosis'])}**"
            for mistake in named:
                if mistake["next"]:
                    yield f"Next: {escaped(mistake['next'])}"
        for step in question["next"]:
            yield f"Next: {escaped(step)}"
        for text in (question["case"], question["error"]):
            if text:
                yield fenced(text)
    if question["checks"]:
        yield _list(map(_check, question["checks"]), are_escaped=True)
    for note in question["notes"]:
        yield f"Note: {escaped(note)}"


def _check(check: Json) -> str:
    verdict = {True: "passed", False: "**failed**", None: "not decided"}[check["passed"]]
    why = f" ({escaped(check['message'])})" if check["message"] else ""
    points = f"{check['score']:g} of {check['max_score']:g}"
    return f"{escaped(check['name'])}: {verdict}{why}, {escaped(points)} points"


def _overall(result: Json, isolation: str) -> Iterator[str]:
    """Yield the paragraphs about the whole submission, in Markdown."""
    questions = [q for notebook in result["notebooks"] for q in notebook["questions"]]
    by_hand = [
        f"{question['title']}: {question['max_score']:g} points"
        for question in questions
        if question["manual"]
    ]
    for heading, lines in (
        ("Repairs to your notebook:", result["repairs"]),
        ("Notes:", result["remarks"]),
        ("Limits that your work met:", [limit["message"] for limit in result["limits"]]),
        ("Graded by a person, so not included in the score:", by_hand),
    ):
        if lines:
            yield f"{heading}\n\n{_list(map(as_sentence, lines))}"
    yield f"Isolation level: {isolation}. Seed: {result['seed']}."


def _list(lines: Iterable[str], are_escaped: bool = False) -> str:
    return "\n".join(f"- {line if are_escaped else escaped(line)}" for line in lines)


def escaped(text: str) -> str:
    """Return text for one line of Markdown; nothing in it is markup."""
    line = " ".join(_clean(text).split())
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\1", line)


def fenced(text: str) -> str:
    """Return text as a block of code in Markdown; nothing in it can end the block."""
    text = _clean(text)
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _clean(text: str) -> str:
    """Return text without lone surrogates and control characters, which JSON readers reject."""
    text = text.encode("utf-8", "replace").decode()
    return "".join(c if c.isprintable() or c in "\n\t" else "?" for c in text)
