"""A made-up class of 24 students whose grades are known beforehand.

It fills `submitted/` so that grading can be tried, shown and tested: right work in two styles, the
mistakes people make, and everything else that arrives on a deadline. What each submission deserves
is stored beside it, in `submitted/sample_class.json`.

    python -m tools.sample_class    takes the class away again, to begin with a real one
"""

import copy
import json
import random
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry

from exercises import EXERCISES, Exercise, vectorised
from exercises.source import function_source
from tools.course import ROOT, assignments, nbgrader_api, write_if_changed

__all__ = [
    "DESERVED",
    "STUDENTS",
    "Fate",
    "Submission",
    "deserved",
    "forget_class",
    "generated",
    "plan",
    "write_class",
]

SEED = 2024
DESERVED = "sample_class.json"

STUDENTS = (
    *("abebe", "aiko", "amara", "bjorn", "carlos", "chidi", "dana", "elif"),
    *("farid", "grete", "hana", "ines", "jamal", "kofi", "lena", "mei"),
    *("nadia", "oskar", "priya", "quentin", "rosa", "samir", "tomas", "yara"),
)


@dataclass(frozen=True)
class Fate:
    """What became of one exercise in one submission.

    write: from the exercise, the text of the solution cell; None leaves the cell as released
    points: from the exercise, what the work deserves; None where only a person can tell
    The training of LeNet and a question that a person grades have no exercise: both are given None.
    """

    name: str
    write: Callable[[Exercise | None], str] | None
    points: Callable[[Exercise | None], float | None]


def _full(exercise):
    return exercise.points


def _none(exercise):
    return 0


def _first(line):
    """The taught solution with a line put in front of its first statement."""

    def write(exercise):
        signature, docstring, rest = exercise.solution_text().split('"""')
        return f'{signature}"""{docstring}"""\n    {line}{rest}'

    return write


def mistake(name: str) -> Fate:
    """The fate of having made a mistake of the exercise's catalogue."""

    def find(exercise):
        return next(m for m in exercise.mistakes if m.name == name)

    def points(exercise):
        lost = sum(c.points for c in exercise.checks if c.name in find(exercise).fails)
        return exercise.points - lost

    return Fate(name, lambda exercise: exercise.solution_text(find(exercise)), points)


def _without_loops(exercise):
    lines = exercise.solution_text().splitlines()
    start = lines.index("    for i in range(m):")
    end = next(i for i in range(start, len(lines)) if not lines[i])
    return "\n".join(lines[:start] + lines[end + 1 :])


def _zeros_points(exercise):
    """Zeros of the right shape, and the cache that the notebook gives: that much is right."""
    return sum(check.points for check in exercise.checks if check.kind in ("shape", "cache"))


LOOPS = Fate("right, with loops", lambda e: e.solution_text(), _full)
VECTORISED = Fate(
    "right, vectorised", lambda e: function_source(getattr(vectorised, e.name)), _full
)
PRINTS = Fate("right, prints a lot", _first('print("called", "with " * 2000)'), _full)
WARNS = Fate(
    "right, warns on stderr",
    _first(
        "import sys\n    import warnings\n\n"
        '    warnings.warn("this function is slow", stacklevel=2)\n'
        '    print("on stderr", file=sys.stderr)\n'
    ),
    _full,
)
FLOAT_OF_BIAS = Fate(
    "right, float(b)", lambda e: e.solution_text().replace("b.item()", "float(b)"), _full
)
UNTOUCHED = Fate("untouched", None, _none)
HALF = Fate("half finished", _without_loops, _zeros_points)
NO_RETURN = Fate(
    "return forgotten", lambda e: e.solution_text().rsplit("\n    return", 1)[0] + "\n", _none
)
SYNTAX = Fate("syntax error", lambda e: e.solution_text().replace("):", ")", 1), _none)
EXCEPTION = Fate(
    "exception",
    lambda e: e.solution_text().replace("\n    return ", "\n    return result, "),
    _none,
)
ENDLESS = Fate("endless loop", _first("while True:\n        pass\n"), _none)
DELETED = Fate("right, graded cell deleted", LOOPS.write, _full)
COPIED = Fate("right, in a copy of the cell", LOOPS.write, _full)


