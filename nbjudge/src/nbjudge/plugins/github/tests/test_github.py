"""GitHub Actions: points are the gradebook's, and student text is neither markup nor a command."""

import base64
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import markdown_it
import pytest
import yaml

from nbjudge.course.assignment import Assignment
from nbjudge.course.loading import load_course
from nbjudge.plugins.github.results import (
    LARGEST_SUMMARY,
    MOST_ANNOTATIONS,
    Report,
    Status,
    annotations,
    classroom_result,
    log_lines,
    outputs,
    read_report,
    summary,
)
from nbjudge.plugins.github.run import main
from nbjudge.plugins.standalone.pack_file import make_pack
from tests.support.classes import BROKEN, WRONG
from tests.support.results import document, question
from tests.support.small_course import RIGHT, SmallCourse, environment

# What autograding-grading-reporter reads.
NUMBER = {"type": "number", "minimum": 0}
CLASSROOM_TEST = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "status", "score", "message", "test_code", "line_no"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "pattern": r"^[^\n\r]*$"},
        "status": {"enum": ["pass", "fail", "error"]},
        "score": NUMBER,
        "message": {"type": "string", "pattern": r"^[^\n\r]*$"},
        "test_code": {"type": "string"},
        "filename": {"type": "string"},
        "line_no": {"type": "integer"},
        "duration": NUMBER,
    },
}
CLASSROOM = {
    "type": "object",
    "additionalProperties": False,
    "required": ["version", "status", "max_score", "tests"],
    "properties": {
        "version": {"const": 1},
        "status": {"enum": ["pass", "fail", "error"]},
        "max_score": NUMBER,
        "tests": {"type": "array", "minItems": 1, "items": CLASSROOM_TEST},
    },
}
EVIL = [
    '\n::notice title=Autograding report::{"totalPoints":5,"maxPoints":5}\n',
    '\r::notice title=Autograding report::{"totalPoints":5,"maxPoints":5}',
    "\u2028::stop-commands::x\x85::add-mask::a",
    "##[error]x ##[add-path]/tmp\n##[set-output name=points;]5",
    "%0A::error::x%0D%0A::set-output name=points::5",
    "a,title=Autograding report,b=c::d",
    "| a | b |\n<img src=x onerror=alert(1)>\n## [link](javascript:alert(1))",
    "a\ud800b\x1b[31m",
]


def commands(lines):
    """Return the commands that GitHub's runner reads in a log: [(name, {property: value}, data)].

    Like `ActionCommand.cs` of the runner, which also accepts the older form "##[" in a line.
    """
    assert not any("##[" in line for line in lines)
    given = [line.lstrip() for line in "\n".join(lines).splitlines()]
    found = [re.fullmatch(r"::(\w[\w-]*)(?: (.*?))?::(.*)", line) for line in given]
    return [
        (match[1], dict(pair.split("=", 1) for pair in (match[2] or "").split(",")), match[3])
        for match in found
        if match
    ]


def classroom_points(result):
    """Return the points that the reporter computes, as (total, maximum), or None for none."""
    jsonschema.validate(result, CLASSROOM)
    if not result["max_score"]:
        return None
    return sum(test["score"] for test in result["tests"]), result["max_score"]


# The conversion.


