"""Write the site's page of each exercise, from its definition in `exercises/`.

A page states what the function computes and which assignment contains it, shows a small case, lists
the checks with their points, folds the hints, and shows common mistakes with the picture that
`show` draws of them. It contains no solution and no hidden input: its cases are written for the
page or come from the public check.

Links are relative to the repository, as if the pages were in a folder at its root.
"""

import inspect
import itertools
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from convnet.types import Array
from exercises import EXERCISES, PAGES
from exercises.page import Page
from nbexercise.checks import CASE_SETS
from nbexercise.defining.exercise import Check, Exercise, Mistake
from nbexercise.judging.calling import call
from nbexercise.judging.deciding import decide
from nbexercise.judging.kinds import kind_of, wrong_output
from nbexercise.judging.model import CallOutcome, Case
from nbexercise.judging.subject import Frame
from nbexercise.judging.verdict import Verdict
from nbexercise.judging.wording import describe_case, number, tuple_of
from nbexercise.showing.picture import Picture, picture_of
from nbexercise.showing.svg import drawn
from public_tests.course.windows import is_transposed
from tools import lite
from tools.course import ROOT, solutions, write_if_changed
from tools.notebooks import CLAIM
from tools.syllabus import lesson_table

__all__ = ["Place", "places", "small_cases", "write_exercise_pages"]

MISTAKES = 5  # shown for an exercise that does not name its common mistakes
DIGITS = 5  # of a single number
VALUES = 4  # most values of one size to list in the description of a check
SIZES = ("stride", "pad", "output_pad", "f", "mode")  # listed in the description of a check

SOLUTION = (
    'If you have tried and are still stuck, run `solution("{name}")` in a notebook that you opened '
    "in the browser or downloaded from this site. Once you have checked an attempt, it prints a "
    "solution to compare with yours."
)


@dataclass(frozen=True)
class Place:
    """The assignment and the lesson of an exercise.

    Attributes
    ----------
    assignment
        Title and name of the assignment.
    lesson
        Title and name of the lesson before the assignment.
    colab
        Address that opens the assignment in Colab, or "".
    """

    exercise: str
    assignment: tuple[str, str]
    lesson: tuple[str, str]
    colab: str


def places(root: Path = ROOT) -> dict[str, Place]:
    """Return the place of each exercise, in the order of the course."""
    by_exercise = {}
    practice = [(lesson, name) for lesson in lesson_table(root) for name in lesson.then]
    for lesson, assignment in practice:
        text = (root / "source" / f"{assignment}.py").read_text(encoding="utf-8")
        title = re.search(r"^# # (.+)$", text, re.MULTILINE)
        released = json.loads((root / "release" / assignment / f"{assignment}.ipynb").read_bytes())
        badge = re.search(r"\]\((https://colab[^)]+)\)$", "".join(released["cells"][0]["source"]))
        for name in re.findall(r'^# %% solution="(\w+)"', text, re.MULTILINE):
            by_exercise[name] = Place(
                name,
                (title[1] if title else assignment, assignment),
                (f"{lesson.number} {lesson.title}", lesson.name),
                badge[1] if badge else "",
            )
    return by_exercise


def write_exercise_pages(
    folder: Path, root: Path = ROOT, in_browser: Collection[str] = ()
) -> list[str]:
    """Write a page for each exercise, and `index.md`, which lists them.

    Parameters
    ----------
    folder
        Folder of the pages. Files that are up to date are not touched.
    in_browser
        Files of the notebooks that the site's JupyterLite opens, such as `padding.ipynb`.

    Returns
    -------
    list of str
        Names of the pages without their suffix, in the order of the course.
    """
    known = places(root)
    for name, place in known.items():
        page = _page(EXERCISES[name], place, known, in_browser)
        if solutions(root) == "nowhere":
            page = page.replace(SOLUTION.format(name=name) + "\n\n", "")
        write_if_changed(folder / f"{name}.md", page.encode())
    write_if_changed(folder / "index.md", _index(list(known.values())).encode())
    return list(known)


