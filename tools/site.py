"""Build the web site in docs/_build/site from the repository's texts and notebooks.

    python -m tools.site

All pages are first written to docs/_build/pages, each at the path of its text in the repository, so
that the links between them stay the same: lessons with the outputs of their last run
(`python -m tools.lessons --changed` runs those that have changed), assignments with their figures,
a page for each exercise, and the Markdown pages. Sphinx builds the site from them. Links to other
files lead to GitHub. If docs/_build/lite contains a JupyterLite site, it becomes part of the site,
and its notebooks get a button "Run in the browser". Notebooks to download or run contain the
solutions for self-study if the setting `solutions` allows it.

The exit status is 0, or 1 if a page has a warning or a broken link.
"""

import asyncio
import base64
import hashlib
import html
import io
import itertools
import json
import os
import posixpath
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from PIL import Image, ImageOps

from convnet.own_edges import photograph
from exercises import EXERCISES
from tools import lite
from tools.console import console
from tools.course import (
    BUNDLE,
    ROOT,
    assignments,
    course_notebooks,
    published,
    write_if_changed,
)
from tools.exercise_pages import places, write_exercise_pages
from tools.lesson_times import graded_module, hours
from tools.lessons import NOBODY, ONE_THREAD, kept, outputs
from tools.lite_check import CHECKED
from tools.notebooks import BEFORE, RUN_ABOVE, build_lesson, build_notebook
from tools.pages import MARKDOWN, MOVED, site_pages
from tools.payload import LINE
from tools.solutions import for_self_study
from tools.syllabus import Lesson, lesson_table, milestone_table, steps
from tools.vocabulary import anchor, glossary

__all__ = ["broken_links", "broken_notebook_links", "lay_out", "main"]

LINK = re.compile(r"(!?\[(?:[^\[\]]|\[[^\]]*\])*\])\((?!#|attachment:)([^)\s]+)\)")
PNG = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]+)")
LARGE = 150_000  # bytes of a PNG that is worth converting to WebP
ASKED = re.compile(r'(?:predict\(".*\)\n?)+')  # a cell that only takes answers
FOLD = re.compile(r"<details><summary>Answer</summary>.*?</details>", re.S)
# Instructions for a notebook, and what they are for a page, on which nothing can be run.
WORDINGS = (
    (re.compile(r"\bRun (the next (?:\w+ )?(?:code )?cells)\b"), r"Look at the results of \1"),
    (re.compile(r"\bReplace `None` with your\sanswer\sand\srun the cell\b"), "Type your answer"),
    (re.compile(r", which takes[ \n]some[ \n]seconds\b"), ""),
)
ASKS = re.compile(r'\*\*(?:Predict|By hand)|^predict\("|(?i:before) you run the cell', re.M)
FRAMEWORKS = {"torch": "PyTorch", "keras": "Keras", "tensorflow": "TensorFlow"}
PACKAGES = {**FRAMEWORKS, "scipy": "SciPy", "sklearn": "scikit-learn"}

OFFLINE = (
    f"<p>The downloaded notebook itself downloads the packages that it imports. To use it offline, "
    f'put <a href="{BUNDLE}" download>{BUNDLE}</a>, which contains them, into its folder.</p>'
)
TO_RUN = f"""\
<details class="for-running">
<summary>To run this notebook</summary>

Download it, or open it in Colab or in the browser. Run its cells in order, with Shift+Enter,
because most of them use names defined in the cells above. You do not need a GPU.

{OFFLINE}

</details>"""
# The assignments on the start page: the number of a figure, what students build, and what it does.
LADDER = {
    "padding": (2, "Padding", "keeps the size of an image"),
    "single_step": (0, "One step", "nine products and their sum"),
    "conv_forward": (1, "Convolution layer", "many filters on many channels"),
    "pooling": (3, "Pooling", "halves an image, by the maximum or the mean"),
    "backprop": (0, "Backpropagation", "gradients, from the loss back to each weight"),
    "lenet": (1, "Training", "your LeNet learns to read handwritten digits"),
}
HEADING = re.compile(r"^(?=#{1,5} )", re.M)
SUMMARY = "## Where you stand"  # the heading of the shared last section
TERM = re.compile(r"^### (.+)$", re.M)  # an entry of the glossary
DEFINED = re.compile(r"\(\S*glossary\.md#([\w-]+)\)")  # a link to a term's definition
SEARCHED = re.compile(r"^<!-- search: (.+) -->\n+", re.M)  # invisible on GitHub
FUNCTION = re.compile(r"\A#.* (\w+\.\w+)$", re.M)  # "## Padding with np.pad"
AFTER_HEADING = re.compile(r"\A(#+ .*\n+)?")
EXERCISE = re.compile(r"^## Exercise: (\w+)$", re.M)
TO_RUN_FIRST = re.compile(re.escape(f"{BEFORE}\n\n").replace("CHECK", ".+?"))
ABOUT_EXERCISE = (
    r"[The page of \1](../../exercises/\1.md) has a small case, the checks, hints and the "
    "most common mistakes."
)