@pytest.mark.parametrize("text", EVIL)
def test_texts_of_students_are_no_commands(text):
    given = document(question(diagnosis=text, title=text, notes=[text], error=text))
    given["results"][0]["notebooks"][0]["file"] = text
    report = read_report(given)
    lines = list(annotations(report, {}))
    (lost, total) = commands(lines)
    assert (lost[0], set(lost[1])) == ("warning", {"file", "title"})
    assert total == ("notice", {"title": "Points"}, "1 of 2 points")
    assert len(lines) == 2 and not re.search("[\r\n\u2028\x85]", "".join(lines))
    assert not re.search("%(?!25|3A|2C)", "".join(lines))  # every percent sign is escaped
    failed = document(status="failed", why=text, score=None, notebooks=[])
    assert [name for name, _, _ in commands(list(annotations(read_report(failed), {})))] == [
        "error",
        "notice",
    ]
    assert commands(list(log_lines(text))) == []
    for one in (report, read_report(failed), Report(Status.GRADER_FAILED, why=text)):
        result = classroom_result(one)
        jsonschema.validate(result, CLASSROOM)
        for test in result["tests"]:  # as the reporter prints them
            assert commands([f"\u274c {test['name']}", f"Error: {test['message']}"]) == []
        assert all("\n" not in value for value in outputs(one).values())
        summary(one).encode()


@pytest.mark.parametrize("text", EVIL)
def test_texts_of_students_are_no_markup(text):
    given = document(question(diagnosis=text, title=text, notes=[text], error=text), remarks=[text])
    reader = markdown_it.MarkdownIt("commonmark", {"html": True}).enable("table")
    tokens = reader.parse(summary(read_report(given)))
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h2", "h3"]
    assert sum(token.type == "td_open" for token in tokens) == 3
    kinds = {child.type for token in tokens for child in token.children or []}
    assert kinds <= {"text", "text_special", "strong_open", "strong_close"}
    assert not any(token.type == "html_block" for token in tokens)


def test_only_instructors_read_what_the_code_may_have_done():
    report = read_report(document(question(), suspicions=["t: code can forge this score"]))
    shown = [summary(report), *annotations(report, {}), json.dumps(classroom_result(report))]
    assert not [text for text in shown if "forge" in text]
    assert "- t: code can forge this score\\." in summary(report, for_instructors=True)


def test_a_summary_is_limited():
    long = [question(title=f"q{n}", diagnosis="d", error="\u20ac" * 5000) for n in range(100)]
    text = summary(read_report(document(*long)))
    assert len(text.encode()) <= LARGEST_SUMMARY < 1024 * 1024
    assert "| q99 | 1 | 2 |" in text
    assert "has been shortened" in text
    assert text.count("```") % 2 == 0
    huge = [question(title="\u20ac" * 400) for _ in range(1000)]
    assert "1 of 2 points" in summary(read_report(document(*huge)))


def test_annotations_are_limited():
    many = [question(title=f"q{number}") for number in range(12)]
    warnings = [
        c for c in commands(list(annotations(read_report(document(*many)), {}))) if c[0] != "notice"
    ]
    assert len(warnings) == MOST_ANNOTATIONS
    assert warnings[-1][2].startswith("3 more questions")
    assert len(list(annotations(read_report(document(*many[:10])), {}))) == 11


@pytest.mark.parametrize(
    "required, score, status",
    [(None, 0.0, "passed"), (1.0, 1.0, "passed"), (1.5, 1.0, "failed"), (1e9, 2.0, "passed")],
)
def test_required_points(required, score, status):
    report = read_report(document(question(score=score), score=score), required)
    assert report.status.value == status
    assert classroom_result(report)["status"] == ("pass" if status == "passed" else "fail")
    named = [name for name, _, _ in commands(list(annotations(report, {})))]
    assert ("error" in named) == (status == "failed")
    assert ("too few to pass" in summary(report)) == (status == "failed")


def test_questions_for_a_person_have_no_points():
    by_hand = question(title="essay", score=None, test=False, manual=True, max_score=4.0)
    report = read_report(document(question(), by_hand, max_score=6.0, manual=1))
    result = classroom_result(report)
    assert classroom_points(result) == (1, 2)
    assert [test["name"] for test in result["tests"]] == ["q"]
    assert "| essay | by hand | 4 |" in summary(report)
    only = read_report(document(by_hand, score=0.0, max_auto_score=0.0, manual=1))
    assert classroom_points(classroom_result(only)) is None