def _index(known: Sequence[Place]) -> str:
    parts = [
        "# Exercises",
        "Every function that you write in the assignments, in the order of the course. Each page "
        "lists what the function takes and returns, a small case to follow by hand, its checks, "
        "three hints and the most common mistakes.",
    ]
    for (title, assignment), group in itertools.groupby(known, lambda place: place.assignment):
        inside = list(group)
        (lesson, file) = inside[0].lesson
        parts += [
            f"## {title}",
            f"The assignment [{assignment}]({_notebook(assignment)}), after lesson "
            f"[{lesson}](../course/{file}.ipynb).",
        ]
        rows = [
            f"| [{place.exercise}]({place.exercise}.md) | {_summary(EXERCISES[place.exercise])} "
            f"| {number(EXERCISES[place.exercise].points)} |"
            for place in inside
        ]
        parts.append("\n".join(["| function | what it does | points |", "|---|---|--:|", *rows]))
    pages = "\n".join(place.exercise for place in known)
    parts.append(f"```{{toctree}}\n:hidden:\n\n{pages}\n```")
    return "\n\n".join(parts) + "\n"


def _notebook(assignment: str) -> str:
    return f"../release/{assignment}/{assignment}.ipynb"


def _page(
    exercise: Exercise, place: Place, known: Mapping[str, Place], in_browser: Collection[str]
) -> str:
    shown = PAGES.get(exercise.name, Page())
    sections = [
        f"# {exercise.name}",
        f"`{exercise.name}{inspect.signature(exercise.loops)}`",
        _summary(exercise),
        _contract(exercise),
        _where(exercise, place, known, in_browser),
        *_small_case(exercise, shown),
        *_checks(exercise),
        *_hints(exercise),
        *_mistakes(exercise, shown),
        *_terms(shown),
    ]
    return "\n\n".join(filter(None, sections)) + "\n"


def _docstring(exercise: Exercise) -> dict[str, str]:
    """Split the docstring into its parts: the summary (""), "Arguments" and "Returns"."""
    text = inspect.getdoc(exercise.loops) or ""
    first, *rest = re.split(r"^(Arguments|Returns):\n", text, flags=re.MULTILINE)
    return {"": first.strip(), **dict(zip(rest[::2], map(str.strip, rest[1::2]), strict=True))}


def _summary(exercise: Exercise) -> str:
    return " ".join(_docstring(exercise)[""].split())


def _contract(exercise: Exercise) -> str:
    """Return the arguments and the results as tables."""
    tables = []
    for title in ("Arguments", "Returns"):
        lines = _docstring(exercise)[title].splitlines()
        rows = (line.split(" -- ", 1) for line in lines if line)
        head = "argument" if title == "Arguments" else "result"
        table = [f"| {head} | meaning |", "|---|---|"]
        table += [f"| `{name}` | {meaning} |" for name, meaning in rows]
        tables.append("\n".join(table))
    return "\n\n".join(tables)


def _where(
    exercise: Exercise, place: Place, known: Mapping[str, Place], in_browser: Collection[str]
) -> str:
    (title, assignment), (lesson, file) = place.assignment, place.lesson
    links = []
    if f"{assignment}.ipynb" in in_browser:
        address = f"../{lite.page_of(assignment, f'Exercise: {exercise.name}')}"
        links.append(f'<a href="{address}">run it in the browser</a>')
    if place.colab:
        links.append(f"[open it in Colab]({place.colab})")
    ways = f"; {_listed(links, 'or')}" if links else ""
    section = f"[{title}]({_notebook(assignment)}), under *Exercise: {exercise.name}*"
    lines = [
        f"- **Assignment:** {section}{ways}",
        f"- **Read first:** [{lesson}](../course/{file}.ipynb)",
        f"- **Calls:** {_calls(exercise, place, known)}",
        f"- **Points:** {number(exercise.points)}, in {len(exercise.checks)} checks",
    ]
    return "## Where to find it\n\n" + "\n".join(lines)


