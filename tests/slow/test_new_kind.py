"""A new kind that reads a new field takes only the documented changes."""

from tests.files import copy_repository, run_python

PARTS = ("convnet", "exercises", "nbexercise", "public_tests", "pyproject.toml", "source", "tools")
EDITS = {  # each next to a line that another new field or kind would leave unchanged
    "nbexercise/src/nbexercise/judging/model.py": [
        ("    repeatable: bool = True\n", "    repeatable: bool = True\n    shared: bool = False\n")
    ],
    "nbexercise/src/nbexercise/judging/calling.py": [
        (
            "    return CaseRun(case, outcome, ",
            "    arrays = [a for a in arguments.values() if isinstance(a, np.ndarray)]\n"
            "    first = returned[0] if isinstance(returned, tuple) else returned\n"
            "    shared = isinstance(first, np.ndarray) and any(\n"
            "        np.shares_memory(first, a) for a in arrays\n"
            "    )\n"
            "    outcome = replace(outcome, shared=shared)\n"
            "    return CaseRun(case, outcome, ",
        )
    ],
    "nbexercise/src/nbexercise/judging/kinds.py": [
        (
            "\n\ndef wrong_output(",
            "\n\n"
            "class _Memory(Kind):\n"
            '    name = "memory"\n'
            '    fields = ("shared",)\n'
            "    beside_values = True\n\n"
            "    def is_right(self, check, run, tolerance):\n"
            "        return not run.outcome.shared\n\n"
            "    def fault(self, check, run, tolerance):\n"
            '        return ["an output shares its memory with an argument."]\n'
            "\n\ndef wrong_output(",
        )
    ],
    "exercises/relu.py": [
        (
            'Check(REST, 1, "unchanged", groups=(VALUES, FAR)),',
            'Check(REST, 1, "unchanged", groups=(VALUES, FAR)), '
            'Check("memory of its own", 1, "memory", groups=(VALUES, FAR)),',
        )
    ],
}

PROGRAM = """
import copy
from pathlib import Path
from exercises import EXERCISES
from nbexercise.diagnosis.diagnose import judge
from nbexercise.judging.storage import load_case_set
from tools.release import build_cases

folder = Path("public_tests/cases")
CHANGED = {"relu", "dense_as_convolution", "momentum_step", "zero_pad"}
OTHERS = {"relu_backward", "dense_forward", "output_size", "softmax"}
for name in EXERCISES.keys() - CHANGED - OTHERS:  # building all of them takes long
    del EXERCISES[name]
    (folder / f"{name}.cases").unlink()
before = {path.stem: path.read_bytes() for path in folder.iterdir()}
build_cases()
after = {path.stem: path.read_bytes() for path in folder.iterdir()}
assert [name for name in after if after[name] != before[name]] == ["relu"]

def named(name, mistake, change=lambda answer: answer):
    (known,) = [known for known in EXERCISES[name].mistakes if known.name == mistake]
    function = EXERCISES[name].wrong_function(known)
    for case_set in (load_case_set(after[name]), EXERCISES[name].case_set(1)):
        verdict = judge(case_set, lambda *arguments: change(function(*arguments)))
        yield verdict.mistake and verdict.mistake.name

# Their outputs share memory with an argument; a student's need not.
for name, mistake in {
    "dense_as_convolution": "biases as they are",
    "momentum_step": "momentum ignored",
    "zero_pad": "border written into the image",
}.items():
    assert list(named(name, mistake)) == [mistake] * 2, name
    assert list(named(name, mistake, copy.deepcopy)) == [mistake] * 2, name
assert list(named("relu", "written into Z")) == ["written into Z"] * 2
assert list(named("relu", "written into Z", lambda answer: (answer[0].copy(), answer[1]))) == [
    None, None
]
"""


def test_a_new_field_reaches_the_exercises_whose_checks_look_at_it_and_no_others(tmp_path):
    copy_repository(tmp_path, lambda path: path.parts[0] in PARTS)
    for name, changes in EDITS.items():
        text = (tmp_path / name).read_text()
        for old, new in changes:
            assert text.count(old) == 1, (name, old)
            text = text.replace(old, new)
        (tmp_path / name).write_text(text)
    result = run_python(tmp_path, "-c", PROGRAM)
    assert result.returncode == 0, result.stderr
