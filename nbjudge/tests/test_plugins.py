"""Plug-ins of other packages: the documented late policy works, and faults name the package."""

from nbjudge.cli.console import OK, USAGE
from tests.support.classes import AN_HOUR_LATE, PENALTIES, set_due
from tests.support.installed import PACKAGES
from tests.support.small_course import RIGHT


def test_a_documented_plug_in_fits_on_half_a_page():
    assert len(PACKAGES) == 3
    for _, source in PACKAGES.values():
        assert len([line for line in source.splitlines() if line.strip()]) <= 24


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


def test_an_unknown_late_policy_is_named(command, course):
    course.configure('c.NbJudge.late_policy = "fre-days"\n')
    course.submit("ann", RIGHT)
    done = command("autograde", "ps1")
    assert done.status == USAGE
    assert "there is no 'fre-days' in nbjudge.policies: use one of nbgrader" in done.stderr


def test_a_broken_package_is_named(command, site):
    site.install("broken", "[nbjudge.engines]\nbroken = broken", "import nothing_of_this_name")
    done = command("autograde", "ps1")
    assert done.status == USAGE
    assert "the package broken cannot be loaded: ModuleNotFoundError: No module" in done.stderr
    assert command("feedback", "ps1").status == OK, "only the commands that use it are affected"


def test_a_name_in_use_is_refused(command, course, site):
    course.submit("ann", RIGHT)
    site.install("other", "[nbjudge.commands]\nfeedback = other", "")
    done = command("--help")
    assert done.status == USAGE
    assert (
        "the package other adds feedback to nbjudge.commands, which exists already" in done.stderr
    )