def _calls(exercise: Exercise, place: Place, known: Mapping[str, Place]) -> str:
    """Name the earlier functions that the exercise calls, and where they are defined."""
    if not exercise.called:
        return "no other exercise"
    here = [name for name in exercise.called if known[name].assignment == place.assignment]
    given = [name for name in exercise.called if name not in here]
    texts = []
    if given:
        texts.append(f"{_listed(_links(given))}, which the notebook contains")
    if here:
        texts.append(f"{_listed(_links(here))}, which you write earlier in the same notebook")
    return "; and ".join(texts)


def _links(names: Sequence[str]) -> list[str]:
    return [f"[{name}]({name}.md)" for name in names]


def _listed(texts: Sequence[str], last: str = "and") -> str:
    *others, final = texts
    return f"{', '.join(others)} {last} {final}" if others else final


# A small case


def small_cases(exercise: Exercise) -> list[Case]:
    """Return the cases that a page shows, with their correct outcomes."""
    chosen = PAGES.get(exercise.name, Page()).cases
    if not chosen:
        return [min(CASE_SETS[exercise.name].cases, key=_numbers)]
    bare = [Case("", arguments, CallOutcome(), {}) for arguments in chosen]
    return [
        Case("", case.arguments, call(exercise.returns, case, exercise.vectorized).outcome, {})
        for case in bare
    ]


def _numbers(case: Case) -> int:
    return sum(np.size(value) for value in case.parts.values())


def _small_case(exercise: Exercise, shown: Page) -> Iterator[str]:
    cases = small_cases(exercise)
    yield "## A small case" if len(cases) == 1 else "## Small cases"
    if len(cases) > 1:
        names = [*cases[0].arguments, *cases[0].expected.values]
        rows = [[*case.arguments.values(), *case.expected.values.values()] for case in cases]
        lines = [f"| {' | '.join(f'`{name}`' for name in names)} |", "|--:" * len(names) + "|"]
        yield "\n".join([*lines, *(f"| {' | '.join(map(_cell, row))} |" for row in rows)])
    else:
        picture = _picture(exercise, cases[0], shown.drawn)
        yield _figure(drawn(picture))
    yield CLAIM.sub(r"\1", shown.reading)
    if len(cases) == 1:
        yield _folded("The same in numbers", f'<pre tabindex="0">{_in_numbers(picture)}</pre>')


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else number(float(value))


def _picture(exercise: Exercise, case: Case, names: Sequence[str]) -> Picture:
    """Draw every plane of the inputs and outputs of a case."""
    inputs = _panels(case.parts, names)
    answers = _panels(case.expected.values, names)
    first = next(iter(case.expected.values))
    title = [_called(exercise, case)]
    window = None
    slides = first in ("Z", "A") and "stride" in case.sizes and not is_transposed(case.parts)
    if slides and not case.sizes.get("pad"):
        window = (0, 0, case.sizes["f"], case.sizes["f"])
        title.append(f"framed: the window that {first}[0, 0, 0, 0] comes from")
    return Picture(tuple(title), inputs, answers, None, Frame(window))


def _called(exercise: Exercise, case: Case) -> str:
    """Describe a call: the function, and the arguments that are not arrays."""
    sizes = {
        name: value
        for part, value in case.parts.items()
        for name, value in (value if isinstance(value, dict) else {part: value}).items()
        if not isinstance(value, np.ndarray)
    }
    described = ", ".join(f"{name} = {value}" for name, value in sizes.items())
    return f"{exercise.name} with {described}" if described else exercise.name


def _panels(values: Any, names: Sequence[str]) -> tuple[tuple[str, Array], ...]:
    """Return the planes of the named arrays, or of all arrays if no names are given."""
    arrays = {
        name: np.asarray(value, float)
        for name, value in values.items()
        if isinstance(value, np.ndarray) and (not names or name in names)
    }
    return tuple(panel for name, array in arrays.items() for panel in _planes(name, array))