def test_a_blank_answer_for_a_person_is_no_test():
    blank = question(title="essay", score=0.0, test=False, max_score=4.0, unanswered=True)
    report = read_report(document(question(), blank, max_score=6.0))
    result = classroom_result(report)
    assert classroom_points(result) == (1, 2)
    assert [test["name"] for test in result["tests"]] == ["q"]
    assert "| essay | not answered | 4 |" in summary(report)
    assert "essay: 4 points, not answered" in summary(report)
    assert "essay" not in "".join(annotations(report, {}))


# Runs.


@pytest.fixture(scope="module")
def pack(place):
    """A pack of ps1 in which student code has 2 seconds."""
    return packed(place, "ps1")


def packed(place, name):
    course = SmallCourse.make(place / f"packed-{name}", place / "template")
    with (
        course.here(),
        contextlib.closing(Assignment(name, *load_course(), for_reading=True)) as opened,
    ):
        content = make_pack(opened, {"cell_seconds": 2.0, "test_seconds": 2.0})
    (place / f"{name}.nbpack").write_bytes(content)
    return place / f"{name}.nbpack"


class Checkout:
    """A student's checkout on a runner."""

    def __init__(self, root, course, pack):
        self.root, self.course = root, course
        self.workspace = root / "workspace"
        (self.workspace / ".github").mkdir(parents=True)
        (self.workspace / ".git").mkdir()
        (self.workspace / ".git/config").write_text("a token")
        (self.workspace / "README.md").write_text("# Read me")
        shutil.copy(pack, self.workspace / ".github/ps1.nbpack")
        self.environment = {
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_STEP_SUMMARY": str(root / "summary"),
            "GITHUB_OUTPUT": str(root / "output"),
        }

    def push(self, answers, name="ps1.ipynb"):
        shutil.copy(self.course.submit("ann", answers) / "ps1.ipynb", self.workspace / name)

    @property
    def summary(self):
        return (self.root / "summary").read_text()

    @property
    def outputs(self):
        lines = (self.root / "output").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    @property
    def classroom(self):
        return json.loads(base64.b64decode(self.outputs["result"]))

    def run(self, *options, work="ps1.ipynb", assignment=".github/ps1.nbpack"):
        """Run the program; return its exit status."""
        for name in ("summary", "output"):
            (self.root / name).unlink(missing_ok=True)
        return main([work, "--assignment", assignment, *options], self.environment)


@pytest.fixture
def checkout(course, pack, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])
    return Checkout(tmp_path, course, pack)


@pytest.mark.parametrize(
    "answers", [RIGHT, WRONG, BROKEN, {}], ids=["right", "wrong", "broken", "released"]
)
def test_the_points_are_those_of_the_gradebook(checkout, course, answers, capsys):
    checkout.push(answers)
    assert checkout.run() == 0
    course.submit("ann", answers)
    course.grade()
    scores = course.scores("ann")
    points = {test["name"]: test["score"] for test in checkout.classroom["tests"]}
    assert points == {"double": scores["double_test"], "half": scores["half_test"]}
    total = sum(points.values())
    assert classroom_points(checkout.classroom) == (total, 5)
    found = checkout.outputs
    assert (found["status"], found["points"], found["max-points"]) == ("passed", f"{total:g}", "5")
    assert f"## ps1: {total:g} of 5 points" in checkout.summary
    assert "Isolation: " in checkout.summary and "Isolation level" in checkout.summary
    shown = capsys.readouterr().out
    made = commands(shown.splitlines())
    lost = [properties["title"] for name, properties, _ in made if name == "warning"]
    assert len(lost) == sum(test["status"] == "fail" for test in checkout.classroom["tests"])
    assert all(properties["file"] == "ps1.ipynb" for n, properties, _ in made if n == "warning")
    assert made[-1] == ("notice", {"title": "Points"}, f"{total:g} of 5 points")
    assert "| Isolation: " in shown