# Answers in words, which wait for a person.


def _answer(name, text):
    return Fate(name, lambda _: text, lambda _: None)


GOOD_ANSWER = _answer(
    "a good answer",
    """\
1. **Any input size.** A fully connected layer after flattening has a weight for every pixel and
   channel, so its matrix fits one size of image. The 1x1 convolution has $n_{C_{prev}} \\cdot n_C$
   weights and uses them at every position: a 28 x 28 and a 64 x 64 image both work.
2. **Places are kept.** The result is a map of scores, so we see *where* something was found.
3. **Fewer parameters.** From 6 channels to 3 units the 1x1 convolution has 21 parameters; on
   flattened 4 x 4 maps a fully connected layer has 291.""",
)
SHORT_ANSWER = _answer("a short answer", "It has fewer parameters and is faster.")
MISTAKEN_ANSWER = _answer(
    "a mistaken answer",
    "A 1x1 filter looks at the neighbours of a pixel, so it finds edges that a dense layer cannot.",
)


# The training of LeNet, which belongs to no exercise.

TRAINING = """\
trained, losses, accuracies = start_parameters(1), [], []
velocities = {{name: 0 * value for name, value in trained.items()}}
rng = np.random.default_rng(1)
for epoch in range({epochs}):
    order = rng.permutation({images})
    for batch in np.split(order, len(order) // 30):
        loss, gradients = lenet_gradients(train_images[batch], train_labels[batch], trained)
        for name, gradient in gradients.items():
            trained[name], velocities[name] = momentum_step(
                trained[name], gradient, velocities[name], 0.01, 0.9
            )
    losses.append(loss)
    accuracies.append(accuracy(test_images, test_labels, trained))
"""


def _trained(name, points, epochs, images=1500):
    text = TRAINING.format(epochs=epochs, images=images)
    return Fate(name, lambda _: text, lambda _: points)


TRAINED = _trained("trained", 10, 3)
TRAINED_ON_A_FEW = _trained("trained on 120 images", 4, 10, images=120)
NOT_TRAINED = Fate("not trained", lambda _: "trained = start_parameters(1)", lambda _: 0)


@dataclass(frozen=True)
class Submission:
    """One student's work on one assignment: the fate of each of its exercises."""

    student: str
    assignment: str
    fates: dict[str, Fate]


