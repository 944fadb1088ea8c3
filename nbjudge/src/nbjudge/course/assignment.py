"""Load an assignment for grading: its notebooks, files, dates and students."""

import functools
import itertools
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from shlex import quote

from nbgrader.coursedir import CourseDirectory

from nbjudge import plugins
from nbjudge.course.course_modules import course_modules
from nbjudge.course.dates import course_zone
from nbjudge.course.folders import folder_of, list_class
from nbjudge.course.gradebook import Records, not_generated
from nbjudge.course.outcome import shortened
from nbjudge.course.source_notebook import Difference, assembled
from nbjudge.course.times import LATE_MARK, TIMESTAMP
from nbjudge.engine.messages import Job, Preparation
from nbjudge.errors import NotReleasedError, UnreadableNotebookError
from nbjudge.files import digest_of, is_rubbish, read_file, read_folder
from nbjudge.judging.messages import CHILD, PERSON, NotebookSubmission
from nbjudge.notebook.reading import read_notebook
from nbjudge.notebook.spec import (
    CellSpec,
    NotebookSpec,
    make_spec,
    region_marks,
    with_tests_in_child,
)
from nbjudge.sandbox.sandbox import below, environment_folders
from nbjudge.settings import NbJudge
from nbjudge.wire.messages import to_plain
from nbjudge.wording import did_you_mean, nearest

_WHILE = re.compile(rb"(\\n|\b)while\b")  # in a notebook's JSON
FORBIDDEN = "it can only be judged in the student's process, which c.NbJudge.tests_in_child forbids"
MAX_DIFFERENCES = 5  # named in a message
VERSION = "5"  # version of the grading algorithm; a new one regrades every submission


def sources(coursedir: CourseDirectory) -> list[str]:
    """Return the names of the assignments in source/."""
    folder = Path(coursedir.root, coursedir.source_directory)
    names = (path.name for path in folder.glob("*/"))
    return sorted(name for name in names if not (name.startswith(".") or is_rubbish(name)))


def environment() -> list[tuple[str, bytes]]:
    """Return the Python version and the names of installed packages, to be hashed."""
    folders = dict.fromkeys(filter(os.path.isdir, sys.path))
    packages = {
        name
        for folder in folders
        for name in os.listdir(folder)
        if name.endswith((".dist-info", ".egg-info"))
    }
    return [("python", sys.version.encode()), *((name, b"") for name in sorted(packages))]


def _left_to_a_person(cell: CellSpec) -> CellSpec:
    """Return a test placed in the child as a test to grade by hand; other cells unchanged."""
    return replace(cell, in_child=False, left_because=FORBIDDEN) if cell.in_child else cell