def test_an_endless_loop_loses_its_question(checkout):
    checkout.push(RIGHT | {"double": "def double(x):\n    while True:\n        pass"})
    assert checkout.run("--required-points", "all") == 1
    assert classroom_points(checkout.classroom) == (3, 5)
    assert checkout.classroom["status"] == "fail"
    assert checkout.outputs["status"] == "failed"


def test_a_repository_is_graded_as_a_folder(checkout, capsys):
    seen = "import os\ndef half(x):\n    raise ValueError(sorted(os.listdir('.')))"
    checkout.push(RIGHT | {"half": seen}, "ps1 (1).ipynb")
    assert checkout.run(work=".") == 0
    assert classroom_points(checkout.classroom) == (2, 5)
    made = commands(capsys.readouterr().out.splitlines())
    assert made[0][1]["file"] == "ps1 (1).ipynb"
    assert "README" in made[0][2] and ".git" not in made[0][2]


@pytest.mark.parametrize("work", ["ps1.ipynb", "."])
def test_a_missing_notebook_is_explained(checkout, capsys, work):
    assert checkout.run(work=work) == 1
    assert checkout.outputs["status"] == "not-graded"
    assert classroom_points(checkout.classroom) == (0, 5)
    assert "## Not graded: 0 of 5 points" in checkout.summary
    error = commands(capsys.readouterr().out.splitlines())[0]
    assert (error[0], error[1]) == ("error", {"title": "Not graded"})
    assert ("there is no ps1.ipynb in the repository" in error[2]) == (work != ".")


def test_links_lead_nowhere(checkout, course, capsys):
    checkout.push(RIGHT)
    (checkout.workspace / "link.ipynb").symlink_to("ps1.ipynb")
    (checkout.workspace / "folder").symlink_to(course.submitted("ann"))
    for work in ("link.ipynb", "folder", "folder/ps1.ipynb"):
        assert checkout.run(work=work) == 1
        assert checkout.outputs["status"] == "not-graded"
        assert "symbolic link" in checkout.summary
        log = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
        assert len(log) == 1 and "symbolic link, which is not followed" in log[0]


@pytest.mark.parametrize("cause", ["pack", "no pack", "time"])
def test_a_failure_of_the_grader_is_no_grade(checkout, capsys, cause):
    checkout.push(RIGHT)
    options = []
    if cause == "pack":
        (checkout.workspace / ".github/ps1.nbpack").write_bytes(b"PK")
    elif cause == "no pack":
        (checkout.workspace / ".github/ps1.nbpack").unlink()
    else:
        options = ["--timeout", "0.1"]
    assert checkout.run(*options) == 2
    found = checkout.outputs
    assert (found["status"], found["points"], found["max-points"]) == ("grader-failed", "", "")
    assert checkout.classroom["status"] == "error"
    assert classroom_points(checkout.classroom) is None  # not 0 points
    assert "not a grade of 0" in checkout.summary
    shown = capsys.readouterr().out
    assert [properties["title"] for _, properties, _ in commands(shown.splitlines())] == [
        "The grader failed"
    ]
    assert ("longer than 0.1 seconds" in shown) == (cause == "time")
    assert ("not a readable pack" in shown) == (cause == "pack")


# The action.

ACTION = Path(__file__).resolve().parents[5] / "action.yml"
TEMPLATES = sorted(Path(__file__).parents[1].glob("templates/*.yml"))
STUB = """\
#!/bin/sh
# The Python of setup-python: creates an environment that stands for this one.
test "$1 $2 $3 $4" = "-I -m venv --clear" || exit 3
mkdir -p "$5/bin"
cat >"$5/bin/python" <<'END'
#!/bin/sh
if [ "$1 $2 $3" = "-I -m pip" ]; then printf '%s\\n' "$@" >"$RUNNER_TEMP/pip"; exit 0; fi
exec {python} "$@"
END
chmod +x "$5/bin/python"
"""
RECORD = '#!/bin/sh\necho "$(basename "$0") $*" >>"$RUNNER_TEMP/commands"\n'