# --- The pages ---


def lay_out(root: Path, pages: Path) -> None:
    """Write all pages of the site to the folder `pages`."""
    names = assignments(root)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        figures = dict(zip(names, pool.map(_figures, names, itertools.repeat(root)), strict=True))
    site = _Pages(root, pages, figures)
    for text in [*MARKDOWN, *MOVED]:
        site.write_markdown(text)
    for lesson in lesson_table(root):
        site.write_lesson(lesson)
    site.write_milestones()
    for name in names:
        site.write_assignment(name)
    site.write_exercises()
    site.remove_others()


class _Pages:
    """The folder of pages, and the course's tables and figures that their texts need.

    Attributes
    ----------
    figures
        Figures of the assignments, as PNGs by assignment and cell id.
    """

    def __init__(
        self, root: Path, folder: Path, figures: dict[str, dict[str, list[bytes]]]
    ) -> None:
        self.root, self.folder, self.figures = root, folder, figures
        self.github = published("..", root).removesuffix("/.")
        self.written: set[Path] = set()
        self.lessons = lesson_table(root)
        self.optional = {lesson.name for lesson in self.lessons if lesson.optional}
        self.terms = glossary(root)
        self.milestones = milestone_table(root)
        self.path = steps(root)
        self.in_browser = {path.name for path in (root / "docs/_build/lite/files").glob("*.ipynb")}
        try:
            self.megabytes = lite.megabytes(root / "docs/_build/lite")
        except OSError:
            self.megabytes = {}
        self.pages = set(site_pages(root))
        self.pages |= {f"exercises/{name}.md" for name in [*places(root), "index"]}

    def write(self, place: str, data: bytes) -> None:
        write_if_changed(self.folder / place, data)
        self.written.add(self.folder / place)

    def remove_others(self) -> None:
        """Remove pages of an earlier layout, and the reference, which Sphinx writes anew."""
        for path in self.folder.rglob("*"):
            if path.is_file() and path not in self.written:
                path.unlink()

    def write_markdown(self, text: str) -> None:
        content = (self.root / text).read_text(encoding="utf-8")
        if text == "docs/index.md":
            for name, value in self._on_start_page().items():
                content = content.replace(f"{{{name}}}", value)
        if text == "course/glossary.md":
            content = self._with_letters(content)
        content = SEARCHED.sub(lambda words: _entries(words[1].split(", ")), content)
        content = self.relink(content, text)
        self.write(MOVED.get(text, text), content.encode())

    def _with_letters(self, glossary: str) -> str:
        """Add letter headings and links to the glossary, and link the lessons that it names."""
        pages = {
            lesson.number: f"[{lesson.number}]({lesson.name}.ipynb)" for lesson in self.lessons
        }
        glossary = re.sub(
            r"(?<=Lesson )\d\d", lambda number: pages.get(number[0], number[0]), glossary
        )
        first = {term[0].upper(): term for term in reversed(re.findall(TERM, glossary))}
        letters = list(reversed(first))
        for letter in letters:
            glossary = glossary.replace(
                f"### {first[letter]}\n", f"## {letter}\n\n### {first[letter]}\n"
            )
        jumps = " ".join(f'<a href="#{letter.lower()}">{letter}</a>' for letter in letters)
        beginning, heading, rest = glossary.partition(f"## {letters[0]}\n")
        return f'{beginning}<p class="letters">{jumps}</p>\n\n{heading}{rest}'

    def write_exercises(self) -> None:
        folder = self.folder / "exercises"
        names = write_exercise_pages(folder, self.root, self.in_browser)
        self.written |= {folder / f"{name}.md" for name in [*names, "index"]}

    def _on_start_page(self) -> dict[str, str]:
        """Return the values of the names in braces in the text of the start page."""
        first = next(name for lesson in self.lessons for name in lesson.then)
        notebook = f"release/{first}/{first}.html"
        if f"{first}.ipynb" in self.in_browser:
            notebook = lite.page_of(first, f"Exercise: {CHECKED}")
        size = self.megabytes.get("notebook")
        return {
            "lessons": str(len(self.lessons)),
            "hours": str(hours(self.lessons)),
            "graded hours": str(hours(graded_module(self.lessons))),
            "kernel": self._kernel(),
            "worker": f"lite/{lite.CHECKER}" if "page" in self.megabytes else "",
            "megabytes": str(self.megabytes.get("page", "")),
            "notebook": notebook,
            "size": f", {size} MB" if size else "",
            "ladder": self._ladder(),
            "gallery": self._gallery(),
            "path": self._contents(),
        }

    def _kernel(self) -> str:
        """Return the explorable of lesson 01 with a photograph and well-known kernels."""
        sys.path.append(str(ROOT / "course"))
        from lesson_tools.cross_correlation import BLUR, EMBOSS, SOBEL_X
        from lesson_tools.explorables import explore_kernel

        kernels = {
            "vertical edges": SOBEL_X,
            "horizontal edges": SOBEL_X.T,
            "blur": BLUR,
            "emboss": EMBOSS,
        }
        gray = photograph("china.jpg", 320).mean(axis=2).round()
        page = explore_kernel(gray, kernels).data
        page = re.sub(r'(data-explorable=|"token":)"\w+"', r'\1"start"', page)  # reproducible
        return self._with_files(page, "index.md")

    def _ladder(self) -> str:
        """Return the assignments of LADDER, each as a card with one of its figures."""
        cards = []
        for number, (name, (figure, title, text)) in enumerate(LADDER.items(), 1):
            pictures = [png for pngs in self.figures.get(name, {}).values() for png in pngs]
            if not pictures:
                continue
            cards.append(
                f'<a href="release/{name}/{name}.html">{self._thumbnail(name, pictures[figure])}'
                f"<strong>{number} {title}</strong> <small>{text}</small></a>"
            )
        return "\n".join(cards)

    def _gallery(self) -> str:
        """Return the lessons by part, each as a card with its largest figure."""
        parts = ["45 + 30 min: the lesson takes about 45 minutes, and its exercises another 30.\n"]
        for part, lessons in itertools.groupby(self.lessons, key=lambda lesson: lesson.part):
            members = list(lessons)
            cards = "\n".join(self._card(lesson) for lesson in members)
            practice = ", ".join(
                f"[{name}](../release/{name}/{name}.ipynb)"
                for lesson in members
                for name in lesson.then
            )
            parts.append(f'### {part}\n\n<div class="gallery">\n{cards}\n</div>\n')
            if practice:
                parts.append(f"Assignments: {practice}.\n")
        return "\n".join(parts)

    def _card(self, lesson: Lesson) -> str:
        """Return a link to a lesson with a picture: its largest figure, as a thumbnail.

        Figures with a version for dark pages are preferred. Previews of links to the lesson show
        the same figure.
        """
        figures = [
            output
            for results in outputs(lesson.name, self.root)
            for output in results
            if "image/png" in output.get("data", {})
        ]
        picture = ""
        if figures:
            drawn_twice = [output for output in figures if "lesson-dark" in _html_of(output)]
            largest = max(drawn_twice or figures, key=lambda output: len(output.data["image/png"]))
            dark = PNG.search(_html_of(largest).partition("lesson-dark")[2])
            light = base64.b64decode(largest.data["image/png"])
            self.write(f"extra/pictures/{lesson.name}.jpg", _preview(light))
            picture = self._thumbnail(lesson.name, light)
            if dark:
                picture = f'<span class="lesson-light">{picture}</span>'
                dark_picture = self._thumbnail(f"{lesson.name}_dark", base64.b64decode(dark[1]))
                picture += f'<span class="lesson-dark">{dark_picture}</span>'
        minutes = f"{lesson.minutes} min{', optional' * lesson.optional}"
        return (
            f'<a href="course/{lesson.name}.html">{picture}<strong>{lesson.number} '
            f"{html.escape(lesson.title)}</strong> <small>{minutes}</small></a>"
        )

    def _thumbnail(self, name: str, png: bytes) -> str:
        """Write a figure's thumbnail, and return its HTML."""
        self.write(f"extra/pictures/{name}.webp", _webp(png, (440, 330)))
        return f'<img src="pictures/{name}.webp" alt="" loading="lazy">'

    def _contents(self) -> str:
        """Return the lessons and assignments in course order, a table of contents for each part."""
        part_of = {lesson.name: lesson.part for lesson in self.lessons}
        parts: dict[str, list[str]] = {}
        part = ""
        for step in self.path:
            part = part_of.get(step, part)
            if step not in self.milestones:
                optional = " (optional)" * (step in self.optional)
                page = f"{self._name_of(step)}{optional} <{self._place_of(step)}>"
                parts.setdefault(part, []).append(page)
        return "\n\n".join(
            "\n".join(
                ("```{toctree}", ":hidden:", ":titlesonly:", f":caption: {part}", "", *pages, "```")
            )
            for part, pages in parts.items()
        )

    def _name_of(self, step: str) -> str:
        lesson = next((one for one in self.lessons if one.name == step), None)
        return f"{lesson.number} {lesson.title}" if lesson else f"Assignment: {step}"

    def _place_of(self, step: str) -> str:
        is_lesson = any(one.name == step for one in self.lessons)
        return f"course/{step}" if is_lesson else f"release/{step}/{step}"

    def write_lesson(self, lesson: Lesson) -> None:
        place = f"course/{lesson.name}.ipynb"
        notebook = self._as_run(lesson.name)
        heading = to_do = notebook.cells[0]
        for cell, following in itertools.pairwise(notebook.cells):
            if cell.source.startswith("#") and cell.cell_type == "markdown":
                heading = cell
            fold = re.match(r"<details>\n<summary>(A solution|Answer)", following.source)
            if fold and cell.cell_type == "code":
                if fold[1] == "A solution" and heading is not to_do:
                    to_do = heading
                    to_do.source += self._to_do(lesson.name, heading.source)
                # Of the output of a check nothing, of a prediction all but the answer that follows.
                asked = [page for page in map(_html_of, cell.outputs) if "data-question" in page]
                cell.outputs = [_html_output(FOLD.sub("", page)) for page in asked]
            if ASKED.fullmatch(cell.source.strip()):
                cell.metadata["tags"] = ["remove-input"]
        self._index(notebook, int(lesson.number))
        self._begin(notebook, place, self._place_in_course(lesson))
        self._finish(notebook, place)

    def _to_do(self, name: str, text: str) -> str:
        """Return a link from an exercise to its place in the notebook that runs in the browser."""
        if f"{name}.ipynb" not in self.in_browser:
            return ""
        address = lite.page_of(name, text.partition("\n")[0].lstrip("# "))
        link = f'<a class="button" href="../{address}">Do this exercise in the browser</a>'
        first = f"There, run the cells above it first: {html.escape(RUN_ABOVE)}."
        return f'\n\n<p class="buttons">{link} <small>{first}</small></p>'

    def _index(self, notebook: NotebookNode, number: int) -> None:
        """Add terms that a lesson introduces, and functions in its headings, to the index.

        The search lists the index first. A term's entry stands where the lesson links its
        definition for the first time.
        """
        terms = {anchor(term.name): term for term in self.terms if term.lesson == number}
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                linked = dict.fromkeys(DEFINED.findall(cell.source))
                here = [terms.pop(link) for link in linked if link in terms]
                names = [name for term in here for name in term.names]
                entries = _entries(names + FUNCTION.findall(cell.source))
                cell.source = AFTER_HEADING.sub(rf"\g<0>{entries}", cell.source, count=1)

    def _as_run(self, name: str) -> NotebookNode:
        """Return a notebook of `course/` for readers, with the outputs of its last run.

        Folded instructions for running the notebook replace its first code cell.
        """
        self.write(f"extra/course/{BUNDLE}", (self.root / "release" / BUNDLE).read_bytes())
        notebook = build_lesson(name, self.root)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        for cell, results in zip(code, outputs(name, self.root), strict=True):
            cell.outputs = results
        setup = notebook.cells.index(code[0])
        notebook.cells[setup] = nbformat.v4.new_markdown_cell(TO_RUN, id=code[0].id)
        return notebook

    def write_milestones(self) -> None:
        """Write the page of the milestones, as it looks before the first one is reached."""
        for name in set(course_notebooks(self.root)) - {lesson.name for lesson in self.lessons}:
            place = f"course/{name}.ipynb"
            notebook = self._as_run(name)
            self._begin(
                notebook, place, "A notebook to run, beside the lessons and the assignments."
            )
            self._finish(notebook, place)

    def write_assignment(self, name: str) -> None:
        place = f"release/{name}/{name}.ipynb"
        notebook = nbformat.reads(for_self_study(name, self.root).decode(), as_version=4)
        self._begin(notebook, place, self._place_of_assignment(name))
        described = [*notebook.cells[1:], None]
        kept_cells = []
        for cell, following in zip(notebook.cells, described, strict=True):
            about = cell.metadata.get("nbgrader", {})
            text = TO_RUN_FIRST.sub("", cell.source)  # a page has nothing to run
            cell.source = EXERCISE.sub(rf"\g<0>\n\n{ABOUT_EXERCISE}", text)
            if cell.cell_type == "code":
                if about.get("grade") and not about.get("solution"):
                    continue  # the cell that grades is not for readers
                cell.source = LINE.sub('_checks = "..."  # packed into one line', cell.source)
                words = "Figure. Its description follows."
                if not following or "Description of the figure" not in following.source:
                    words = "Figure."
                cell.outputs = [_image(data, words) for data in self.figures[name].get(cell.id, [])]
            kept_cells.append(cell)
        notebook.cells = kept_cells
        _give_one_title(kept_cells)
        following = self._next_step(notebook)
        if following:
            notebook.cells.append(nbformat.v4.new_markdown_cell(following, id="next"))
        self._finish(notebook, place)

    def _next_step(self, notebook: NotebookNode) -> str:
        """Return the end of an assignment's page: the milestones it opens, and the next step."""
        about = (cell.metadata.get("nbgrader", {}) for cell in notebook.cells)
        names = [metadata["grade_id"] for metadata in about if metadata.get("solution")]
        held = {EXERCISES[name].assignment for name in names if name in EXERCISES}
        following = self.path[max(map(self.path.index, held)) + 1 :]
        opened = list(itertools.takewhile(self.milestones.get, following))
        lines = [
            f"- Your functions open [milestone {step}](../../course/milestones.ipynb): "
            f"*{self.milestones[step][0]}*."
            for step in opened
        ]
        for step in following[len(opened) :]:
            if step not in self.optional:
                lines.append(f"- Go on with {self._linked(step)}.")
                break
            lines.append(f"- {self._linked(step)} is optional.")
        return "\n".join(["## Next", "", *lines]) if lines else ""

    def _linked(self, step: str) -> str:
        return f"[{self._name_of(step)}](../../{self._place_of(step)}.ipynb)"

    def _begin(self, notebook: NotebookNode, place: str, where: str) -> None:
        """Replace the Colab badge with the notebook's position in the course and its buttons."""
        if "colab-badge" in notebook.cells[0].source:
            del notebook.cells[0]
        name = posixpath.basename(place)
        if place.startswith("release/"):
            self.write(f"extra/{place}", for_self_study(name.removesuffix(".ipynb"), self.root))
        else:
            self.write(f"extra/{place}", (self.root / place).read_bytes())
        up = "../" * place.count("/")
        buttons = []
        if name in self.in_browser:
            address = up + lite.page_of(name.removesuffix(".ipynb"))
            buttons.append(f'<a class="button" href="{address}">Run in the browser</a>')
        if self.github:
            address = f"https://colab.research.google.com/github/{self.github}/{place}"
            buttons.append(f'<a class="button" href="{address}">Open in Colab</a>')
        buttons.append(f'<a class="button" href="{name}" download>Download</a>')
        head = f'{where}\n\n<p class="buttons">{" ".join(buttons)}</p>'
        about = self._about_browser(name.removesuffix(".ipynb"))
        if about:
            head += f'\n\n<p class="about-browser">{about}</p>'
        first = notebook.cells[0]
        title, _, rest = first.source.partition("\n")
        if place.startswith("release/"):
            title = title.replace("# ", "# Assignment: ", 1)
        first.source = f"{title}\n\n{head}\n{rest}"

    def _about_browser(self, name: str) -> str:
        """Return how much the button loads, or why a notebook does not run in the browser."""
        if f"{name}.ipynb" in self.in_browser:
            size = self.megabytes.get("notebook")
            return f"On the first visit, your browser downloads {size} MB." if size else ""
        packages = lite.missing_packages(name, self.root) if self.in_browser else ()
        names = sorted((PACKAGES.get(package, package) for package in packages), key=str.lower)
        if not names:
            return ""
        needed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
        return f"This notebook does not run in the browser because it needs {needed}."

    def _place_in_course(self, lesson: Lesson) -> str:
        optional = ", optional" if lesson.optional else ""
        minutes, _, exercises = lesson.minutes.partition(" + ")
        place = f"Lesson {lesson.number}{optional}. {minutes} minutes"
        place += f", and {exercises} for the exercises." if exercises else "."
        then = " and ".join(f"[{name}](../release/{name}/{name}.ipynb)" for name in lesson.then)
        return f"{place} Practice it in the assignment {then}." if then else place

    def _place_of_assignment(self, name: str) -> str:
        before = [one for one in self.lessons if name in one.then]
        names = " and ".join(
            f"[{one.number} {one.title}](../../course/{one.name}.ipynb)" for one in before
        )
        return f"Practice for lesson {names}." if names else "It combines several assignments."

    def _finish(self, notebook: NotebookNode, place: str) -> None:
        """Write a notebook's page and its figures, and tag the cells to fold or hide."""
        asked = False
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = self.relink(_worded(cell.source), place)
                asked = bool(ASKS.search(cell.source))
                continue
            tags = cell.metadata.setdefault("tags", [])
            if cell.metadata.get("jupyter", {}).get("source_hidden"):
                tags.append("hide-input")
            if asked and cell.outputs and not ASKS.search(cell.source):
                tags.append("hide-output")
            asked = bool(ASKS.search(cell.source))
            needs = re.match(r"%%needs (.+)\n", cell.source)
            if needs:
                cell.source = cell.source[needs.end() :]
                framework = _framework(needs[1].split())
                tags += [f"framework-{framework}"] if framework else []
            for output in cell.outputs:
                page = _html_of(output)
                if page:
                    page = self._relink_html(self._with_files(page, place), place)
                    output.data = {"text/html": page}
        notebook.metadata.pop("course", None)
        self.write(place, nbformat.writes(notebook).encode())

    def _with_files(self, page: str, place: str) -> str:
        """Move the images of a page's HTML into files."""

        def file(image: re.Match[str]) -> str:
            data = base64.b64decode(image[1])
            name = f"figures/{hashlib.sha256(data).hexdigest()[:16]}"
            name, data = (
                (f"{name}.webp", _webp(data)) if len(data) > LARGE else (f"{name}.png", data)
            )
            self.write(f"extra/{posixpath.dirname(place)}/{name}", data)
            return name

        return PNG.sub(file, page)

    def _relink_html(self, page: str, place: str) -> str:
        """Replace links to notebooks in an output's HTML with links to their pages."""

        def link(href: re.Match[str]) -> str:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(place), href[1] + ".ipynb"))
            return f'href="{href[1]}.html"' if path in self.pages else href[0]

        return re.sub(r'href="([^":]+)\.ipynb"', link, page)

    def relink(self, text: str, source: str) -> str:
        """Replace the links in a page's text with those of the site."""
        return _sub_in_prose(LINK, lambda link: self._link(link, source), text)

    def _link(self, link: re.Match[str], source: str) -> str:
        words, target = link[1], link[2]
        ours = f"https://github.com/{self.github}/"
        target, mark, anchor = target.partition("#")
        if self.github and target.startswith(ours):
            path = target.removeprefix(ours)
        elif re.match(r"[a-z]+:", target):
            return link[0]
        else:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        here = posixpath.dirname(MOVED.get(source, source))
        if f"{path}/README.md" in self.pages:
            path += "/README.md"
        if path in self.pages:
            return f"{words}({posixpath.relpath(MOVED.get(path, path), here or '.')}{mark}{anchor})"
        if words.startswith("!") and (self.root / path).is_file():
            self.write(path, (self.root / path).read_bytes())
            return f"{words}({posixpath.relpath(path, here or '.')})"
        if not self.github:
            return words[1:-1]
        kind = "tree" if (self.root / path).is_dir() else "blob"
        place = ours.replace("/blob/", f"/{kind}/") + path
        return f"{words}({place}{mark}{anchor})"


