"""Notebooks are committed to main after a merge, and archives of earlier editions stay available.

A local repository stands in for GitHub.
"""

import hashlib
import os
import subprocess

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

    def git(*command, program="git", status=0):
        done = subprocess.run(
            [program, *command],
            cwd=clone,
            env=os.environ | identity,
            capture_output=True,
            text=True,
        )
        assert done.returncode == status, done.stderr
        return done.stdout

    def build(notebook, archive):
        (clone / NOTEBOOK).write_text(notebook)
        (clone / "release" / BUNDLE).write_bytes(archive)

    def publish(notebook, archive):
        """Publish a notebook and an archive, and return the tag that the archive must have."""
        build(notebook, archive)
        git(program=str(ROOT / "scripts/commit-notebooks"))
        git("fetch", "--quiet", "--tags", "origin")
        return kept_bundle(hashlib.sha256(archive).hexdigest()).removesuffix(".zip")

    for folder in ("course", "public_tests", "release"):
        (clone / folder).mkdir(parents=True)
        (clone / folder / "README.md").write_text("text\n")
    git("init", "--quiet", "--bare", str(tmp_path / "origin"))
    git("init", "--quiet", "--initial-branch", "main")
    git("remote", "add", "origin", str(tmp_path / "origin"))
    git("add", "--all")
    git("commit", "--quiet", "--message", "texts")
    git.build, git.publish = build, publish
    return git


def test_every_published_archive_keeps_its_address(git):
    first = git.publish("one", b"archive")
    assert git("rev-parse", first) == git("rev-parse", "origin/main")
    assert git.publish("one, corrected", b"archive") == first
    assert git("show", f"origin/main:{NOTEBOOK}") == "one, corrected"
    second = git.publish("two", b"another")
    assert git("tag").split() == sorted([first, second])
    for tag, archive in ((first, "archive"), (second, "another"), ("origin/main", "another")):
        assert git("show", f"{tag}:release/{BUNDLE}") == archive
    assert git("show", f"{first}:{NOTEBOOK}") == "one", "a tag never moves"


def test_notebooks_that_have_not_changed_are_not_committed_again(git):
    git.publish("one", b"archive")
    git.publish("one", b"archive")
    assert git("rev-list", "--count", "origin/main") == "2\n"
    assert git("status", "--porcelain") == ""


def test_a_branch_leaves_notebooks_out(git):
    git.publish("one", b"archive")
    check = str(ROOT / "scripts/check-sources-only")
    git("switch", "--quiet", "--create", "typo")
    git("commit", "--quiet", "--allow-empty", "--message", "a typo")
    assert git("origin/main", program=check) == ""
    git.build("two", b"another")
    git("commit", "--quiet", "--all", "--message", "notebooks, too")
    said = git("origin/main", program=check, status=1)
    assert NOTEBOOK in said and f"release/{BUNDLE}" in said
    git("checkout", "origin/main", "--", "release", NOTEBOOK)
    git("commit", "--quiet", "--message", "without them")
    assert git("origin/main", program=check) == ""