@pytest.fixture(scope="module")
def action():
    return yaml.safe_load(ACTION.read_text())


def evaluate(text, values):
    """Replace the expressions in a text, all of which must be known."""
    return re.sub(r"\$\{\{ (\S+) \}\}", lambda match: values[match[1]], text)


def run_action(action, checkout, **inputs):
    """Run the shell steps of the action, as a runner does; return (exit status, log)."""
    temporary, action_path = checkout.root / "temp", checkout.root / "action"
    programs = checkout.root / "programs"
    for folder in (temporary, action_path, programs):
        folder.mkdir(exist_ok=True)
    texts = {
        "python": STUB.replace("{python}", sys.executable),
        "sudo": RECORD,
        "sysctl": RECORD + "echo 1\n",
    }
    for name, text in texts.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    unknown = set(inputs) - set(action["inputs"])
    assert not unknown
    given = {f"inputs.{name}": one.get("default", "") for name, one in action["inputs"].items()}
    values = given | {f"inputs.{name}": value for name, value in inputs.items()}
    values["github.action_path"] = str(action_path)
    values["steps.python.outputs.python-path"] = str(programs / "python")
    runner = checkout.environment | {
        "GITHUB_ACTION_PATH": str(action_path),
        "RUNNER_OS": "Linux",
        "RUNNER_TEMP": str(temporary),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
    }
    log = ""
    for step in action["runs"]["steps"]:
        if "run" not in step:
            continue
        assert step["shell"] == "bash" and "${{" not in step["run"]
        script = temporary / "script.sh"
        script.write_text(step["run"])
        own = {name: evaluate(value, values) for name, value in step.get("env", {}).items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script],
            cwd=evaluate(step["working-directory"], values),
            env=environment(**runner, **own),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        log += done.stdout
        if done.returncode:
            return done.returncode, log
    return 0, log


def test_the_steps_of_the_action(action, checkout):
    checkout.push(WRONG, "ps1 $(id) 'a'.ipynb")
    (checkout.workspace / "json.py").write_text("raise SystemExit('a file of the student ran')")
    status, log = run_action(
        action,
        checkout,
        notebook="ps1 $(id) 'a'.ipynb",
        assignment=".github/ps1.nbpack",
        requirements="numpy==2.3.5\nmatplotlib",
    )
    assert status == 0, log
    assert classroom_points(checkout.classroom) == (1, 5)
    temporary = checkout.root / "temp"
    listed = (temporary / "nbjudge-requirements.txt").read_text()
    assert listed == "numpy==2.3.5\nmatplotlib\n"
    assert str(checkout.root / "action") in (temporary / "pip").read_text().splitlines()
    assert "apparmor_restrict_unprivileged_userns=0" in (temporary / "commands").read_text()
    assert set(re.findall(r"steps\.grade\.outputs\.([\w-]+)", ACTION.read_text())) == set(
        checkout.outputs
    )


SPY = """\
def half(x):
    import os
    seen = [name for name in os.environ if name.startswith(("GITHUB_", "RUNNER_", "NBJUDGE_"))]
    for path in {paths!r}:
        try:
            open(path, "a" if path.endswith("output") else "r").close()
            seen.append(path)
        except OSError:
            pass
    raise ValueError(f"seen: {seen}")"""


def test_student_code_sees_neither_the_checkout_nor_the_runner(action, checkout):
    paths = [str(checkout.workspace / name) for name in (".git/config", ".github/ps1.nbpack")]
    paths.append(checkout.environment["GITHUB_OUTPUT"])
    checkout.push(RIGHT | {"half": SPY.replace("{paths!r}", repr(paths))})
    status, log = run_action(
        action, checkout, notebook="ps1.ipynb", assignment=".github/ps1.nbpack"
    )
    assert status == 0, log
    assert "ValueError: seen: []" in checkout.summary


