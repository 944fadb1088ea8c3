"""Plug-ins of other packages: the documented late policy works, and faults name the package."""

import os
from importlib.util import find_spec

import pytest
from traitlets.config import Config

import nbjudge
from nbjudge import plugins
from nbjudge.cli.console import OK, USAGE
from tests.support.classes import AN_HOUR_LATE, PENALTIES, set_due
from tests.support.installed import PACKAGES, TESTS
from tests.support.small_course import RIGHT, environment


def test_a_documented_plug_in_fits_on_half_a_page():
    assert len(PACKAGES) == 6
    for _, parts in PACKAGES.values():
        for source in parts:
            assert len([line for line in source.splitlines() if line.strip()]) <= 28


def test_a_late_policy(course, site):
    site.install_documented("nbjudge_free_days")
    set_due(course)
    course.configure(f'{PENALTIES}c.NbJudge.late_policy = "free-days"\n')
    for assignment in ("ps1", "ps2"):
        course.submit("ann", RIGHT, assignment, files={"timestamp.txt": AN_HOUR_LATE})
    later = AN_HOUR_LATE.replace(AN_HOUR_LATE[:4], str(int(AN_HOUR_LATE[:4]) + 1))
    course.submit("ben", RIGHT, files={"timestamp.txt": later})
    course.grade("ps1")
    course.grade("ps2")
    penalties = {(row[1], row[0]): row[4] for row in course.tables()["notebooks"]}
    assert not penalties["ann", "ps1"] and not penalties["ann", "ps2"]
    assert penalties["ben", "ps1"] > 0


def test_free_days_that_are_used_in_part(course, site):
    """Two days late, then three days with one free day left."""
    site.install_documented("nbjudge_late_days")
    set_due(course, "2030-01-01 12:00:00.000000")
    course.configure('c.NbJudge.late_policy = "late-days"\n')
    for day, assignment in enumerate(("ps1", "ps2"), 2):
        time = f"2030-01-0{day} 13:00:00 UTC"
        course.submit("ann", RIGHT, assignment, files={"timestamp.txt": time})
    course.submit("ben", RIGHT, files={"timestamp.txt": "2030-03-01 13:00:00 UTC"})
    course.grade("ps1")
    course.grade("ps2")
    penalties = dict.fromkeys([("ann", "ps1"), ("ann", "ps2"), ("ben", "ps1")], 0)
    for assignment, student, _, _, penalty in course.tables()["notebooks"]:
        penalties[student, assignment] += penalty
    assert penalties == {
        ("ann", "ps1"): 0,
        ("ann", "ps2"): pytest.approx(0.1 * 2 * 3),
        ("ben", "ps1"): 5,
    }


needs_plugins = pytest.mark.skipif(
    not find_spec("nbjudge.plugins.shared"), reason="it imports names of nbjudge's own plug-ins"
)


@needs_plugins
def test_a_documented_command(command, course, site):
    site.install_documented("nbjudge_gradecsv")
    course.submit("ann", RIGHT)
    course.grade()
    assert command("gradecsv", "--output", course.root / "points.csv").status == OK
    rows = (course.root / "points.csv").read_text().splitlines()
    assert rows == [
        "student,assignment,points,of,penalty,state",
        "ann,ps1,,20,0,waiting for a person",
        "ann,ps2,,3,0,not assigned",
    ]


@needs_plugins
def test_the_documented_tests_of_plug_ins_pass(command, course, site):
    for module in PACKAGES:
        site.install_documented(module)
    course.submit("ann", RIGHT)
    done = command("grade", course.submitted("ann") / "ps1.ipynb", "--json")
    (site.folder / "results.json").write_text(done.stdout)
    (site.folder / "test_examples.py").write_text(TESTS)
    paths = environment()["PYTHONPATH"], str(site.folder)
    done = course.python(
        *("-m", "pytest", "-p", "no:cacheprovider", "."),
        cwd=site.folder,
        env=environment(PYTHONPATH=os.pathsep.join(paths)),
    )
    assert " 4 passed" in done.stdout, done.stdout


def test_an_unknown_late_policy_is_named(command, course):
    course.configure('c.NbJudge.late_policy = "fre-days"\n')
    course.submit("ann", RIGHT)
    done = command("autograde", "ps1")
    assert done.status == USAGE
    assert "there is no 'fre-days' in nbjudge.policies: use one of nbgrader" in done.stderr
    course.configure('c.NbJudge.late_policy = "nbgrade"\n')
    done = command("autograde", "ps1")
    assert done.stderr.strip().endswith("did you mean nbgrader?")


def test_nbgrader_names_the_setting_of_an_unknown_late_policy(command, course):
    course.configure('import nbjudge\nnbjudge.configure(c)\nc.NbJudge.late_policy = "fre-days"\n')
    course.submit("ann", RIGHT)
    done = course.python("-m", "nbgrader", "autograde", "ps1")
    assert done.returncode == 1
    assert "c.NbJudge.late_policy: there is no 'fre-days' in nbjudge.policies" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_package_stops_the_configuration(site):
    """nbgrader would continue without it after any exception but SystemExit."""
    site.install("broken", "[nbjudge.configuration]\nmine = broken", "")
    with pytest.raises(SystemExit, match="the package broken does not work: mine in nbjudge.conf"):
        nbjudge.configure(Config())