class Assignment:
    """An assignment that is ready to be graded.

    Parameters
    ----------
    for_reading
        True to leave the gradebook unchanged, including its dates.

    Attributes
    ----------
    notebooks
        The instructor's notebooks in source/ with the course's header and footer, parsed from JSON.
    differences
        Differences between source/ and the gradebook, by notebook; the gradebook's version is
        graded.

    Raises
    ------
    LookupError
        If the gradebook does not have the assignment.
    NotReleasedError
        If the gradebook has no notebooks of the assignment, or has cells that source/ lacks.
    ValueError
        If source/ or dates.toml is invalid.

    Examples
    --------
    >>> import nbjudge
    >>> assignment = nbjudge.Assignment("ps1", *nbjudge.load_course(), for_reading=True)
    >>> assignment.students()
    ['ann', 'bob']
    >>> [cell.grade_id for cell in assignment.specs["ps1"].tests]
    ['double_test', 'half_test']
    >>> assignment.close()
    """

    def __init__(
        self,
        name: str,
        coursedir: CourseDirectory,
        settings: NbJudge,
        *,
        for_reading: bool = False,
    ):
        self.name, self.coursedir, self.settings = name, coursedir, settings
        self.records = Records(coursedir.db_url, coursedir.course_id, name, for_reading=for_reading)
        if not self.records.notebooks:
            raise NotReleasedError(not_generated(name))
        self.zone = course_zone(coursedir.config)
        # The exchange has its own time zone setting and writes that zone's abbreviation.
        self.zones = self.zone, course_zone(coursedir.config, "Exchange")
        assignments = self.records.assignments | set(sources(coursedir))
        self.dates = plugins.ask("nbjudge.dates", "__call__", coursedir, assignments)
        self.date_remarks: list[str] = []
        self.source = Path(self.path(coursedir.source_directory, "."))
        self.release = Path(self.path(coursedir.release_directory, "."))
        self.master = self._read_master()
        notebooks = [n for n in self.master if n.endswith(".ipynb")]
        self.differences: dict[str, list[Difference]] = {
            Path(notebook).stem: [Difference("the notebook is not in the gradebook", True)]
            for notebook in notebooks
            if "/" not in notebook and Path(notebook).stem not in self.records.notebooks
        }
        self.notebooks = {
            notebook: assembled(json.loads(self.master[f"{notebook}.ipynb"]), coursedir)
            for notebook in self.records.notebooks
            if f"{notebook}.ipynb" in notebooks
        }
        self.specs = {notebook: self._spec(notebook) for notebook in self.records.notebooks}
        self.differences |= {name: self._differences(name) for name in self.notebooks}
        for notebook in notebooks:
            del self.master[notebook]
        excluded = coursedir.config.get("Autograde", {}).get("exclude_overwriting", {})
        self.overridable = set(excluded.get(name, ()))
        files, self.readable = self._course_paths()
        contents = {
            os.path.relpath(file, coursedir.root): file.read_bytes()
            for file in dict.fromkeys(files)
            if file.is_file()
        }
        self.course_files = list(contents)  # files of the course that the tests use
        pairs = [*contents.items(), *sorted(self.master.items())]
        self.modules = {n: digest_of([(n, c)]) for n, c in pairs if n.endswith(".py")}
        self.base_key = self.key = self._key(pairs)
        self.base_specs = dict(self.specs)
        # True if the place of each test was chosen for the assignment in its present form.
        self.is_placed = not any(spec.tests for spec in self.specs.values())
        self.placement_remarks: list[str] = []  # of a placement made by this process
        if (in_child := self.records.placement(self._placement_key())) is not None:
            self._apply_placement(in_child)

    def _placement_key(self) -> str:
        limits = repr(self.settings.limits(self.name)).encode()
        pairs = [("assignment", self.base_key.encode()), ("limits", limits)]
        return digest_of([*pairs, *environment()])

    def forget_placement(self) -> None:
        """Discard the placement: judge every test outside, except those tagged nbjudge-child."""
        self.specs, self.key = dict(self.base_specs), self.base_key

    def place(self, in_child: Mapping[str, Sequence[str]], store: bool = True) -> None:
        """Judge tests in the child from now on: {notebook: grade ids}.

        Parameters
        ----------
        store
            True to store the placement in the gradebook for later runs.
        """
        if store and not self.records.for_reading:
            self.records.write_placement(self._placement_key(), in_child)
        self._apply_placement(in_child)

    def _apply_placement(self, in_child: Mapping[str, Sequence[str]]) -> None:
        self.is_placed = True
        for name, spec in self.specs.items():
            placed = with_tests_in_child(spec, in_child.get(name, ()))
            if not self.settings.tests_in_child:
                placed = replace(placed, cells=tuple(map(_left_to_a_person, placed.cells)))
            self.specs[name] = placed
        text = json.dumps([in_child, self.settings.tests_in_child], sort_keys=True)
        self.key = digest_of([("assignment", self.base_key.encode()), ("child", text.encode())])

    def describe_differences(self) -> str:
        """Return a clause about how source/ differs from the gradebook, or ""."""
        found = [self.named(name, one) for name, of in self.differences.items() for one in of]
        texts = "; ".join(text.removesuffix(".") for text in shortened(found, MAX_DIFFERENCES))
        return texts and f"source/ differs from the gradebook: {texts}"

    def describe_graded_version(self) -> str:
        """Return a sentence that names the graded version when source/ and the gradebook differ."""
        return f"The version in the gradebook is graded until you {self.remedy()}"

    def remedy(self) -> str:
        """Return how to make source/ and the gradebook agree, as the end of a sentence."""
        differences = itertools.chain(*self.differences.values())
        return self._remedy(any(difference.changes_cells for difference in differences))

    def _remedy(self, changes_cells: bool) -> str:
        generate = f"`nbgrader generate_assignment {quote(self.name)} --force`"
        if not (changes_cells and self.records.submission_points()):
            return f"run {generate}"
        return (
            "undo the changes in source/ that add, remove or convert cells: nbgrader rejects them "
            f"once work has been graded, but {generate} deletes "
            f"{self.coursedir.release_directory}/{self.name} before it does so"
        )

    def named(self, notebook: str, text: object) -> str:
        """Return a text about a notebook, with its name if the assignment has several."""
        return f"{notebook}: {text}" if len(self.specs) > 1 else str(text)

    def slips(self) -> list[str]:
        """Return likely mistakes in the instructor's cells that nbgrader accepts."""
        config = self.coursedir.config
        return [
            self.named(name, slip)
            for name, spec in self.specs.items()
            for slips in plugins.ask(
                "nbjudge.checks", "find_slips", spec, self.notebooks.get(name), config
            ).values()
            for slip in slips
        ]

    def set_dates(self) -> None:
        """Write the dates that plug-ins know, such as those of dates.toml, to the gradebook."""
        students = self.students()
        self.date_remarks = []
        for name, write in self.dates.items():
            with plugins.naming("nbjudge.dates", name):
                self.date_remarks += write(self.records, self.zone, students)

    def setting_remarks(self) -> list[str]:
        """Return warnings about names in settings that may be misspellings of this assignment."""
        assignments = self.records.assignments | set(sources(self.coursedir))
        return [
            f"c.NbJudge.{setting} names {name}, which is not an assignment of this course"
            f"{did_you_mean([self.name])}"
            for setting, name in self.settings.assignments()
            if name not in assignments and nearest(name, assignments) == [self.name]
        ]

    def _read_master(self) -> dict[str, bytes]:
        """Return the files of the assignment in source/."""
        if not self.source.is_dir():
            return {}
        folder = read_folder(self.source, self.coursedir.ignore)
        if folder.left_out:
            raise ValueError(
                f"Some files in {self.source} cannot be copied to the submissions: "
                f"{'; '.join(folder.left_out)}. Use regular files of at most 32 MB each and "
                "128 MB in total, or remove these files."
            )
        return folder.files

    def close(self) -> None:
        """Close the gradebook."""
        self.records.close()

    def path(self, step: str, student: str) -> str:
        """Return a student's folder for the assignment in one of nbgrader's steps."""
        return folder_of(self.coursedir, step, student, self.name)

    def _spec(self, notebook: str) -> NotebookSpec:
        source = self.notebooks.get(notebook)
        marks, scheme = region_marks(self.coursedir.config)
        try:
            spec = make_spec(notebook, self.records.recorded(notebook), source, marks, scheme)
        except NotReleasedError as error:
            raise NotReleasedError(f"{error}: {self._remedy(changes_cells=True)}") from None
        if spec.language.lower() != "python":
            raise ValueError(
                f"{notebook} is written in {spec.language}; nbjudge grades only Python"
            )
        return replace(spec, added=self._added(spec))

    def _differences(self, notebook: str) -> list[Difference]:
        """Return the differences between a notebook in source/ and the gradebook."""
        given = self.records.recorded(notebook), self.notebooks[notebook], self.coursedir.config
        answers = plugins.ask("nbjudge.checks", "find_differences", *given)
        return [difference for differences in answers.values() for difference in differences]

    def _added(self, spec: NotebookSpec) -> tuple[str, ...]:
        """Return the sources of cells without nbgrader metadata that only release/ contains."""
        try:
            released = read_notebook((self.release / f"{spec.name}.ipynb").read_bytes())
        except (OSError, UnreadableNotebookError):  # students got the notebook another way
            return ()
        texts = {text for cell in spec.cells for text in (cell.source, cell.released)}
        ordinary = (c["source"] for c in released if not c["metadata"].get("nbgrader"))
        return tuple(text for text in ordinary if text not in texts)

    def _course_paths(self) -> tuple[list[Path], list[str]]:
        """Return the course's files that tests use, and the paths that judges may read."""
        cells = [cell for spec in self.specs.values() for cell in spec.cells]
        sources = [text for cell in cells for text in (cell.solved, cell.source)]
        root = self.coursedir.root
        path = [
            root,
            *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)),
            str(self.source),
        ]
        files = course_modules(sources, path)
        folders = [
            Path(root, name)
            for name in (*self.settings.test_files, *self.settings.student_packages)
        ]
        installed = below(self.settings.hidden_folders, environment_folders())
        readable = [*map(str, (*files, *folders)), *installed]
        for folder in folders:
            files += [f for f in sorted(folder.rglob("*")) if "__pycache__" not in f.parts] or [
                folder
            ]
        return files, readable

    def _key(self, pairs: Iterable[tuple[str, bytes]]) -> str:
        """Return a hash of everything that scores depend on, except the submission.

        Parameters
        ----------
        pairs
            Names and contents of the course's and the assignment's files.
        """
        specs = json.dumps([to_plain(spec) for spec in self.specs.values()])
        return digest_of(
            [
                *pairs,
                *(("overridable", name.encode()) for name in sorted(self.overridable)),
                *(("packages", name.encode()) for name in sorted(self.settings.student_packages)),
                ("specs", specs.encode()),
                ("version", VERSION.encode()),
            ]
        )

    def submitted(self, student: str) -> str:
        """Return the folder of a student's submission."""
        return self.path(self.coursedir.submitted_directory, student)

    def students(self) -> list[str]:
        """Return the students who have submitted a folder, or whose folder cannot be read."""
        return list_class(self.coursedir, self.coursedir.submitted_directory, self.name).students

    def graded_students(self) -> list[str]:
        """Return the students with graded work, or whose folder of graded work cannot be read."""
        return list_class(self.coursedir, self.coursedir.autograded_directory, self.name).students

    def may_be_endless(self, student: str) -> bool:
        """True if a submission is likely to contain an infinite loop; a heuristic, before judging.

        Nearly all infinite loops are `while` loops, so a submission with more `while` loops than
        the assignment is suspect.
        """
        for name in self.specs:
            try:
                content = read_file(os.path.join(self.submitted(student), f"{name}.ipynb"))
            except (OSError, ValueError):  # reported when the submission is graded
                continue
            # Searching for the plain word first is 100 times faster and usually sufficient.
            given, word = self._loops[name], b"while"
            if content.count(word) > given and len(_WHILE.findall(content)) > given:
                return True
        return False

    @functools.cached_property
    def _loops(self) -> dict[str, int]:
        """Number of `while` loops in each notebook of the assignment."""
        return {
            name: sum(len(_WHILE.findall(cell.source.encode())) for cell in spec.cells)
            for name, spec in self.specs.items()
        }

    def student_files(self, files: dict[str, bytes]) -> dict[str, bytes]:
        """Return the submitted files, except those replaced with the assignment's own files."""
        master = set(self.master) - self.overridable
        taken = master | {str(above) for name in master for above in Path(name).parents}
        return {
            name: content
            for name, content in files.items()
            if name not in taken and not any(str(above) in master for above in Path(name).parents)
        }

    def job(
        self,
        student: str,
        spec: NotebookSpec,
        content: bytes,
        files: dict[str, bytes],
        seed: int,
        mark: dict[str, object],
        compare: bool = False,
        fallback: str | None = None,
    ) -> Job:
        """Return the job that judges a student's notebook.

        Parameters
        ----------
        files
            Other submitted files, {path: content}.
        seed
            Seed of all random numbers.
        mark
            Metadata to store in the graded notebook.
        compare
            True to judge every test in the child as well.
        fallback
            As in `NotebookSubmission`; by default, what the settings allow.
        """
        if fallback is None:
            fallback = CHILD if self.settings.tests_in_child else PERSON
        placed = [
            [cell.grade_id, cell.in_child, cell.left_because]
            for cell in spec.cells
            if cell.in_child or cell.left_because
        ]
        key = f"{self.base_key}/{spec.name}/{json.dumps(placed) if placed else ''}"
        files = self.student_files(files)
        given = {**self.master, TIMESTAMP: files.get(TIMESTAMP), LATE_MARK: files.get(LATE_MARK)}
        submission = NotebookSubmission(
            key=key,
            notebook=content,
            files=files,
            seed=seed,
            limits=self.settings.limits(self.name),
            draw_all=self.settings.draw_figures == "all",
            mark=mark,
            own_files=[path for path in files if files[path] != given.get(path)],
            compare=compare,
            fallback=fallback,
        )
        preparation = Preparation(key, spec, self.master, self.modules, tuple(self.readable))
        return Job(preparation, submission, f"{self.name} of {student}")