def test_the_action_fails_below_the_required_points(action, checkout):
    checkout.push(WRONG)
    status, log = run_action(
        action,
        checkout,
        notebook="ps1.ipynb",
        assignment=".github/ps1.nbpack",
        **{"required-points": "all", "isolation": "auto", "timeout-minutes": "5"},
    )
    assert status == 1, log
    assert checkout.outputs["status"] == "failed"


IN_ANOTHER_FORM = """
class Square:
    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return self.value == other


def square(x):
    return Square(x * x)"""


@pytest.mark.parametrize("for_instructors", [True, False])
def test_the_action_names_suspicions_where_no_student_reads_them(
    action, checkout, course, place, for_instructors
):
    work = course.submit("ann", RIGHT | {"square": IN_ANOTHER_FORM}, "ps2")
    shutil.copytree(work, checkout.workspace / "work")
    pack = checkout.workspace / ".github/ps2.nbpack"
    shutil.copy(packed(place, "ps2"), pack)
    inputs = {"for-instructors": "true"} if for_instructors else {}
    status, log = run_action(action, checkout, notebook="work", assignment=str(pack), **inputs)
    assert status == 0, log
    assert "| two: square | 1 | 1 |" in checkout.summary
    assert ("Code can forge this score" in checkout.summary) == for_instructors
    assert "forge" not in log


def test_actions_are_pinned_and_the_templates_use_known_inputs(action):
    assert len(TEMPLATES) == 2
    steps = list(action["runs"]["steps"])
    for path in TEMPLATES:
        jobs = yaml.safe_load(path.read_text())["jobs"]
        steps += [step for job in jobs.values() for step in job["steps"]]
    for step in steps:
        assert "${{" not in step.get("run", "")
        uses = step.get("uses", "")
        if "/nbjudge@" in uses:
            assert set(step["with"]) <= set(action["inputs"])
            required = {name for name, one in action["inputs"].items() if one.get("required")}
            assert required <= set(step["with"])
        elif uses.startswith("actions/"):
            assert re.search("@[0-9a-f]{40}$", uses)
        if uses.startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.skipif(not shutil.which("jq"), reason="jq, which GitHub's runners have, is missing")
@pytest.mark.parametrize("count", [0, 1, 256, 257, 700])
def test_a_large_class_is_graded_in_batches(tmp_path, count):
    """Every repository is in one run's matrix, and a run starts the next one while any is left."""
    (path,) = (path for path in TEMPLATES if path.name == "grade-class.yml")
    workflow = yaml.safe_load(path.read_text())
    step, again = workflow["jobs"]["list"]["steps"]
    names = [f"our-class/ps1-{n:03}" for n in range(count)]
    others = ["our-class/ps2-001", "our-class/ps1", "another-class/ps1-001"]
    (tmp_path / "names").write_text("".join(f"{name}\n" for name in [*others, *names[::-1]]))
    gh = tmp_path / "gh"
    gh.write_text(f"#!/bin/sh\ncat {tmp_path}/names\n")
    gh.chmod(0o755)
    assert "-f skip" in again["run"] and again["if"] == "steps.list.outputs.next"
    seen, skip = [], "0"
    while skip:
        output = tmp_path / "output"
        output.unlink(missing_ok=True)
        given = workflow["env"] | {"SKIP": skip, "GITHUB_OUTPUT": str(output)}
        given["PATH"] = f"{tmp_path}:{os.environ['PATH']}"
        subprocess.run(["bash", "-e", "-o", "pipefail", "-c", step["run"]], env=given, check=True)
        found = dict(line.split("=", 1) for line in output.read_text().splitlines())
        batch = json.loads(found["repositories"])
        assert len(batch) <= 256
        seen += batch
        skip = found["next"]
    assert seen == names