def _entries(names: list[str]) -> str:
    """Return index entries, which the search lists first."""
    return "".join(f"```{{index}} ! single: {name}\n```\n\n" for name in names)


def _sub_in_prose(
    pattern: re.Pattern[str], by: str | Callable[[re.Match[str]], str], text: str
) -> str:
    """Replace a pattern in Markdown outside its code blocks."""
    parts = re.split(r"(^(`{3,}).*?^\2$)", text, flags=re.S | re.M)
    for index in range(0, len(parts), 3):
        parts[index] = pattern.sub(by, parts[index])
    del parts[2::3]  # the fences, which the split also returns
    return "".join(parts)


def _give_one_title(cells: list[NotebookNode]) -> None:
    """Demote the headings after a notebook's first title, up to the shared last section."""
    _, *others = [cell for cell in cells if cell.cell_type == "markdown"]
    parts = itertools.dropwhile(lambda cell: not cell.source.startswith("# "), others)
    for cell in itertools.takewhile(lambda cell: not cell.source.startswith(SUMMARY), parts):
        cell.source = _sub_in_prose(HEADING, "#", cell.source)


def _webp(png: bytes, largest: tuple[int, int] | None = None) -> bytes:
    """Re-encode a photo, or a figure made from one, as WebP: a tenth of the size.

    Parameters
    ----------
    largest
        Width and height to which a larger image is reduced.
    """
    memory, image = io.BytesIO(), Image.open(io.BytesIO(png)).convert("RGBA")
    if image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    if largest:
        image.thumbnail(largest)
    image.save(memory, "webp", quality=90, method=4)
    return memory.getvalue()


