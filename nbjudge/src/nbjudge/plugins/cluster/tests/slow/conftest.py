"""Fixtures for the slow tests: a course, a PostgreSQL server and a Dask cluster."""

import os
import shutil
import tempfile

import pytest

from nbjudge.plugins.cluster.tests.dask_cluster import Cluster
from tests.slow.conftest import course, place
from tests.support.postgresql import PostgreSQL, why_there_is_none

__all__ = ["course", "place", "server", "two_workers"]


@pytest.fixture(scope="module")
def server():
    """A PostgreSQL server with an empty database."""
    if why := why_there_is_none():
        (pytest.fail if os.environ.get("CI") and "apt install" in why else pytest.skip)(why)
    folder = tempfile.mkdtemp(prefix="nbjudge-postgresql-")  # readable for the server's user
    try:
        with PostgreSQL(folder) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def two_workers(tmp_path):
    """A Dask scheduler with two workers."""
    pytest.importorskip("distributed", reason="Dask is not installed: pip install distributed")
    found = Cluster(tmp_path)
    try:
        found.add_worker()
        found.add_worker()
        yield found
    finally:
        found.stop()
