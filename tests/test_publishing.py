"""Notebooks are published in a branch, where the archives of earlier editions stay.

A local repository stands in for GitHub.
"""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from tools.course import BUNDLE, ROOT, kept_bundle

NOTEBOOK = "course/04_padding.ipynb"


@pytest.fixture
def git(tmp_path):
    """Return a function that runs git in a clone with one commit."""
    identity = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for who in ("AUTHOR", "COMMITTER"):
        identity |= {f"GIT_{who}_NAME": "a", f"GIT_{who}_EMAIL": "a@example.org"}
    clone = tmp_path / "clone"

    def git(*command, program="git"):
        done = subprocess.run(
            [program, *command],
            cwd=clone,
            env=os.environ | identity,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    (clone / "course").mkdir(parents=True)
    (clone / ".gitignore").write_text("/release/*\n/course/*.ipynb\n")
    git("init", "--quiet", "--bare", str(tmp_path / "origin"))
    git("init", "--quiet")
    git("remote", "add", "origin", str(tmp_path / "origin"))
    git("add", "--all")
    git("commit", "--quiet", "--message", "texts")
    git.publish = lambda notebook, archive: publish(clone, git, notebook, archive)
    return git


def publish(clone: Path, git, notebook: str, archive: bytes) -> str:
    """Publish a notebook and an archive, and return the tag that the archive must have."""
    (clone / "release").mkdir(exist_ok=True)
    (clone / NOTEBOOK).write_text(notebook)
    (clone / "release" / BUNDLE).write_bytes(archive)
    git(program=str(ROOT / "scripts/publish-notebooks"))
    git("fetch", "--quiet", "--tags", "--prune", "origin")
    return kept_bundle(hashlib.sha256(archive).hexdigest()).removesuffix(".zip")


def test_every_published_archive_keeps_its_address(git):
    branch = "origin/notebooks"
    first = git.publish("one", b"archive")
    names = git("ls-tree", "-r", "--name-only", branch).split()
    assert names == [".gitignore", NOTEBOOK, f"release/{BUNDLE}"]
    assert git("rev-parse", first) == git("rev-parse", branch)
    assert git.publish("one, corrected", b"archive") == first
    assert git("show", f"{branch}:{NOTEBOOK}") == "one, corrected"
    second = git.publish("two", b"another")
    assert git("tag").split() == sorted([first, second])
    for tag, archive in ((first, "archive"), (second, "another"), (branch, "another")):
        assert git("show", f"{tag}:release/{BUNDLE}") == archive
    assert git("show", f"{first}:{NOTEBOOK}") == "one", "a tag never moves"


def test_notebooks_that_are_already_published_are_not_published_again(git):
    git.publish("one", b"archive")
    git.publish("one", b"archive")
    assert git("rev-list", "--count", "origin/notebooks") == "1\n"
    git.publish("two", b"another")
    git.publish("one", b"archive")
    assert git("rev-list", "--count", "origin/notebooks") == "3\n"
    assert git("status", "--porcelain") == "", "the clone's own index is not used"
