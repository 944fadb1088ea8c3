"""The learning platform in the documentation works as it is."""

import os
import shutil
import subprocess
import sys

from tests.support.small_course import RIGHT, environment


def test_a_learning_platform_of_another_package(course, site):
    """In processes of their own: a process reads the platforms once."""
    site.install_documented("nbjudge_campus")

    def run(*arguments):
        paths = os.pathsep.join([environment()["PYTHONPATH"], str(site.folder)])
        command = [sys.executable, "-m", *arguments]
        done = subprocess.run(
            command,
            cwd=course.root,
            env=environment(PYTHONPATH=paths),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr

    course.configure("import nbjudge\nnbjudge.configure(c)\n")
    (course.root / "class.csv").write_text("Matriculation,Student,Mail\n12345,Ada,ada@x.org\n")
    run("nbjudge", "students", "class.csv")
    archive = course.root / "downloaded" / "ps1" / "archive"
    archive.mkdir(parents=True)
    course.submit("12345", RIGHT)
    submitted = course.root / "submitted" / "12345"
    (submitted / "ps1" / "ps1.ipynb").rename(archive / "campus-12345-ps1.ipynb")
    shutil.rmtree(submitted)
    run("nbgrader", "zip_collect", "ps1")
    course.grade()
    assert course.scores("12345")["double_test"]
