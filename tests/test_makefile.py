"""`make help` is complete, and setup reports errors or falls back to pip.

The Python interpreters here are small shell scripts, so nothing is installed or downloaded.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# The environment is rebuilt if one of these files changes.
INPUTS = ("requirements.lock", "nbexercise/pyproject.toml", "nbjudge/pyproject.toml")

TOO_OLD = "case $2 in *platform*) echo 3.9.2;; esac; exit 1"

WITHOUT_ENSUREPIP = "case $2 in *ensurepip*) exit 1;; esac; echo Python 3.12.0"

# Makes a .venv whose python writes its arguments to .venv/log. `pip install uv` installs a uv that
# does the same and exits with UV_ENDS, or fails if UV_ENDS is "missing".
WORKING = r"""
[ "$2" = venv ] || { echo Python 3.12.0; exit 0; }
mkdir -p .venv/bin
cat >.venv/bin/python <<'EOF'
#!/bin/sh
echo "python $*" >>.venv/log
case "$*" in *uv==*)
  [ "$UV_ENDS" = missing ] && exit 1
  printf '#!/bin/sh\necho "uv $*" >>.venv/log\nexit %s\n' "$UV_ENDS" >.venv/bin/uv
  chmod +x .venv/bin/uv;;
esac
EOF
chmod +x .venv/bin/python
"""


@pytest.fixture
def course(tmp_path):
    """Make a folder with only the files that setup depends on."""
    for package in ("nbexercise", "nbjudge"):
        (tmp_path / package).mkdir()
    for name in ("Makefile", *INPUTS):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    return tmp_path


def make(course: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
    # Without the options and variables that an outer make passes on.
    outer = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", *arguments],
        cwd=course,
        env=outer | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def setup_with(course: Path, python: str, **variables: str) -> subprocess.CompletedProcess:
    script = course / "some-python"
    script.write_text(f"#!/bin/sh\n{python}\n")
    script.chmod(0o755)
    return make(course, ".venv/.ready", f"PYTHON={script}", **variables)


def test_make_alone_explains_every_target(course):
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)
    explained = re.findall(r"^ +make (\S+) +\S", make(course).stdout, flags=re.MULTILINE)
    assert explained == phony.split()


def test_a_python_that_is_too_old_is_named_with_its_version(course):
    result = setup_with(course, TOO_OLD)
    assert result.returncode != 0
    assert "needs Python 3.11 or newer" in result.stdout
    assert "some-python is 3.9.2" in result.stdout


def test_a_missing_python_is_named(course):
    result = make(course, "setup", "PYTHON=no-such-python")
    assert result.returncode != 0
    assert "no-such-python is missing" in result.stdout


def test_a_missing_ensurepip_names_the_debian_package(course):
    result = setup_with(course, WITHOUT_ENSUREPIP)
    assert result.returncode != 0
    assert "apt install python3-venv" in result.stdout
    assert not (course / ".venv").exists()


@pytest.mark.parametrize(
    ("uv_ends", "uses_uv", "uses_pip"),
    [("0", True, False), ("1", True, True), ("missing", False, True)],
)
def test_setup_uses_uv_and_falls_back_to_pip(course, uv_ends, uses_uv, uses_pip):
    result = setup_with(course, WORKING, UV_ENDS=uv_ends)
    assert result.returncode == 0, result.stdout
    log = (course / ".venv/log").read_text()
    locked = r"pip install .*--require-hashes --requirement requirements\.lock$"
    # Constraints in pyproject.toml have no hashes, but uv would require them.
    unconfigured = locked.replace("install .*", "install .*--no-config .*")
    assert bool(re.search(rf"^uv {unconfigured}", log, re.M)) is uses_uv
    assert bool(re.search(rf"^python -m {locked}", log, re.M)) is uses_pip
    *_, last = log.splitlines()
    assert last.startswith("python -m pip install " if uses_pip else "uv pip install ")
    assert last.endswith(
        "--no-deps --no-build-isolation --editable ./nbexercise --editable ./nbjudge"
    )
    assert ("using pip" in result.stdout) is uses_pip


@pytest.mark.parametrize("name", INPUTS)
def test_setup_runs_again_only_when_what_it_installs_changes(course, name):
    log = course / ".venv/log"
    setup_with(course, WORKING, UV_ENDS="0")
    first = log.read_text()
    setup_with(course, WORKING, UV_ENDS="0")
    assert log.read_text() == first
    later = (course / ".venv/.ready").stat().st_mtime + 10
    os.utime(course / name, (later, later))
    setup_with(course, WORKING, UV_ENDS="0")
    assert len(log.read_text()) > len(first)


@pytest.mark.parametrize(("tests", "lint", "status"), [(0, 0, 0), (0, 1, 1), (3, 0, 3), (3, 1, 3)])
def test_tests_and_linter_run_at_the_same_time_and_either_can_fail(course, tests, lint, status):
    os.mkfifo(course / "pipe")  # each end waits for the other
    linter = course / "scripts/lint"
    linter.write_text(f'#!/bin/sh\necho "linted $1: $(cat pipe)"\nexit {lint}\n')
    command = f"echo tested; echo beside >pipe; exit {tests}"
    done = subprocess.run(
        ["scripts/with-lint", "course", "sh", "-c", command],
        cwd=course,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == status
    found = ["The linter found faults:"] if lint else []
    assert done.stdout.splitlines() == ["tested", *found, "linted course: beside"]


def test_the_linter_of_the_course_and_of_nbjudge_do_all_that_it_does(course):
    log = course / "log"
    (course / ".venv/bin").mkdir(parents=True)
    for program in ("ruff", "mypy", "codespell"):
        path = course / ".venv/bin" / program
        path.write_text(f'#!/bin/sh\necho "${{PWD##*/}}: {program} $*" >>{log}\n')
        path.chmod(0o755)

    def checked(*part):
        log.unlink(missing_ok=True)
        subprocess.run(["scripts/lint", *part], cwd=course, check=True)
        return sorted(log.read_text().splitlines())

    ours, theirs = checked("course"), checked("nbjudge")
    assert theirs == ["nbjudge: mypy "] and len(ours) == 4
    assert checked() == sorted(ours + theirs)


def test_the_page_that_jupyterlab_opens_exists():
    makefile = (ROOT / "Makefile").read_text()
    pages = re.findall(r"--LabApp\.default_url='/lab/tree/([^?']+)\?file-browser-path=/", makefile)
    assert pages == ["course/00_start_here.ipynb", "docs/instructors.md"]
    assert all((ROOT / page).is_file() for page in pages)


def test_notebooks_are_built_again_when_a_source_has_changed(course):
    python = course / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho ran $*\n")
    python.chmod(0o755)
    (course / ".venv/.ready").touch()
    (course / "source").mkdir()
    text, notebook = course / "source/padding.py", course / "source/padding.ipynb"
    text.touch()
    build = "ran -m tools.release\n"
    assert build in make(course, "test-luck").stdout
    later = (course / ".venv/.built").stat().st_mtime + 10
    notebook.touch()
    os.utime(notebook, (later, later))
    assert build not in make(course, "test-luck").stdout
    os.utime(text, (later, later))
    assert build in make(course, "test-luck").stdout