def _preview(png: bytes) -> bytes:
    """Return a figure as a JPEG of the size that previews of links have."""
    preview = Image.new("RGB", (1200, 630), "white")
    figure = ImageOps.contain(Image.open(io.BytesIO(png)).convert("RGBA"), (1160, 590))
    place = (preview.width - figure.width) // 2, (preview.height - figure.height) // 2
    preview.paste(figure, place, figure)
    memory = io.BytesIO()
    preview.save(memory, "jpeg", quality=85)
    return memory.getvalue()


def _worded(text: str) -> str:
    """Return a notebook's text, reworded for a web page."""
    for in_notebook, on_page in WORDINGS:
        text = in_notebook.sub(on_page, text)
    return text


def _html_of(output: NotebookNode) -> str:
    """Return the HTML that an output shows, or ""."""
    return "".join(output.get("data", {}).get("text/html", ""))


def _html_output(page: str) -> NotebookNode:
    """Return an output that shows HTML."""
    return nbformat.v4.new_output("display_data", {"text/html": page})


def _framework(needs: list[str]) -> str:
    """Return the framework that a cell with these packages uses; "" if it compares several."""
    names = [FRAMEWORKS[name] for name in needs if name in FRAMEWORKS]
    return "" if "PyTorch" in names and len(names) > 1 else next(iter(names), "")