# What the class of each assignment holds, one line for each submission, dealt to the students by
# the seed. A line names the fates of the assignment's exercises in order. An assignment that is not
# here gets right work, an untouched notebook, and a few of its catalogued mistakes.
CLASS = {
    "padding": [
        *([LOOPS], [VECTORISED], [PRINTS], [WARNS], [UNTOUCHED], [NO_RETURN], [SYNTAX]),
        *([mistake(m)] for m in ("channels padded", "height only", "edge repeated")),
        *([mistake("border written into the image")], [DELETED], [COPIED]),
    ],
    "single_step": [
        *([LOOPS], [LOOPS], [VECTORISED], [FLOAT_OF_BIAS], [EXCEPTION], [ENDLESS], [WARNS]),
        *([mistake(m)] for m in ("array of shape (1, 1, 1)", "bias added per element")),
        [mistake("bias forgotten")],
    ],
    "conv_forward": [
        *([LOOPS], [LOOPS], [VECTORISED], [VECTORISED], [HALF], [PRINTS], [UNTOUCHED], [SYNTAX]),
        *([mistake(m)] for m in ("stride ignored", "stride ignored", "f taken for the stride")),
        *([mistake(m)] for m in ("image not padded", "n_W from the height", "flipped filter")),
    ],
    "pooling": [
        *([LOOPS], [VECTORISED], [WARNS], [HALF], [EXCEPTION]),
        *([mistake(m)] for m in ("stride ignored", "maximum in both modes", "whole image pooled")),
        *([mistake(m)] for m in ("maximum started at 0", "size rounded up", "stride ignored")),
    ],
    "backprop": [
        # conv_backward, create_mask_from_window, distribute_value, pool_backward
        [LOOPS, LOOPS, LOOPS, LOOPS],
        [VECTORISED, VECTORISED, VECTORISED, VECTORISED],
        [mistake("[pad:-pad] at pad 0"), LOOPS, LOOPS, mistake("stride ignored")],
        [mistake("[pad:-pad] at pad 0"), LOOPS, VECTORISED, LOOPS],
        [mistake("stride ignored"), LOOPS, LOOPS, mistake("stride ignored")],
        [LOOPS, LOOPS, mistake("divided by the sum of the sides"), LOOPS],
        [mistake("started from random numbers"), LOOPS, LOOPS, UNTOUCHED],
        [mistake("last image only"), mistake("maximum of each row"), LOOPS, LOOPS],
        [HALF, LOOPS, LOOPS, HALF],
        [mistake("h and w swapped in dZ"), WARNS, PRINTS, mistake("maximum in both modes")],
        [LOOPS, mistake("the maximum itself"), mistake("not divided"), SYNTAX],
        [EXCEPTION, LOOPS, LOOPS, mistake("overwritten where windows overlap")],
    ],
    "transposed_conv": [
        *([LOOPS], [VECTORISED], [WARNS], [UNTOUCHED], [SYNTAX]),
        *([mistake(m)] for m in ("stride ignored", "stride ignored", "[pad:-pad] at pad 0")),
        *([mistake(m)] for m in ("overwritten where stamps overlap", "size of a convolution")),
    ],
    "one_by_one": [
        # one_by_one_forward, dense_as_convolution, advantages
        [LOOPS, LOOPS, GOOD_ANSWER],
        [VECTORISED, VECTORISED, GOOD_ANSWER],
        [LOOPS, LOOPS, SHORT_ANSWER],
        [PRINTS, mistake("channels read first"), SHORT_ANSWER],
        [mistake("bias forgotten"), LOOPS, MISTAKEN_ANSWER],
        [mistake("first pixel everywhere"), mistake("biases as they are"), UNTOUCHED],
        [LOOPS, UNTOUCHED, UNTOUCHED],
        [UNTOUCHED, UNTOUCHED, UNTOUCHED],
    ],
    "activations": [
        # sigmoid, relu, sigmoid_backward, tanh_backward, relu_backward, softmax,
        # softmax_cross_entropy
        [LOOPS] * 7,
        [VECTORISED] * 7,
        [UNTOUCHED] * 7,
        [
            *(mistake("exp over one plus exp"), LOOPS, LOOPS, mistake("slope of the sigmoid")),
            *(mistake("everything passes"), mistake("nothing subtracted")),
            mistake("logarithm of 0"),
        ],
        [
            *(mistake("sign of the exponent"), mistake("largest of all"), LOOPS),
            *(mistake("square forgotten"), LOOPS, mistake("nothing subtracted"), LOOPS),
        ],
        [
            *(LOOPS, mistake("written into Z"), mistake("slope alone"), VECTORISED),
            *(mistake("sign of the gradient"), LOOPS, mistake("gradient not averaged")),
        ],
        [
            LOOPS,
            LOOPS,
            mistake("Z for A"),
            mistake("Z for A"),
            LOOPS,
            mistake("columns"),
            NO_RETURN,
        ],
    ],
    "arithmetic": [
        # output_size, padding_amounts, conv_parameters, transposed_size
        [LOOPS] * 4,
        [VECTORISED] * 4,
        [LOOPS, mistake("stride left out of SAME"), mistake("biases left out"), LOOPS],
        [
            *(mistake("padding on one side"), mistake("odd one in front"), LOOPS),
            mistake("padding on one side"),
        ],
        [
            *(mistake("plus one forgotten"), UNTOUCHED, mistake("one bias in all")),
            mistake("a stride too many"),
        ],
    ],
    "lenet": [
        # dense_forward, dense_backward, lenet_forward, lenet_gradients, momentum_step, trained
        [LOOPS, LOOPS, LOOPS, LOOPS, LOOPS, TRAINED],
        [VECTORISED, VECTORISED, VECTORISED, VECTORISED, VECTORISED, TRAINED_ON_A_FEW],
        [
            *(LOOPS, mistake("db averaged over the batch"), LOOPS, LOOPS),
            *(mistake("momentum ignored"), NOT_TRAINED),
        ],
        [
            *(mistake("bias forgotten"), mistake("dW transposed")),
            *(mistake("no ReLU anywhere"), mistake("no ReLU on the way back")),
            *(mistake("up the hill"), UNTOUCHED),
        ],
        [
            *(mistake("transposed"), LOOPS, mistake("ReLU on the scores")),
            *(mistake("gradients of the sum"), LOOPS, UNTOUCHED),
        ],
        [UNTOUCHED] * 6,
    ],
    "convolution_step_by_step": [
        # zero_pad, conv_single_step, conv_forward, pool_forward, and those of backprop
        [LOOPS] * 8,
        [VECTORISED] * 8,
        [mistake("one side only"), *[LOOPS] * 7],  # its conv_forward and conv_backward are right
        [LOOPS, mistake("bias forgotten"), LOOPS, mistake("stride ignored"), *[LOOPS] * 4],
        [LOOPS, LOOPS, mistake("stride ignored"), LOOPS, *[UNTOUCHED] * 4],
        [*[LOOPS] * 5, mistake("minimum marked"), mistake("not divided"), LOOPS],
    ],
}


