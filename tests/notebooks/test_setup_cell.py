"""An assignment's first code cell contains its checks; a lesson's finds or downloads its packages.

The cells run as in a notebook, in an empty folder; a local server replaces the course's web
address.
"""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

from tests import publisher as how
from tests.publisher import closed_port, published
from tools.course import (
    BUNDLE,
    ENGINE,
    ROOT,
    address,
    bundle_digest,
    kept_bundle,
    lessons,
    pinned_bundle,
    set_address,
    source_address,
)
from tools.notebooks import build_lesson, build_notebook
from tools.release import build_bundle

# importing matplotlib takes a second and is not needed here
RUN = """
import json, sys, types
for name in ("matplotlib", "matplotlib.pyplot"):
    sys.modules[name] = types.ModuleType(name)
cells = json.load(sys.stdin)
namespace = {"__name__": "__main__"}


def run(name):
    exec(compile(cells[name], name, "exec"), namespace)


def tests():
    return sorted(name for name in namespace if name.endswith("_test"))


"""


def setup_cell(root, name):
    notebook = json.loads((root / "release" / name / f"{name}.ipynb").read_text())
    (cell,) = (cell for cell in notebook["cells"] if cell["id"] == "setup")
    return "".join(cell["source"])


def run_alone(program, cells, folder, **variables):
    """Run a program in its own folder, with setup cells by name, and return its output."""
    done = subprocess.run(
        [sys.executable, "-c", RUN + program],
        input=json.dumps(cells),
        cwd=folder,
        env={"no_proxy": "*", "PATH": "", "PYTHONDONTWRITEBYTECODE": "1", **variables},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def run(course, tmp_path):
    """Return a function that runs a program in its own folder, without the repository."""
    cells = {name: setup_cell(course.root, name) for name in ("padding", "backprop", "pooling")}
    folder = tmp_path / "alone"
    folder.mkdir()

    def run(program, cells=cells, **variables):
        return run_alone(program, cells, folder, **variables)

    run.folder, run.cells = folder, cells
    return run


# Assignments


def test_the_checks_come_with_the_notebook_and_no_file_is_read_or_written(run):
    said = run("""
import builtins, socket
def refuse(*args, **kwargs):
    raise AssertionError("a file or a connection was opened")
def refuse_files(path, *args, open=builtins.open, **options):
    is_time_used = str(path).startswith("/proc/")
    return open(path, *args, **options) if is_time_used else refuse()
import numpy
builtins.open, socket.socket = refuse_files, refuse
run("padding")
print(tests())
namespace["zero_pad_test"](lambda X, pad: numpy.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0))))
""")
    assert said.splitlines()[0] == "['zero_pad_test']"
    assert "zero_pad: all 4 checks passed." in said
    assert list(run.folder.iterdir()) == []


def test_a_mistake_is_named_drawn_and_followed_by_a_hint(run):
    said = run("""
import numpy
run("padding")
try:
    namespace["zero_pad_test"](
        lambda X, pad: numpy.pad(X, ((0, 0), (pad, pad), (0, 0), (0, 0)))
    )
except AssertionError as error:
    print(error)
namespace["show"]("zero_pad")
namespace["hint"]("zero_pad")
""")
    assert "What happened: Only the height was padded" in said
    assert "expected[0, :, :, 0], shape (2, 5, 7, 3)\n[[ 0." in said
    assert "Hint 1 of 3 for zero_pad:" in said


def test_numpy_and_the_standard_library_are_enough(run):
    said = run("""
import numpy
before = set(sys.modules)
run("padding")
brought = {name.partition(".")[0] for name in set(sys.modules) - before}
print(brought - {"numpy"} - set(sys.stdlib_module_names))
""")
    assert said == "{'public_tests'}\n"


def test_the_cell_can_be_run_twice_and_beside_other_assignments_in_one_kernel(run):
    said = run("""
for name in ("padding", "padding", "backprop", "pooling", "padding"):
    run(name)
    print(tests())
    package = sys.modules["public_tests"]
print(len(sys.meta_path), [mistakes > 5 for mistakes in (
    len(package.nbexercise.checks.CASE_SETS[name].mistakes)
    for name in ("zero_pad", "conv_backward", "pool_forward")
)])
""")
    *names, last = said.splitlines()
    own = ["conv_backward", "create_mask_from_window", "distribute_value", "pool_backward"]
    assert names[0] == names[1] == "['zero_pad_test']"
    assert names[2] == str([f"{name}_test" for name in [*own, "zero_pad"]])
    assert "pool_forward_test" in names[3]
    assert last.endswith("[True, True, True]"), "zero_pad as a helper has no mistakes"


def test_what_a_function_was_judged_is_kept_when_the_cell_is_run_again(run):
    said = run("""
run("padding")
namespace["hint"]("zero_pad")
run("padding")
namespace["hint"]("zero_pad")
""")
    assert "Hint 1 of 3" in said and "Hint 2 of 3" in said


def test_a_module_of_the_published_assignment_beside_the_notebook_is_not_taken(run):
    (run.folder / "public_tests.py").write_text("def zero_pad_test(f):\n    print('another')\n")
    said = run("""
sys.path.insert(0, "")
run("padding")
print(tests(), sys.modules["public_tests"].__file__)
""")
    assert said.startswith("['zero_pad_test'] <carried by this notebook>")
    said = run("""
sys.path.insert(0, "")
import public_tests  # before the cell was run
run("padding")
print(tests(), sys.modules["public_tests"].__file__)
""")
    assert said.startswith("['zero_pad_test'] <carried by this notebook>")


def test_the_same_version_that_is_imported_already_stays(run, course):
    said = run(
        """
import public_tests
import nbexercise
before = nbexercise.checks.CASE_SETS["zero_pad"]
run("padding")
run("backprop")
assert sys.modules["public_tests"] is public_tests
assert nbexercise.checks.CASE_SETS["zero_pad"] is before
assert "public_tests.nbexercise" not in sys.modules
print(len(tests()) > 20, public_tests.__file__)
""",
        PYTHONPATH=os.pathsep.join([str(course.root), str(course.root / "nbexercise/src")]),
    )
    assert said == f"True {course.root / 'public_tests' / '__init__.py'}\n"


@pytest.mark.parametrize("changed", ["nbexercise/showing/text.py", "public_tests/course/own.py"])
def test_another_version_is_replaced_wherever_it_came_from(run, course, changed):
    other = run.folder / "earlier"
    shutil.copytree(course.root / "public_tests", other / "public_tests")
    shutil.copytree(course.root / ENGINE, other / "nbexercise")
    with (other / changed).open("a") as file:
        file.write("# another version\n")
    said = run(
        """
import public_tests
run("padding")
print(sys.modules["public_tests"].__file__)
from public_tests.nbexercise.showing.text import describe
print(describe.__code__.co_filename)
""",
        PYTHONPATH=str(other),
    )
    assert said.splitlines() == [
        "<carried by this notebook>/public_tests/__init__.py",
        "<carried by this notebook>/public_tests/nbexercise/showing/text.py",
    ]


def test_graded_cells_in_the_same_process_use_the_repositorys_package(run, course):
    """As with nbgrader alone, where the student's process runs them."""
    said = run(
        """
import numpy
run("padding")
carried = dict(sys.modules)
import exercises, nbexercise, public_tests
print(exercises.grade("zero_pad", lambda X, pad: X, 1))
print(public_tests.__file__, len(public_tests.nbexercise.checks.CASE_SETS))
print(len(nbexercise.checks.CASE_SETS) > 20)
print(nbexercise.judging.subject.subject().folder)
ours = {name: module for name, module in carried.items() if name.startswith("public_tests")}
print(all(sys.modules[name] is module for name, module in ours.items()))
""",
        PYTHONPATH=os.pathsep.join([str(course.root), str(course.root / "nbexercise/src")]),
    )
    points, where, has_all, folder, same = said.splitlines()[-5:]
    assert float(points) < 5
    assert where == "<carried by this notebook>/public_tests/__init__.py 1"
    assert has_all == "True"
    assert folder == str(course.root / "public_tests")
    assert same == "True"


def test_an_earlier_notebooks_checks_in_the_kernel_are_replaced(run, course):
    cells = {**run.cells, "earlier": run.cells["padding"].replace("\n", "\n\n")}
    said = run(
        """
from base64 import b85decode, b85encode
from bz2 import compress, decompress
before, text, after = cells["padding"].split('"', 2)
text, modules = text.split()
assert b'"version":"' in (content := decompress(b85decode(text)))
changed = content.replace(b'"version":"', b'"version":"x', 1)
cells["earlier"] = f'{before}"{b85encode(compress(changed)).decode()} {modules}"{after}'
run("earlier")
first, number = sys.modules["public_tests"], len(sys.meta_path)
run("padding")
print(sys.modules["public_tests"] is first, len(sys.meta_path) == number)
""",
        cells=cells,
    )
    assert said == "False True\n"


def test_the_source_of_what_is_carried_can_be_read(run):
    said = run("""
import inspect, traceback
run("padding")
print(inspect.getsource(namespace["hint"]).splitlines()[0])
try:
    namespace["hint"]("no such")
except ValueError:
    print(traceback.format_exc())
""")
    assert said.startswith("def hint(name: str | None = None) -> None:\n")
    lines = (ROOT / ENGINE / "checks.py").read_text().splitlines()
    frame = re.search(r'checks.py", line (\d+), in hint\n    (.+)\n', said)
    assert frame[2] == lines[int(frame[1]) - 1].strip(), "the line as it is in the repository"
    assert 'raise UsageError(f"There is no exercise' in said


def test_frames_of_the_checks_are_not_shown_to_students(run):
    said = run("""
run("padding")
def zero_pad(X, pad):
    return X[0, 0, 0, 0, 0]
try:
    namespace["zero_pad_test"](zero_pad)
except AssertionError as error:
    print(error)
""")
    assert "IndexError" in said and "in zero_pad" in said
    assert "in _returned" not in said


def test_an_error_elsewhere_in_the_cell_does_not_show_the_long_line(run):
    """IPython shows the lines around the failing one; the line of checks has 35,000 letters."""
    said = run("""

from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for missing in ("matplotlib.pyplot", "numpy"):
    kept = sys.modules.get(missing)
    sys.modules[missing] = None
    result = shell.run_cell(cells["padding"])
    assert isinstance(result.error_in_exec, ModuleNotFoundError), result
    sys.modules[missing] = kept
""")
    assert "ModuleNotFoundError" in said
    assert max(map(len, said.splitlines())) < 1000


# Lessons


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """Return a folder with the archive for lessons."""
    folder = tmp_path_factory.mktemp("released")
    for name in ("convnet", "course", "nbexercise", "public_tests"):
        (folder / name).symlink_to(ROOT / name)
    build_bundle(folder)
    return folder / "release"


FIND = """
run("lesson")
import convnet, lesson_tools.stored, nbexercise, public_tests
print("found in", convnet.__file__, public_tests.__file__)
print(len(nbexercise.checks.CASE_SETS) > 20, public_tests.check_answer.__name__)
"""
# Prints what a notebook shows below a failed cell.
FAIL = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(colors="nocolor")
shell.run_cell(cells["lesson"])
print(shell.user_ns.get("public_tests"))
"""
PINNED = "pinned.zip"  # in these tests, the file at the address of the archive's tag
KEPT = kept_bundle(bundle_digest())


def first_cell_of_a_lesson():
    cells = build_lesson(lessons()[0]).cells
    return next(c.source for c in cells if c.cell_type == "code").split("import matplotlib")[0]


def cell_of_an_assignment():
    cells = build_notebook("convolution_step_by_step").cells
    (code,) = [cell.source for cell in cells if "def find_packages(" in cell.source]
    return f"{code}\nfind_packages()\n"


@pytest.fixture(params=[first_cell_of_a_lesson, cell_of_an_assignment])
def find(request, run):
    """Return a function that runs a cell that downloads; by default, no server answers."""
    code = request.param()
    assert f'"{pinned_bundle()}"' in code and f'"{address()}/{BUNDLE}"' in code

    def find(at="http://127.0.0.1:9", program=FIND, **variables):
        at = at.rstrip("/")
        cell = code.replace(pinned_bundle(), f"{at}/{PINNED}").replace(address(), at)
        return run(program, cells={"lesson": cell}, **variables)

    find.folder, find.kept = run.folder, run.folder / KEPT
    return find


@pytest.fixture
def server(released):
    data = (released / BUNDLE).read_bytes()
    with published({PINNED: data, BUNDLE: data}) as server:
        yield server


def test_in_the_repository_nothing_is_fetched(find):
    said = find(PYTHONPATH=f"{ROOT}{os.pathsep}{ROOT / 'course'}")
    assert f"found in {ROOT / 'convnet'}" in said
    assert list(find.folder.iterdir()) == []


def test_the_repositorys_archive_is_enough(find, released):
    (find.folder.parent / "release").symlink_to(released)
    (find.folder / "lesson_tools").symlink_to(ROOT / "course" / "lesson_tools")  # as in course/
    assert f"{BUNDLE}/convnet/__init__.py" in find()
    assert [path.name for path in find.folder.iterdir()] == ["lesson_tools"]


def test_elsewhere_the_archive_is_fetched_once_for_each_edition(find, server):
    (find.folder / "lessons-000000000000.zip").write_bytes(b"of last year")
    (find.folder.parent / BUNDLE).write_bytes(server.files[BUNDLE][:-1000])  # damaged
    said = find(server.address)
    assert f"found in {find.kept}" in said and "True check_answer" in said
    assert f"found in {find.kept}" in find(), "without a connection"
    assert server.asked == [PINNED]


def test_an_archive_beside_the_notebook_is_enough(find, released):
    shutil.copy(released / BUNDLE, find.folder)
    assert "True check_answer" in find(), "without a connection"


def test_a_folder_that_cannot_be_written_to_is_enough(find, server):
    refuse = """
import pathlib
_write = pathlib.Path.write_bytes
def write_bytes(self, data):
    if self.resolve().parent == pathlib.Path.cwd():
        raise PermissionError(13, "Permission denied", str(self))
    return _write(self, data)
pathlib.Path.write_bytes = write_bytes
"""
    assert "True check_answer" in find(server.address, program=refuse + FIND)
    assert list(find.folder.iterdir()) == []


def test_the_archive_is_asked_for_twice_at_two_addresses(find, server):
    server.answer = how.at_first(how.half)
    del server.files[PINNED]  # as in a students' repository, which has no tags
    assert f"found in {find.kept}" in find(server.address)
    assert server.asked == [PINNED, BUNDLE, PINNED, BUNDLE]


def zip_of_something_else(request, content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("holiday.jpg", b"a photograph")
    how.whole(request, out.getvalue())


ANOTHER_FILE = " is not the file that belongs to this notebook"
WRONG = {
    how.missing: ": HTTP Error 404: Not Found",
    how.half: ": IncompleteRead(",
    how.half_of_unknown_size: ANOTHER_FILE,
    how.hang_up: ": Remote end closed connection without response",
    how.login_page: ANOTHER_FILE,
    zip_of_something_else: ANOTHER_FILE,
    None: ": <urlopen error [Errno 111] Connection refused>",  # no server
}


@pytest.mark.parametrize(
    ("fault", "why"), WRONG.items(), ids=lambda value: getattr(value, "__name__", None)
)
def test_a_wrong_archive_is_refused_with_what_to_do(find, server, fault, why):
    server.answer = fault
    at = server.address if fault else f"http://127.0.0.1:{closed_port()}/"
    (find.kept).write_bytes(b"damaged")
    said = find(at, program=FAIL)
    assert said.endswith("\nNone\n"), "the imports below do not run"
    message = " ".join(said.split())
    damaged = f"{find.kept.as_uri()}{ANOTHER_FILE}; "
    assert (
        f"ConnectionError: the course's packages could not be loaded: {damaged}{at}{PINNED}{why}"
    ) in message
    assert f"; {at}{BUNDLE}{why}" in message
    assert (
        f". Check that this computer is online, and run this cell again. If that does not help, "
        "open the notebook anew from "
        f"{source_address()}, or download {at}{PINNED} yourself and put it beside this notebook "
        "(in Colab: into the folder of the Files panel)."
    ) in message
    assert find.kept.read_bytes() == b"damaged", "nothing is kept of it"
    server.answer = how.whole
    assert f"found in {find.kept}" in find(server.address)


def test_the_file_holds_what_lessons_import_and_is_the_same_bytes_everywhere(released):
    with zipfile.ZipFile(released / BUNDLE) as archive:
        names = archive.namelist()
        for entry in archive.infolist():
            assert entry.compress_type == zipfile.ZIP_STORED
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert not entry.extra and not entry.comment
    assert names == sorted(names)
    folders = {"convnet", "lesson_tools", "nbexercise", "public_tests"}
    assert {name.partition("/")[0] for name in names} == folders
    some = {"convnet/layers.py", "lesson_tools/figures.py", "public_tests/course/lessons.py"}
    some.add("nbexercise/checks.py")
    assert some < set(names)
    assert (released / BUNDLE).read_bytes() == (ROOT / "release" / BUNDLE).read_bytes()


def test_a_forks_address_is_written_where_it_is_read_from(tmp_path):
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    set_address("https://example.org/course/release/", tmp_path)
    assert address(tmp_path) == "https://example.org/course/release"
    changed = (tmp_path / "pyproject.toml").read_text().splitlines()
    before = (ROOT / "pyproject.toml").read_text().splitlines()
    different = [b for a, b in zip(before, changed, strict=True) if a != b]
    assert different == [f'address = "{address(tmp_path)}"', 'solutions = "nowhere"']
    for wrong in ("example.org", 'https://example.org/"', "https://"):
        with pytest.raises(ValueError, match="expected a web address"):
            set_address(wrong, tmp_path)