def test_a_broken_package_is_named(command, site):
    site.install("broken", "[nbjudge.engines]\nbroken = broken", "import nothing_of_this_name")
    done = command("autograde", "ps1")
    assert done.status == USAGE
    assert "the package broken does not work: broken in nbjudge.engines: ModuleN" in done.stderr
    assert command("feedback", "ps1").status == OK, "only the commands that use it are affected"


GROUPS = sorted(plugins._NEEDED)


@pytest.mark.parametrize("group", GROUPS)
def test_a_plug_in_without_what_its_group_needs_names_the_package(site, group):
    site.install("empty", f"[{group}]\nempty = empty", "")
    with pytest.raises(ValueError, match=f"package empty does not work: empty in {group}: .* no "):
        plugins.load(group, "empty")


def test_nbjudge_s_own_plug_ins_have_what_their_groups_need():
    for group in GROUPS:
        plugins.load_all(group)


def test_a_plug_in_that_repeats_an_option_names_the_package(command, course, site):
    source = "def add_option(parser):\n    parser.add_argument('--force')"
    site.install("engine", "[nbjudge.engines]\nengine = engine", source)
    done = command("autograde", "ps1")
    assert done.status == USAGE
    assert "the package engine does not work: engine in nbjudge.engines: Arg" in done.stderr
    assert "conflicting option string: --force" in done.stderr


def test_a_command_of_another_package(command, site):
    source = """
def add_parser(commands):
    parser = commands.add_parser("hello", help="greet")
    parser.add_argument("name")
    parser.set_defaults(run=run)

def run(options):
    print("Hello", options.name)
    return 1
"""
    site.install("hello", "[nbjudge.commands]\nhello = hello", source)
    done = command("hello", "Ada")
    assert (done.status, done.stdout) == (1, "Hello Ada\n")


@pytest.mark.parametrize(
    ("defaults", "body", "fault"),
    [
        ("run=run", 'return {}["x"]', "KeyError: 'x' (run, hello.py:6)"),
        ("run=run", 'return int("")', "ValueError: invalid literal for int() with base 10: ''"),
        ("run=lambda: 0", "", "TypeError: add_parser.<locals>.<lambda>() takes 0 positional argum"),
        ("", "", "TypeError: add_parser must call set_defaults(run=run), where run is a function"),
        ("run=run", "", "TypeError: run must return the exit status, an int, not None"),
        ("run=run", "return 'done'", "TypeError: run must return the exit status, an int, not 'do"),
        ("run=run", "return True", "TypeError: run must return the exit status, an int, not True"),
    ],
)
def test_a_broken_command_names_the_package(command, site, defaults, body, fault):
    source = f"""
def add_parser(commands):
    commands.add_parser("hello").set_defaults({defaults})

def run(options):
    {body or "pass"}
"""
    site.install("hello", "[nbjudge.commands]\nhello = hello", source)
    done = command("hello")
    assert (done.status, done.stdout) == (USAGE, "")
    assert "Traceback" not in done.stderr
    text = " ".join(done.stderr.split())
    assert f"the package hello does not work: hello in nbjudge.commands: {fault}" in text


@pytest.mark.parametrize("kind", ["ValueError", "LookupError"])
def test_a_message_of_a_command_for_its_user_remains(command, site, kind):
    source = f"""
def add_parser(commands):
    commands.add_parser("hello").set_defaults(run=run)

def run(options):
    raise {kind}("There is no file hello.csv.")
"""
    site.install("hello", "[nbjudge.commands]\nhello = hello", source)
    done = command("hello")
    assert (done.status, done.stderr) == (USAGE, "There is no file hello.csv.\n")


def test_a_command_that_repeats_another_names_the_package(command, course, site):
    source = "def add_parser(commands):\n    commands.add_parser('feedback')"
    site.install("again", "[nbjudge.commands]\nagain = again", source)
    done = command("--help")
    assert done.status == USAGE
    assert "the package again does not work: again in nbjudge.commands: Arg" in done.stderr


def test_a_name_in_use_is_refused(command, course, site):
    """By each command that uses the name, and by no other."""
    course.submit("ann", RIGHT)
    site.install("other", "[nbjudge.commands]\nfeedback = other", "")
    for arguments in (["--help"], ["feedback", "ps1"]):
        done = command(*arguments)
        assert done.status == USAGE
        text = "the package other adds feedback to nbjudge.commands, which exists already"
        assert text in done.stderr
    assert command("autograde", "ps1").status == OK


def test_a_name_of_two_packages_names_both(command, site):
    for package in ("one", "two"):
        site.install(package, f"[nbjudge.commands]\nmine = {package}", "")
    with pytest.raises(
        ValueError, match=r"the package (one|two) adds mine to nbjudge.commands, "
    ) as raised:
        plugins.load("nbjudge.commands", "mine")
    assert "the package one" in str(raised.value) and "the package two" in str(raised.value)


def test_doctor_lists_plug_ins_and_unknown_groups(command, site):
    points = "[nbjudge.doors]\nmine = mine\n\n[nbjudge.door]\nyours = mine"
    site.install("mine", points, "")
    done = command("doctor")
    said = " ".join(done.stdout.split())
    assert "plug-in: mine in nbjudge.doors (the package mine)" in said
    ignored = "the package mine adds yours to nbjudge.door; did you mean nbjudge.doors?"
    assert f"Ignored, as nbjudge has no such group: {ignored}" in said
