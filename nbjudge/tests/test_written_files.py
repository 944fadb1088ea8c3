"""Every place in the package that writes files is known, with the reason why its path is safe.

A path with a name from outside (an archive, a submission, a pack) is joined by `files.inside`.
"""

import ast
from pathlib import Path

import nbjudge

SOURCE = Path(nbjudge.__file__).parent
WRITERS = {
    *("copy2", "copyfile", "copytree", "extract", "extractall", "hardlink_to", "link", "move"),
    *("put_file", "rename", "symlink", "symlink_to", "touch", "write_bytes", "write_files"),
    "write_text",
}
JOIN = "the function joins the names with `inside`, or calls `write_files`, which does"
LISTED = "the names were read from a folder on this machine, so they are in it"
FIXED = "the name is nbjudge's own, or that of a student, assignment or notebook of the gradebook"
GIVEN = "the instructor gave the path on the command line"
TARGET = "the caller gives the whole path"
SANDBOX = "it runs in a sandbox, or builds one from names in the package"
KNOWN = {
    "course/feedback_pages.py _put": FIXED,
    "course/run.py Run._replace_graded_folder": FIXED,
    "course/run.py Run._write_folder": JOIN,
    "engine/worker.py Worker._be_judge": LISTED,
    "engine/zygote.py Zygote.prepare": JOIN,
    "files.py put_file": TARGET,
    "files.py write_files": JOIN,
    "guest/interpreter.py Interpreter.write_file": SANDBOX,
    "plugins/archive/term.py Archive._copy_course": LISTED,
    "plugins/archive/term.py Archive.write": LISTED,
    "plugins/check/nbgrader_run.py nbgrader_scores": JOIN,
    "plugins/github/run.py _append": FIXED,
    "plugins/github/run.py _grade": JOIN,
    "plugins/gradescope/run.py main": FIXED,
    "plugins/lms/code_export.py _put": JOIN,
    "plugins/lms/code_export.py write_code": FIXED,
    "plugins/lms/collected_names.py changed_names": FIXED,
    "plugins/lms/collected_names.py write_left_out": FIXED,
    "plugins/lms/collecting.py _put": JOIN,
    "plugins/lms/collecting.py _put_time": FIXED,
    "plugins/lms/export.py _write_feedback": GIVEN,
    "plugins/lms/export.py _write_platform": GIVEN,
    "plugins/lms/nbgrader_release.py ReleaseFeedback.copy_files": FIXED,
    "plugins/lms/tables.py write_table": GIVEN,
    "plugins/lms/unpacking.py _copy": LISTED,
    "plugins/lms/unpacking.py _write": JOIN,
    "plugins/questions/column.py _write": FIXED,
    "plugins/questions/sheets.py write_sheets": FIXED,
    "plugins/questions/steps.py grade": FIXED,
    "plugins/report/command.py run": GIVEN,
    "plugins/review/command.py _redirect": FIXED,
    "plugins/review/export.py write_log": GIVEN,
    "plugins/review/graders.py read_key": FIXED,
    "plugins/shared/course_copy.py CourseCopy.lay_out": JOIN,
    "plugins/standalone/grade.py _write_pages": JOIN,
    "plugins/standalone/judging.py _make_pages": JOIN,
    "plugins/standalone/pack.py _write": GIVEN,
    "plugins/standalone/pack_file.py unpacked": JOIN,
    "sandbox/fork_server.py _make_home": SANDBOX,
    "sandbox/probe.py _work": SANDBOX,
    "sandbox/sandbox.py Sandbox._build_root": SANDBOX,
    "sandbox/sandbox.py Sandbox._mount_own_folders": SANDBOX,
    "sandbox/sandbox.py _show": SANDBOX,
    "sandbox/sandbox.py _users_from_outside": SANDBOX,
}


def called(node):
    """Return the name of the function that a call calls; "open" only if it opens for writing."""
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name == "open":
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        modes = [v.value for v in values if isinstance(v, ast.Constant) and type(v.value) is str]
        return "open" if any(len(mode) < 4 and {*mode} & {*"wxa+"} for mode in modes) else ""
    if name == "replace":
        module = getattr(function, "value", None)
        return "rename" if getattr(module, "id", "") == "os" else ""
    return name


def functions(tree, outer=""):
    """Yield the innermost functions of a module, with their qualified names and their calls."""
    calls, nodes = [], list(ast.iter_child_nodes(tree))
    while nodes:
        node = nodes.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield from functions(node, f"{outer}.{node.name}".strip("."))
            continue
        if isinstance(node, ast.Call):
            calls.append(called(node))
        nodes += ast.iter_child_nodes(node)
    yield outer, calls


def test_every_place_that_writes_files_is_known():
    writing = {}
    for path in sorted(set(SOURCE.rglob("*.py")) - set(SOURCE.glob("plugins/*/tests/**/*.py"))):
        for name, calls in functions(ast.parse(path.read_text())):
            if {*calls} & {*WRITERS, "open"}:
                writing[f"{path.relative_to(SOURCE).as_posix()} {name}".strip()] = {*calls}
    known = {place: why for place, why in KNOWN.items() if (SOURCE / place.split()[0]).exists()}
    assert writing.keys() == known.keys()
    joining = {place for place, calls in writing.items() if calls & {"inside", "write_files"}}
    assert {place for place, reason in known.items() if reason == JOIN} <= joining