def _image(png: bytes, words: str) -> NotebookNode:
    """Return an output that shows an image at twice the page's resolution."""
    width, height = (int.from_bytes(png[at : at + 4], "big") // 2 for at in (16, 20))
    page = (
        f'<div style="overflow-x: auto"><img alt="{html.escape(words)}" width="{width}" '
        f'height="{height}" style="max-width: 100%; height: auto; min-width: {min(width, 420)}px" '
        f'src="data:image/png;base64,{base64.b64encode(png).decode()}"></div>'
    )
    return _html_output(page)


# --- The figures of assignments ---

# Runs before an assignment's first cell.
SHARP = """\
%config InlineBackend.figure_formats = ["png"]
import matplotlib
%matplotlib inline
matplotlib.rcParams["figure.dpi"] = 200
"""


def _figures(name: str, root: Path) -> dict[str, list[bytes]]:
    """Return the figures that a solved assignment draws, as PNGs by cell id."""
    notebook = build_notebook(name, root)
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and about.get("grade") and not about.get("solution"):
            cell.source = ""
        cell.outputs = []
    digest = hashlib.sha256(f"{SHARP}{nbformat.writes(notebook)}".encode()).hexdigest()
    path = kept(f"assignment-{name}", root)
    run = nbformat.read(path, as_version=4) if path.exists() else None
    if run is None or run.metadata.get("digest") != digest:
        console.print(f"Drawing the figures of {name}")
        run = nbformat.v4.new_notebook(metadata=notebook.metadata | {"digest": digest})
        run.cells = [nbformat.v4.new_code_cell(SHARP), *notebook.cells]
        client = NotebookClient(run, timeout=600, extra_arguments=["--log-level=ERROR"])
        asyncio.run(client.async_execute(env=os.environ | ONE_THREAD | NOBODY))
        write_if_changed(path, nbformat.writes(run).encode())
    return {
        cell.id: [
            base64.b64decode(output.data["image/png"])
            for output in cell.outputs
            if "image/png" in output.get("data", {})
        ]
        for cell in run.cells
        if cell.cell_type == "code"
    }


# --- Checks of the built site ---


class _Page(HTMLParser):
    """The ids of a page, and the addresses that it links to or fetches."""

    ADDRESSES = {"a": "href", "link": "href", "img": "src", "script": "src", "source": "src"}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        if values.get("id"):
            self.ids.append(values["id"] or "")
        address = values.get(self.ADDRESSES.get(tag, ""))
        if address:
            self.links.append(address)
            passive = tag == "a" or values.get("rel") in ("canonical", "next", "prev", "search")
            if not passive:
                self.fetched.append(address)


def broken_links(site: Path) -> Iterator[str]:
    """Yield a line for each broken link in a site; links to other sites are not followed."""
    pages = {
        path: _Page(path.read_text(encoding="utf-8"))
        for path in sorted(site.rglob("*.html"))
        if site / "lite" not in path.parents
    }
    for path, page in pages.items():
        name = path.relative_to(site)
        for repeated in sorted({id for id in page.ids if page.ids.count(id) > 1}):
            yield f"{name}: the id {repeated!r} occurs more than once"
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                if link in page.fetched and parts.scheme != "data":
                    yield f"{name}: the page fetches {link} from another site"
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            if not target.is_file():
                yield f"{name}: broken link to {link}"
            elif target in pages and parts.fragment:
                exists = unquote(parts.fragment) in pages[target].ids
                if not exists:
                    yield f"{name}: the page has no id for the link to {link}"


def broken_notebook_links(folder: Path) -> Iterator[str]:
    """Yield a line for each broken link from a JupyterLite notebook to the site around it.

    Parameters
    ----------
    folder
        The JupyterLite site.
    """
    pages: dict[Path, _Page] = {}
    for path in sorted((folder / "files").glob("*.ipynb")):
        cells = json.loads(path.read_bytes())["cells"]
        texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        for target, fragment in lite.LINK.findall("\n".join(texts)):
            file = (path.parent / target).resolve()
            if urlsplit(target).scheme:
                continue
            if not file.is_file():
                yield f"{path.name}: broken link to {target}"
            elif file.suffix == ".html" and fragment:
                if file not in pages:
                    pages[file] = _Page(file.read_text(encoding="utf-8"))
                if unquote(fragment[1:]) not in pages[file].ids:
                    yield f"{path.name}: {target} has no id for the link to {fragment}"


def main(root: Path = ROOT) -> int:
    """Return 0, or 1 if a page has a warning or a broken link."""
    from sphinx.cmd.build import build_main

    build = root / "docs" / "_build"
    missing = [name for name in course_notebooks(root) if not kept(name, root).exists()]
    if missing:
        console.print(f"Run `make lessons` first: there are no outputs of {', '.join(missing)}.")
        return 1
    lay_out(root, build / "pages")
    shutil.rmtree(build / "site", ignore_errors=True)
    options = ["--fail-on-warning", "--keep-going", "--fresh-env", "--conf-dir", str(root / "docs")]
    folders = ["--doctree-dir", str(build / "doctrees"), str(build / "pages"), str(build / "site")]
    if build_main([*options, *folders]):
        return 1
    if (build / "lite").is_dir():
        shutil.copytree(build / "lite", build / "site" / "lite")
    problems = [*broken_links(build / "site"), *broken_notebook_links(build / "site" / "lite")]
    for problem in problems:
        console.print(problem, style="red", markup=False)
    if not problems:
        console.print(f"The site is in {(build / 'site').relative_to(root)}/index.html.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