def plan(released: dict[str, nbformat.NotebookNode], seed: int = SEED) -> list[Submission]:
    """Who hands in what, for the assignments in `released` (name to student's notebook)."""
    dealer = random.Random(seed)
    submissions = []
    for assignment in sorted(released):
        names = list(_solution_cells(released[assignment]))
        rows = CLASS.get(assignment) or list(_usual_rows(names))
        for student, row in zip(dealer.sample(STUDENTS, len(rows)), rows, strict=True):
            submissions.append(Submission(student, assignment, dict(zip(names, row, strict=True))))
    return submissions


def _usual_rows(names):
    """Rows for an assignment without rows of its own."""
    right = [LOOPS if name in EXERCISES else SHORT_ANSWER for name in names]
    yield right
    yield [UNTOUCHED] * len(names)
    for place, name in enumerate(names):
        for known in EXERCISES[name].mistakes[:3] if name in EXERCISES else ():
            yield [mistake(known.name) if i == place else one for i, one in enumerate(right)]


def write_class(root: Path = ROOT, seed: int = SEED) -> list[Submission]:
    """Write the sample class to `submitted/`, if nobody has handed in anything yet.

    returns: what was written; nothing where there are submissions already
    raises: FileNotFoundError where an assignment has not been released
    """
    folder = root / "submitted"
    if any(path.is_dir() for path in folder.glob("*")):
        return []
    released = _released(root)
    submissions = plan(released, seed)
    try:
        for one in submissions:
            for name, content in _files(root, one, released).items():
                path = folder / one.student / one.assignment / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        text = json.dumps(deserved(submissions), indent=1) + "\n"
        write_if_changed(folder / DESERVED, text.encode())
    except BaseException:  # Ctrl-C too: half a class would be taken for real submissions
        for student in STUDENTS:
            shutil.rmtree(folder / student, ignore_errors=True)
        raise
    return submissions


def generated(root: Path = ROOT, seed: int = SEED) -> set[tuple[str, str]]:
    """The submissions that are byte for byte what the generator writes: (student, assignment).

    They are made again for that, as what lies in `submitted/` cannot vouch for itself. A folder
    that holds another file besides, or was written from another release, is not among them.
    """
    released = _released(root)
    return {
        (one.student, one.assignment)
        for one in plan(released, seed)
        if _contents(root / "submitted" / one.student / one.assignment)
        == _files(root, one, released)
    }


def _released(root):
    return {name: _read(root / "release" / name / f"{name}.ipynb") for name in assignments(root)}


def _files(root, one, released) -> dict[str, bytes]:
    """The files of a submission of the class: those of the release, with the notebook filled in."""
    notebook = nbformat.writes(_fill_in(released[one.assignment], one.fates)).rstrip("\n") + "\n"
    files = _contents(root / "release" / one.assignment)
    return files | {f"{one.assignment}.ipynb": notebook.encode()}


