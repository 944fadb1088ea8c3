"""The engine knows no argument, exercise or lesson of this course by its name."""

import ast
import re
from pathlib import Path

import pytest

import nbexercise
import public_tests
from exercises import EXERCISES
from public_tests.course.published import PUBLISHED_NAMES
from public_tests.course.syllabus import LESSONS

FOLDER = Path(nbexercise.__file__).parent
MODULES = {path.relative_to(FOLDER).as_posix(): path for path in sorted(FOLDER.rglob("*.py"))}
# Arguments and sizes, exercises, lessons and published checks, and words of the subject.
WORDS = {"A_prev", "A_slice_prev", "a_slice_prev", "dA", "dA_prev", "dZ", "dW", "db", "W_conv"}
WORDS |= {"hparameters", "n_C", "n_C_prev", "n_H", "n_H_prev", "n_W", "n_W_prev", "stride", "pad"}
WORDS |= {"output_pad", "padding", "momentum", "learning_rate", "batch", "batches"}
WORDS |= {"convolution", "convolutional", "pooling", "filters", "channel", "channels", "image"}
WORDS |= {"images", "window", "windows", "bias", "biases", "gradient", "gradients", "ReLU"}
WORDS |= {"lesson", "lessons", "milestone", "milestones", "syllabus", *EXERCISES, *LESSONS}
WORDS |= {name for names in PUBLISHED_NAMES.values() for name in names}
# A MIME type, CSS, a NumPy function, an attribute in Matplotlib, the address of the source.
OTHER_MEANINGS = ("image/svg+xml", "padding:", "np.pad ", r"np\.pad", "axes.images")
OTHER_MEANINGS += ("convolution-course/convolution-step-by-step",)


@pytest.mark.parametrize("module", MODULES)
def test_a_general_module_has_no_word_of_the_course(module):
    text = MODULES[module].read_text()
    if module == "checks.py":  # its docstrings are for the students of this course
        text = ast.unparse(without_docstrings(ast.parse(text)))
    for other in OTHER_MEANINGS:
        text = text.replace(other, "")
    found = WORDS & {*re.findall(r"\w+", text)}
    assert not found


def without_docstrings(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef) and ast.get_docstring(node):
            node.body[0] = ast.Pass()
    return tree


def test_the_room_of_the_course_has_such_words():
    course = Path(public_tests.__file__).parent / "course"
    texts = [path.read_text() for path in course.glob("*.py")]
    found = {*re.findall(r"\w+", " ".join(texts))}
    assert {"A_prev", "hparameters", "stride", "image", "milestones", *LESSONS} <= WORDS & found