def _planes(name: str, array: Array) -> Iterator[tuple[str, Array]]:
    """Yield the 2-D planes (rows and columns) of an array, with their names.

    A vector with leading axes of length 1, such as a bias, is one plane.
    """
    if array.ndim <= 2 or array.shape[:-1] == (1,) * (array.ndim - 1):
        index_texts = ["0"] * (array.ndim - 1) + [":"]
        yield (
            name if array.ndim <= 2 else f"{name}[{', '.join(index_texts)}]",
            array.reshape((1, -1) if array.ndim != 2 else array.shape),
        )
        return
    is_filter = name.removeprefix("d").removesuffix("_conv") in ("W", "a_slice_prev")
    shown = (0, 1) if is_filter else (1, 2)
    others = [axis for axis in range(array.ndim) if axis not in shown]
    for numbers in itertools.product(*(range(array.shape[axis]) for axis in others)):
        index = dict(zip(others, numbers, strict=True))
        cut: Any = tuple(index.get(axis, slice(None)) for axis in range(array.ndim))
        label = ", ".join(str(index.get(axis, ":")) for axis in range(array.ndim))
        yield f"{name}[{label}]", array[cut]


def _figure(svg: str) -> str:
    """Put a picture in a box that scrolls on narrow pages, also by keyboard."""
    box = '<div class="exercise-figure" style="overflow-x: auto" tabindex="0" role="group"'
    full_size = svg.replace(' style="max-width: 100%; height: auto"', "", 1)
    return f'{box} aria-label="Figure">{full_size}</div>'


def _folded(summary: str, content: str) -> str:
    return f"<details>\n<summary>{summary}</summary>\n\n{content}\n\n</details>"


def _in_numbers(picture: Picture) -> str:
    lines = list(picture.title)
    for name, plane in (*picture.inputs, *picture.answers):
        lines += [f"{name}:", *_rows(plane)]
    return escape("\n".join(lines), quote=False)


def _rows(plane: Array) -> list[str]:
    return np.array2string(plane, precision=4, suppress_small=True).splitlines()


# Checks, hints and mistakes


def _checks(exercise: Exercise) -> Iterator[str]:
    yield "## The checks"
    rows = [
        f"| {check.name} | {number(check.points)} | {_about(exercise, check)} |"
        for check in exercise.checks
    ]
    yield "\n".join(["| check | points | what it tests |", "|---|--:|---|", *rows])
    yield (
        f"`{exercise.name}_test({exercise.name})` runs them in the notebook on fixed inputs. When "
        "an assignment is graded, the same checks run on different numbers."
    )


def _about(exercise: Exercise, check: Check) -> str:
    """Return a sentence that describes a check."""
    outputs = check.outputs or tuple(
        value.name for value in exercise.returns if value.form != "cache"
    )
    named = _listed([f"`{output}`" for output in outputs])
    cases = [
        case
        for case in CASE_SETS[exercise.name].cases
        if not check.groups or case.group in check.groups
    ]
    forms = {value.name: value.form for value in exercise.returns}
    are_numbers = set(map(forms.get, outputs)) == {"number"}
    values = "the value" if are_numbers and len(outputs) == 1 else "the values"
    texts = {
        "shape": f"the shape{'s' if len(outputs) > 1 else ''} of {named}",
        "values": f"{values} of {named}{_of_cases(cases)}",
        "edge": f"{values} of {named}{_of_cases(cases)}",
        "cache": f"the cache: {_cached(exercise)}, in this order and as they were given",
        "unchanged": "that the call does not change its arguments",
    }
    if check.kind == "shape" and are_numbers:
        texts["shape"] = f"that {named} {'are numbers' if len(outputs) > 1 else 'is one number'}"
    if check.kind not in texts:
        return f"{check.kind} of {named}"
    more = "; counts only if a check of values passes" if kind_of(check).beside_values else ""
    return texts[check.kind] + more


def _cached(exercise: Exercise) -> str:
    parts = (value.parts for value in exercise.returns if value.form == "cache")
    return f"`{tuple_of(next(parts, ()))}`"


def _of_cases(cases: Sequence[Case]) -> str:
    """Return the number of cases and the sizes that occur in them."""
    sizes = []
    for name in SIZES:
        values = sorted({case.sizes[name] for case in cases if name in case.sizes})
        if 0 < len(values) <= VALUES:
            sizes.append(f"{name} {_listed([str(value) for value in values], 'or')}")
    many = "one case" if len(cases) == 1 else f"{len(cases)} cases"
    return f", in {many}" + (f" with {_listed(sizes)}" if sizes else "")


