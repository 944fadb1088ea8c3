"""Texts about the results of `nbjudge grade --json`, in Markdown.

The texts may quote student code, so all of them are escaped.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nbjudge.wording import as_sentence

LONGEST_EXPLANATION = 20_000  # characters
# Platforms turn names and addresses into mentions and links, even if they are escaped.
_LIVE = re.compile(r"@(?=\w)|:(?=//)|\bwww(?=\.)", re.IGNORECASE)
_JOINER = "\N{WORD JOINER}"  # invisible
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$])")
Json = Mapping[str, Any]


def explanation_of(question: Json) -> str:
    """Return the explanation of a question's points; "" if there is nothing to explain."""
    text = "\n\n".join(_paragraphs(question))
    if len(text) <= LONGEST_EXPLANATION:
        return text
    diagnosis = escaped(question["diagnosis"][:LONGEST_EXPLANATION])
    return diagnosis or "The explanation is too long to be shown."


def _paragraphs(question: Json) -> Iterator[str]:
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


def remarks_on(result: Json, isolation: str, for_instructors: bool = False) -> Iterator[str]:
    """Yield the paragraphs about the whole submission, in Markdown.

    Parameters
    ----------
    for_instructors
        True to include what students must not see.
    """
    questions = [q for notebook in result["notebooks"] for q in notebook["questions"]]
    by_hand = [
        f"{question['title']}: {question['max_score']:g} points"
        + ("" if question["manual"] else ", not answered")
        for question in questions
        if question["manual"] or not question["test"]
    ]
    for heading, lines in (
        ("Repairs to your notebook:", result["repairs"]),
        ("Notes:", result["remarks"]),
        ("Notes for instructors:", result["suspicions"] if for_instructors else []),
        ("Limits that your work met:", [limit["message"] for limit in result["limits"]]),
        ("Graded by a person, so not included in the score:", by_hand),
    ):
        if lines:
            yield f"{heading}\n\n{_list(map(as_sentence, lines))}"
    yield f"Isolation level: {isolation}. Seed: {result['seed']}."


def _list(lines: Iterable[str], are_escaped: bool = False) -> str:
    return "\n".join(f"- {line if are_escaped else escaped(line)}" for line in lines)


def escaped(text: str) -> str:
    """Return text for one line of Markdown; nothing in it is markup, a mention or a link."""
    line = " ".join(_clean(text).split())
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\1", _LIVE.sub(rf"\g<0>{_JOINER}", line))


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
