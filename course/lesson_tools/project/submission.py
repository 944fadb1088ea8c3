"""Seal the test data of a project, and write the page to hand in.

sealed = Sealed(X_test, labels_test)
...
X_test, labels_test = sealed.open()
hand_in(title="...", question="...", ..., results={"baseline": [...], "network": [...]})
"""

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from IPython.display import HTML

from convnet.types import FilePath
from lesson_tools.figures import FigureOutput

__all__ = ["Sealed", "hand_in", "summary"]

WORDS = 12  # fewest words of a part of the page
RUNS = 5  # fewest runs of a method that depends on chance
PARTS = {
    "question": "Question",
    "data": "Data",
    "plan": "Plan, written before the test",
    "answer": "Answer",
    "did_not_work": "What did not work",
    "limits": "Limits",
}


class Sealed:
    """Test data that count how often they are opened.

    Parameters
    ----------
    *arrays : ndarray
        Test data, such as images and labels.
    """

    def __init__(self, *arrays: Any) -> None:
        self._arrays = arrays
        self.opened = 0

    def open(self) -> Any:
        """Return the test data. The first time is the test; each further time is printed."""
        self.opened += 1
        if self.opened > 1:
            print(f"The test data have been opened {self.opened} times: the page will say so.")
        return self._arrays if len(self._arrays) > 1 else self._arrays[0]


def summary(results: Mapping[str, Sequence[float]]) -> str:
    """Return a table of results as text: mean, standard deviation, minimum, maximum per method.

    Parameters
    ----------
    results : mapping of str to sequence of float
        One result of each run, by method.
    """
    width = max(map(len, results))
    lines = [f"{'':{width}}  runs   mean  +- std   lowest  highest"]
    for name, (runs, mean, deviation, low, high) in _rows(results):
        lines.append(
            f"{name:{width}}  {runs:4}  {mean:.3f}  {deviation:.3f}   {low:.3f}   {high:.3f}"
        )
    return "\n".join(lines)


def hand_in(
    *,
    title: str,
    question: str,
    data: str,
    plan: str,
    results: Mapping[str, Sequence[float]],
    answer: str,
    did_not_work: str,
    limits: str,
    pictures: Sequence[FigureOutput] = (),
    sealed: Sealed | None = None,
    author: str = "",
    path: FilePath = "project.html",
) -> HTML:
    """Write the page of a project, and print what it still lacks.

    The page is one file that needs no other: it can be uploaded, mailed or printed.

    Parameters
    ----------
    title, author : str
        Heading of the page, and a name to show below it.
    question, data, plan, answer, did_not_work, limits : str
        The parts of the page, as plain text; an empty line begins a paragraph.
    results : mapping of str to sequence of float
        One result of each run on the test data, by method. The first method is the baseline.
    pictures : sequence of FigureOutput
        Figures made with `lesson_tools.figures.present`.
    sealed : Sealed, optional
        The test data; the page says how often they were opened.
    path : path
        File to write.

    Returns
    -------
    page : IPython.display.HTML
        The page without its head, to show in the notebook.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    parts = {"question": question, "data": data, "plan": plan, "answer": answer}
    parts |= {"did_not_work": did_not_work, "limits": limits}
    lacking = [
        f"{key}: fewer than {WORDS} words" for key in PARTS if len(parts[key].split()) < WORDS
    ]
    lacking += _lacking_results(results, sealed)
    if not pictures:
        lacking.append("pictures: none; show mistakes, or a confusion matrix")
    texts = {key: f"<h2>{PARTS[key]}</h2>{_paragraphs(parts[key])}" for key in PARTS}
    body = "\n".join(
        [
            f"<h1>{html.escape(title)}</h1>",
            f"<p>{html.escape(author)}</p>" if author else "",
            *(texts[key] for key in ("question", "data", "plan")),
            f"<h2>Results on the test data</h2>{_table(results)}<p>{_opened(sealed)}</p>",
            texts["answer"],
            *(picture.data for picture in pictures),
            *(texts[key] for key in ("did_not_work", "limits")),
        ]
    )
    page = PAGE.format(title=html.escape(title), body=body)
    Path(path).write_text(page, encoding="utf-8")
    print(f"Written: {Path(path).name}, {len(page) // 1024 + 1} KB.")
    print("\n".join(["Still to do:", *lacking]) if lacking else "No part is missing.")
    if not pictures:
        return HTML(body)
    text = f"The page: {title}.\n\n{summary(results)}"
    return FigureOutput(body, pictures[0].png, text)


def _lacking_results(results: Mapping[str, Sequence[float]], sealed: Sealed | None) -> list[str]:
    lacking = [
        f"{name}: {len(runs)} runs of {RUNS}" for name, runs in results.items() if len(runs) < RUNS
    ]
    if len(results) < 2:
        lacking.append("results: at least two methods, of which the first is the baseline")
    if sealed is None or not sealed.opened:
        lacking.append("test data: seal them with Sealed, and open them for the test")
    elif sealed.opened > 1:
        lacking.append(f"test data: opened {sealed.opened} times; say why")
    return lacking


def _rows(
    results: Mapping[str, Sequence[float]],
) -> list[tuple[str, tuple[int, float, float, float, float]]]:
    """Return a row per method: name, number of runs, mean, standard deviation, minimum, maximum."""
    rows = []
    for name, values in results.items():
        runs = np.asarray(values, float)
        deviation = float(runs.std(ddof=1)) if len(runs) > 1 else 0.0
        rows.append((name, (len(runs), float(runs.mean()), deviation, runs.min(), runs.max())))
    return rows


def _table(results: Mapping[str, Sequence[float]]) -> str:
    head = "".join(
        f"<th>{name}</th>"
        for name in ("method", "runs", "mean", "standard deviation", "lowest", "highest")
    )
    rows = "".join(
        f"<tr><td>{html.escape(name)}</td><td>{runs}</td>"
        + "".join(f"<td>{value:.3f}</td>" for value in values)
        + "</tr>"
        for name, (runs, *values) in _rows(results)
    )
    return f"<table><tr>{head}</tr>{rows}</table>"


def _opened(sealed: Sealed | None) -> str:
    if sealed is None:
        return "It is not recorded how often the test data were used."
    times = {0: "never", 1: "once"}.get(sealed.opened, f"{sealed.opened} times")
    return f"The test data were opened {times}."


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{html.escape(part.strip())}</p>" for part in text.strip().split("\n\n"))


PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 Georgia, serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
  color: #1a1a1a; background: #fff }}
h1, h2 {{ line-height: 1.2 }}
td, th {{ padding: 0.15rem 1.2rem 0.15rem 0; text-align: left }}
img {{ max-width: 100%; height: auto }}
</style>
</head>
<body>
{body}
</body>
</html>
"""