def _contents(folder) -> dict[str, bytes | None]:
    """What a folder holds, by path: the bytes of a file, None of what is neither file nor folder.

    Empty folders do not count. There is nothing in a folder that is not there, or is a link.
    """
    if folder.is_symlink() or folder.parent.is_symlink():
        return {}
    return {
        str(path.relative_to(folder)): None
        if path.is_symlink() or not path.is_file()
        else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }


def forget_class(root: Path = ROOT) -> tuple[list[Path], list[Path]]:
    """Take the sample class away: its work, what was made of it, and its grades.

    A folder whose solution cells are not what was written there is somebody's work and stays.

    returns: the folders of `submitted/` that were removed, and those that were left
    raises: FileNotFoundError where there is no sample class
    """
    note = root / "submitted" / DESERVED
    table = json.loads(note.read_text())
    removed, left = [], []
    api = nbgrader_api(root)
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        for student, assignment in ((s, a) for s, work in table.items() for a in work):
            folder = root / "submitted" / student / assignment
            if not _is_as_written(root, student, assignment, table[student][assignment]):
                left += [folder] * folder.exists()
                continue
            removed.append(folder)
            for place in ("submitted", "autograded", "feedback"):
                _remove_tree(root / place / student / assignment)
            with suppress(MissingEntry):
                gradebook.remove_submission(assignment, student)
            with suppress(MissingEntry):
                if not gradebook.student_submissions(student):
                    gradebook.remove_student(student)
    note.unlink()
    return removed, left


def _is_as_written(root, student, assignment, fates):
    """Whether a submission's solution cells are what the fates of the class write there."""
    handed_in, released = (
        root / folder / assignment / f"{assignment}.ipynb"
        for folder in (f"submitted/{student}", "release")
    )
    if not handed_in.exists():
        return False
    known = {fate.name: fate for row in _rows() for fate in row}
    cells, stubs = (
        {name: cell.source for name, cell in _solution_cells(_read(path)).items()}
        for path in (handed_in, released)
    )

    def written(name, fate):
        return fate.write(EXERCISES.get(name)) if fate.write else stubs[name]

    return all(
        cells.get(name) == written(name, known[intended["fate"]])
        for name, intended in fates.items()
    )


def _read(path):
    return nbformat.read(path, as_version=4)


def _rows():
    usual = (row for name in EXERCISES for row in _usual_rows([name]))
    return (*(row for rows in CLASS.values() for row in rows), *usual)


def _remove_tree(folder):
    """Remove a folder, and the student's folder above it if nothing else is in there."""
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        folder.parent.rmdir()


def deserved(submissions) -> dict:
    """student -> assignment -> exercise -> points (None: to be graded by hand) and fate."""
    table = {}
    for one in submissions:
        table.setdefault(one.student, {})[one.assignment] = {
            name: {"points": fate.points(EXERCISES.get(name)), "fate": fate.name}
            for name, fate in one.fates.items()
        }
    return table


def _solution_cells(notebook):
    """The solution cells of a notebook, by exercise name."""
    cells = (c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution"))
    return {cell.metadata["nbgrader"]["grade_id"]: cell for cell in cells}


def _fill_in(released, fates):
    """A student's notebook: the released one with the solution cells filled in."""
    notebook = copy.deepcopy(released)
    for name, cell in _solution_cells(notebook).items():
        if fates[name] is COPIED:  # Jupyter copies nbgrader's metadata along; the copy comes later
            stub = copy.deepcopy(cell)
            stub.id = f"{name}-before"
            notebook.cells.insert(notebook.cells.index(cell), stub)
        if fates[name].write:
            cell.source = fates[name].write(EXERCISES.get(name))
    gone = {f"{name}_grade" for name, fate in fates.items() if fate is DELETED}
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") not in gone
    ]
    return notebook


def main() -> int:
    """Returns 0 where the sample class was taken away, 1 where there was none."""
    try:
        removed, left = forget_class()
    except FileNotFoundError:
        print("There is no sample class in submitted/.")
        return 1
    print(f"{len(removed)} submissions of the sample class are gone, with their grades.")
    for folder in left:
        print(f"{folder} is not as the sample class had it, and stays.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
