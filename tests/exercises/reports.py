"""Find words in a verdict's text that are missing from its report."""

import json
import re

from nbexercise.showing.report import as_report
from nbexercise.showing.text import describe

LAYOUT = {"pass", "FAIL", "----", "of", "points", "points.", "Next:", "Note:", "What", "Also"}
LAYOUT |= {"happened:", "happened", "in", "this", "case:", "In", "other", "cases", "Read"}
LAYOUT |= {"again:", "and", "the", "notebook"}


def missing_in_report(graded, seed):
    """Return the words of a graded explanation's text that its report does not contain as data."""
    report = as_report(graded, seed)
    assert json.loads(json.dumps(report)) == report
    shown = {word.strip('".,:') for word in words(_shown(report))} | LAYOUT
    text = describe(graded).partition(" points. ")[2]
    bare = [word.strip('".,:') for word in words(text) if word not in LAYOUT]
    return [word for word in bare if word not in shown and not re.fullmatch(r"[\d.]*", word)]


def words(text):
    return re.findall(r"\S+", text)


def _shown(report):
    """Yield everything in a report that a page shows."""
    parts = [report.get("headline", ""), report.get("case", "")]
    parts += [*report.get("remarks", ()), *report.get("next", ()), *report.get("notes", ())]
    for diagnosis in report.get("diagnoses", ()):
        parts += [diagnosis["text"], diagnosis["next"]]
    for check in report.get("checks", ()):
        parts.append(f"{check['name']}: {check['undecided']}")
    for section in report.get("read_again", ()):
        parts += [f'"{section["section"]}"', section["notebook"]]
    return " ".join(parts)