def _hints(exercise: Exercise) -> Iterator[str]:
    """Yield the hints, each folded inside the previous one."""
    yield "## Hints"
    yield (
        f'In the notebook, `hint("{exercise.name}")` gives them one at a time. Try for a while '
        "before you open the next one."
    )
    count = len(exercise.hints)
    folded = [
        f"<details>\n<summary>Hint {place} of {count}</summary>\n\n{hint}"
        for place, hint in enumerate(exercise.hints, start=1)
    ]
    yield "\n\n".join([*folded, *["</details>"] * count])
    yield SOLUTION.format(name=exercise.name)


def _common(exercise: Exercise, shown: Page) -> list[Mistake]:
    by_name = {mistake.name: mistake for mistake in exercise.mistakes}
    return [by_name[name] for name in shown.mistakes or list(by_name)[:MISTAKES]]


def _mistakes(exercise: Exercise, shown: Page) -> Iterator[str]:
    yield "## Common mistakes"
    yield (
        f"The check recognizes {len(exercise.mistakes)} mistakes by what they return, and names "
        "them. These are the most common ones."
    )
    for mistake in _common(exercise, shown):
        yield f"### {_title(mistake)}"
        yield mistake.diagnosis
        verdict = decide(CASE_SETS[exercise.name], exercise.wrong_function(mistake))
        yield f"**What you see:** {_seen(verdict)}"
        yield f"**What to ask yourself:** {mistake.hint}"
        picture = _of_mistake(verdict)
        if picture:
            yield _folded(f'What <code>show("{exercise.name}")</code> draws', _figure(picture))


def _title(mistake: Mistake) -> str:
    """Return a mistake's name as a heading, capitalized if it begins with a word."""
    name = mistake.name
    is_word = re.match(r"(?!exp\b)(?:a|no|[a-z]{3,})\b", name)
    return name[0].upper() + name[1:] if is_word else name


def _seen(verdict: Verdict) -> str:
    """State which checks a mistake fails, and the wrong result if it has no picture."""
    decided = [result for result in verdict.results if not result.waits]
    failed = [f"*{result.check.name}*" for result in decided if not result.passed]
    passed = [f"*{result.check.name}*" for result in decided if result.passed]
    if not passed:
        text = "Every check fails"
    elif len(passed) == 1 < len(failed):
        text = f"Every check but {passed[0]} fails"
    else:
        text = f"{_listed(failed)} {'fails' if len(failed) == 1 else 'fail'}; the other checks pass"
    return f"{text}.{_beside_the_picture(verdict)}"


def _beside_the_picture(verdict: Verdict) -> str:
    """Return a sentence about the error raised or the wrong number returned; "" for arrays."""
    failing = verdict.failing
    if failing is None:
        return ""
    if failing.outcome.problem:
        first, *_ = failing.outcome.problem.text.splitlines()
        problem = re.sub(r"^raised (.+)$", r"raises `\1`", first.strip().rstrip("."))
        return f" The function {problem}."
    wrong = wrong_output(failing, verdict.case_set.tolerance)
    if wrong is None or wrong[1].size > 1 or wrong[3] is None:
        return ""
    name, actual, expected, _ = wrong
    of_numbers = not any(map(np.ndim, failing.case.parts.values()))
    given = f"With {describe_case(failing.case)}, " if of_numbers else "In the first case "
    return f" {given}`{name}` is {_few(actual)}, expected {_few(expected)}."


def _few(value: Array) -> str:
    return number(value.item(), DIGITS)


def _of_mistake(verdict: Verdict) -> str:
    """Draw the output of a mistake; "" if it cannot be drawn or is a single number."""
    try:
        picture = picture_of(verdict)
    except ValueError:
        return ""
    several = any(plane.size > 1 for _, plane in picture.answers)
    return drawn(picture) if several else ""


def _terms(shown: Page) -> Iterator[str]:
    if shown.terms:
        links = (
            f"[{term}](../course/glossary.md#{term.lower().replace(' ', '-')})"
            for term in shown.terms
        )
        yield "## Terms"
        yield "In the glossary: " + ", ".join(links) + "."
